"""What the services of the scanner take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, MaxLen

from cartpath.core.inputs import INPUT_CONFIG
from manufacturing.scanning.rules.judging import Stop
from manufacturing.scanning.rules.reading import MOST_READ


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDetails:
    """Something wrong that was scanned, or the acknowledgment of such a stop.

    A stop carries `reason` and what was `read`; `item` is the number of the child's own item it was about. An
    acknowledgment carries the number of the `stop` and what was `done`.
    """

    __pydantic_config__ = INPUT_CONFIG

    phase: Literal["stopped", "acknowledged"]
    reason: Stop | Literal["same_signer", "out_of_order"] | None = None
    read: Annotated[str, MaxLen(MOST_READ)] = ""
    item: Annotated[int, Ge(1)] | None = None
    explanation: Annotated[str, MaxLen(400)] = ""
    stop: Annotated[int, Ge(1)] | None = None
    done: Annotated[str, MaxLen(400)] = ""
