"""Reading and checking ISBT 128 identifiers as they are scanned from a bag, a form or a donor record.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2 (2023). Only structure and arithmetic are
implemented: the tables of facilities, products and issuing organizations are licensed and not shipped, so
their codes are returned as they are. A refusal says which character is wrong, counted from 1.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import MaxLen

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import say
from leukapheresis.rules.isbt128_meaning import DinCheck, interpret
from leukapheresis.rules.isbt128_structures import DIN_FIELDS, DIN_FIRST, STRUCTURES, Field, Structure
from leukapheresis.rules.iso7064 import check_value

__all__ = [
    "Isbt128CheckInput",
    "Isbt128ParseInput",
    "Scanned",
    "calculate_isbt128_check",
    "calculate_isbt128_parse",
    "check_din",
    "parse",
]

ISBT_SOURCE: Final = "ISBT 128 Standard Technical Specification ST-001 v6.2.2"

_DONATION: Final = STRUCTURES[0]


@dataclass(frozen=True, slots=True)
class Isbt128CheckInput:
    """A donation identification number of 13 characters; spaces are ignored."""

    __pydantic_config__ = INPUT_CONFIG

    din: Annotated[str, MaxLen(100)]


@dataclass(frozen=True, slots=True)
class Isbt128ParseInput:
    """What the scanner sent, data identifier included."""

    __pydantic_config__ = INPUT_CONFIG

    data: Annotated[str, MaxLen(200)]


@dataclass(frozen=True, slots=True)
class Scanned:
    """One data structure with the raw text of each of its parts; `str()` gives back what was scanned."""

    structure: Structure
    values: tuple[str, ...]

    @property
    def parts(self) -> dict[str, str]:
        """Name of each part to its raw text."""
        return {field.name: value for field, value in zip(self.structure.fields, self.values, strict=True)}

    @property
    def meaning(self) -> dict[str, object]:
        """What the parts mean, as JSON values. Raises Invalid for a wrong check or an impossible date."""
        return interpret(self.structure.number, self.parts)

    def __str__(self) -> str:
        return self.structure.identifier + "".join(self.values)


def check_din(din: str) -> DinCheck:
    """The check on a donation identification number; spaces are ignored.

    Raises Invalid (code `invalid_input`, field `din`) naming the first wrong character.

    Source: ST-001 v6.2.2.
    """
    number = din.replace(" ", "")
    _cut(number, 0, DIN_FIELDS, field="din", name=_DONATION.words)
    return DinCheck(check_value(number))


def parse(data: str) -> Scanned:
    """Read one scanned data structure; the line end a scanner adds is dropped.

    Raises Invalid (code `invalid_input`, field `data`) naming the character that is wrong.

    Source: ST-001 v6.2.2.
    """
    text = data.rstrip("\r\n")
    structure = _recognize(text)
    values = _cut(text, len(structure.identifier), structure.fields, field="data", name=structure.words)
    scanned = Scanned(structure, values)
    # A check that does not fit or a date that does not exist is a misread, so it is refused here too.
    _ = scanned.meaning
    return scanned


def calculate_isbt128_check(given: Isbt128CheckInput) -> Answer:
    """The `isbt128_check` calculator. Source: ST-001 v6.2.2."""
    check = check_din(given.din)
    return Answer(
        name="isbt128_check",
        result={
            "check_value": check.value,
            "check_character": check.character,
            "flag_digits": check.flag_digits,
        },
        source=ISBT_SOURCE,
        explanation=[say("ISO/IEC 7064 modulus 37-2 over the 13 characters; flags of type 3 add 60.")],
    )


def calculate_isbt128_parse(given: Isbt128ParseInput) -> Answer:
    """The `isbt128_parse` calculator: the structure, its raw parts and what they mean.

    Source: ST-001 v6.2.2.
    """
    scanned = parse(given.data)
    structure = scanned.structure
    return Answer(
        name="isbt128_parse",
        result={
            "structure": structure.name,
            "number": structure.number,
            "data_identifier": structure.identifier,
            **scanned.parts,
            **scanned.meaning,
        },
        source=ISBT_SOURCE,
        explanation=[say("Data structure {number}: {name}.", number=structure.number, name=structure.words)],
    )


def _recognize(text: str) -> Structure:
    for structure in STRUCTURES:
        if structure is not _DONATION and text.startswith(structure.identifier):
            return structure
    if len(text) > 1 and text[0] == DIN_FIRST and text[1].isalnum():
        return _DONATION
    if not text:
        raise invalid_input({"data": say("is empty")})
    if text[0] not in "=&":
        raise invalid_input({"data": say("character 1 ({character}) must be = or &", character=text[0])})
    raise invalid_input(
        {
            "data": say(
                "begins with {identifier}, which is no data identifier that is read here", identifier=text[:3]
            )
        }
    )


def _cut(text: str, start: int, fields: tuple[Field, ...], *, field: str, name: str) -> tuple[str, ...]:
    """Cut `text` from `start` into parts, refusing the first character that does not fit."""
    values: list[str] = []
    place = start
    for part in fields:
        for allowed in part.places:
            if place >= len(text):
                raise invalid_input(
                    {field: say("ends after character {place}, inside {part}", place=place, part=part.words)}
                )
            if text[place] not in allowed.allowed:
                raise invalid_input(
                    {
                        field: say(
                            "character {place} ({character}) must be {allowed}: {part}",
                            place=place + 1,
                            character=text[place],
                            allowed=allowed.words,
                            part=part.words,
                        )
                    }
                )
            place += 1
        values.append(text[place - len(part.places) : place])
    if place < len(text):
        raise invalid_input(
            {
                field: say(
                    "character {place} ({character}) is one too many for a {name}",
                    place=place + 1,
                    character=text[place],
                    name=name,
                )
            }
        )
    return tuple(values)
