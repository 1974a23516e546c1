"""What the rules propose for a child on a day: ends of prophylaxis, vaccines. Nothing is stored here."""

from datetime import date
from typing import Final, cast

from cartpath.protocols.immune_rows import ProphylaxisGroup, VaccineClass, VaccineRow
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import Protocol
from followup.immune.history import History
from followup.rules.prophylaxis import StopProposal, stop_proposal
from followup.rules.vaccines import ClassWindow, class_window
from patients.eligibility import protocol_for
from patients.models import Journey, Measurement

CLASSES: Final[tuple[VaccineClass, ...]] = ("seasonal", "inactivated", "adjuvanted", "live")


def stop_of(journey: Journey, group: str, history: History, *, on: date) -> StopProposal | None:
    """Whether a prophylaxis may end on a day; None before the infusion."""
    facts = history.stop_facts()
    if facts is None:
        return None
    immune = protocol_for(journey).follow_up.immune
    return stop_proposal(immune, cast("ProphylaxisGroup", group), facts, on=on)


def window_of(journey: Journey, vaccine_class: VaccineClass, history: History, *, on: date) -> ClassWindow:
    """Whether vaccines of a class may be given on a day. The journey must have been infused."""
    facts = history.vaccine_facts(on)
    if facts is None:
        raise ValueError("there was no infusion yet")
    return class_window(protocol_for(journey).follow_up.immune, vaccine_class, facts, on=on)


def vaccine_row(protocol: Protocol, vaccine: str, *, on: date) -> VaccineRow | None:
    """The rule of a vaccine in force on a day."""
    rows = in_force(protocol.follow_up.immune.vaccines, on)
    return next((row for row in rows if row.vaccine == vaccine), None)


def weight_on(journey: Journey, on: date) -> tuple[float | None, date | None]:
    """The latest weight up to and including a day, in kilograms, and its day; one query."""
    zone = journey.center.zone
    rows = Measurement.objects.filter(patient_id=journey.patient_id, weight_kg__isnull=False)
    for row in rows.order_by("-measured_at"):
        measured_on = row.measured_at.astimezone(zone).date()
        if measured_on <= on and row.weight_kg is not None:
            return float(row.weight_kg), measured_on
    return None, None
