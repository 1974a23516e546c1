"""What a scanner read, held against what an item carries.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2: a product is the donation number with its
product code and division (structures 001 and 003), a chain of identity structure 040.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import say
from leukapheresis.rules.isbt128 import parse

COI_IDENTIFIER: Final = "&/"
LONGEST: Final = 60


class Numbers(Protocol):
    """What an item carries; an empty text is unknown."""

    @property
    def din(self) -> str:
        """Donation identification number, 13 characters."""

    @property
    def product_code(self) -> str:
        """Product description code, 5 characters."""

    @property
    def collection_type(self) -> str:
        """One character."""

    @property
    def division(self) -> str:
        """Two characters, six where structure 032 is used."""

    @property
    def coi(self) -> str:
        """Chain-of-identity identifier."""

    @property
    def text(self) -> str:
        """The manufacturer's own text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRead:
    """What was read from one item, in one scan or several; an empty text was not read."""

    __pydantic_config__ = INPUT_CONFIG

    din: str = ""
    product_code: str = ""
    collection_type: str = ""
    division: str = ""
    coi: str = ""
    text: str = ""


NUMBERS: Final = ("din", "product_code", "collection_type", "division", "coi", "text")
# One of these names an item; the others only belong to it.
NAMING: Final = ("din", "text")


def differences(item: Numbers, read: ScanRead) -> tuple[str, ...]:
    """In which identifiers a scan contradicts an item; what isn't known on both sides contradicts nothing.

    Source: ST-001 v6.2.2, structures 001, 003, 032 and 040.
    """
    return tuple(
        name
        for name in NUMBERS
        if getattr(read, name) and getattr(item, name) and getattr(read, name) != getattr(item, name)
    )


def read_matches(item: Numbers, read: ScanRead) -> bool:
    """Whether a scan names just this item: nothing contradicts, and donation number or text is the same.

    A bag that has a division isn't named by the donation number alone.

    Source: ST-001 v6.2.2: the divisions of a donation share its number.
    """
    if differences(item, read):
        return False
    if read.text and read.text == item.text:
        return True
    if not read.din or read.din != item.din:
        return False
    return not item.division or read.division == item.division


def plain_identifier(scheme: str, identifier: str) -> str:
    """An identifier without spaces around it; of ISBT 128 without any and without its data identifier."""
    if scheme != "isbt128":
        return identifier.strip()
    return identifier.replace(" ", "").upper().removeprefix(COI_IDENTIFIER)


def identity_problem(scheme: str, identifier: str) -> str | None:
    """Why a chain-of-identity identifier can't be right, None when it is well made.

    Source: ST-001 v6.2.2, structure 040: the letters CH, facility, year and sequence, 15 characters.
    """
    if not identifier.strip():
        return say("Give the identifier.")
    if len(identifier.strip()) > LONGEST:
        return say("An identifier has at most {longest} characters.", longest=LONGEST)
    if scheme == "isbt128":
        try:
            parse(COI_IDENTIFIER + plain_identifier(scheme, identifier))
        except Invalid as refused:
            return refused.fields["data"]
    return None


def scheme_of(identifier: str) -> str:
    """In what form an identifier is written that was typed without saying so: ISBT 128, else manufacturer's.

    Source: ST-001 v6.2.2, structure 040.
    """
    return "isbt128" if identity_problem("isbt128", identifier) is None else "manufacturer"
