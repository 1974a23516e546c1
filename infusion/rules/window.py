"""The days between lymphodepletion and infusion, and the questions that come with them.

Source: window, repeat and waiver rows of the product's protocol. None of these ever decides: a question is
asked, a physician answers.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cartpath.core.sentences import say
from cartpath.protocols.sections import InfusionWindow, Relymphodepletion, Waiver


@dataclass(frozen=True, kw_only=True, slots=True)
class InfusionDays:
    """First and last day of the window, both inside it; `last_on` is None when the rule has no end."""

    rule: InfusionWindow
    first_on: date
    last_on: date | None

    def place_of(self, day: date) -> Literal["early", "inside", "late"]:
        """Where a day lies: before, inside or after the window."""
        if day < self.first_on:
            return "early"
        return "late" if self.last_on is not None and day > self.last_on else "inside"


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Whether a question is to be asked: True, False, or None while something needed is unknown."""

    ask: bool | None
    text: str
    explanation: tuple[str, ...]
    missing: tuple[str, ...]


def infusion_days(rule: InfusionWindow, *, lymphodepletion_ended_on: date) -> InfusionDays:
    """The days on which the infusion may follow the last day of lymphodepletion.

    Source: the window row of the protocol.
    """
    return InfusionDays(
        rule=rule,
        first_on=lymphodepletion_ended_on + timedelta(days=rule.min_days),
        last_on=None if rule.max_days is None else lymphodepletion_ended_on + timedelta(days=rule.max_days),
    )


def window_said(days: InfusionDays, on: date) -> str:
    """Where a day lies in the window, in one English sentence. Source: the window row of the protocol."""
    day, first = on.isoformat(), days.first_on.isoformat()
    if days.last_on is None:
        return say("{day}; the infusion may follow from {first} on.", day=day, first=first)
    return say(
        "{day}; the infusion may follow from {first} to {last}.",
        day=day,
        first=first,
        last=days.last_on.isoformat(),
    )


def ask_to_repeat(
    rule: Relymphodepletion, *, lymphodepletion_ended_on: date, on: date, wbc_per_ul: float | None
) -> Question:
    """Whether to ask about a second lymphodepletion: too long ago, and white cells have come back.

    Within the time the answer is no whatever the count; after it an unknown count leaves it open.

    Source: the row of repeated lymphodepletion.
    """
    days = (on - lymphodepletion_ended_on).days
    since = say(
        "{days} days since lymphodepletion; the rule asks after {limit}.",
        days=days,
        limit=rule.more_than_days,
    )
    if days <= rule.more_than_days:
        return Question(ask=False, text=rule.question, explanation=(since,), missing=())
    if wbc_per_ul is None:
        unknown = say("White cells are unknown.")
        return Question(ask=None, text=rule.question, explanation=(since, unknown), missing=("wbc_per_ul",))
    count = _count_said(wbc_per_ul)
    return Question(
        ask=wbc_per_ul > rule.wbc_above_per_ul, text=rule.question, explanation=(since, count), missing=()
    )


def ask_to_waive(
    rule: Waiver, *, wbc_per_ul: float | None, measured_on: date | None, infusion_on: date
) -> Question:
    """Whether to ask about going without lymphodepletion: few white cells shortly before the infusion.

    A count that is missing, undated, or not of the days before the infusion leaves it open.

    Source: the waiver row of the protocol.
    """
    if wbc_per_ul is None or measured_on is None:
        missing = tuple(
            name
            for name, given in (("wbc_per_ul", wbc_per_ul), ("measured_on", measured_on))
            if given is None
        )
        unknown = say("White cells or their day are unknown.")
        return Question(ask=None, text=rule.question, explanation=(unknown,), missing=missing)
    days_before = (infusion_on - measured_on).days
    if not 0 <= days_before <= rule.within_days:
        old = say("The count isn't from the {days} days before the infusion.", days=rule.within_days)
        return Question(ask=None, text=rule.question, explanation=(old,), missing=("wbc_per_ul",))
    count = _count_said(wbc_per_ul)
    return Question(
        ask=wbc_per_ul <= rule.wbc_up_to_per_ul, text=rule.question, explanation=(count,), missing=()
    )


def _count_said(wbc_per_ul: float) -> str:
    return say("White cells {wbc:g}/µL.", wbc=wbc_per_ul)
