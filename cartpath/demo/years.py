"""Chapter four of a demo journey: the visits, what they find, and the end."""

from datetime import date, timedelta
from typing import Any, Final

from cartpath.accounts.enums import Role
from cartpath.core.dates import months_between
from cartpath.demo.immune import immune_told
from cartpath.demo.planning import RELAPSED_ON_DAY, TRANSPLANTED_ON_DAY, reset_of
from cartpath.demo.plot import Step
from cartpath.demo.teller import Teller
from cartpath.demo.visits import case_told, findings_told, infections_told
from cartpath.reminders.models import Reminder
from cartpath.reminders.services import reminder_acknowledge, reminder_complete
from followup.inputs import VisitDetails
from followup.selectors import PlannedVisit, plan
from followup.services import visit_record, visit_skip
from patients.inputs import BodyMeasurement
from patients.services import journey_close, measurement_record

B_CELLS_FROM_MONTH: Final = 3
# A second sample confirms from 14 to 28 days after the first: month 3 comes late, month 4 early.
SHIFTED_DAYS: Final = {"visit_month_3": 6, "visit_month_4": -6}
MARROW_VISITS: Final = frozenset(
    {"visit_day_28", "visit_month_3", "visit_month_6", "visit_month_9", "visit_month_12"}
)
IMMUNOGLOBULIN_UNTIL_MONTH: Final = 24
MEASURED_FROM_MONTH: Final = 6
MEASURED_EVERY_MONTHS: Final = 6


def years_told(teller: Teller) -> None:
    """Everything planned so far, day by day; what resets the plan in its place; then the registry forms."""
    reset = reset_of(teller)
    _visits_told(teller, until=reset[0] if reset else None)
    if reset:
        day, act = reset
        act(teller, day)
        _visits_told(teller, until=None)
    _registry(teller)
    case_told(teller)
    immune_told(teller)


def _visits_told(teller: Teller, *, until: date | None) -> None:
    """The visits that were over, in order; before a reset only those held until then."""
    told = [
        (_held_on(teller, visit), visit)
        for visit in plan(teller.journey)
        if _is_over(teller, visit) and not (visit.visit or visit.skipped or visit.dated.stopped)
    ]
    for day, visit in sorted(told, key=lambda each: each[0]):
        if until is None or day <= until:
            _visit(teller, visit, day)


def _held_on(teller: Teller, visit: PlannedVisit) -> date:
    name = visit.expected.item
    if teller.plot.follow_up == "b_cells_back" and name in SHIFTED_DAYS:
        return visit.due_on + timedelta(days=SHIFTED_DAYS[name])
    return visit.due_on + timedelta(days=teller.dice.randint(0, 2))


def _is_over(teller: Teller, visit: PlannedVisit) -> bool:
    """Whether the visit's day has passed, with room for one that is held a little late."""
    return visit.due_on + timedelta(days=max(SHIFTED_DAYS.values())) < teller.ended_on


def _visit(teller: Teller, visit: PlannedVisit, day: date) -> None:
    name = visit.expected.item
    if name in teller.plot.missed:
        return
    if name in teller.plot.left_out:
        visit_skip(
            item=name,
            reason_code="elsewhere",
            note="Seen at the referring hospital.",
            **teller.act(Role.COORDINATOR, teller.at(day, 11)),
        )
        return
    month = months_between(teller.day(Step.INFUSED), day)
    if month >= MEASURED_FROM_MONTH and month % MEASURED_EVERY_MONTHS == 0:
        weight_kg, height_cm = teller.size_on(day)
        measurement_record(
            measurement=BodyMeasurement(weight_kg=weight_kg, height_cm=height_cm),
            **teller.act(Role.APHERESIS_NURSE, teller.at(day, 9)),
        )
    visit_record(
        visit=VisitDetails(
            item=name,
            visited_on=day,
            **_found(teller, name, month, day),
            **findings_told(teller, name, month, day),
        ),
        infections=infections_told(teller, name, day),
        **teller.act(Role.CLINICIAN, teller.at(day, 16)),
    )


def _found(teller: Teller, name: str, month: int, day: date) -> dict[str, Any]:
    dice, course = teller.dice, teller.plot.follow_up
    found: dict[str, Any] = {"igg_mg_dl": float(dice.randint(420, 980))}
    after_day = (day - teller.day(Step.INFUSED)).days
    if course == "relapsed" and after_day > RELAPSED_ON_DAY:
        return found | {"response": "relapse"}
    found["response"] = "CRi" if name == "visit_day_28" and teller.number % 3 == 0 else "CR"
    if name in MARROW_VISITS:
        found |= {"mrd_result": "negative", "mrd_method": "flow", "mrd_sensitivity": 0.0001}
    if course == "transplanted" and after_day > TRANSPLANTED_ON_DAY:
        return found
    if course == "b_cells_back" and month >= B_CELLS_FROM_MONTH:
        return found | {
            "b_cells_percent": round(dice.uniform(2, 6), 1),
            "b_cells_per_ul": float(dice.randint(40, 160)),
        }
    if month <= IMMUNOGLOBULIN_UNTIL_MONTH:
        found["last_immunoglobulin_on"] = day - timedelta(days=dice.randint(10, 27))
    return found | {"b_cells_percent": 0.0, "b_cells_per_ul": 0.0}


def _registry(teller: Teller) -> None:
    """Forms that were sent: those whose window has closed, at the end of fifteen years all that are due."""
    until = teller.at(teller.ended_on - timedelta(days=1), 12)
    ending = teller.plot.ending
    forms = Reminder.objects.open().filter(journey_id=teller.journey_id, item__startswith="registry_")
    is_complete = ending is not None and ending.reason == "completed"
    sent = forms.filter(due_at__lt=until) if is_complete else forms.filter(closes_at__lt=until)
    for reminder in sent.order_by("due_at", "item"):
        reminder_complete(
            reminder_id=reminder.pk,
            reason="Form sent to the registry.",
            by=teller.person(Role.COORDINATOR).actor,
            at=reminder.due_at + timedelta(hours=34),
        )


def ending_told(teller: Teller) -> None:
    """Why the journey closed; the decisions that close it by themselves were told before."""
    ending = teller.plot.ending
    if ending is None or ending.reason in ("declined", "manufacturing_failed"):
        return
    journey_close(
        reason_code=ending.reason,
        note=ending.note,
        died_on=teller.ended_on if ending.reason == "died" else None,
        **teller.act(Role.COORDINATOR, teller.at(teller.ended_on, 17)),
    )


def acknowledged_told(teller: Teller) -> None:
    """Somebody has taken a reminder in hand."""
    reminder = (
        Reminder.objects.open()
        .filter(journey_id=teller.journey_id, item=teller.plot.acknowledged)
        .order_by("occurrence")
        .last()
    )
    if reminder is not None:
        reminder_acknowledge(
            reminder_id=reminder.pk,
            note="Family is seen again this week.",
            by=teller.person(Role.CLINICIAN).actor,
            at=teller.at(teller.today - timedelta(days=1), 17),
        )
