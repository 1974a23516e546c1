"""One laboratory value as rules and pages read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

__all__ = ["LabReading", "Readings"]

# So much of itself a value lies beyond what could be measured: no scale sees it, every strict limit does.
_HAIR: Final = 1e-7


@dataclass(frozen=True, slots=True)
class LabReading:
    """A value in the catalog's unit; `low` and `high` are the limits that the laboratory gave with it.

    `comparator` is `<` or `>` when the true value lies beyond what could be measured, else empty.
    """

    analyte: str
    value: float
    at: datetime
    set_id: UUID
    comparator: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def compared(self) -> float:
        """The value to compare with limits: below 20 is not 20."""
        if self.comparator == "<":
            return self.value * (1 - _HAIR)
        return self.value * (1 + _HAIR) if self.comparator == ">" else self.value


# By analyte, oldest first.
Readings = Mapping[str, Sequence[LabReading]]
