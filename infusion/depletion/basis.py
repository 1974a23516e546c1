"""What lymphodepletion is computed from: the plan that holds, else the regimen and the size of the day."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cartpath.protocols.sections import Regimen
from infusion.models import LymphodepletionPlan
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.selectors import latest_height, latest_weight


@dataclass(frozen=True, slots=True)
class BodySize:
    """What a dose by body surface is computed from."""

    weight_kg: float
    height_cm: float


@dataclass(frozen=True, slots=True)
class Basis:
    """Regimen and size of a dose; `plan` is None while nobody planned, the size None while it is unknown."""

    regimen: Regimen | None
    size: BodySize | None
    plan: LymphodepletionPlan | None

    def planned_mg(self, drug: str, on: date) -> float | None:
        """What the plan says of a drug on a day; None without a plan, or where it doesn't name it."""
        wanted = drug.strip().casefold()
        for dose in self.plan.doses if self.plan else ():
            if dose["drug"].casefold() == wanted and dose["on"] == on.isoformat():
                return float(dose["mg"])
        return None


def plan_of(journey_id: UUID) -> LymphodepletionPlan | None:
    """The plan that holds; None while nobody planned."""
    live = LymphodepletionPlan.objects.filter(journey_id=journey_id, struck_at__isnull=True)
    return live.order_by("-event_id").first()


def depletion_basis(journey: Journey, *, at: datetime) -> Basis:
    """By what a dose given at a time is judged. A plan keeps its regimen and the size of its named day."""
    protocol = protocol_for(journey)
    plan = plan_of(journey.pk)
    if plan is not None:
        rows = protocol.lymphodepletion.regimens
        regimen = next((row for row in rows if row.id == plan.regimen), None)
        return Basis(regimen, BodySize(float(plan.weight_kg), float(plan.height_cm)), plan)
    weighed = latest_weight(journey.patient_id, at=at)
    measured = latest_height(journey.patient_id, at=at)
    size = None
    if weighed and measured and weighed.weight_kg and measured.height_cm:
        size = BodySize(weight_kg=float(weighed.weight_kg), height_cm=float(measured.height_cm))
    return Basis(protocol.lymphodepletion_regimen(journey.center.local_day(at)), size, None)
