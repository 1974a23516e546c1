"""Asking a rule as the outside does: JSON in, answer out."""

import json
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cartpath.core.answers import Answer
from cartpath.core.errors import Invalid
from followup.rules.schedule import FollowUpScheduleInput, calculate_follow_up_schedule
from infusion.rules.dose import DoseRangeInput, calculate_dose_range
from infusion.rules.fractions import FractionsInput, calculate_fractions
from infusion.rules.lymphodepletion import LymphodepletionInput, calculate_lymphodepletion
from leukapheresis.rules.acceptance import CollectionAcceptanceInput, calculate_collection_acceptance
from leukapheresis.rules.blood_volume import TotalBloodVolumeInput, calculate_total_blood_volume
from leukapheresis.rules.efficiency import CollectionEfficiencyInput, calculate_collection_efficiency
from leukapheresis.rules.plan import ApheresisPlanInput, calculate_apheresis_plan
from leukapheresis.rules.washout import WashoutInput, calculate_washout

RULES: dict[str, tuple[type[Any], Callable[[Any], Answer]]] = {
    "total_blood_volume": (TotalBloodVolumeInput, calculate_total_blood_volume),
    "apheresis_plan": (ApheresisPlanInput, calculate_apheresis_plan),
    "collection_efficiency": (CollectionEfficiencyInput, calculate_collection_efficiency),
    "collection_acceptance": (CollectionAcceptanceInput, calculate_collection_acceptance),
    "washout": (WashoutInput, calculate_washout),
    "dose_range": (DoseRangeInput, calculate_dose_range),
    "fractions": (FractionsInput, calculate_fractions),
    "lymphodepletion": (LymphodepletionInput, calculate_lymphodepletion),
    "follow_up_schedule": (FollowUpScheduleInput, calculate_follow_up_schedule),
}


def ask(name: str, **given: Any) -> Answer:
    """The answer to an input, given by its names in JSON."""
    input_type, calculate = RULES[name]
    answer = calculate(TypeAdapter(input_type).validate_json(json.dumps(given)))
    json.dumps(answer.result, allow_nan=False)
    assert answer.name == name
    assert answer.source
    return answer


def refused(name: str, **given: Any) -> set[str]:
    """The fields for which an input is refused."""
    try:
        ask(name, **given)
    except ValidationError as error:
        return {".".join(str(step) for step in row["loc"]) for row in error.errors()}
    except Invalid as error:
        assert error.code == "invalid_input"
        assert all(error.fields.values())
        return set(error.fields)
    raise AssertionError(f"{given} was accepted")
