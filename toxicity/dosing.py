"""The weight that doses are counted from: fixed at admission, so that fluid can't change them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from patients.models import Journey
from patients.selectors import latest_weight
from toxicity.models import DosingWeight

Origin = Literal["dosing_weight", "measured", ""]


@dataclass(frozen=True, slots=True)
class DoseWeight:
    """The weight for a dose at a time, whether it was fixed, and the last one measured beside it.

    `weight_kg` is the fixed one, else the last measured; None when neither is known.
    """

    weight_kg: float | None
    origin: Origin
    fixed: DosingWeight | None
    measured_kg: float | None
    measured_at: datetime | None

    @property
    def is_fixed(self) -> bool:
        """Whether somebody fixed it."""
        return self.fixed is not None


def dosing_weights(journey_id: UUID) -> Sequence[DosingWeight]:
    """Every weight that was fixed, latest first, those entered in error too."""
    return list(DosingWeight.objects.filter(journey_id=journey_id).order_by("-set_at", "-event_id"))


def dose_weight(journey: Journey, *, at: datetime) -> DoseWeight:
    """The weight that a dose at `at` is counted from; two queries."""
    fixed = (
        DosingWeight.objects.filter(journey_id=journey.pk, struck_at=None, set_at__lte=at)
        .order_by("-set_at", "-event_id")
        .first()
    )
    weighed = latest_weight(journey.patient_id, at=at)
    measured_kg = float(weighed.weight_kg) if weighed and weighed.weight_kg is not None else None
    measured_at = weighed.measured_at if weighed else None
    if fixed is not None:
        return DoseWeight(float(fixed.weight_kg), "dosing_weight", fixed, measured_kg, measured_at)
    return DoseWeight(measured_kg, "measured" if measured_kg else "", None, measured_kg, measured_at)
