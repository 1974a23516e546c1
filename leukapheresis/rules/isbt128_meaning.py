"""What the parts of an ISBT 128 data structure mean, as far as the standard itself says.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2 (2023), section 2.4, tables 3, 5 and 7 and
appendix A; Single European Code: ST-012 v1.4.0. Meanings are codes of our own; facility, product and blood
group codes are left as they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from cartpath.core.errors import Invalid
from cartpath.core.inputs import invalid_input
from cartpath.core.sentences import say
from leukapheresis.rules.iso7064 import check_character, check_value

__all__ = ["CHECK_FLAG_OFFSET", "DinCheck", "interpret"]

# Flags: type 1 is defined by ICCBBA, type 2 by the facility, type 3 is the check value plus 60.
FIRST_LOCAL_FLAG: Final = 20
CHECK_FLAG_OFFSET: Final = 60
LAST_CHECK_FLAG: Final = 96

# Codes that stand where the blood group stands.
SPECIAL_MESSAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Ma": "autologous",
        "Mb": "biohazard",
        "Md": "discard",
        "Mf": "fractionation_only",
        "Mq": "quarantine",
        "Mr": "research_only",
        "Mx": "not_for_use",
    }
)

PRODUCT_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys("ABCD", "national_or_local"),
        **dict.fromkeys("EF", "blood_component"),
        "H": "named_product_of_human_origin",
        "M": "other_therapy",
        "N": "organ",
        "P": "regenerated_tissue",
        "R": "reproductive_tissue",
        "S": "cellular_therapy",
        "T": "tissue",
        "V": "ocular_tissue",
        "W": "fecal_microbiota",
        "X": "other_blood_product",
        "Y": "clinical_trial",
    }
)
# Kinds of product whose last three characters are one number of the division.
NUMBERED_DIVISIONS: Final = frozenset("MNRTVW")
COLLECTION_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1": "autologous_only",
        "2": "directed_recipient_only",
        "4": "designated",
        "7": "allogeneic",
        "8": "autologous_containing_allogeneic",
        "A": "autologous_eligible_for_crossover",
        "X": "autologous_only_biohazard",
    }
)
UNDIVIDED: Final = "00"
DIVISION_IN_STRUCTURE_032: Final = "99"
# Place, counted from 1, of the first of the three characters behind the product description code.
FIRST_DIVISION_PLACE: Final = 8

CODING_SYSTEMS: Final[Mapping[str, str]] = MappingProxyType({"A": "ISBT 128", "B": "Eurocode", "E": "EUTC"})
NO_EXPIRY: Final = "00000000"

# The century digit is the last digit of the first two of the year: 0 for 20xx, 9 for 19xx.
YEARS_PER_CENTURY: Final = 100
FIRST_CENTURY: Final = 1900
CENTURIES: Final = 10
LAST_HOUR: Final = 23
LAST_MINUTE: Final = 59
# A time that is not stated is written as the last minute of the day.
UNSTATED_TIME: Final = "23:59"


@dataclass(frozen=True, slots=True)
class DinCheck:
    """The check on a donation identification number, in its three spellings."""

    value: int

    @property
    def character(self) -> str:
        """Printed in a box behind the number, for typing."""
        return check_character(self.value)

    @property
    def flag_digits(self) -> str:
        """Carried in the flags of the bar code (type 3)."""
        return str(self.value + CHECK_FLAG_OFFSET)


def interpret(number: str, parts: Mapping[str, str]) -> dict[str, object]:
    """Meaning of the parts of data structure `number`, as JSON values.

    Raises Invalid (field `data`) where a check does not fit or a date does not exist.

    Source: ST-001 v6.2.2.
    """
    meaning = _MEANINGS.get(number)
    return meaning(parts) if meaning else {}


def _refuse(reason: str) -> Invalid:
    return invalid_input({"data": reason})


def _donation(parts: Mapping[str, str]) -> dict[str, object]:
    din = parts["fin"] + parts["year"] + parts["sequence"]
    check = DinCheck(check_value(din))
    flags = parts["flags"]
    kind = _flag_kind(flags)
    if kind == "check" and flags != check.flag_digits:
        raise _refuse(
            say(
                "characters 15 and 16 ({flags}) check the number and must be {right}: "
                "a character before them is wrong",
                flags=flags,
                right=check.flag_digits,
            )
        )
    return {"din": din, "flag_kind": kind, "check_character": check.character}


def _flag_kind(flags: str) -> str:
    if not flags.isdigit():
        return "reserved"
    value = int(flags)
    if value == 0:
        return "not_used"
    if value < FIRST_LOCAL_FLAG:
        return "process_control"
    if value < CHECK_FLAG_OFFSET:
        return "local"
    return "check" if value <= LAST_CHECK_FLAG else "reserved"


def _blood_groups(parts: Mapping[str, str]) -> dict[str, object]:
    return {"special_message": SPECIAL_MESSAGES.get(parts["group"])}


def _product_code(parts: Mapping[str, str]) -> dict[str, object]:
    first = parts["product_description_code"][0]
    kind = PRODUCT_KINDS.get(first)
    if first in NUMBERED_DIVISIONS:
        return {"product_kind": kind, **_numbered_division(parts["collection_type"] + parts["division"])}
    if kind == "national_or_local":
        # The three characters mean what the national or local list says.
        return {"product_kind": kind, "collection": None, "divided": None, "needs_structure_032": None}
    return {
        "product_kind": kind,
        "collection": COLLECTION_TYPES.get(parts["collection_type"]),
        "divided": parts["division"] != UNDIVIDED,
        "needs_structure_032": parts["division"] == DIVISION_IN_STRUCTURE_032,
    }


def _numbered_division(number: str) -> dict[str, object]:
    for place, character in enumerate(number, start=FIRST_DIVISION_PLACE):
        if not character.isdigit():
            raise _refuse(
                say(
                    "character {place} ({character}) must be a digit (the division of this kind of product)",
                    place=place,
                    character=character,
                )
            )
    return {
        "collection_type": None,
        "division": number,
        "collection": None,
        "divided": int(number) > 0,
        "needs_structure_032": False,
    }


def _day(parts: Mapping[str, str]) -> date:
    century = (int(parts["century"]) + 1) % CENTURIES
    year = FIRST_CENTURY + century * YEARS_PER_CENTURY + int(parts["year"])
    day_of_year = int(parts["day_of_year"])
    days_in_year = date(year, 12, 31).timetuple().tm_yday
    if not 1 <= day_of_year <= days_in_year:
        raise _refuse(
            say(
                "characters 6 to 8 ({day}) must be a day of the year {year}, 001 to {last}",
                day=parts["day_of_year"],
                year=year,
                last=days_in_year,
            )
        )
    return date(year, 1, 1) + timedelta(days=day_of_year - 1)


def _date(parts: Mapping[str, str]) -> dict[str, object]:
    return {"date": _day(parts).isoformat()}


def _date_time(parts: Mapping[str, str]) -> dict[str, object]:
    day = _day(parts)
    if int(parts["hour"]) > LAST_HOUR:
        raise _refuse(say("characters 9 and 10 ({hour}) must be an hour, 00 to 23", hour=parts["hour"]))
    if int(parts["minute"]) > LAST_MINUTE:
        raise _refuse(
            say("characters 11 and 12 ({minute}) must be a minute, 00 to 59", minute=parts["minute"])
        )
    time = f"{parts['hour']}:{parts['minute']}"
    return {"date": day.isoformat(), "time": time, "time_may_be_unstated": time == UNSTATED_TIME}


def _lot(parts: Mapping[str, str]) -> dict[str, object]:
    return {"lot": parts["padded_lot"].lstrip("0")}


def _supplemental(parts: Mapping[str, str]) -> dict[str, object]:
    return {"supplemental_number": parts["padded_number"].lstrip("0")}


def _single_european_code(parts: Mapping[str, str]) -> dict[str, object]:
    expiry = parts["expiry"]
    expires_on: date | None = None
    if expiry != NO_EXPIRY:
        try:
            expires_on = date(int(expiry[:4]), int(expiry[4:6]), int(expiry[6:]))
        except ValueError:
            raise _refuse(
                say(
                    "characters 36 to 43 ({expiry}) must be a date as YYYYMMDD, or eight zeros", expiry=expiry
                )
            ) from None
    return {
        "donation_sequence": parts["country"] + parts["tissue_establishment"] + parts["donation_number"],
        "product_sequence": parts["coding_system"] + parts["product"] + parts["split"] + expiry,
        "coding_system_name": CODING_SYSTEMS[parts["coding_system"]],
        "expires_on": expires_on.isoformat() if expires_on else None,
    }


def _donor(parts: Mapping[str, str]) -> dict[str, object]:
    identifier = parts["issuing_organization"] + parts["registration_donor_identifier"]
    right = f"{check_value(identifier):02d}"
    if parts["check_digits"] != right:
        raise _refuse(
            say(
                "characters 20 and 21 ({digits}) check the identifier and must be {right}: "
                "a character before them is wrong",
                digits=parts["check_digits"],
                right=right,
            )
        )
    return {"grid": identifier + right}


def _chain_of_identity(parts: Mapping[str, str]) -> dict[str, object]:
    return {"identifier": "".join(parts.values())}


_MEANINGS: Final[Mapping[str, Callable[[Mapping[str, str]], dict[str, object]]]] = MappingProxyType(
    {
        "001": _donation,
        "002": _blood_groups,
        "003": _product_code,
        "004": _date,
        "005": _date_time,
        "006": _date,
        "007": _date_time,
        "008": _date,
        "009": _date_time,
        "035": _lot,
        "036": _supplemental,
        "038": _single_european_code,
        "039": _donor,
        "040": _chain_of_identity,
    }
)
