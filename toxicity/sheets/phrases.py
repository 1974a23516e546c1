"""Pieces of text that sheets and summaries share, in the active language and the active zone.

What isn't known is the word *unknown*: a paper never makes a child healthier than the record.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from patients.enums import AllergyState, Diagnosis, DiseaseStatus
from patients.models import Measurement, Patient, Referral
from toxicity.alerts.selectors import AlertPicture
from toxicity.bedside import Bedside, GradeNow, Reading
from toxicity.checks.words import CHECKS, every_text
from toxicity.crs_fields import DEVICES, VASOPRESSORS
from toxicity.enums import Agent, RateUnit, Route
from toxicity.grading.tocilizumab import TocilizumabRoom
from toxicity.laboratory.catalog import CATALOG as ANALYTES
from toxicity.laboratory.forms import unit_text
from toxicity.laboratory.readings import LabReading
from toxicity.models import CheckPlan, Episode, Intervention
from toxicity.models.episodes import Scale
from toxicity.observations.catalog import CATALOG, ObservationCode
from toxicity.observations.words import number_words, observation_words
from toxicity.sheets.facts import Part
from toxicity.words import domain_words

_SPOKEN_ALONE: Final = frozenset(
    {
        ObservationCode.OXYGEN_DEVICE,
        ObservationCode.CONSCIOUSNESS,
    }
)


def day(value: date | datetime | None) -> str:
    """`05-Mar-2026`; the word *unknown* for None."""
    if value is None:
        return unknown()
    on = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return formats.date_format(on, pgettext("date format, Django's letters", "d-M-Y"))


def moment(value: datetime) -> str:
    """`05-Mar 03:10`."""
    pattern = pgettext("date format, Django's letters", "d-M")
    return f"{formats.date_format(timezone.localtime(value), pattern)} {clock(value)}"


def clock(value: datetime) -> str:
    """`03:10`."""
    return timezone.localtime(value).strftime("%H:%M")


def unknown() -> str:
    """The word for what nobody knows."""
    return _("unknown")


def line(label: object, value: object) -> str:
    """`Label: value`."""
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def listed(parts: Iterable[object]) -> str:
    """Parts in one line."""
    return ", ".join(str(part) for part in parts if part not in (None, ""))


def grade(value: int | None) -> str:
    """`grade 2`, or unknown."""
    return unknown() if value is None else _("grade %(grade)d") % {"grade": value}


def grade_now(scale: str, seen: GradeNow | None, worst: int | None) -> str:
    """`CRS: at least grade 2, 05-Mar 03:10 (not judged: oxygen); highest so far grade 3`."""
    if seen is None:
        return line(scale, _("unknown, not assessed"))
    told = _("at least %(grade)s") % {"grade": grade(seen.grade)} if seen.at_least else grade(seen.grade)
    told = f"{told}, {moment(seen.at)}"
    if seen.at_least and seen.missing:
        told += _(" (not judged: %(domains)s)") % {"domains": listed(domain_words(list(seen.missing)))}
    if worst is not None:
        told += _("; highest so far %(grade)s") % {"grade": grade(worst)}
    return line(scale, told)


def diagnosis(referral: Referral) -> str:
    """Diagnosis, its detail and the state of the disease at referral."""
    status = referral.disease_status
    return listed(
        (
            Diagnosis(referral.diagnosis).label,
            referral.diagnosis_detail,
            str(DiseaseStatus(status).label).lower() if status else _("disease status unknown"),
        )
    )


def allergies(patient: Patient) -> str:
    """The known allergies, else in which way they aren't known."""
    if patient.allergy_state == AllergyState.KNOWN and patient.allergies:
        return line(_("Allergies"), patient.allergies)
    return str(AllergyState(patient.allergy_state).label)


def infusion(product: str, parts: Sequence[Part]) -> str:
    """The product, on which days, with how many cells."""
    days = [
        _("%(day)s (%(cells)s CAR-positive viable cells)")
        % {"day": day(part.on), "cells": _cells(part.cells)}
        for part in parts
    ]
    return _("%(product)s on %(days)s") % {"product": product, "days": listed(days) or unknown()}


def _cells(count: int | None) -> str:
    return unknown() if count is None else str(formats.number_format(count, force_grouping=True))


def weight(dosing_kg: float | None, measured: Measurement | None) -> str:
    """The weight that doses count from, and the last one measured."""
    fixed = f"{number_words(dosing_kg, 2)} kg" if dosing_kg is not None else _("not set")
    told = {"fixed": fixed, "last": weighed(measured)}
    return _("Dosing weight: %(fixed)s; last measured: %(last)s") % told


def weighed(measured: Measurement | None) -> str:
    """`18.4 kg on 05-Mar-2026`."""
    if measured is None or measured.weight_kg is None:
        return unknown()
    told = {"kg": number_words(measured.weight_kg, 2), "day": day(measured.measured_at)}
    return _("%(kg)s kg on %(day)s") % told


def episode(each: Episode) -> str:
    """`CRS from 03-Mar 10:00, highest grade 3 on 04-Mar 02:00, resolved 07-Mar 08:00`."""
    told = {
        "scale": Scale(each.scale).label,
        "onset": moment(each.onset_at),
        "grade": _("at least %(grade)s") % {"grade": grade(each.peak_grade)}
        if each.peak_at_least
        else grade(each.peak_grade),
        "peak": moment(each.peak_at),
    }
    course = _("%(scale)s from %(onset)s, highest %(grade)s on %(peak)s") % told
    if each.resolved_at is not None:
        return listed((course, _("resolved %(at)s") % {"at": moment(each.resolved_at)}))
    return listed((course, _("not resolved, last sign %(at)s") % {"at": moment(each.last_sign_at)}))


