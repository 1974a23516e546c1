"""Numbers of a bag from one line: as a scanner sends it, or as a person types what is printed.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2, structures 001, 003, 032 and 040; the boxed
character behind a donation number is ISO/IEC 7064 modulus 37-2.
"""

import re
from collections.abc import Mapping
from typing import Final

from cartpath.core.inputs import invalid_input
from cartpath.core.sentences import say
from leukapheresis.rules.isbt128 import check_din, parse
from manufacturing.custody.rules.numbers import ScanRead

FIELD: Final = "numbers"
DIN_LENGTH: Final = 13
PRODUCT_LENGTH: Final = 8
_PRODUCT: Final = "=<"
_TYPED: Final = re.compile(r"[A-Za-z0-9*]+")


def numbers_read(line: str) -> ScanRead:
    """The numbers that one line holds: scanned structures one after the other, or what is printed.

    Typed are donation number, the boxed check character or not, and product code with type and division or
    not; spaces don't matter. Raises `Invalid` (field `numbers`) naming what is wrong.

    Source: ST-001 v6.2.2.
    """
    text = line.strip()
    return _scanned(text) if text[:1] in ("=", "&") else _typed(text)


def _scanned(text: str) -> ScanRead:
    read: dict[str, str] = {}
    for structure in re.split(r"(?=[=&])", text):
        if structure.strip():
            read |= _one(parse(structure.strip()).structure.number, parse(structure.strip()).parts)
    return ScanRead(**read)


def _one(number: str, parts: Mapping[str, str]) -> dict[str, str]:
    """What one structure says of an item; others, such as a date, say nothing that names it."""
    match number:
        case "001":
            return {"din": parts["fin"] + parts["year"] + parts["sequence"]}
        case "003":
            return {
                "product_code": parts["product_description_code"],
                "collection_type": parts["collection_type"],
                "division": parts["division"],
            }
        case "032":
            return {"division": parts["division"]}
        case "040":
            return {"coi": parts["literal"] + parts["fin"] + parts["year"] + parts["sequence"]}
    return {}


def _typed(text: str) -> ScanRead:
    plain = text.replace(" ", "")
    if not _TYPED.fullmatch(plain):
        raise invalid_input({FIELD: say("“{text}” isn't a donation number.", text=text)})
    din, rest = plain[:DIN_LENGTH].upper(), plain[DIN_LENGTH:]
    check = check_din(din)
    if len(rest) in (1, 1 + PRODUCT_LENGTH):
        if rest[0].upper() != check.character:
            raise invalid_input(
                {
                    FIELD: say(
                        "The check character of {din} is {right}, not {typed}: a character is wrong.",
                        din=din,
                        right=check.character,
                        typed=rest[0],
                    )
                }
            )
        rest = rest[1:]
    if not rest:
        return ScanRead(din=din)
    return ScanRead(din=din, **_one("003", parse(_PRODUCT + rest).parts))
