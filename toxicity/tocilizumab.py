"""What the next dose of tocilizumab would be for a child, and which limits it would break."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from cartpath.core.answers import Answer
from patients.models import Journey
from toxicity.dosing import DoseWeight, dose_weight
from toxicity.enums import Agent
from toxicity.grading.tocilizumab import (
    TocilizumabDoseInput,
    TocilizumabRoom,
    calculate_tocilizumab_dose,
    crosses_discontinuity,
    tocilizumab_dose,
    tocilizumab_room,
)
from toxicity.models import Intervention
from toxicity.words import Text, flag_words

# So near to 30 kg, a tenth of the weight in fluid carries a child across the fall of the dose.
NEAR_KG: Final = (27.0, 33.0)


@dataclass(frozen=True, slots=True)
class NextDose:
    """One more dose of tocilizumab at a time; `answer` is None while the weight is unknown.

    `inputs` is what the rule was asked, `room` what the limits leave, `given` the doses until then, latest
    first.
    """

    answer: Answer | None
    weight: DoseWeight
    given: list[Intervention]
    warnings: list[Text]
    inputs: dict[str, Any]
    room: TocilizumabRoom
    at: datetime

    @property
    def weight_kg(self) -> float | None:
        """The weight that the dose is counted from."""
        return self.weight.weight_kg

    @property
    def dose_mg(self) -> object:
        """The dose by the rule, in mg."""
        return self.answer.result["dose_mg"] if self.answer else None

    @property
    def mg_per_kg(self) -> object:
        """The rate that led to the dose."""
        return self.answer.result["mg_per_kg"] if self.answer else None

    @property
    def waits_until(self) -> datetime | None:
        """When one more dose keeps every limit, while that lies ahead."""
        next_at = self.room.next_at
        return next_at if next_at is not None and next_at > self.at else None

    @property
    def is_near_fall(self) -> bool:
        """Whether the weight is so near to 30 kg that the fall of the dose there matters."""
        return self.weight_kg is not None and NEAR_KG[0] <= self.weight_kg <= NEAR_KG[1]

    @property
    def other_dose_mg(self) -> Decimal | None:
        """The dose by the last weight measured, when that lies on the other side of 30 kg."""
        fixed, measured = self.weight_kg, self.weight.measured_kg
        if fixed is None or measured is None or not crosses_discontinuity(fixed, measured):
            return None
        return tocilizumab_dose(measured).dose_mg


def next_dose(journey: Journey, interventions: Sequence[Intervention], *, at: datetime) -> NextDose:
    """The next dose at a time, by the dosing weight and the doses given in this journey until then."""
    given = [each for each in interventions if _is_dose(each) and each.given_at <= at]
    weight = dose_weight(journey, at=at)
    times = tuple(each.given_at.isoformat() for each in given)
    room = tocilizumab_room(tuple(each.given_at for each in given))
    if weight.weight_kg is None:
        unasked = {"weight_kg": None, "previous_doses": times, "at": at.isoformat()}
        return NextDose(None, weight, given, [], unasked, room, at)
    asked = TocilizumabDoseInput(weight_kg=weight.weight_kg, previous_doses=times, at=at.isoformat())
    answer = calculate_tocilizumab_dose(asked)
    return NextDose(answer, weight, given, flag_words(answer.flags), asdict(asked), room, at)


def _is_dose(each: Intervention) -> bool:
    return each.agent == Agent.TOCILIZUMAB and each.struck_at is None
