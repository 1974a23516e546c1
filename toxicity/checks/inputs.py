"""What the services of the checks take in."""

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Ge, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.protocols.bedside_rows import CheckWord

SHORTEST_MINUTES: Final = 15
LONGEST_MINUTES: Final = 2880


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckChange:
    """How often one thing is checked for a child, in minutes; None goes back to the protocol."""

    __pydantic_config__ = INPUT_CONFIG

    check: CheckWord
    every_minutes: Annotated[int, Ge(SHORTEST_MINUTES), Le(LONGEST_MINUTES)] | None
    reason: Annotated[str, MinLen(1), MaxLen(400)]
