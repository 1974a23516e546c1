"""What the services of hand-over sheets and discharge summaries take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment

Language = Literal["en", "it"]
Digest = Annotated[str, MinLen(64), MaxLen(64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDetails:
    """What the next shift is told, in the four parts of SBAR and in one language."""

    __pydantic_config__ = INPUT_CONFIG

    situation: str
    background: str
    assessment: str
    recommendation: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSeal:
    """A sheet as the ledger knows it: until when it holds (None: no end), and the digest of its text."""

    __pydantic_config__ = INPUT_CONFIG

    language: Language
    expires_at: Moment | None
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryDetails:
    """To whom a discharge summary goes, and in which language."""

    __pydantic_config__ = INPUT_CONFIG

    addressee: Annotated[str, MinLen(1), MaxLen(400)]
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySeal:
    """The digest of a signed summary's text."""

    __pydantic_config__ = INPUT_CONFIG

    digest: Digest
