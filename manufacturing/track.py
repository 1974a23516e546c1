"""Where an order stands: each milestone of the protocol, when it was expected, when it came, the delay."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from cartpath.accounts.models import User
from cartpath.protocols.rows import in_force
from cartpath.protocols.sections import Milestone as PlannedMilestone
from leukapheresis.models import Collection
from manufacturing.custody.words import Step
from manufacturing.enums import BatchState, OrderState
from manufacturing.models import Batch, CustodyEntry, MilestoneExpectation, Order
from manufacturing.rules.milestones import Forecast, Stop, forecast
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey

# Until the product is given, its way is of interest.
BEFORE_INFUSION: Final = (
    Stage.ACCEPTED,
    Stage.APHERESIS_PLANNED,
    Stage.COLLECTED,
    Stage.MANUFACTURING,
    Stage.RELEASED,
    Stage.LYMPHODEPLETION,
)
# Milestones that stand on the batch, because quality and the center record them.
RELEASED: Final = "released"
RECEIVED: Final = "received"
# Milestones that are steps of custody, so that nobody records them twice.
OF_CUSTODY: Final[Mapping[str, str]] = {Step.PRODUCT_STORED: "stored", Step.ISSUED_TO_WARD: "issued"}


# `untold`: a later milestone was reported, this one never was.
StepState = Literal["done", "untold", "next", "later"]


@dataclass(frozen=True, slots=True)
class TrackStep:
    """One milestone. `late_days` counts from the expected day to the day it came, or to today.

    `planned_on` is the day by the protocol's row, `expected_on` the latest word on it, `forecast` when it is
    to be expected with the delays known now; `moves` are the changes of its expected day, the oldest first.
    """

    id: str
    label: str
    expected_on: date | None
    reached_on: date | None
    late_days: int
    state: StepState
    note: str = ""
    planned_on: date | None = None
    forecast: Forecast | None = None
    moves: tuple[MilestoneExpectation, ...] = ()

    @property
    def is_late(self) -> bool:
        """Whether it is awaited and overdue."""
        return self.state in ("next", "later") and self.late_days > 0


@dataclass(frozen=True, slots=True)
class Track:
    """One order with its milestones in the protocol's order, and the batch that counts."""

    order: Order
    batch: Batch | None
    steps: tuple[TrackStep, ...]

    @property
    def awaits_decision(self) -> bool:
        """Whether a physician must decide about an out-of-specification product."""
        return self.batch is not None and self.batch.state == BatchState.OUT_OF_SPECIFICATION

    @property
    def rank(self) -> tuple[bool, int]:
        """What needs somebody most comes first."""
        return not self.awaits_decision, -(self.next.late_days if self.next else 0)

    @property
    def latest(self) -> TrackStep | None:
        """The last milestone reached."""
        return next((step for step in reversed(self.steps) if step.state == "done"), None)

    def step(self, milestone: str) -> TrackStep | None:
        """The step of a milestone; None when the protocol doesn't have it."""
        return next((step for step in self.steps if step.id == milestone), None)

    @property
    def next(self) -> TrackStep | None:
        """The milestone awaited now."""
        return next((step for step in self.steps if step.state == "next"), None)


def tracks(user: User, *, center_id: int, today: date) -> list[Track]:
    """Every live order of a center whose product is not given yet; six queries.

    Products that wait for a decision come first, then the most delayed.
    """
    orders = list(
        Order.objects.filter(
            state=OrderState.ACTIVE,
            journey__stage__in=BEFORE_INFUSION,
            journey__in=Journey.objects.visible_to(user).filter(center_id=center_id),
        )
        .select_related("journey__patient", "journey__center")
        .prefetch_related("milestones", "expectations")
        .order_by("ordered_at")
    )
    collected = _collected([order.journey_id for order in orders])
    batches = _batches(orders)
    handed = _handed_over([order.journey_id for order in orders])
    found = [
        _track(
            order,
            batches.get(order.pk),
            collected.get(order.journey_id),
            handed.get(order.journey_id, {}),
            today=today,
        )
        for order in orders
    ]
    return sorted(found, key=lambda track: track.rank)


