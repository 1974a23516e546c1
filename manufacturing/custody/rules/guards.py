"""What stops a step of custody: order, time, quarantine, expiry, temperature.

Source: FACT-JACIE standards on chain of custody; the limits of temperature are rows of the center, see
`DEFAULT_LIMITS` for what holds until a center sets its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from cartpath.core.sentences import say
from manufacturing.custody.rules.steps import (
    AFTER_GIVEN,
    BACK,
    ENDED,
    RANK,
    STANDING,
    USING,
)


class Held(Protocol):
    """An item as the chain knows it now."""

    @property
    def state(self) -> str:
        """A word of ItemState."""

    @property
    def is_quarantined(self) -> bool:
        """Whether it must not be used for now."""

    @property
    def expires_at(self) -> datetime | None:
        """Until when it may be used; unknown is None."""

    @property
    def last_step(self) -> str:
        """The last step that moved it, empty before the first."""

    @property
    def last_at(self) -> datetime | None:
        """When it was last spoken of."""

    @property
    def struck_at(self) -> datetime | None:
        """When it was found to be entered in error."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a step can't be: a stable code and a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Between which temperatures an item is kept; a bound that is None is no bound."""

    lowest_c: float | None = None
    highest_c: float | None = None
    due_days: int = 1
    source: str = ""
    status: str = "center_default"


# What holds until a center sets its own rows: design defaults, to be approved by each center.
DEFAULT_LIMITS: Final[Mapping[str, Limit]] = {
    "collection": Limit(
        lowest_c=2.0,
        highest_c=8.0,
        source=say("Default: fresh cells at 2–8 °C, to be approved by the center"),
    ),
    "cryo_bag": Limit(
        highest_c=-130.0,
        source=say("Default: vapor of liquid nitrogen, below −130 °C, to be approved by the center"),
    ),
    "product_bag": Limit(
        highest_c=-130.0,
        source=say("Default: vapor of liquid nitrogen, below −130 °C, to be approved by the center"),
    ),
}
# How many people sign a step until a center says otherwise: design defaults.
DEFAULT_SIGNERS: Final[Mapping[str, int]] = {
    "patient_verified": 2,
    "certificate_issued": 1,
    "hospital_receipt": 1,
    "bedside_check": 2,
}


def refusal(item: Held, *, step: str, at: datetime) -> Refused | None:
    """What stands against `step` for an item at `at`; None when nothing does.

    Source: FACT-JACIE: an item is followed without a gap, forwards in time, and isn't used while doubtful.
    """
    if item.struck_at is not None:
        return Refused("item_struck", say("This item was entered in error."))
    if item.last_at is not None and at < item.last_at:
        return Refused(
            "time_backwards", say("Time can't run backwards: something later is on record for this item.")
        )
    return _over(item.state, step) or _unfit(item, step, at) or _out_of_order(item.last_step, step)


def _over(state: str, step: str) -> Refused | None:
    if step == "break":
        return None
    if state == "given" and step not in AFTER_GIVEN:
        return Refused("item_given", say("This bag was given already."))
    if state == "destroyed":
        return Refused("item_destroyed", say("This item was destroyed."))
    if state == "returned":
        return Refused("item_returned", say("This item was returned to the manufacturer."))
    if state in ENDED:
        return Refused("item_divided", say("These cells were divided: go on with the bags."))
    if state in ("in_transit", "at_manufacturer") and step in USING:
        return Refused("item_not_here", say("This bag isn't recorded as received here."))
    return None


def _unfit(item: Held, step: str, at: datetime) -> Refused | None:
    if step not in USING:
        return None
    if item.is_quarantined:
        return Refused("item_quarantined", say("This item is in quarantine: it must not be used."))
    if item.expires_at is not None and at > item.expires_at:
        return Refused("item_expired", say("This item has expired: it must not be used."))
    return None


def _out_of_order(last: str, step: str) -> Refused | None:
    if not last or step == "break" or step == "leftover_handled":
        return None
    if step in STANDING:
        late = step == "bedside_check" and RANK[last] >= RANK["infusion_started"]
    else:
        late = RANK[step] <= RANK[last] and last not in BACK.get(step, frozenset())
    if late:
        return Refused("out_of_order", say("This step comes too late: a later one is on record already."))
    return None


def is_temp_in_range(limit: Limit | None, lowest: float | None, highest: float | None) -> bool | None:
    """Whether what a logger read stays within a limit; None without a limit or without a reading.

    One reading outside is enough to be out; inside needs the end that the limit speaks of.

    Source: arithmetic; bounds belong to the range.
    """
    if limit is None or (limit.lowest_c is None and limit.highest_c is None):
        return None
    read = [value for value in (lowest, highest) if value is not None]
    if any(limit.lowest_c is not None and value < limit.lowest_c for value in read):
        return False
    if any(limit.highest_c is not None and value > limit.highest_c for value in read):
        return False
    if (limit.lowest_c is not None and lowest is None) or (limit.highest_c is not None and highest is None):
        return None
    return True
