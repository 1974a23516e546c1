"""“Where is my patient?”: every child of a center in follow-up, the one to look for first on top."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from cartpath.accounts.models import User
from cartpath.ledger.models import Event
from followup.growing.enums import TraceState
from followup.models import ContactAttempt, Loss, SkippedVisit, Visit
from followup.rules.course import DAY_0, Happening, dated_visits
from followup.rules.tracing import Attempt, Trace, TraceFacts, trace
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey

FOLLOWED: Final = (Stage.INFUSED, Stage.FOLLOW_UP)


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One child: where it stands, the last attempt to reach the family, and the loss while it lasts."""

    journey: Journey
    trace: Trace
    attempt: ContactAttempt | None
    loss: Loss | None

    @property
    def label(self) -> Any:
        """The state in words."""
        return TraceState(self.trace.state).label

    @property
    def is_missing(self) -> bool:
        """Whether somebody should look for the child."""
        return self.trace.state != "in_contact" or self.trace.moved


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of all journeys, by journey."""

    held: Mapping[UUID, Sequence[tuple[str, date]]]
    skipped: Mapping[UUID, Sequence[str]]
    happened: Mapping[UUID, Sequence[Happening]]
    attempts: Mapping[UUID, Sequence[ContactAttempt]]
    losses: Mapping[UUID, Sequence[Loss]]


def trace_rows(user: User, *, center_id: int, on: date) -> list[TraceRow]:
    """Every infused child of a center whose journey is open, the most urgent first; six queries."""
    journeys = list(
        Journey.objects.visible_to(user)
        .filter(center_id=center_id, stage__in=FOLLOWED, infused_at__isnull=False)
        .select_related("patient", "center")
    )
    known = _read(journeys)
    rows = [_row(journey, known, on) for journey in journeys]
    return sorted(rows, key=lambda row: (row.trace.rank, str(row.journey.patient)))


def trace_of(journey: Journey, *, on: date) -> TraceRow | None:
    """One child on a day; None before the infusion and once the journey is closed."""
    if journey.infused_at is None or journey.stage not in FOLLOWED:
        return None
    return _row(journey, _read([journey]), on)


def _read(journeys: Sequence[Journey]) -> _Known:
    visits = Visit.objects.filter(journey__in=journeys, struck_at=None).order_by("visited_on")
    skipped = SkippedVisit.objects.filter(journey__in=journeys)
    return _Known(
        held=_grouped(
            (key, (item, on)) for key, item, on in visits.values_list("journey_id", "item", "visited_on")
        ),
        skipped=_grouped(skipped.values_list("journey_id", "item")),
        happened=_happened(journeys),
        attempts=_grouped(
            (each.journey_id, each)
            for each in ContactAttempt.objects.filter(journey__in=journeys).order_by("attempted_at", "pk")
        ),
        losses=_grouped(
            (each.journey_id, each) for each in Loss.objects.filter(journey__in=journeys).order_by("since_on")
        ),
    )


def _happened(journeys: Sequence[Journey]) -> Mapping[UUID, Sequence[Happening]]:
    """What visits count from and stop with, for all journeys in one query; day 0 stands on the journey."""
    rows = {row.id: row for journey in journeys for row in protocol_for(journey).follow_up.visits}
    kinds = {kind for row in rows.values() for kind in (row.anchor, *row.stops_with)}
    events = Event.objects.filter(
        journey_id__in=[journey.pk for journey in journeys],
        kind__in=kinds - {DAY_0, "died", "closed"},
        corrections=None,
    ).values_list("journey_id", "kind", "occurred_at", "data")
    return _grouped((key, Happening(kind=kind, at=at, data=data)) for key, kind, at, data in events)


def _grouped(pairs: "Iterable[tuple[UUID, Any]]") -> Mapping[UUID, Sequence[Any]]:
    grouped: dict[UUID, list[Any]] = defaultdict(list)
    for key, value in pairs:
        grouped[key].append(value)
    return grouped


def _row(journey: Journey, known: _Known, on: date) -> TraceRow:
    attempts, losses = known.attempts.get(journey.pk, ()), known.losses.get(journey.pk, ())
    last_loss = losses[-1] if losses else None
    is_lost = last_loss is not None and last_loss.found_on is None
    return TraceRow(
        journey=journey,
        trace=trace(_facts(journey, known, attempts, last_loss), on),
        attempt=attempts[-1] if attempts else None,
        loss=last_loss if is_lost else None,
    )


def _facts(
    journey: Journey, known: _Known, attempts: Sequence[ContactAttempt], loss: Loss | None
) -> TraceFacts:
    local = journey.center.local_day
    held = known.held.get(journey.pk, ())
    infused_at = journey.infused_at or journey.stage_since
    return TraceFacts(
        birth=journey.patient.birth_date,
        seen_on=max([local(infused_at), *(visited_on for _item, visited_on in held)]),
        windows=_open_windows(journey, known),
        attempts=[
            Attempt(on=local(each.attempted_at), outcome=each.outcome, next_on=each.next_on)
            for each in attempts
        ],
        lost_since=loss.since_on if loss and loss.found_on is None else None,
        found_on=loss.found_on if loss else None,
    )


def _open_windows(journey: Journey, known: _Known) -> list[date]:
    """The last days of the visits that were neither held nor left out nor stopped, in order."""
    if journey.infused_at is None:
        return []
    settled = {
        *(item for item, _on in known.held.get(journey.pk, ())),
        *known.skipped.get(journey.pk, ()),
    }
    happened = [Happening(kind=DAY_0, at=journey.infused_at), *known.happened.get(journey.pk, ())]
    rows = protocol_for(journey).follow_up.visits
    return sorted(
        each.last_on
        for each in dated_visits(rows, happened, journey.center.zone)
        if each.stopped is None and each.expected.item not in settled
    )
