"""Running a calculator from a test, and the oracles that other people published."""

import json
from pathlib import Path
from typing import Any

from cartpath.calculators.evaluate import evaluate
from cartpath.calculators.registry import CALCULATORS

ORACLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "oracles_toxicity.json").read_text()
)


def run(name: str, **given: Any) -> dict[str, Any]:
    """The calculator's whole answer to one input."""
    answer: dict[str, Any] = json.loads(
        json.dumps(evaluate(CALCULATORS[name], json.dumps(given)), allow_nan=False)
    )
    return answer


def result(name: str, **given: Any) -> dict[str, Any]:
    """The result of an input that must be accepted."""
    answer = run(name, **given)
    assert "error" not in answer, answer
    accepted: dict[str, Any] = answer["result"]
    return accepted


def refused(name: str, **given: Any) -> dict[str, str]:
    """The refused fields of an input that must be refused."""
    answer = run(name, **given)
    assert answer["error"]["code"] == "invalid_input"
    fields: dict[str, str] = answer["error"]["fields"]
    assert all(fields.values())
    return fields


def oracles(*names: str) -> list[Any]:
    """The published and derived examples of these calculators."""
    return [row for row in ORACLES if row["calculator"] in names]