def track_of(order: Order, *, today: date) -> Track:
    """One order with its milestones; four queries beside the order's own."""
    journey_id = order.journey_id
    return _track(
        order,
        _batches([order]).get(order.pk),
        _collected([journey_id]).get(journey_id),
        _handed_over([journey_id]).get(journey_id, {}),
        today=today,
    )


def _handed_over(journey_ids: Sequence[UUID]) -> dict[UUID, dict[str, datetime]]:
    """When a bag of each journey's product was first stored and first issued."""
    rows = (
        CustodyEntry.objects.filter(journey_id__in=journey_ids, step__in=list(OF_CUSTODY))
        .order_by("-at")
        .values_list("journey_id", "step", "at")
    )
    found: dict[UUID, dict[str, datetime]] = {}
    for journey_id, step, at in rows:
        found.setdefault(journey_id, {})[OF_CUSTODY[step]] = at
    return found


def _collected(journey_ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """When each journey's latest collection was completed."""
    rows = (
        Collection.objects.filter(journey_id__in=journey_ids)
        .order_by("round")
        .values_list("journey_id", "completed_at")
    )
    return dict(rows)


def _batches(orders: Iterable[Order]) -> dict[UUID, Batch]:
    """The latest batch of each order that was not rejected."""
    rows = (
        Batch.objects.filter(order__in=orders)
        .exclude(state=BatchState.REJECTED)
        .select_related("out_of_specification")
        .order_by("released_at")
    )
    return {batch.order_id: batch for batch in rows}


def _track(
    order: Order,
    batch: Batch | None,
    collected_at: datetime | None,
    handed: Mapping[str, datetime],
    *,
    today: date,
) -> Track:
    journey = order.journey
    planned = in_force(protocol_for(journey).manufacturing.milestones, today)
    reached = {row.milestone: row for row in order.milestones.all()}
    moved = _moves(order)
    collected_on = _day(journey, collected_at)
    came = {name: _day(journey, row.reached_at) for name, row in reached.items()}
    if batch:
        came |= {RELEASED: _day(journey, batch.released_at), RECEIVED: _day(journey, batch.received_at)}
        arrived_at = batch.received_at
        came |= {n: _day(journey, at) for n, at in handed.items() if arrived_at and at >= arrived_at}
    last_done = max((place for place, row in enumerate(planned) if came.get(row.id)), default=-1)
    forecasts = forecast(
        [
            Stop(
                id=row.id,
                planned_on=_expected(row, collected_on),
                told_on=moved[row.id][-1].expected_on if row.id in moved else None,
                reached_on=came.get(row.id),
            )
            for row in planned
        ],
        today=today,
    )
    steps = []
    for place, row in enumerate(planned):
        told, moves = reached.get(row.id), tuple(moved.get(row.id, ()))
        planned_on = _expected(row, collected_on)
        expected_on = moves[-1].expected_on if moves else planned_on
        if told and told.expected_on:
            expected_on = told.expected_on
        reached_on = came.get(row.id)
        steps.append(
            TrackStep(
                id=row.id,
                label=row.label,
                expected_on=expected_on,
                reached_on=reached_on,
                late_days=_late(expected_on, reached_on or today),
                state=_state(reached_on, place, last_done),
                note=told.note if told else "",
                planned_on=planned_on,
                forecast=forecasts[place],
                moves=moves,
            )
        )
    return Track(order, batch, tuple(steps))


def _moves(order: Order) -> dict[str, list[MilestoneExpectation]]:
    """The changes of expected days by milestone, the oldest first."""
    found: dict[str, list[MilestoneExpectation]] = {}
    for row in sorted(order.expectations.all(), key=lambda row: (row.told_at, row.event_id)):
        found.setdefault(row.milestone, []).append(row)
    return found


def _state(reached_on: date | None, place: int, last_done: int) -> StepState:
    if reached_on:
        return "done"
    if place < last_done:
        return "untold"
    return "next" if place == last_done + 1 else "later"


def _expected(planned: PlannedMilestone, collected_on: date | None) -> date | None:
    if collected_on is None or planned.expected_days is None:
        return None
    return collected_on + timedelta(days=planned.expected_days)


def _late(expected_on: date | None, on: date) -> int:
    return max((on - expected_on).days, 0) if expected_on else 0


def _day(journey: Journey, at: datetime | None) -> date | None:
    return at.astimezone(journey.center.zone).date() if at else None
