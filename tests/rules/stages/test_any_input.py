"""Whatever comes in, an answer or a refusal goes out, never a traceback."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from cartpath.core.errors import Invalid
from cartpath.core.inputs import json_name
from tests.rules.stages.asking import RULES

words = st.sampled_from(
    [
        "b_all",
        "tisagenlecleucel",
        "tisagenlecleucel-eu",
        "EU",
        "male",
        "cytotoxic",
        "2024-02-29",
        "9999-12-31",
    ]
)
moments = st.sampled_from(["0001-01-01T00:00+14:00", "2200-12-31T23:59-12:00", "2026-03-29T02:30+01:00"])
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | words | moments
    | st.sampled_from([0, 0.3, 1, 35, 50, 300, 1e9, 1e13])
)  # fmt: skip
exposures = st.fixed_dictionaries(
    {"class": words | st.text(max_size=5)}, optional={"last_dose": scalars, "half_life_hours": scalars}
)
values = scalars | st.lists(exposures, max_size=3) | st.recursive(scalars, st.lists, max_leaves=5)


@pytest.mark.parametrize("name", RULES)
@given(data=st.data())
def test_arbitrary_json_is_answered_or_refused(name: str, data: st.DataObject) -> None:
    input_type, calculate = RULES[name]
    keys = [json_name(field.name) for field in fields(input_type)]
    given_fields: dict[str, Any] = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(keys, values)))
    try:
        answer = calculate(TypeAdapter(input_type).validate_json(json.dumps(given_fields)))
    except (ValidationError, Invalid):
        return
    json.dumps(answer.result, allow_nan=False)
    assert all(isinstance(said, str) and said for said in answer.explanation)
