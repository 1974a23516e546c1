"""Whether what was scanned may go on: the right child, the right bag, still in use, in time.

Source: section 4.3 of ST-001 v6.2.2 for what identifies a product (donation number with product code and
division); DESIGN for the order in which reasons are named: identity before state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from cartpath.core.sentences import say
from manufacturing.scanning.rules.reading import Read, is_expired

Stop = Literal[
    "wrong_patient",
    "wrong_bag",
    "wrong_division",
    "wrong_check",
    "unreadable",
    "not_known",
    "quarantined",
    "expired",
    "finished",
    "wristband_replaced",
]
# Nothing is done any more with an item in one of these states.
FINISHED: Final = frozenset({"given", "destroyed", "returned"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An item as far as a scanner can compare it; an empty text is unknown."""

    journey: str
    din: str = ""
    product_code: str = ""
    collection_type: str = ""
    division: str = ""
    text: str = ""
    lot: str = ""
    coi: str = ""
    state: str = "here"
    is_quarantined: bool = False
    quarantine_note: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why the work stops, with a sentence for the person who scanned."""

    reason: Stop
    sentence: str


OTHER_CHILD: Final = Stopped("wrong_patient", say("Put it aside: it must not come near this child."))
UNKNOWN: Final = Stopped("not_known", say("Nothing with this number is on record for this child."))
REPLACED: Final = Stopped("wristband_replaced", say("Take it off, and scan the new one."))


def fits(read: Read, item: Seen) -> bool:
    """Whether everything that a code says is true of an item.

    A donation number alone fits each of its bags; so does a chain-of-identity identifier.

    Source: ST-001 v6.2.2.
    """
    if read.form != "isbt128":
        return bool(item.text) and read.text == item.text
    pairs = (
        (read.din, item.din),
        (read.product_code, item.product_code),
        (read.collection_type, item.collection_type),
        (read.division, item.division),
        (read.coi, item.coi),
        (read.lot, item.lot),
    )
    said = [(mine, its) for mine, its in pairs if mine]
    return bool(said) and all(mine == its for mine, its in said)


def stop_for(
    read: Read,
    found: Sequence[Seen],
    *,
    at: datetime,
    near: Sequence[Seen] = (),
    journey: str = "",
    wanted: Seen | None = None,
) -> Stopped | None:
    """Why work with what was read stops; None where it may go on.

    `found` are the items of the person's centers that the code fits, `near` those that share its donation
    number, `journey` the child whose page it was scanned on, `wanted` the one item that was asked for.

    Source: DESIGN.
    """
    known = [*found, *near]
    if journey and known and all(item.journey != journey for item in known):
        return OTHER_CHILD
    if wanted is not None:
        return _unusable(wanted, at) if fits(read, wanted) else _unlike(read, wanted)
    own = [item for item in found if not journey or item.journey == journey]
    if len(own) == 1:
        return _unusable(own[0], at)
    if own:
        return None
    if known:
        return Stopped(
            "wrong_division",
            say("The donation is on record, a bag with this product code and division is not. Put it aside."),
        )
    return UNKNOWN if journey else None


def _unlike(read: Read, wanted: Seen) -> Stopped:
    if read.din and read.din == wanted.din and read.division and read.division != wanted.division:
        return Stopped(
            "wrong_division",
            say(
                "This is division {read} of the donation; division {wanted} was asked for.",
                read=read.division,
                wanted=wanted.division,
            ),
        )
    return Stopped("wrong_bag", say("It isn't the bag that was asked for. Put it aside."))


def _unusable(item: Seen, at: datetime) -> Stopped | None:
    if item.is_quarantined:
        return Stopped(
            "quarantined", say("It must not be used or handed on until somebody lifts the quarantine.")
        )
    if is_expired(item.expires_at, at):
        return Stopped(
            "expired", say("The time to use it has passed. The cell laboratory decides what becomes of it.")
        )
    if item.state in FINISHED:
        return Stopped("finished", say("Nothing more is done with it. Look at its chain of custody."))
    return None
