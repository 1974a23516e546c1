"""Fifteen years on one line: where each visit stands, drawn as SVG without a style of its own.

The first year holds most visits, so it takes a third of the line, years two to five another third, and the
ten years after that the rest; the ticks say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext as _

from cartpath.core.dates import add_months
from followup.pictures import VisitPicture, VisitState

MONTHS_PER_YEAR: Final = 12
LAST_YEAR: Final = 15

# Years since the infusion, and where they stand on the line in percent.
_SCALE: Final = ((0.0, 2.0), (1.0, 36.0), (5.0, 67.0), (15.0, 98.0))
_TICKS_IN_MONTHS: Final = (0, 3, 6, 9, 12, 24, 36, 48, 60, 84, 108, 132, 156, 180)
_DAYS_PER_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of time; `x` as SVG wants it, in percent. A minor one has no label on a narrow screen."""

    x: str
    label: str
    is_major: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """One visit on the line."""

    x: str
    item: str
    label: str
    state: VisitState
    due_on: date


@dataclass(frozen=True, slots=True)
class Ruler:
    """The line with its ticks, its visits, and today (None before the infusion and after fifteen years)."""

    ticks: list[Tick]
    marks: list[Mark]
    today: str | None


def ruler(pictures: Sequence[VisitPicture], *, infused_on: date, today: date) -> Ruler:
    """Put the visits of a plan on the line."""
    end = add_months(infused_on, LAST_YEAR * MONTHS_PER_YEAR)
    marks = [
        Mark(
            x=_x(each.planned.due_on, infused_on),
            item=each.planned.expected.item,
            label=each.planned.expected.label,
            state=each.state,
            due_on=each.planned.due_on,
        )
        for each in pictures
    ]
    ticks = [_tick(months, infused_on) for months in _TICKS_IN_MONTHS]
    return Ruler(ticks, marks, _x(today, infused_on) if infused_on <= today <= end else None)


def _tick(months: int, infused_on: date) -> Tick:
    return Tick(
        x=_x(add_months(infused_on, months), infused_on),
        label=_tick_label(months),
        is_major=months in (0, 12, 60, 180),
    )


def _tick_label(months: int) -> str:
    if months == 0:
        return "D0"
    if months < MONTHS_PER_YEAR:
        return _("%(count)d m") % {"count": months}
    return _("%(count)d y") % {"count": months // MONTHS_PER_YEAR}


def _x(day: date, infused_on: date) -> str:
    """The place of a day in percent, always with a point: SVG knows no decimal comma."""
    years = min(max((day - infused_on).days / _DAYS_PER_YEAR, 0.0), float(LAST_YEAR))
    for (from_year, from_x), (to_year, to_x) in pairwise(_SCALE):
        if years <= to_year:
            share = (years - from_year) / (to_year - from_year)
            return f"{from_x + share * (to_x - from_x):.2f}%"
    return f"{_SCALE[-1][1]:.2f}%"
