"""Reads of growing up: how far the way to adult care is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cartpath.core.dates import age_on
from followup.growing.enums import HandOverStepKind, SafetyKeeper
from followup.models import HandOver, HandOverStep, Letter
from followup.rules.hand_over import HandOverReadiness, hand_over_readiness
from patients.models import Journey

# From this age on the way to adult care is offered; DESIGN, as the first task of the plan.
OFFERED_FROM_YEARS: Final = 15


@dataclass(frozen=True, slots=True)
class StepPicture:
    """One step to adult care; `done` is None while it is open."""

    kind: str
    label: Any
    done: HandOverStep | None


@dataclass(frozen=True, slots=True)
class HandOverPicture:
    """The way to adult care: the steps in their order, and whether care can be handed over now."""

    hand_over: HandOver | None
    steps: Sequence[StepPicture]
    readiness: HandOverReadiness
    letter: Letter | None

    @property
    def is_begun(self) -> bool:
        """Whether any step is done."""
        return any(step.done for step in self.steps)

    @property
    def done_count(self) -> int:
        """How many steps are done."""
        return sum(step.done is not None for step in self.steps)

    @property
    def is_over(self) -> bool:
        """Whether care is handed over."""
        return self.hand_over is not None and self.hand_over.handed_over_on is not None

    @property
    def keeper(self) -> Any:
        """Who keeps the 15-year safety follow-up, in words."""
        kept = self.hand_over.safety_keeper if self.hand_over else SafetyKeeper.US
        return SafetyKeeper(kept).label

    @property
    def is_safety_ours(self) -> bool:
        """Whether the safety follow-up is still ours."""
        return self.hand_over is None or self.hand_over.safety_keeper == SafetyKeeper.US


def hand_over_picture(journey: Journey) -> HandOverPicture:
    """The way to adult care of one child. Three queries."""
    done = {row.step: row for row in HandOverStep.objects.filter(journey=journey)}
    return HandOverPicture(
        hand_over=HandOver.objects.filter(journey=journey).first(),
        steps=[StepPicture(kind.value, kind.label, done.get(kind.value)) for kind in HandOverStepKind],
        readiness=hand_over_readiness(done.keys()),
        letter=Letter.objects.filter(journey=journey, kind="hand_over", state="final")
        .order_by("-signed_at")
        .first(),
    )


def is_adult_soon(journey: Journey, on: date) -> bool:
    """Whether the way to adult care is worth offering at the patient's age."""
    return age_on(journey.patient.birth_date, on).years >= OFFERED_FROM_YEARS
