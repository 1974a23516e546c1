"""How the input of a rule is checked at the edge: strict types, no unknown fields, no NaN, no infinity.

An input dataclass carries `__pydantic_config__ = INPUT_CONFIG` and `Annotated` limits from
`annotated_types`. Rules never call pydantic: the calculators, the API and the journey file do. What no
single field can say (two fields that contradict each other) the dataclass checks itself and refuses with
`invalid_input`.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypedDict

from cartpath.core.errors import Invalid

__all__ = ["INPUT_CONFIG", "InputConfig", "invalid_input", "json_name"]

# Fields whose name in JSON and TOML is a reserved word in Python, or is written as FHIR writes it.
_JSON_NAMES: Final[Mapping[str, str]] = {
    "drug_class": "class",
    "value_quantity": "valueQuantity",
    "value_string": "valueString",
}


def json_name(field: str) -> str:
    """The name a field has outside: `drug_class` is `class`, and a trailing underscore is dropped."""
    return _JSON_NAMES.get(field, field.removesuffix("_"))


class InputConfig(TypedDict):
    """The keys of pydantic's configuration that CARTPath sets for every input."""

    strict: bool
    extra: str
    allow_inf_nan: bool
    alias_generator: Callable[[str], str]
    validate_by_name: bool
    validate_by_alias: bool


INPUT_CONFIG: Final[InputConfig] = {
    "strict": True,
    "extra": "forbid",
    "allow_inf_nan": False,
    "alias_generator": json_name,
    # Both names are read: files of the outside say `class`, our own code says `drug_class`.
    "validate_by_name": True,
    "validate_by_alias": True,
}


def invalid_input(fields: Mapping[str, str]) -> Invalid:
    """The refusal of an input: `fields` maps a field's path (dots between levels) to why it is refused."""
    return Invalid("invalid_input", "The input is not valid.", fields=fields)
