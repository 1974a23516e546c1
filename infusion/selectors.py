"""Reads of the infusion room."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from infusion.enums import ChecklistVerdict
from infusion.models import ChecklistItem, IdentityCheck
from manufacturing.models import CustodyItem
from patients.eligibility import protocol_for
from patients.models import Journey


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """One item of the protocol's checklist with what is known of it; None is not yet checked."""

    item: str
    label: str
    phase: str
    source: str
    hard_stop: bool
    answer: ChecklistItem | None

    @property
    def is_settled(self) -> bool:
        """Whether the item no longer stands in the way."""
        return self.answer is not None and self.answer.verdict != ChecklistVerdict.NOT_MET


def checklist(journey: Journey, *, on: date) -> list[ChecklistLine]:
    """The pre-infusion checklist as it stands in the protocol on a day, in the protocol's order."""
    answers = {answer.item: answer for answer in ChecklistItem.objects.filter(journey=journey)}
    protocol = protocol_for(journey)
    return [
        ChecklistLine(
            item=item.id,
            label=item.label,
            phase=item.phase,
            source=protocol.cite(item),
            hard_stop=item.severity == "block",
            answer=answers.get(item.id),
        )
        for item in protocol.checklist_items(on)
    ]


def identity_check(
    journey_id: UUID, batch_id: UUID, *, fraction: int = 1, item: CustodyItem | None = None
) -> IdentityCheck | None:
    """The latest check of this child and this product by two people, before one part of the dose.

    With `item`, the check of that bag.
    """
    found = IdentityCheck.objects.filter(journey_id=journey_id, batch_id=batch_id, fraction=fraction)
    if item is not None:
        found = found.filter(item=item)
    return found.select_related("first", "second").order_by("-verified_at").first()
