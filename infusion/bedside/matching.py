"""Whether the wristband and the bag that two people scanned belong together, and to what was ordered.

Every identifier that is known on both sides has to be the same; one that is known on one side only is
unknown, and people compare it by eye. Whatever speaks against the bag stops the work, the gravest first.

Source: FACT-JACIE standards (two qualified persons verify recipient and product at the bedside); ISBT 128
Standard Technical Specification ST-001 v6.2.2 (donation number and division name one bag).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Verdict = Literal["same", "differs", "unknown"]
Worn = Literal["this", "other", "replaced", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BagSeen:
    """What a scanner read from a bag, or a person typed; "" where the code says nothing of it.

    `problem` says that it could not be read: `unreadable`, or `wrong_check` for check characters that don't
    fit. `is_elsewhere` says that a bag of another child carries these numbers.
    """

    din: str = ""
    product_code: str = ""
    division: str = ""
    text: str = ""
    problem: Literal["", "unreadable", "wrong_check"] = ""
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BagKnown:
    """One bag of the child's product as it is on record; unknown is "" or None."""

    number: int
    din: str = ""
    product_code: str = ""
    division: str = ""
    text: str = ""
    coi: str = ""
    lot: str = ""
    expires_at: datetime | None = None
    is_of_batch: bool = True
    is_quarantined: bool = False
    is_finished: bool = False
    is_begun: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What order and certificate say; unknown is ""."""

    coi: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One identifier on both sides."""

    name: Literal["wristband", "din", "product_code", "division", "text", "coi", "lot", "expires_at"]
    seen: str
    known: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`number` is the bag; `reasons` are the codes of what stops it, the gravest first."""

    number: int | None
    reasons: tuple[str, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def is_match(self) -> bool:
        """Whether nothing speaks against going on."""
        return self.number is not None and not self.reasons


# The gravest first: it's the one that the stop names in large letters.
GRAVITY: Final = (
    "wrong_patient",
    "wristband_replaced",
    "wrong_check",
    "unreadable",
    "not_known",
    "wrong_bag",
    "wrong_division",
    "quarantined",
    "expired",
    "finished",
    "out_of_order",
)
_WORN: Final = {"other": "wrong_patient", "replaced": "wristband_replaced", "unreadable": "unreadable"}


def match(*, worn: Worn, seen: BagSeen, bags: Sequence[BagKnown], expected: Expected, at: datetime) -> Match:
    """Hold wristband, bag, order and certificate against each other at a time.

    Source: FACT-JACIE standards, administration of cellular therapy products.
    """
    reasons = [_WORN[worn]] if worn in _WORN else []
    wristband = Comparison("wristband", "", "", "same" if worn == "this" else "differs")
    bag, why = _found(seen, bags)
    if bag is None:
        return Match(number=None, reasons=_sorted([*reasons, why]), comparisons=(wristband,))
    comparisons = (wristband, *_compared(seen, bag, expected, at))
    reasons += _against(bag, at)
    differing = {each.name for each in comparisons if each.verdict == "differs"}
    if differing & {"product_code", "coi", "lot"} or not bag.is_of_batch:
        reasons.append("wrong_bag")
    return Match(number=bag.number, reasons=_sorted(reasons), comparisons=comparisons)


def _found(seen: BagSeen, bags: Sequence[BagKnown]) -> tuple[BagKnown | None, str]:
    """The one bag with these numbers, or why there is none."""
    if seen.problem:
        return None, seen.problem
    if seen.text and not seen.din:
        named = [bag for bag in bags if bag.text == seen.text]
        return (named[0], "") if len(named) == 1 else (None, _foreign(seen, bags))
    same = [bag for bag in bags if seen.din and bag.din == seen.din]
    if not same:
        return None, _foreign(seen, bags)
    if seen.division:
        divided = [bag for bag in same if bag.division == seen.division]
        return (divided[0], "") if divided else (None, "wrong_division")
    # A donation number alone names one bag only where it was never divided.
    return (same[0], "") if len(same) == 1 else (None, "wrong_division")


def _foreign(seen: BagSeen, bags: Sequence[BagKnown]) -> str:
    if seen.is_elsewhere:
        return "wrong_patient"
    return "wrong_bag" if bags else "not_known"


def _compared(seen: BagSeen, bag: BagKnown, expected: Expected, at: datetime) -> tuple[Comparison, ...]:
    numbers = (
        (_held("din", seen.din, bag.din), _held("division", seen.division, bag.division))
        if seen.din
        else (_held("text", seen.text, bag.text),)
    )
    code = (_held("product_code", seen.product_code, bag.product_code),) if bag.product_code else ()
    return (
        *numbers,
        *code,
        _held("coi", bag.coi, expected.coi),
        _held("lot", bag.lot, expected.lot),
        _in_date(bag, at),
    )


def _in_date(bag: BagKnown, at: datetime) -> Comparison:
    if bag.expires_at is None:
        return Comparison("expires_at", "", "", "unknown")
    return Comparison(
        "expires_at", bag.expires_at.isoformat(), "", "same" if at < bag.expires_at else "differs"
    )


def _held(
    name: Literal["din", "product_code", "division", "text", "coi", "lot"], seen: str, known: str
) -> Comparison:
    if not seen or not known:
        return Comparison(name, seen, known, "unknown")
    return Comparison(name, seen, known, "same" if seen == known else "differs")


def _against(bag: BagKnown, at: datetime) -> list[str]:
    """What the bag's own record says against it."""
    found = {
        "quarantined": bag.is_quarantined,
        "expired": bag.expires_at is not None and at >= bag.expires_at,
        "finished": bag.is_finished,
        "out_of_order": bag.is_begun and not bag.is_finished,
    }
    return [reason for reason, holds in found.items() if holds]


def _sorted(reasons: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(reasons), key=GRAVITY.index))
