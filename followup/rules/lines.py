"""What proposals are made of: one line for each condition, each met, not met, or unknown.

Unknown is never taken for met: a proposal of which anything is unknown is unknown itself, unless something
else already stands against it.

Source: working default of CARTPath; each line cites the row of the protocol it comes from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cartpath.core.dates import add_months

Verdict = Literal["met", "not_met", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One condition of a proposal, held against what is known on a day.

    `row` is the id of the rule row. `holds_from` is the first day on which it is met, as far as is known
    today; None when no day can be named, as for a blood count. `missing` names what isn't known.
    """

    row: str
    verdict: Verdict
    said: str
    holds_from: date | None = None
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def together(lines: Iterable[Line]) -> Verdict:
    """Not met when one line isn't, else unknown when one is, else met. No lines: unknown.

    Source: logic; what isn't known never counts as fulfilled.
    """
    verdicts = [line.verdict for line in lines]
    if "not_met" in verdicts:
        return "not_met"
    return "unknown" if not verdicts or "unknown" in verdicts else "met"


def first_day(lines: Sequence[Line]) -> date | None:
    """The first day on which every line is met; None unless each is met or has a day.

    Source: logic; the last of several days.
    """
    if not lines or any(line.verdict == "unknown" for line in lines):
        return None
    if any(line.verdict == "not_met" and line.holds_from is None for line in lines):
        return None
    return max((line.holds_from for line in lines if line.holds_from is not None), default=None)


def missing_of(lines: Iterable[Line]) -> tuple[str, ...]:
    """Everything that isn't known, each once.

    Source: logic.
    """
    return tuple(dict.fromkeys(name for line in lines for name in line.missing))


def flags_of(lines: Iterable[Line]) -> tuple[str, ...]:
    """Every flag, each once.

    Source: logic.
    """
    return tuple(dict.fromkeys(flag for line in lines for flag in line.flags))


def day_after_months(since: date, months: int, *, longer: bool) -> date:
    """The first day that lies `months` calendar months after another, with `longer` more than that.

    Source: calendar months are counted from the day and clamped to the month's end, never chained.
    """
    day = add_months(since, months)
    return day + timedelta(days=1) if longer else day
