"""Published and derived examples, restated as facts in `tests/rules/data`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.rules.stages.asking import ask

DATA = Path(__file__).parents[1] / "data"
ORACLES = json.loads((DATA / "oracles_stages.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", ORACLES, ids=lambda case: case["id"])
def test_the_published_example_is_reproduced(case: dict[str, Any]) -> None:
    result = ask(case["calculator"], **case["input"]).result
    expected = dict(case["expect"])
    drugs = expected.pop("drugs_map", {})
    due = expected.pop("due_map", {})

    assert {key: result[key] for key in expected} == expected
    found_drugs = {row["drug"]: row for row in result.get("drugs", [])}  # type: ignore[attr-defined]
    for drug, (mg_per_day, days, mg_total) in drugs.items():
        row = found_drugs[drug]
        assert [row["mg_per_day"], row["days"], row["mg_total"]] == [mg_per_day, days, mg_total]
    days_of = {row["item"]: row["due"] for row in result.get("items", [])}  # type: ignore[attr-defined]
    assert {f"visit_{part}": day for part, day in due.items()}.items() <= days_of.items()
