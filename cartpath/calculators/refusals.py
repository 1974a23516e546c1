"""Why an input is refused, field by field, in words a person can act on."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from cartpath.core.sentences import say

__all__ = ["refused_fields"]

# pydantic's kinds of error, with the places its context fills.
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "is required",
        "unexpected_keyword_argument": "is not a known field",
        "dataclass_type": "must be an object",
        "bool_type": "must be true or false",
        "int_type": "must be a whole number",
        "int_parsing_size": "is too large",
        "float_type": "must be a number",
        "finite_number": "must be a finite number",
        "string_type": "must be a text",
        "list_type": "must be a list",
        "tuple_type": "must be a list",
        "date_type": "must be a date as YYYY-MM-DD",
        "date_parsing": "must be a date as YYYY-MM-DD",
        "date_from_datetime_parsing": "must be a date as YYYY-MM-DD",
        "datetime_type": "must be a time with an offset, such as 2026-03-02T08:00:00+01:00",
        "datetime_parsing": "must be a time with an offset, such as 2026-03-02T08:00:00+01:00",
        "datetime_from_date_parsing": "must be a time with an offset, such as 2026-03-02T08:00:00+01:00",
        "enum": "must be one of {expected}",
        "literal_error": "must be one of {expected}",
        "greater_than": "must be more than {gt}",
        "greater_than_equal": "must be at least {ge}",
        "less_than": "must be less than {lt}",
        "less_than_equal": "must be at most {le}",
        "too_short": "must have at least {min_length} entries",
        "too_long": "must have at most {max_length} entries",
        "string_too_short": "must have at least {min_length} characters",
        "string_too_long": "must have at most {max_length} characters",
        "string_pattern_mismatch": "is not written as it should be",
        "json_invalid": "is not valid JSON: {error}",
    }
)
_WHOLE_INPUT: Final = "must be a JSON object"


def refused_fields(error: ValidationError) -> dict[str, str]:
    """Path of each refused field (dots between levels, "" for the whole input) to the reason."""
    fields: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False):
        path = ".".join(str(step) for step in problem["loc"])
        # A list is called too short when its entries were refused: the entries say it better.
        echo = problem["type"] == "too_short" and any(other.startswith(f"{path}.") for other in fields)
        if path not in fields and not echo:
            fields[path] = _reason(problem["type"], problem["msg"], problem.get("ctx", {}), path)
    return fields


def _reason(kind: str, message: str, context: Mapping[str, Any], path: str) -> str:
    if kind == "dataclass_type" and not path:
        return say(_WHOLE_INPUT)
    words = _WORDS.get(kind)
    return say(words, **context) if words else message
