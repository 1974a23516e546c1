"""Reads of the infusion room."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infusion.enums import ChecklistVerdict
from infusion.models import ChecklistItem, IdentityCheck, LymphodepletionDose
from infusion.rules.dose import DoseRange, dose_range
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.selectors import latest_weight


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


def checklist(journey: Journey) -> list[ChecklistLine]:
    """The pre-infusion checklist in the protocol's order."""
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
        for item in protocol.checklist_items()
    ]


def dose_allowed(journey: Journey, *, dose_cells: int | None, at: datetime) -> DoseRange:
    """The protocol's dose range for the child's latest weight, and whether `dose_cells` lies in it."""
    weighed = latest_weight(journey.patient_id, at=at)
    return dose_range(
        protocol_for(journey).dose_rules(),
        weight_kg=float(weighed.weight_kg) if weighed and weighed.weight_kg else None,
        dose_cells=dose_cells,
    )


def last_lymphodepletion(journey_id: UUID) -> LymphodepletionDose | None:
    """The last dose given."""
    return LymphodepletionDose.objects.filter(journey_id=journey_id).order_by("-given_at").first()


def identity_check(journey_id: UUID, batch_id: UUID) -> IdentityCheck | None:
    """The two-person check of this child and this product."""
    return (
        IdentityCheck.objects.filter(journey_id=journey_id, batch_id=batch_id)
        .select_related("first", "second")
        .order_by("-verified_at")
        .first()
    )
