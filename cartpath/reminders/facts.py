"""What the planner reads: events of one journey, and who is the anchor when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

# The columns of a ledger event that a plan depends on, in the order of `Fact`'s fields.
FACT_COLUMNS: Final = (
    *("id", "seq", "kind", "occurred_at", "data", "corrects_id", "actor_name"),
    "recorded_at",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A ledger event without what the plan doesn't depend on."""

    id: int
    seq: int
    kind: str
    occurred_at: datetime
    data: Mapping[str, Any]
    corrects_id: int | None = None
    actor_name: str = ""
    recorded_at: datetime | None = None

    @property
    def when(self) -> tuple[datetime, int]:
        """Clinical order; what happened at the same moment follows the ledger."""
        return self.occurred_at, self.seq


@dataclass(frozen=True, kw_only=True, slots=True)
class Reign:
    """The time in which one event was the anchor of an item, and how it ended.

    At most one ending is set: `struck_by` when the anchor was entered in error, `dethroned_by` when an
    earlier event became known and is the first now, `successor` when a later one took over.
    """

    anchor: Fact
    struck_by: Fact | None = None
    dethroned_by: Fact | None = None
    successor: Fact | None = None
