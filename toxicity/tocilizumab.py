"""What the next dose of tocilizumab would be for a child, and which limits it would break."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cartpath.core.answers import Answer
from patients.models import Journey
from patients.selectors import latest_weight
from toxicity.enums import Agent
from toxicity.grading.tocilizumab import TocilizumabDoseInput, calculate_tocilizumab_dose
from toxicity.models import Intervention
from toxicity.words import Text, flag_words


@dataclass(frozen=True, slots=True)
class NextDose:
    """One more dose of tocilizumab now; `answer` is None while the weight is unknown.

    `inputs` is what the rule was asked.
    """

    answer: Answer | None
    weight_kg: float | None
    given: list[Intervention]
    warnings: list[Text]
    inputs: dict[str, Any]

    @property
    def dose_mg(self) -> object:
        """The dose by the rule, in mg."""
        return self.answer.result["dose_mg"] if self.answer else None


def next_dose(journey: Journey, interventions: Sequence[Intervention], *, at: datetime) -> NextDose:
    """The next dose at a time, by the latest weight and the doses recorded in this journey."""
    given = [each for each in interventions if each.agent == Agent.TOCILIZUMAB]
    weighed = latest_weight(journey.patient_id, at=at)
    weight_kg = float(weighed.weight_kg) if weighed and weighed.weight_kg else None
    times = tuple(each.given_at.isoformat() for each in given if each.given_at <= at)
    if weight_kg is None:
        unasked = {"weight_kg": None, "previous_doses": times, "at": at.isoformat()}
        return NextDose(None, None, given, [], unasked)
    asked = TocilizumabDoseInput(weight_kg=weight_kg, previous_doses=times, at=at.isoformat())
    answer = calculate_tocilizumab_dose(asked)
    return NextDose(answer, weight_kg, given, flag_words(answer.flags), asdict(asked))
