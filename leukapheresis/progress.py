"""What a collection has brought so far, beside what the protocol asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from cartpath.core.answers import Answer
from cartpath.protocols.sections import CollectionTarget
from leukapheresis.models import CollectionDay
from leukapheresis.rules.acceptance import Acceptance, acceptance
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


@dataclass(frozen=True, slots=True)
class Progress:
    """One round of collection: its days, their sums, and the targets."""

    round: int
    days: list[CollectionDay]
    totals: Totals
    targets: list[TargetLine]
    acceptance: Acceptance
    why: Answer


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
    return Progress(wanted, days, added, lines, verdict, why)


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
