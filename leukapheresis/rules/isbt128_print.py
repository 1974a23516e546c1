"""Writing ISBT 128 data structures, as a label or a test needs them. What is written here, `parse` reads.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2 (2023), section 2.4 and appendix A. Codes of
facilities and products are the center's own: none is made up here.
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from leukapheresis.rules.isbt128 import Scanned, check_din, parse
from leukapheresis.rules.isbt128_structures import STRUCTURES, Structure

__all__ = ["compose", "compose_date", "compose_din"]

STRUCTURE_OF_NUMBER: Final[Mapping[str, Structure]] = MappingProxyType(
    {each.number: each for each in STRUCTURES}
)

_DIN: Final = "001"
# Where the parts of a donation identification number begin and end.
_FIN, _YEAR, _SEQUENCE = slice(0, 5), slice(5, 7), slice(7, 13)
_WITH_TIME: Final = "hour"


def compose(number: str, parts: Mapping[str, str]) -> Scanned:
    """Data structure `number` (as "040") made of the raw text of its parts; `str()` of it is what to print.

    Raises KeyError for a number that isn't known or a part that isn't given, Invalid (field `data`) where a
    part can't be written so, or a check or a date doesn't fit.

    Source: ST-001 v6.2.2.
    """
    structure = STRUCTURE_OF_NUMBER[number]
    return parse(structure.identifier + "".join(parts[field.name] for field in structure.fields))


def compose_din(din: str) -> Scanned:
    """A donation identification number of 13 characters (spaces are ignored) with its check in the flags.

    Raises Invalid (field `din`) naming the first wrong character.

    Source: ST-001 v6.2.2.
    """
    check = check_din(din)
    plain = din.replace(" ", "")
    return compose(
        _DIN,
        {
            "fin": plain[_FIN],
            "year": plain[_YEAR],
            "sequence": plain[_SEQUENCE],
            "flags": check.flag_digits,
        },
    )


def compose_date(number: str, at: date | datetime) -> Scanned:
    """A day, or a day with its time, as one of the structures 004 to 009; the clock is that of `at`.

    Raises TypeError when a structure with a time is given a day alone, KeyError for another structure.

    Source: ST-001 v6.2.2.
    """
    parts = {
        "century": f"{at:%Y}"[1],
        "year": f"{at:%y}",
        "day_of_year": f"{at:%j}",
    }
    if any(field.name == _WITH_TIME for field in STRUCTURE_OF_NUMBER[number].fields):
        if not isinstance(at, datetime):
            raise TypeError("this structure needs a time too")
        parts |= {"hour": f"{at:%H}", "minute": f"{at:%M}"}
    return compose(number, parts)
