"""The picture of the first thirty days: its range, its lanes, and the table with the same facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from toxicity.course.drawing import (
    LEFT,
    RIGHT,
    WIDTH,
    Axis,
    Bar,
    Curve,
    Frame,
    Measured,
    Step,
    bar,
    ceiling,
    curve,
    decades,
    steps,
    text,
)
from toxicity.course.reading import LAST_DAY, CourseFacts
from toxicity.episodes.rules import Seen, worst_by_day
from toxicity.grading.crs import FEVER_FROM_C
from toxicity.grading.daily_counts import Spell
from toxicity.grading.icaht import PROFOUND_PER_UL, SEVERE_PER_UL
from toxicity.interventions.pictures import GivenPicture
from toxicity.interventions.words import Text
from toxicity.laboratory.catalog import AnalyteCode
from toxicity.models.episodes import Scale

# What can be chosen: the first and the last day.
Days = tuple[int, int]
WHOLE: Final[Days] = (0, LAST_DAY)
RANGES: Final[tuple[Days, ...]] = (WHOLE, (0, 6), (7, 13), (14, 20), (21, LAST_DAY))

_TEMPERATURE: Final = Axis(26, 116, 35.5, 41.5)
_CRS_FLOOR: Final = 188
_ICANS_FLOOR: Final = 258
_GIVEN_TOP: Final = 286
_GIVEN_ROW: Final = 18
_LANE: Final = 84
_BETWEEN: Final = 26
_BROKEN: Final = {"temperature": timedelta(hours=24), "laboratory": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Tick:
    """The beginning of a day; `says_day` where its number is written."""

    x: str
    day: int
    says_day: bool


@dataclass(frozen=True, slots=True)
class GradeLane:
    """The grades of one scale as steps, with its episodes as brackets above."""

    scale: str
    floor: int
    label_y: int
    steps: Sequence[Step]
    episodes: Sequence[Bar]
    bracket_y: int


@dataclass(frozen=True, slots=True)
class GivenMark:
    """One dose or course in its row; `bar` only for a course."""

    x: str
    bar: Bar | None
    picture: GivenPicture


@dataclass(frozen=True, slots=True)
class GivenRow:
    """One drug."""

    y: int
    name: Text
    marks: Sequence[GivenMark]


@dataclass(frozen=True, slots=True)
class SpellBar:
    """Days with few neutrophils, at or below `limit` per microliter."""

    bar: Bar
    y: str
    limit: int
    spell: Spell


@dataclass(frozen=True, slots=True)
class CourseDay:
    """One day in the table; None where nothing is known."""

    day: int
    on: date
    highest_c: float | None
    crs: Seen | None
    icans: Seen | None
    given: Sequence[GivenPicture]
    laboratory: Mapping[str, Measured | None]
    is_severe: bool
    is_profound: bool


@dataclass(frozen=True, slots=True)
class CoursePicture:
    """The drawing, and beside it the same in a table. Days are days after infusion."""

    chosen: Days
    ranges: Sequence[Days]
    earlier: Days | None
    later: Days | None
    width: int
    height: int
    left: int
    right: int
    ticks: Sequence[Tick]
    now_x: str | None
    temperature: Curve
    grades: Sequence[GradeLane]
    given: Sequence[GivenRow]
    given_label_y: int
    ferritin: Curve
    crp: Curve
    neutrophils: Curve
    spells: Sequence[SpellBar]
    days: Sequence[CourseDay]
    icaht: Mapping[str, Any] | None


def chosen_days(first: int | None, last: int | None) -> Days:
    """The days to draw: what was asked for within day 0 to 30, else all."""
    if first is None or last is None:
        return WHOLE
    begins = min(max(first, 0), LAST_DAY)
    return begins, min(max(last, begins), LAST_DAY)


def course_picture(facts: CourseFacts, *, days: Days) -> CoursePicture:
    """Draw some of the first thirty days, and make their table."""
    first, last = days
    frame = Frame(facts.midnight(first), facts.midnight(last + 1))
    rows = _given_rows(facts, frame)
    below = _GIVEN_TOP + max(len(rows), 1) * _GIVEN_ROW
    lanes = [below + _BETWEEN + place * (_LANE + _BETWEEN) for place in range(3)]
    neutrophils, spells = _neutrophils(facts, frame, lanes[2])
    span = last - first + 1
    return CoursePicture(
        chosen=days,
        ranges=RANGES,
        earlier=(max(first - span, 0), max(first - span, 0) + span - 1) if first > 0 else None,
        later=(min(last + 1, LAST_DAY + 1 - span), min(last + span, LAST_DAY)) if last < LAST_DAY else None,
        width=WIDTH,
        height=lanes[2] + _LANE + 40,
        left=LEFT,
        right=RIGHT,
        ticks=[
            Tick(text(frame.x(facts.midnight(day))), day, _says(day, span)) for day in range(first, last + 1)
        ],
        now_x=text(frame.x(facts.now)) if frame.holds(facts.now) else None,
        temperature=curve(
            frame,
            _TEMPERATURE,
            facts.temperatures,
            levels=[(36, False), (FEVER_FROM_C, True), (40, False)],
            broken_after=_BROKEN["temperature"],
        ),
        grades=[
            _grade_lane(facts, frame, Scale.CRS, _CRS_FLOOR),
            _grade_lane(facts, frame, Scale.ICANS, _ICANS_FLOOR),
        ],
        given=rows,
        given_label_y=_GIVEN_TOP - 6,
        ferritin=_ferritin(facts, frame, lanes[0]),
        crp=_crp(facts, frame, lanes[1]),
        neutrophils=neutrophils,
        spells=spells,
        days=_days(facts, first, last),
        icaht=facts.icaht.result if facts.icaht else None,
    )


def _says(day: int, span: int) -> bool:
    return span <= 14 or day % 2 == 0


def _grade_lane(facts: CourseFacts, frame: Frame, scale: Scale, floor: int) -> GradeLane:
    graded = [(each.at, each.grade, each.at_least) for each in facts.graded[scale] if each.grade is not None]
    brackets = (
        bar(frame, each.onset_at, each.resolved_at, now=facts.now)
        for each in facts.episodes
        if each.scale == scale
    )
    return GradeLane(
        scale=str(scale.label),
        floor=floor,
        label_y=floor - 18,
        steps=steps(frame, floor, graded, until=facts.now, holds=facts.grade_holds),
        episodes=[each for each in brackets if each],
        bracket_y=floor + 7,
    )


def _given_rows(facts: CourseFacts, frame: Frame) -> list[GivenRow]:
    """One row for each drug given in the frame, in the order in which they were begun."""
    by_name: dict[str, list[GivenMark]] = {}
    for picture in facts.given:
        each = picture.intervention
        stretch = bar(frame, each.given_at, each.stopped_at, now=facts.now) if each.is_course else None
        if stretch is None and not frame.holds(each.given_at):
            continue
        mark = GivenMark(text(frame.x(each.given_at)), stretch, picture)
        by_name.setdefault(str(picture.name), []).append(mark)
    return [
        GivenRow(_GIVEN_TOP + place * _GIVEN_ROW + _GIVEN_ROW // 2, name, marks)
        for place, (name, marks) in enumerate(by_name.items())
    ]


def _ferritin(facts: CourseFacts, frame: Frame, top: int) -> Curve:
    values = facts.laboratory[AnalyteCode.FERRITIN]
    low, high = decades((each.value for each in values), at_least=(100.0, 10_000.0))
    return _laboratory(frame, Axis(top, top + _LANE, low, high, logarithmic=True), values, _powers(low, high))


def _crp(facts: CourseFacts, frame: Frame, top: int) -> Curve:
    values = facts.laboratory[AnalyteCode.CRP]
    high = ceiling((each.value for each in values), at_least=50)
    levels = [(0.0, False), (high / 2, False), (high, False)]
    return _laboratory(frame, Axis(top, top + _LANE, 0, high), values, levels)


def _neutrophils(facts: CourseFacts, frame: Frame, top: int) -> tuple[Curve, list[SpellBar]]:
    values = facts.laboratory[AnalyteCode.ANC]
    # A count of 0 stands at the floor of the scale: 10 per microliter.
    _, high = decades((each.value for each in values), at_least=(10.0, 10_000.0))
    axis = Axis(top, top + _LANE, 10.0, high, logarithmic=True)
    levels = [(float(PROFOUND_PER_UL), True), (float(SEVERE_PER_UL), True), (high, False)]
    drawn = _laboratory(frame, axis, values, levels)
    spells = []
    for place, (limit, found) in enumerate(facts.spells.items()):
        for spell in found:
            begins, ends = facts.midnight(spell.first_day), facts.midnight(spell.last_day + 1)
            stretch = bar(frame, begins, ends, now=facts.now)
            if stretch:
                spells.append(SpellBar(stretch, text(top + _LANE + 6 + place * 9), limit, spell))
    return drawn, spells


def _laboratory(
    frame: Frame, axis: Axis, values: Sequence[Measured], levels: Sequence[tuple[float, bool]]
) -> Curve:
    return curve(frame, axis, values, levels=levels, broken_after=_BROKEN["laboratory"])


def _powers(low: float, high: float) -> list[tuple[float, bool]]:
    found = []
    value = low
    while value <= high * 1.001:
        found.append((value, False))
        value *= 10
    return found


def _days(facts: CourseFacts, first: int, last: int) -> list[CourseDay]:
    """The table: every day of the range that has come."""
    worst = {scale: worst_by_day(facts.graded[scale], day_of=facts.day) for scale in Scale}
    highest = _by_day(facts, facts.temperatures, lowest=False)
    laboratory = {
        analyte: _by_day(facts, values, lowest=analyte == AnalyteCode.ANC)
        for analyte, values in facts.laboratory.items()
    }
    given: dict[int, list[GivenPicture]] = {}
    for picture in facts.given:
        given.setdefault(facts.day(picture.intervention.given_at), []).append(picture)
    return [
        CourseDay(
            day=day,
            on=facts.infused_on + timedelta(days=day),
            highest_c=highest[day].value if day in highest else None,
            crs=worst[Scale.CRS].get(day),
            icans=worst[Scale.ICANS].get(day),
            given=given.get(day, []),
            laboratory={analyte: by_day.get(day) for analyte, by_day in laboratory.items()},
            is_severe=_lies_in(facts.spells[SEVERE_PER_UL], day),
            is_profound=_lies_in(facts.spells[PROFOUND_PER_UL], day),
        )
        for day in range(first, min(last, facts.day(facts.now)) + 1)
    ]


def _by_day(facts: CourseFacts, values: Sequence[Measured], *, lowest: bool) -> dict[int, Measured]:
    """The highest value of each day, or the lowest."""
    found: dict[int, Measured] = {}
    for each in values:
        day = facts.day(each.at)
        known = found.get(day)
        if known is None or (each.value < known.value if lowest else each.value > known.value):
            found[day] = each
    return found


def _lies_in(spells: Sequence[Spell], day: int) -> bool:
    return any(spell.first_day <= day <= spell.last_day for spell in spells)
