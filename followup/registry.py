"""Registry forms on their days: apart from the visits, because nobody has to come for them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from followup.rules.course import DatedVisit, Happening, dated_visits, visit_state
from patients.eligibility import protocol_for
from patients.enums import ClosingReason, Stage
from patients.models import Journey

FormState = Literal["planned", "due", "missed", "sent", "stopped", "not_sent"]


@dataclass(frozen=True, slots=True)
class FormPicture:
    """One registry form on its days; `sent_on` is when somebody said it was sent."""

    dated: DatedVisit
    state: FormState
    sent_on: date | None


def registry_pictures(journey: Journey, happened: list[Happening], *, on: date) -> list[FormPicture]:
    """The registry forms of a journey, by due day; one query.

    After a death the forms due by then stay, and the next one, which reports it.
    """
    zone = journey.center.zone
    sent = {
        data.get("item"): at.astimezone(zone).date()
        for at, data in Event.objects.of(journey.pk)
        .filter(kind=EventKind.REMINDER_COMPLETED, corrections=None)
        .values_list("occurred_at", "data")
    }
    forms = dated_visits(protocol_for(journey).follow_up.registry, happened, zone)
    wanted = _wanted(journey, forms)
    found = []
    for form in forms:
        sent_on = sent.get(form.expected.item)
        found.append(FormPicture(form, _state(journey, form, sent_on, wanted, on), sent_on))
    return found


def _wanted(journey: Journey, forms: list[DatedVisit]) -> set[str]:
    """Forms that a closed journey still owes."""
    died_on = journey.patient.died_on
    if journey.closing_reason != ClosingReason.DIED or died_on is None:
        return set()
    open_forms = [form for form in forms if form.stopped is None]
    before = [form for form in open_forms if form.due_on <= died_on]
    after = [form for form in open_forms if form.due_on > died_on]
    return {form.expected.item for form in (*before, *after[:1])}


def _state(journey: Journey, form: DatedVisit, sent_on: date | None, wanted: set[str], on: date) -> FormState:
    if sent_on is not None:
        return "sent"
    is_closed = journey.stage == Stage.CLOSED and form.expected.item not in wanted
    state = visit_state(
        form, held_on=None, is_skipped=False, is_closed=is_closed, on=on, zone=journey.center.zone
    )
    return "not_sent" if state == "not_held" else state  # type: ignore[return-value]
