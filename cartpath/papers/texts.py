"""Pieces of text that papers share, in the active language and the active zone. Unknown is said in words."""

import re
from datetime import date, datetime
from html import unescape
from typing import Final

from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import pgettext

from cartpath.core.dates import age_on
from patients.models import Journey, Measurement
from toxicity.sheets import phrases

_RAISED: Final = re.compile(r"<sup>([0-9+-]+)</sup>")
_SUPERSCRIPT: Final = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


def day(value: date | datetime | None) -> str:
    """`05-Mar-2026`; the word *unknown* for None."""
    return phrases.day(value)


def moment(value: datetime | None) -> str:
    """`05-Mar-2026 03:10`; the word *unknown* for None."""
    return f"{phrases.day(value)} {phrases.clock(value)}" if value else phrases.unknown()


def zoned(value: datetime | None) -> str:
    """`05-Mar-2026 03:10 +01:00`: a time that can't be mistaken outside the center's zone."""
    if value is None:
        return phrases.unknown()
    offset = timezone.localtime(value).strftime("%z")
    return f"{moment(value)} {offset[:3]}:{offset[3:]}"


def age(birth: date, on: date) -> str:
    """`5 y 8 m`, months, weeks or days for the youngest; empty before birth."""
    if on < birth:
        return ""
    patterns = {
        "days": pgettext("age in days", "%(count)d d"),
        "weeks": pgettext("age in weeks", "%(count)d w"),
        "months": pgettext("age in months", "%(count)d m"),
        "years": pgettext("age in years", "%(count)d y"),
    }
    return " ".join(patterns[unit] % {"count": amount} for amount, unit in age_on(birth, on).parts)


def weight(measured: Measurement | None) -> str:
    """`18.4 kg on 05-Mar-2026`; the word *unknown* for None."""
    return phrases.weighed(measured)


def plain(text: str) -> str:
    """Words of a page without their markup; a raised number stays one."""
    raised = _RAISED.sub(lambda found: found[1].translate(_SUPERSCRIPT), text)
    return unescape(strip_tags(raised))


def child_line(journey: Journey) -> str:
    """`ROSSI, Giulia · 15-Jan-2021 · MRN 12345`: who a paper is about."""
    patient = journey.patient
    return f"{patient} · {day(patient.birth_date)} · MRN {patient.mrn}"


def celsius(lowest: object, highest: object) -> str:
    """`-190.0 to -180.0 °C`; empty when nobody read a temperature."""
    told = [str(value) for value in (lowest, highest) if value is not None]
    if not told:
        return ""
    return f"{told[0]} °C" if len(set(told)) == 1 else f"{told[0]} / {told[-1]} °C"
