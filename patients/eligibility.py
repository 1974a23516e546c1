"""Eligibility of one journey as it counts on a day: the protocol's criteria and what is recorded of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast

from cartpath.accounts.models import Center
from cartpath.protocols import catalog
from cartpath.protocols.schema import Protocol
from patients.enums import CriterionVerdict
from patients.models import EligibilityItem, Journey
from patients.rules import Eligibility, Finding, Verdict, eligibility


@dataclass(frozen=True, slots=True)
class EligibilityLine:
    """One criterion on the page: its rule and source, the verdict that counts today, and who gave it."""

    criterion: str
    label: str
    rule: str
    source: str
    severity: str
    verdict: str
    is_expired: bool
    explanation: str
    item: EligibilityItem | None


def protocol_for(journey: Journey) -> Protocol:
    """The protocol a journey is pinned to, or, before acceptance, the one it would be pinned to now."""
    if journey.protocol_id:
        return catalog.get(journey.protocol_id, journey.protocol_version)
    return journey.proposed


def propose(journeys: Iterable[Journey], center: Center) -> None:
    """Read for a whole list what acceptances in a center would pin: one query, none when all are pinned."""
    waiting = [journey for journey in journeys if not journey.protocol_id]
    currents = catalog.currents(center) if waiting else {}
    for journey in waiting:
        if journey.product in currents:
            journey.proposed = currents[journey.product]


def eligibility_items(journey: Journey) -> dict[str, EligibilityItem]:
    """The latest verdicts by criterion."""
    items = EligibilityItem.objects.filter(journey=journey).select_related("waived_with")
    return {item.criterion: item for item in items}


def eligibility_verdict(journey: Journey, *, on: date) -> Eligibility:
    """Whether the child is eligible on a day, and what stands in the way."""
    return _judged(journey, eligibility_items(journey), on)


def eligibility_lines(journey: Journey, *, on: date) -> list[EligibilityLine]:
    """Every criterion in force with what is known of it."""
    items = eligibility_items(journey)
    protocol = protocol_for(journey)
    return [
        EligibilityLine(
            criterion=line.criterion.id,
            label=line.criterion.label,
            rule=line.criterion.rule,
            source=protocol.cite(line.criterion),
            severity=line.criterion.severity,
            verdict=line.verdict,
            is_expired=line.is_expired,
            explanation=line.explanation,
            item=items.get(line.criterion.id),
        )
        for line in _judged(journey, items, on).lines
    ]


def _judged(journey: Journey, items: dict[str, EligibilityItem], on: date) -> Eligibility:
    findings = {criterion: _finding(item) for criterion, item in items.items()}
    return eligibility(protocol_for(journey).criteria(on), findings, on)


def _finding(item: EligibilityItem) -> Finding:
    signed = (item.assessed_by, item.waived_with.name) if item.waived_with else (item.assessed_by,)
    waived = item.verdict == CriterionVerdict.WAIVED
    return Finding(
        verdict=cast("Verdict", item.verdict),
        valid_until=item.valid_until,
        reason=item.reason,
        waived_by=signed if waived else (),
    )
