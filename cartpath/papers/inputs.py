"""What the services of papers take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG

OneLanguage = Literal["en", "it"]
AnyLanguage = Literal["en", "it", "both"]
# The papers about one child.
JourneyPaper = Literal["wallet_card", "product_sheet", "custody_report"]
CardFactName = Literal["name", "birth_date", "mrn", "diagnosis", "allergies", "family_phone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAgreement:
    """What the family wants on the card, and who of it said so."""

    __pydantic_config__ = INPUT_CONFIG

    shown: tuple[CardFactName, ...]
    agreed_by: Annotated[str, MinLen(1), MaxLen(120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSeal:
    """A print as the ledger knows it. `shown` and `agreed_by` belong to a wallet card, empty for others."""

    __pydantic_config__ = INPUT_CONFIG

    kind: JourneyPaper
    language: AnyLanguage
    pages: Annotated[int, Ge(1), Le(5000)]
    digest: Annotated[str, MinLen(64), MaxLen(64)]
    shown: tuple[CardFactName, ...] = ()
    agreed_by: Annotated[str, MaxLen(120)] = ""
