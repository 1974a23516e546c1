"""What a collection has brought so far, beside what the protocol asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from cartpath.core.answers import Answer
from cartpath.protocols.schema import Protocol
from cartpath.protocols.sections import CollectionTarget
from leukapheresis.collection_records import blood_after
from leukapheresis.completion import expired_reasons
from leukapheresis.models import CollectionAdverseEvent, CollectionDay, CryoBag
from leukapheresis.rules.acceptance import Acceptance, acceptance
from leukapheresis.rules.efficiency import (
    CollectionEfficiency,
    CollectionEfficiencyInput,
    collection_efficiency,
)
from leukapheresis.rules.next_day import NextDay, next_day
from leukapheresis.selectors import Totals, collection_days, current_round, totals
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.results import RuleResult

SIGNS: Final[Mapping[str, str]] = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One target with what was collected; None is unknown and never judged."""

    target: CollectionTarget
    collected: float | None
    verdict: Literal["met", "not_met", "unknown"]

    @property
    def sign(self) -> str:
        """The comparison as people write it."""
        return SIGNS[self.target.op]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """One day with what follows from its numbers; None is unknown."""

    day: CollectionDay
    ce1_percent: float | None
    ce2_percent: float | None
    cd3_per_kg: float | None
    adverse: tuple[CollectionAdverseEvent, ...]
    bags: tuple[CryoBag, ...]

    @property
    def is_unverified(self) -> bool:
        """Whether nobody confirmed who was collected, here and now."""
        return self.day.identity_id is None and not self.day.history_reason


@dataclass(frozen=True, slots=True)
class Progress:
    """One round of collection: its days, their sums, the targets, and what the rules propose next."""

    round: int
    days: list[CollectionDay]
    totals: Totals
    targets: list[TargetLine]
    acceptance: Acceptance
    why: Answer
    next: NextDay | None
    expired: tuple[str, ...]
    lines: tuple[DayLine, ...]


def progress(journey: Journey, *, at: datetime, round_number: int | None = None) -> Progress:
    """The round under way, or the one named, against the targets in force on the center's day of `at`."""
    wanted = round_number or current_round(journey.pk)
    days = collection_days(journey.pk, round_number=wanted)
    added = totals(days)
    protocol = protocol_for(journey)
    targets = protocol.collection_targets(journey.center.local_day(at))
    verdict = acceptance(targets, tnc=added.tnc, cd3=added.cd3)
    why = Answer(
        name="collection_acceptance",
        result={"accepted": verdict.accepted},
        source="; ".join(dict.fromkeys(protocol.cite(target) for target in targets)),
        explanation=list(verdict.explanation),
        missing=list(verdict.missing),
    )
    lines = [_line(target, added) for target in targets]
    expired = expired_reasons(journey, days, on=journey.center.local_day(at)) if days else ()
    following = _next(protocol, targets, days, added)
    told = tuple(_day_lines(days))
    return Progress(wanted, days, added, lines, verdict, why, following, expired, told)


def _day_lines(days: Sequence[CollectionDay]) -> Iterator[DayLine]:
    """Each day with its efficiency, adverse events and bags; two queries."""
    adverse: dict[int, list[CollectionAdverseEvent]] = {}
    bags: dict[int, list[CryoBag]] = {}
    if days:
        for event in CollectionAdverseEvent.objects.filter(day__in=days).order_by("pk"):
            adverse.setdefault(event.day_id, []).append(event)
        for bag in CryoBag.objects.filter(day__in=days, struck_at=None).order_by("division"):
            bags.setdefault(bag.day_id, []).append(bag)
    for day in days:
        found = efficiency_of(day)
        weight_kg = float(day.weight_kg) if day.weight_kg else None
        yield DayLine(
            day=day,
            ce1_percent=found.ce1_percent if found else None,
            ce2_percent=found.ce2_percent if found else None,
            cd3_per_kg=day.cd3 / weight_kg if weight_kg and day.cd3 is not None else None,
            adverse=tuple(adverse.get(day.pk, ())),
            bags=tuple(bags.get(day.pk, ())),
        )


def efficiency_of(day: CollectionDay) -> CollectionEfficiency | None:
    """CE1 and CE2 of a day's CD3+ cells; None while a number they need is unknown."""
    volume = day.processed_ml
    if day.cd3 is None or not day.pre_cd3_per_ul or not volume:
        return None
    return collection_efficiency(
        CollectionEfficiencyInput(
            product_cells=day.cd3,
            pre_count_per_ul=day.pre_cd3_per_ul,
            volume_processed_ml=volume,
            post_count_per_ul=day.post_cd3_per_ul,
        )
    )


def _next(
    protocol: Protocol, targets: Sequence[CollectionTarget], days: Sequence[CollectionDay], added: Totals
) -> NextDay | None:
    """What the rules propose after the last day; None before the first."""
    if not days:
        return None
    return next_day(
        protocol.apheresis,
        targets,
        days=len(days),
        tnc=added.tnc,
        cd3=added.cd3,
        after=blood_after(days[-1]),
    )


def computed_by_day(days: Sequence[CollectionDay]) -> list[tuple[CollectionDay, list[RuleResult]]]:
    """What the numbers of each day gave, for the days where they gave anything; one query."""
    found: dict[int, list[RuleResult]] = {}
    results = RuleResult.objects.filter(event_id__in=[day.event_id for day in days])
    for result in results.order_by("event_id", "position"):
        found.setdefault(result.event_id, []).append(result)
    return [(day, found[day.event_id]) for day in days if day.event_id in found]


def _line(target: CollectionTarget, added: Totals) -> TargetLine:
    collected = _collected(target, added)
    if collected is None:
        return TargetLine(target, None, "unknown")
    return TargetLine(target, collected, "met" if target.holds(collected) else "not_met")


def _collected(target: CollectionTarget, added: Totals) -> float | None:
    if target.quantity == "tnc":
        return added.tnc
    if target.quantity == "cd3":
        return added.cd3
    if target.quantity == "cd3_percent" and added.tnc and added.cd3 is not None:
        return added.cd3 * 100 / added.tnc
    return None
