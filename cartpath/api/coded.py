"""Observations that come in as FHIR writes them: each with its codes, its quantity and its unit in UCUM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from annotated_types import MaxLen, MinLen
from pydantic import TypeAdapter, ValidationError, WithJsonSchema
from pydantic_core import to_json

from cartpath.calculators.refusals import refused_fields
from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import say
from toxicity.observations.catalog import CATALOG, LOINC, Entry, ObservationCode
from toxicity.observations.inputs import ENTRY_NAMES, ObservationEntry
from toxicity.observations.rows import NO, YES, said

__all__ = ["OWN_CODES", "UCUM", "CodedObservation", "entry_of"]

UCUM: Final = "http://unitsofmeasure.org"
# The system of our own codes, which every observation has; LOINC beside it where there is a code.
OWN_CODES: Final = "urn:cartpath:observation"

Text = Annotated[str, MinLen(1), MaxLen(100)]
# Points of ICE by item, answers of CAPD or agents; the entry itself says what each of them may be.
Parts = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "object", "additionalProperties": {"type": ["integer", "null"]}},
                {"type": "array", "items": {"type": "string"}},
                {"type": "null"},
            ]
        }
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingGiven:
    """One code in one system."""

    __pydantic_config__ = INPUT_CONFIG

    system: Text
    code: Text
    display: Annotated[str, MaxLen(200)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptGiven:
    """What was observed, in one system or in several."""

    __pydantic_config__ = INPUT_CONFIG

    coding: Annotated[tuple[CodingGiven, ...], MinLen(1), MaxLen(10)]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityGiven:
    """A number with its unit in UCUM; `unit` is how people write it and counts for nothing."""

    __pydantic_config__ = INPUT_CONFIG

    value: float
    code: Text
    system: Literal["http://unitsofmeasure.org"] = UCUM
    unit: Annotated[str, MaxLen(40)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedObservation:
    """One observation as FHIR writes it: a number, a word of a list, or the parts of a test."""

    __pydantic_config__ = INPUT_CONFIG

    code: ConceptGiven
    status: Literal["final"] = "final"
    value_quantity: QuantityGiven | None = None
    value_string: Text | None = None
    component: Parts = None


_ENTRY: Final = TypeAdapter(ObservationEntry)
_BY_LOINC: Final[Mapping[str, ObservationCode]] = {
    entry.loinc: code for code, entry in CATALOG.items() if entry.loinc
}
_MEMBER: Final = {"number": "valueQuantity", "word": "valueString", "parts": "component"}


def entry_of(plain: ObservationEntry, coded: Sequence[CodedObservation]) -> ObservationEntry:
    """The set that was sent, by names or by codes; what is said beside the values comes by name.

    Raises `Invalid` naming the place of each observation that is unknown, given twice, in another unit or of
    another form than its code wants, and whatever an entry refuses.
    """
    by_name = ObservationEntry(**{name: getattr(plain, name) for name in ENTRY_NAMES})
    if not coded:
        return by_name
    if plain.observed:
        raise invalid_input(dict.fromkeys(plain.observed, "Give it by its code, like the others."))
    wrong: dict[str, str] = {}
    places: dict[str, str] = {}
    values: dict[str, Any] = {}
    for place, given in enumerate(coded):
        path = f"observations.{place}"
        try:
            code = _code(given.code)
            if code in values:
                raise _Refused("code", say("is given twice"))
            values[code] = _value(CATALOG[code], given)
            places[code] = f"{path}.{_MEMBER[CATALOG[code].kept]}"
        except _Refused as refused:
            wrong[f"{path}.{refused.member}"] = refused.why
    if wrong:
        raise invalid_input(wrong)
    try:
        return _ENTRY.validate_json(to_json(said(by_name) | values))
    except ValidationError as error:
        raise invalid_input(_placed(refused_fields(error), places)) from None
    except Invalid as refused:
        raise invalid_input(_placed(refused.fields, places)) from None


class _Refused(Exception):
    """Why one observation can't be taken, by the member that is wrong."""

    def __init__(self, member: str, why: str) -> None:
        super().__init__(why)
        self.member, self.why = member, why


def _code(given: ConceptGiven) -> ObservationCode:
    """The one kind of observation that the codes name; those of other systems say nothing."""
    named = {code for each in given.coding if (code := _known(each)) is not None}
    if not named:
        raise _Refused("code", say("is not an observation that is kept here"))
    if len(named) > 1:
        raise _Refused("code", say("names several observations"))
    return named.pop()


def _known(coding: CodingGiven) -> ObservationCode | None:
    if coding.system == LOINC:
        return _BY_LOINC.get(coding.code)
    is_own = coding.system == OWN_CODES and coding.code in ObservationCode.values
    return ObservationCode(coding.code) if is_own else None


def _value(kind: Entry, given: CodedObservation) -> Any:
    """What was observed, as JSON of an entry."""
    members = {
        "valueQuantity": given.value_quantity,
        "valueString": given.value_string,
        "component": given.component,
    }
    wanted = _MEMBER[kind.kept]
    for member, value in members.items():
        if member == wanted and value is None:
            raise _Refused(member, say("is required"))
        if member != wanted and value is not None:
            raise _Refused(member, say("does not belong to this observation"))
    if given.value_quantity is not None:
        return _number(kind, given.value_quantity)
    if kind.code is ObservationCode.MOTOR_WEAKNESS:
        return _yes_or_no(given.value_string)
    return given.value_string if kind.kept == "word" else given.component


def _number(kind: Entry, quantity: QuantityGiven) -> float | int:
    if quantity.code != kind.unit:
        raise _Refused("valueQuantity.code", say("must be {unit}", unit=kind.unit))
    return int(quantity.value) if quantity.value.is_integer() and not kind.decimals else quantity.value


def _yes_or_no(word: str | None) -> bool:
    if word not in (YES, NO):
        raise _Refused("valueString", say("must be one of {expected}", expected="'yes' or 'no'"))
    return word == YES


def _placed(refused: Mapping[str, str], places: Mapping[str, str]) -> dict[str, str]:
    """Refusals of an entry under the places its values came from."""
    found = {}
    for path, why in refused.items():
        name, dot, rest = path.partition(".")
        inside = f".value{dot}{rest}" if places.get(name, "").endswith("valueQuantity") else f"{dot}{rest}"
        found[f"{places[name]}{inside}" if name in places else path] = why
    return found
