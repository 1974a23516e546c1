"""Interventions against toxicity and the dosing weight, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import (
    Data,
    Names,
    Said,
    Tell,
    Text,
    day,
    joined,
    known,
    labeled,
    moment,
    quantity,
    word,
)
from cartpath.web.wording import number_text
from toxicity.enums import Agent, RateUnit, Route
from toxicity.interventions.services import CHANGED
from toxicity.interventions.words import DEVICE_WORDS, drug_text


def _given(names: Names, data: Data) -> Said:
    stopped, hours = data.get("stopped_at"), data.get("every_hours")
    device = data.get("device")
    return Said(
        joined([_name(data), *_amounts(data), str(DEVICE_WORDS.get(device, device)) if device else None]),
        joined(
            [
                _("every %(hours)s h") % {"hours": hours} if hours else None,
                word(Route, data["route"]) if data.get("route") else None,
                labeled(_("until"), moment(stopped)) if stopped else None,
                data.get("note"),
            ]
        ),
    )


def _name(data: Data) -> Text:
    """*Vasopressor: Norepinephrine*, *Tocilizumab*."""
    agent = word(Agent, data.get("agent"))
    drug = drug_text(data.get("agent") or "", data.get("drug") or "")
    return labeled(f"{agent}:", str(drug)) if drug else agent


def _amounts(data: Data) -> list[Text | None]:
    rate, fio2 = data.get("rate"), data.get("fio2_percent")
    # A rate may be a few thousandths: it is never rounded like a dose.
    unit = data.get("rate_unit") or ""
    shown = RateUnit(unit).label if unit in RateUnit.values else unit
    return [
        quantity(data["dose_mg"], "mg") if data.get("dose_mg") is not None else None,
        quantity(data["volume_ml"], "mL") if data.get("volume_ml") is not None else None,
        f"{number_text(rate)} {shown}" if rate is not None else None,
        f"FiO₂ {number_text(fio2)} %" if fio2 is not None else None,
    ]


def _stopped(names: Names, data: Data) -> Said:
    reason = data.get("reason")
    return Said(
        labeled(_("Stopped:"), _name(data)),
        joined(
            [
                labeled(_("since"), moment(data.get("given_at"))),
                _("another rate or device took its place") if reason == CHANGED else reason,
            ]
        ),
    )


def _dosing_weight(names: Names, data: Data) -> Said:
    measured_on = data.get("measured_on")
    return Said(
        labeled(_("Dosing weight fixed:"), quantity(data.get("weight_kg"), "kg")),
        joined([known(_("measured"), day(measured_on)) if measured_on else None, data.get("reason")]),
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.INTERVENTION_GIVEN: _given,
    EventKind.INTERVENTION_STOPPED: _stopped,
    EventKind.DOSING_WEIGHT_SET: _dosing_weight,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.INTERVENTION_GIVEN: "first-aid-kit",
    EventKind.INTERVENTION_STOPPED: "ban",
    EventKind.DOSING_WEIGHT_SET: "scale",
}
