"""The ISBT 128 data structures that are read here: which characters stand where.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2 (2023), table 2 and section 2.4; layout of
the Single European Code: ST-012 v1.4.0.
"""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final

from cartpath.core.sentences import say

__all__ = ["DIN_FIELDS", "DIN_FIRST", "STRUCTURES", "Characters", "Field", "Structure"]


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters allowed in one place, and how to name them to a person."""

    allowed: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True)
class Field:
    """A part of a data structure: one entry of `places` for each character."""

    name: str
    words: str
    places: tuple[Characters, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """A data structure: `number` as in table 2, the data identifier in front, and its parts in order."""

    number: str
    name: str
    words: str
    identifier: str
    fields: tuple[Field, ...]


def _one_of(characters: str, words: str) -> Characters:
    return Characters(frozenset(characters), words)


_NO_O: Final = ascii_uppercase.replace("O", "")
_DIGIT: Final = _one_of(digits, say("a digit"))
_DIGIT_NOT_0: Final = _one_of(digits.replace("0", ""), say("a digit from 1 to 9"))
_ZERO: Final = _one_of("0", "0")
_CAPITAL: Final = _one_of(ascii_uppercase, say("a capital letter"))
_CAPITAL_OR_DIGIT: Final = _one_of(ascii_uppercase + digits, say("a capital letter or a digit"))
_SMALL_OR_DIGIT: Final = _one_of(ascii_lowercase + digits, say("a small letter or a digit"))
_LETTER_OR_DIGIT: Final = _one_of(ascii_uppercase + ascii_lowercase + digits, say("a letter or a digit"))
_FACILITY_FIRST: Final = _one_of(
    _NO_O + digits.replace("0", ""), say("a capital letter other than O, or a digit from 1 to 9")
)
_FACILITY: Final = _one_of(_NO_O + digits, say("a capital letter other than O, or a digit"))
_FLAG: Final = _one_of(
    digits + "".join(letter for letter in ascii_uppercase if letter not in "IOQZ"),
    say("a digit or a capital letter other than I, O, Q and Z"),
)
_CODING_SYSTEM: Final = _one_of("ABE", say("A (ISBT 128), B (Eurocode) or E (EUTC)"))

_FIN: Final = Field(
    "fin", say("the facility identification number"), (_FACILITY_FIRST, _FACILITY, _FACILITY, _DIGIT, _DIGIT)
)
_YEAR: Final = Field("year", say("the year"), (_DIGIT,) * 2)
_SEQUENCE: Final = Field("sequence", say("the sequence number"), (_DIGIT,) * 6)
_FLAGS: Final = Field("flags", say("the flags"), (_FLAG,) * 2)

# The donation identification number proper, without its flags.
DIN_FIELDS: Final = (_FIN, _YEAR, _SEQUENCE)
# The only structure whose second identifying character is data: the first of the number.
DIN_FIRST: Final = "="

_PRODUCT: Final = Field(
    "product_description_code", say("the product description code"), (_CAPITAL, *(_CAPITAL_OR_DIGIT,) * 4)
)
_DATE: Final = (
    Field("century", say("the century"), (_DIGIT,)),
    Field("year", say("the year"), (_DIGIT,) * 2),
    Field("day_of_year", say("the day of the year"), (_DIGIT,) * 3),
)
_TIME: Final = (
    Field("hour", say("the hour"), (_DIGIT,) * 2),
    Field("minute", say("the minute"), (_DIGIT,) * 2),
)

STRUCTURES: Final = (
    Structure(
        "001",
        "donation_identification_number",
        say("donation identification number"),
        DIN_FIRST,
        (*DIN_FIELDS, _FLAGS),
    ),
    Structure(
        "002",
        "blood_groups",
        say("blood groups or special message"),
        "=%",
        (
            Field("group", say("the group or message"), (_LETTER_OR_DIGIT,) * 2),
            Field("phenotype", say("the phenotype"), (_CAPITAL_OR_DIGIT,)),
            Field("reserved", say("the reserved place"), (_ZERO,)),
        ),
    ),
    Structure(
        "003",
        "product_code",
        say("product code"),
        "=<",
        (
            _PRODUCT,
            Field("collection_type", say("the type of collection"), (_LETTER_OR_DIGIT,)),
            Field("division", say("the division"), (_CAPITAL_OR_DIGIT, _SMALL_OR_DIGIT)),
        ),
    ),
    Structure("004", "expiration_date", say("expiration date"), "=>", _DATE),
    Structure("005", "expiration_date_time", say("expiration date and time"), "&>", (*_DATE, *_TIME)),
    Structure("006", "collection_date", say("collection date"), "=*", _DATE),
    Structure("007", "collection_date_time", say("collection date and time"), "&*", (*_DATE, *_TIME)),
    Structure("008", "production_date", say("production date"), "=}", _DATE),
    Structure("009", "production_date_time", say("production date and time"), "&}", (*_DATE, *_TIME)),
    Structure(
        "032",
        "product_divisions",
        say("product divisions"),
        "=,",
        (Field("division", say("the division"), (_CAPITAL_OR_DIGIT,) * 6),),
    ),
    Structure(
        "034",
        "processor_product_identification_code",
        say("processor product identification code"),
        "=/",
        (
            Field("fin", say("the facility identification number"), (_FACILITY,) * 5),
            Field("facility_product_code", say("the facility's product code"), (_CAPITAL_OR_DIGIT,) * 6),
            Field("product_description_code", say("the product description code"), (_CAPITAL_OR_DIGIT,) * 5),
        ),
    ),
    Structure(
        "035",
        "lot_number",
        say("lot number"),
        "&,1",
        (Field("padded_lot", say("the lot number"), (_CAPITAL_OR_DIGIT,) * 18),),
    ),
    Structure(
        "036",
        "supplemental_identification_number",
        say("supplemental identification number"),
        "&,2",
        (Field("padded_number", say("the number"), (_CAPITAL_OR_DIGIT,) * 18),),
    ),
    Structure(
        "038",
        "single_european_code",
        say("Single European Code"),
        "&,4",
        (
            Field("country", say("the country"), (_CAPITAL,) * 2),
            Field("tissue_establishment", say("the tissue establishment"), (_LETTER_OR_DIGIT,) * 6),
            Field("donation_number", say("the donation number"), (_LETTER_OR_DIGIT,) * 13),
            Field("coding_system", say("the coding system"), (_CODING_SYSTEM,)),
            Field("product", say("the product"), (_LETTER_OR_DIGIT,) * 7),
            Field("split", say("the split number"), (_LETTER_OR_DIGIT,) * 3),
            Field("expiry", say("the expiry date"), (_DIGIT,) * 8),
        ),
    ),
    Structure(
        "039",
        "global_registration_identifier_for_donors",
        say("global registration identifier for donors"),
        "&:",
        (
            Field("issuing_organization", say("the issuing organization"), (_DIGIT_NOT_0, *(_DIGIT,) * 3)),
            Field("registration_donor_identifier", say("the donor's identifier"), (_CAPITAL_OR_DIGIT,) * 13),
            Field("check_digits", say("the check digits"), (_DIGIT,) * 2),
        ),
    ),
    Structure(
        "040",
        "chain_of_identity_identifier",
        say("chain of identity identifier"),
        "&/",
        (
            Field("literal", say("the letters CH"), (_one_of("C", "C"), _one_of("H", "H"))),
            _FIN,
            _YEAR,
            Field("sequence", say("the sequence number"), (_CAPITAL_OR_DIGIT,) * 6),
        ),
    ),
)
