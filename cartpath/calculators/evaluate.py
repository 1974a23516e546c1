"""One raw input in, one JSON answer out: what the command line, the API and the pages share."""

import json
from functools import cache
from math import isfinite
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cartpath.calculators.refusals import refused_fields
from cartpath.calculators.registry import CALCULATORS, Calculator
from cartpath.core.answers import Answer
from cartpath.core.errors import Invalid
from cartpath.core.sentences import say

__all__ = ["INVALID_INPUT", "answer_json", "as_json", "evaluate", "input_schema"]

INVALID_INPUT = "invalid_input"

# One line of text for an answer: the same on the command line and in the API.
as_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def evaluate(calculator: Calculator, raw: bytes | str) -> dict[str, object]:
    """The answer to one JSON object, or `{"name", "error": {"code": "invalid_input", "fields"}}`.

    Whatever the text, broken JSON included, an answer comes back.
    """
    if not raw.strip():
        return _refusal(calculator, {"": say("is empty: give a JSON object")})
    try:
        given = _adapter(calculator.name).validate_json(raw)
        answer = calculator.calculate(given)
    except ValidationError as error:
        return _refusal(calculator, refused_fields(error))
    except Invalid as refused:
        return _refusal(calculator, refused.fields or {"": refused.message})
    except ArithmeticError:
        return _out_of_reach(calculator)
    return answer_json(answer) if _finite(answer.result) else _out_of_reach(calculator)


def answer_json(answer: Answer) -> dict[str, object]:
    """An answer in the order and with the names promised to the outside."""
    return {
        "name": answer.name,
        "result": answer.result,
        "scale": answer.scale,
        "scale_version": answer.scale_version,
        "source": answer.source,
        "explanation": answer.explanation,
        "missing": answer.missing,
        "flags": answer.flags,
    }


def input_schema(calculator: Calculator) -> dict[str, Any]:
    """The input as JSON schema: names, types, limits and defaults."""
    return _adapter(calculator.name).json_schema()


def _refusal(calculator: Calculator, fields: dict[str, str]) -> dict[str, object]:
    return {"name": calculator.name, "error": {"code": INVALID_INPUT, "fields": fields}}


def _out_of_reach(calculator: Calculator) -> dict[str, object]:
    """A count next to nothing as a divisor: possible as a number, impossible in a child."""
    return _refusal(calculator, {"": say("the values are too far apart for a result")})


def _finite(value: object) -> bool:
    """Whether JSON can carry a result: no infinity and no NaN anywhere in it."""
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, dict):
        return all(_finite(part) for part in value.values())
    return all(_finite(part) for part in value) if isinstance(value, list) else True


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(CALCULATORS[name].input_type)