def given(each: Intervention, *, at: datetime) -> str:
    """One intervention with dose or rate, and from when until when."""
    told = listed((drug(each), dose(each)))
    if not each.is_course:
        return _("%(what)s: %(at)s") % {"what": told, "at": moment(each.given_at)}
    if each.runs(at):
        return _("%(what)s: since %(at)s") % {"what": told, "at": moment(each.given_at)}
    until = moment(each.stopped_at) if each.stopped_at else unknown()
    return _("%(what)s: %(at)s to %(until)s") % {"what": told, "at": moment(each.given_at), "until": until}


def drug(each: Intervention) -> str:
    """The drug by name; the group where no drug was named."""
    if each.agent == Agent.VASOPRESSOR and each.drug:
        return str(dict(VASOPRESSORS).get(each.drug, each.drug))
    if each.agent == Agent.OXYGEN and each.device:
        return str(dict(DEVICES).get(each.device, each.device))
    return each.drug or str(Agent(each.agent).label)


def dose(each: Intervention) -> str:
    """Dose, volume or rate, route and interval; empty where none was recorded."""
    return listed(
        (
            f"{_exact(each.dose_mg)} mg" if each.dose_mg is not None else "",
            f"{_exact(each.volume_ml)} mL" if each.volume_ml is not None else "",
            _rate(each.rate, each.rate_unit) if each.rate is not None else "",
            f"FiO₂ {_exact(each.fio2_percent)} %" if each.fio2_percent is not None else "",
            str(Route(each.route).label) if each.route else "",
            _("every %(hours)d h") % {"hours": each.every_hours} if each.every_hours else "",
        )
    )


def _rate(rate: Decimal, unit: str) -> str:
    return f"{_exact(rate)} {RateUnit(unit).label}"


def _exact(value: Decimal) -> str:
    """A number with no more digits than were entered."""
    return str(formats.number_format(Decimal(f"{value.normalize():f}")))


def doses(given: Sequence[Intervention]) -> str:
    """How often something was given, and the last time with its dose."""
    last = given[-1]
    count = ngettext("%(count)d dose", "%(count)d doses", len(given)) % {"count": len(given)}
    told = {"count": count, "last": listed((moment(last.given_at), dose(last)))}
    return line(drug(last), _("%(count)s, last %(last)s") % told)


def course(given: Sequence[Intervention], *, at: datetime) -> str:
    """From when until when something ran, however often its rate changed."""
    last = given[-1]
    label = Agent(last.agent).label if last.agent == Agent.OXYGEN else drug(last)
    told = {"from": moment(given[0].given_at)}
    if any(each.runs(at) for each in given):
        return line(label, _("since %(from)s") % told)
    told["until"] = moment(max(each.stopped_at for each in given if each.stopped_at))
    return line(label, _("%(from)s to %(until)s") % told)


def reading(code: ObservationCode, seen: Reading) -> str:
    """`temperature 38.9 °C`; words that speak for themselves without their label."""
    word = seen.value if isinstance(seen.value, str) else ""
    said = observation_words(code, value=seen.number, word=word, parts=seen.parts)
    if code in _SPOKEN_ALONE:
        return said
    label = str(CATALOG[code].label)
    label = label if label.isupper() else label.lower()
    if seen.number is None:
        return line(label, said)
    return f"{label} {said} {CATALOG[code].printed}".strip()


def laboratory(seen: LabReading) -> str:
    """`CRP 120 mg/L`."""
    analyte = ANALYTES[seen.analyte]
    unit = unit_text(analyte.unit)
    return f"{analyte.label} {seen.comparator}{number_words(seen.value, analyte.places)} {unit}".strip()


def laboratory_change(seen: LabReading, before: float | None) -> str:
    """`Ferritin 5400 ng/mL (before 3100)`."""
    if before is None:
        return laboratory(seen)
    told = {"now": laboratory(seen), "before": number_words(before, ANALYTES[seen.analyte].places)}
    return _("%(now)s (before %(before)s)") % told


def running(seen: Bedside) -> list[Intervention]:
    """Courses that go on now."""
    return [each for each in seen.given if each.runs(seen.at)]


def check(plan: CheckPlan) -> str:
    """`Vital signs due 05-Mar 03:10 (every 2 h)`."""
    told = {
        "check": next((words for kind, words in CHECKS.items() if kind == plan.check_kind), plan.check_kind),
        "at": moment(plan.due_at),
        "every": every_text(plan.every_minutes),
    }
    return _("%(check)s due %(at)s (%(every)s)") % told


def alert(picture: AlertPicture) -> str:
    """`Oxygen saturation falls: SpO₂ 89 % (urgent, 05-Mar 03:10)`."""
    told = {
        "what": line(picture.label, picture.seen) if picture.seen else picture.label,
        "urgency": picture.urgency.lower(),
        "at": moment(picture.alert.raised_at),
    }
    return _("%(what)s (%(urgency)s, %(at)s)") % told


def tocilizumab(room: TocilizumabRoom, *, at: datetime) -> str:
    """How many doses the limits leave, and from when on."""
    if not room.left:
        return _("Tocilizumab: no dose left")
    left = ngettext("%(count)d dose left", "%(count)d doses left", room.left) % {"count": room.left}
    if room.next_at is None or room.next_at <= at:
        return line("Tocilizumab", left)
    return _("Tocilizumab: %(left)s, the next not before %(at)s") % {"left": left, "at": moment(room.next_at)}
