"""What the services of holds take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment

HoldNumber = Annotated[int, Ge(1), Le(99)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldDetails:
    """A hold, by a row of the protocol, and when it's looked at again.

    `hold` is the number of a hold that stands already: then it was looked at and goes on. None is a new one.
    """

    __pydantic_config__ = INPUT_CONFIG

    reason: Annotated[str, MinLen(1), MaxLen(60)]
    review_at: Moment
    note: Annotated[str, MaxLen(400)] = ""
    hold: HoldNumber | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEnding:
    """The end of a hold: the reason is gone, somebody goes on all the same, or the infusion is given up."""

    __pydantic_config__ = INPUT_CONFIG

    hold: HoldNumber
    outcome: Literal["resolved", "decided", "given_up"]
    note: Annotated[str, MaxLen(400)] = ""
