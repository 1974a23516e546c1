"""Fifteen years on one line: where each visit stands, drawn as SVG without a style of its own.

The first year holds most visits, so it takes a third of the line, years two to five another third, and the
ten years after that the rest; the ticks say so. The two clocks and the registry have a lane each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import pairwise
from typing import Final, Literal

from django.utils.translation import gettext as _

from cartpath.core.dates import add_months
from followup.pictures import VisitPicture
from followup.registry import FormPicture
from followup.rules.course import Clocks, Happening

MONTHS_PER_YEAR: Final = 12
LAST_YEAR: Final = 15

# Years since the infusion, and where they stand on the line in percent.
_SCALE: Final = ((0.0, 2.0), (1.0, 36.0), (5.0, 67.0), (15.0, 98.0))
_TICKS_IN_MONTHS: Final = (0, 3, 6, 9, 12, 24, 36, 48, 60, 84, 108, 132, 156, 180)
_DAYS_PER_YEAR: Final = 365.25

# The lanes, and how far from the top each stands.
Lane = Literal["efficacy", "safety", "registry"]
LANES: Final[dict[Lane, int]] = {"efficacy": 40, "safety": 70, "registry": 100}


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of time; `x` as SVG wants it, in percent. A minor one has no label on a narrow screen."""

    x: str
    label: str
    is_major: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """One visit or registry form on its lane."""

    x: str
    y: int
    item: str
    label: str
    state: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Reset:
    """Something that stopped a clock: a relapse, a transplant, another infusion."""

    x: str
    kind: str
    on: date


@dataclass(frozen=True, slots=True)
class Stretch:
    """How far a clock runs on its lane."""

    lane: Lane
    y: int
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Ruler:
    """The line with its ticks, its marks, and today (None before the infusion and after fifteen years)."""

    ticks: list[Tick]
    stretches: list[Stretch]
    marks: list[Mark]
    resets: list[Reset]
    today: str | None


def ruler(
    pictures: Sequence[VisitPicture],
    forms: Iterable[FormPicture] = (),
    resets: Sequence[Happening] = (),
    *,
    clocks: Clocks,
    zone: tzinfo,
    today: date,
) -> Ruler:
    """Put the visits and the forms of a plan on the line, with the clocks and what stopped them."""
    infused_on = clocks.infused_on
    transplanted = [each for each in resets if each.kind == "transplanted"]
    marks = [
        Mark(
            x=_x(each.planned.due_on, infused_on),
            y=LANES["efficacy" if each.planned.expected.clock == "efficacy" else "safety"],
            item=each.planned.expected.item,
            label=each.planned.expected.label,
            state=each.state,
            due_on=each.planned.due_on,
        )
        for each in pictures
    ]
    return Ruler(
        ticks=[_tick(months, infused_on) for months in _TICKS_IN_MONTHS],
        stretches=_stretches(clocks, is_combined=bool(transplanted)),
        marks=marks + [_form_mark(each, infused_on) for each in forms],
        resets=[_reset(each, infused_on, zone) for each in resets],
        today=_x(today, infused_on) if infused_on <= today <= clocks.safety_ends_on else None,
    )


def _stretches(clocks: Clocks, *, is_combined: bool) -> list[Stretch]:
    """The lanes of safety and registry run to the end; that of efficacy does unless something stopped it."""
    end = _x(clocks.safety_ends_on, clocks.infused_on)
    runs_on = clocks.stopped_on is None or is_combined
    efficacy_end = end if runs_on or clocks.stopped_on is None else _x(clocks.stopped_on, clocks.infused_on)
    ends: dict[Lane, str] = {"efficacy": efficacy_end, "safety": end, "registry": end}
    start = _x(clocks.infused_on, clocks.infused_on)
    return [Stretch(lane, LANES[lane], start, ends[lane]) for lane in LANES]


def _form_mark(form: FormPicture, infused_on: date) -> Mark:
    return Mark(
        x=_x(form.dated.due_on, infused_on),
        y=LANES["registry"],
        item=form.dated.expected.item,
        label=form.dated.expected.label,
        state=form.state,
        due_on=form.dated.due_on,
    )


def _reset(happening: Happening, infused_on: date, zone: tzinfo) -> Reset:
    on = happening.at.astimezone(zone).date()
    return Reset(_x(on, infused_on), happening.kind, on)


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
