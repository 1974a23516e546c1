"""The rules of one day: which rows of the protocol were in force when something was decided.

A rule may change between referral and infusion. What is decided on a day is decided by the rows in force on
that day in the center's zone, and the event records their ids.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from cartpath.core.answers import Answer
from cartpath.protocols.rows import Limit, in_force
from cartpath.protocols.schema import Protocol
from cartpath.protocols.sections import Relymphodepletion, Waiver
from infusion.doses import DoseVerdict
from infusion.enums import Quantity
from infusion.fractions import latest_finding
from infusion.models import Finding, InfusionPart, LymphodepletionDose
from infusion.rules.restrictions import RestrictionDay, restriction_days
from infusion.rules.window import (
    InfusionDays,
    Question,
    ask_to_repeat,
    ask_to_waive,
    infusion_days,
    window_said,
)
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.provenance import Record, computed

THAW_LIMIT: Final = "thaw_to_end_minutes"

WindowState = Literal["early", "inside", "late"]


def infusion_limit(journey: Journey, limit_id: str, *, on: date) -> Limit | None:
    """A limit of the day of infusion by its id; None when the protocol has none in force that day."""
    limits = in_force(protocol_for(journey).infusion.limits, on)
    return next((row for row in limits if row.id == limit_id), None)


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which the infusion may follow lymphodepletion, seen from a day."""

    days: InfusionDays
    state: WindowState
    ended_on: date
    on: date

    @property
    def left(self) -> int | None:
        """Days to the last day, 0 on it and after it; None without an end."""
        return None if self.days.last_on is None else max((self.days.last_on - self.on).days, 0)

    @property
    def until_first(self) -> int:
        """Days to the first day, 0 on it and after it."""
        return max((self.days.first_on - self.on).days, 0)


def infusion_window(journey: Journey, *, at: datetime) -> Window | None:
    """The window after the doses given by a time; None without a rule that day, or without a dose."""
    on = journey.center.local_day(at)
    rule = next(iter(in_force(protocol_for(journey).lymphodepletion.window, on)), None)
    ended_at = (
        LymphodepletionDose.objects.filter(journey=journey, given_at__lte=at)
        .order_by("-given_at")
        .values_list("given_at", flat=True)
        .first()
    )
    if rule is None or ended_at is None:
        return None
    ended_on = journey.center.local_day(ended_at)
    days = infusion_days(rule, lymphodepletion_ended_on=ended_on)
    return Window(days, days.place_of(on), ended_on, on)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question the rule asks of the physician, with the white cells it was asked by."""

    question: Question
    rule: Waiver | Relymphodepletion
    finding: Finding | None
    why: Answer


def waiver_asked(journey: Journey, *, at: datetime) -> Asked | None:
    """Whether to ask about going without lymphodepletion; None without a rule in force that day."""
    on = journey.center.local_day(at)
    protocol = protocol_for(journey)
    rule = next(iter(in_force(protocol.lymphodepletion.waiver, on)), None)
    if rule is None:
        return None
    counted = latest_finding(journey.pk, Quantity.WHITE_CELLS, on=on)
    question = ask_to_waive(
        rule,
        wbc_per_ul=float(counted.value) if counted else None,
        measured_on=counted.found_on if counted else None,
        infusion_on=on,
    )
    return Asked(question, rule, counted, _why(protocol, rule, question, "lymphodepletion_waiver"))


def repeat_asked(journey: Journey, *, at: datetime) -> Asked | None:
    """Whether to ask about a second lymphodepletion; None without a rule that day, or without a first one."""
    on = journey.center.local_day(at)
    protocol = protocol_for(journey)
    rule = next(iter(in_force(protocol.lymphodepletion.relymphodepletion, on)), None)
    last = (
        LymphodepletionDose.objects.filter(journey=journey, given_at__lte=at)
        .order_by("-given_at")
        .values_list("given_at", flat=True)
        .first()
    )
    if rule is None or last is None:
        return None
    ended_on = journey.center.local_day(last)
    counted = latest_finding(journey.pk, Quantity.WHITE_CELLS, on=on)
    # A count from before lymphodepletion ended says nothing about cells that came back.
    if counted is not None and counted.found_on <= ended_on:
        counted = None
    question = ask_to_repeat(
        rule,
        lymphodepletion_ended_on=ended_on,
        on=on,
        wbc_per_ul=float(counted.value) if counted else None,
    )
    return Asked(question, rule, counted, _why(protocol, rule, question, "relymphodepletion"))


def _why(protocol: Protocol, rule: Waiver | Relymphodepletion, question: Question, name: str) -> Answer:
    return Answer(
        name=name,
        result={"ask": question.ask},
        source=protocol.cite(rule),
        scale=protocol.id,
        scale_version=protocol.version,
        explanation=list(question.explanation),
        missing=list(question.missing),
    )


def restrictions_of(journey: Journey) -> tuple[RestrictionDay, ...]:
    """The restrictions after a child's infusion with their last days; empty before it. One query."""
    first = journey.infused_at
    if first is None:
        return ()
    last = (
        InfusionPart.objects.filter(journey=journey, started_at__isnull=False)
        .order_by("-started_at")
        .values_list("started_at", flat=True)
        .first()
    )
    return restriction_days(
        protocol_for(journey).monitoring.restrictions,
        infused_on=journey.center.local_day(first),
        last_part_on=journey.center.local_day(last) if last else None,
    )


def rules_of_the_day(journey: Journey, *, on: date) -> list[str]:
    """Ids of the rows that stood on the day of the infusion: checklist, window, restrictions."""
    protocol = protocol_for(journey)
    rows = (
        *protocol.checklist_items(on),
        *in_force(protocol.lymphodepletion.window, on),
        *in_force(protocol.monitoring.restrictions, on),
    )
    return [row.id for row in rows]


def infusion_records(journey: Journey, dose: DoseVerdict, *, at: datetime, reason: str) -> list[Record]:
    """What the rules said on the day of the infusion: the dose, and the window since lymphodepletion."""
    protocol = protocol_for(journey)
    records = [dose.record(protocol, reason=reason)]
    window = infusion_window(journey, at=at)
    if window is not None:
        records.append(_window_record(protocol, window))
    return records


def _window_record(protocol: Protocol, window: Window) -> Record:
    answer = Answer(
        name="infusion_window",
        result={
            "place": window.state,
            "first_on": window.days.first_on.isoformat(),
            "last_on": window.days.last_on.isoformat() if window.days.last_on else None,
        },
        source=protocol.cite(window.days.rule),
        explanation=[window_said(window.days, window.on)],
    )
    inputs: dict[str, Any] = {"lymphodepletion_ended_on": window.ended_on, "infused_on": window.on}
    return computed(
        "infusion_window",
        value=window.state,
        inputs=inputs,
        answer=answer,
        protocol=protocol,
        rows=[window.days.rule],
    )
