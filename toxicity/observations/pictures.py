"""The flowsheet as its page shows it: rows are observations, columns are times, the latest first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db.models.fields.json import KT
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from cartpath.core.dates import day_post
from patients.eligibility import protocol_for
from patients.models import Journey
from toxicity.grading.capd import CAPD_POSITIVE_FROM
from toxicity.grading.ice import MAX_ICE_TOTAL
from toxicity.laboratory.catalog import CATALOG as ANALYTES
from toxicity.laboratory.catalog import AnalyteCode
from toxicity.laboratory.readings import LabReading
from toxicity.laboratory.selectors import laboratory_readings
from toxicity.models import Assessment, Observation, ObservationSet
from toxicity.observations.catalog import CATALOG, Group, ObservationCode
from toxicity.observations.cells import EMPTY, EMPTY_DAY, Cell, Tone, drawn
from toxicity.observations.limits import Limit, limits_for, status_of
from toxicity.observations.rows import not_taken_of
from toxicity.observations.selectors import observation_sets
from toxicity.observations.sparks import Spark, spark
from toxicity.observations.words import GROUP_WORDS, label_words, number_words, observation_words

Text = str | Promise

SPANS: Final[Mapping[str, timedelta]] = {
    "day": timedelta(hours=24),
    "three-days": timedelta(days=3),
    "week": timedelta(days=7),
    "month": timedelta(days=31),
}
USUAL_SPAN: Final = "three-days"

_TONES: Final[Mapping[str, Tone]] = {"normal": "", "low": "low", "high": "high", "urgent_low": "urgent"}
GRADES: Final = gettext_lazy("Grades")
LABORATORY: Final = gettext_lazy("Laboratory")

# What a well child shows; every other word of the neurological check is worth a glance.
_WELL: Final = frozenset({"", "none", "no", "spontaneous", "unchanged"})


@dataclass(frozen=True, slots=True)
class Column:
    """One time. `observed` is the set that was entered then, None for a column of grades or laboratory."""

    key: UUID | datetime
    at: datetime
    by: str
    observed: ObservationSet | None
    day_starts: bool = False

    @property
    def struck(self) -> bool:
        """Whether it was entered in error."""
        return self.observed is not None and self.observed.struck_at is not None

    @property
    def initials(self) -> str:
        """Of who entered it, for the narrow head; the whole name is told beside."""
        return "".join(name[0] for name in self.by.split()[:3])


@dataclass(frozen=True, slots=True)
class Day:
    """The columns of one calendar day; `number` counts from the infusion."""

    day: date
    number: int | None
    span: int


@dataclass(frozen=True, slots=True)
class Row:
    """One observation over the sheet's times. `usual` is what is usual at the child's age now."""

    label: Text
    unit: str
    usual: str
    spark: Spark | None
    cells: Sequence[Cell]

    @property
    def drawn(self) -> SafeString:
        """Its cells as HTML."""
        return drawn(self.cells)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows that stand together under a name."""

    label: Text
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on the flowsheet, latest column first."""

    columns: Sequence[Column]
    days: Sequence[Day]
    groups: Sequence[RowGroup]


def sheet(journey: Journey, *, since: datetime, until: datetime) -> Sheet:
    """The flowsheet of a span of time, in five queries however long it is."""
    sets = observation_sets(journey.pk, since=since, until=until)
    graded = _graded(journey, since, until)
    laboratory = laboratory_readings(journey.pk, since=since, until=until)
    columns = _columns(journey, sets, graded, laboratory)
    groups = [
        *_grade_group(columns, graded),
        *_observed_groups(journey, columns, since, until),
        *_laboratory_group(columns, laboratory, since, until),
    ]
    return Sheet(columns, _days(journey, columns), groups)


# --- Columns -----------------------------------------------------------------------------------------------


def _columns(
    journey: Journey,
    sets: Sequence[ObservationSet],
    graded: Mapping[UUID, Assessment],
    laboratory: Mapping[str, Sequence[LabReading]],
) -> list[Column]:
    """One for each set, one for each assessment made apart from a set, one for each specimen."""
    found = [Column(each.pk, each.observed_at, each.recorded_by, each) for each in sets]
    of_sets = {each.assessment_id for each in sets}
    found += [
        Column(each.pk, each.assessed_at, each.assessed_by, None)
        for each in graded.values()
        if each.pk not in of_sets
    ]
    taken = {reading.at for readings in laboratory.values() for reading in readings}
    found += [Column(at, at, "", None) for at in taken - {column.at for column in found}]
    # Sets come in the order they were entered; a stable sort keeps it among those of one minute.
    found.sort(key=lambda column: column.at, reverse=True)
    return [
        Column(each.key, each.at, each.by, each.observed, _day_starts(journey, found, place))
        for place, each in enumerate(found)
    ]


def _day_starts(journey: Journey, columns: Sequence[Column], place: int) -> bool:
    return place == 0 or _day(journey, columns[place - 1].at) != _day(journey, columns[place].at)


def _day(journey: Journey, at: datetime) -> date:
    return at.astimezone(journey.center.zone).date()


def _days(journey: Journey, columns: Sequence[Column]) -> list[Day]:
    infused_on = _day(journey, journey.infused_at) if journey.infused_at else None
    by_day = groupby(columns, key=lambda column: _day(journey, column.at))
    return [
        Day(day, day_post(infused_on, day) if infused_on else None, len(list(each))) for day, each in by_day
    ]


# --- Grades ------------------------------------------------------------------------------------------------


def _graded(journey: Journey, since: datetime, until: datetime) -> dict[UUID, Assessment]:
    """The assessments of a span, without the long answers of the rules; one query."""
    found = (
        Assessment.objects.filter(journey_id=journey.pk, struck_at=None, assessed_at__range=(since, until))
        .annotate(crs_bound=KT("crs__result__at_least"), icans_bound=KT("icans__result__at_least"))
        .order_by("assessed_at", "event_id")
        .defer("crs", "icans")
    )
    return {each.pk: each for each in found}


def _grade_group(columns: Sequence[Column], graded: Mapping[UUID, Assessment]) -> list[RowGroup]:
    if not graded:
        return []
    rows = [
        Row(scale.upper(), "", "", None, [_grade_cell(column, graded, scale) for column in columns])
        for scale in ("crs", "icans")
    ]
    return [RowGroup(GRADES, rows)]


def _grade_cell(column: Column, graded: Mapping[UUID, Assessment], scale: str) -> Cell:
    key = column.observed.assessment_id if column.observed else column.key
    found = graded.get(key) if isinstance(key, UUID) else None
    grade = getattr(found, f"{scale}_final") if found else None
    if grade is None:
        return _empty(column)
    is_signed = getattr(found, f"{scale}_confirmed_grade") is not None
    is_bound = getattr(found, f"{scale}_bound") == "true"
    return Cell(grade=grade, at_least=is_bound and not is_signed, day_starts=column.day_starts)


def _empty(column: Column) -> Cell:
    return EMPTY_DAY if column.day_starts else EMPTY


# --- Observations ------------------------------------------------------------------------------------------


def _observed_groups(
    journey: Journey,
    columns: Sequence[Column],
    since: datetime,
    until: datetime,
) -> list[RowGroup]:
    by_code = _by_code(columns)
    # A child's limits change on a birthday: each column is judged by the age of its own day.
    birth = journey.patient.birth_date
    figures = protocol_for(journey).bedside
    limits = [limits_for(birth, _day(journey, column.at), figures) for column in columns]
    today = limits_for(birth, _day(journey, until), figures)
    rows: dict[Group, list[Row]] = defaultdict(list)
    for code, kind in CATALOG.items():
        # A vital sign that nobody took is missed; other rows show when there is something in them.
        if code in by_code or kind.group is Group.VITALS:
            found = by_code.get(code, {})
            cells = [
                _cell(code, found.get(place), columns[place], limits[place].get(code))
                for place in range(len(columns))
            ]
            rows[kind.group].append(
                Row(
                    label=label_words(code),
                    unit=kind.printed,
                    usual=usual_words(today.get(code), kind.decimals),
                    spark=_line(code, found, columns, since, until, today.get(code)),
                    cells=cells,
                )
            )
    return [RowGroup(GROUP_WORDS[group], found) for group, found in rows.items()]


_Found = Mapping[int, Sequence[Observation]]


def _by_code(columns: Sequence[Column]) -> dict[str, dict[int, list[Observation]]]:
    """The rows of every set by what was observed and the place of its column, oldest entry first."""
    found: dict[str, dict[int, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for place, column in enumerate(columns):
        for each in column.observed.observations.all() if column.observed else ():
            found[each.code][place].append(each)
    return found


def _cell(
    code: ObservationCode, entered: Sequence[Observation] | None, column: Column, limit: Limit | None
) -> Cell:
    if not entered:
        why = _not_taken(column, code)
        if not why:
            return _empty(column)
        return Cell(text=why, words=True, struck=column.struck, day_starts=column.day_starts)
    standing = next((each for each in entered if each.struck_at is None), None)
    shown = standing or (entered[-1] if column.struck else None)
    return Cell(
        text=_words(shown) if shown else "",
        tone=tone_of(standing, limit) if standing and not column.struck else "",
        was=tuple(_words(each) for each in entered if each is not shown),
        struck=column.struck,
        words=CATALOG[code].kept == "word" or code == ObservationCode.VASOPRESSORS,
        day_starts=column.day_starts,
    )


def _not_taken(column: Column, code: ObservationCode) -> str:
    """Why a vital sign could not be taken, in the place of its value; empty when nobody said so."""
    if column.observed is None or "not_taken" not in column.observed.circumstances:
        return ""
    reasons = {each.code: each.reason for each in not_taken_of(column.observed.circumstances)}
    return str(reasons[code].label) if code in reasons else ""


def _words(row: Observation) -> str:
    code = ObservationCode(row.code)
    return observation_words(code, value=row.value, word=row.word, parts=row.parts)


def tone_of(row: Observation, limit: Limit | None) -> Tone:
    """How a standing value is marked: outside the limits of the age, or not what a well child shows."""
    if row.code == ObservationCode.ICE:
        return "low" if row.value is not None and row.value < MAX_ICE_TOTAL else ""
    if row.code == ObservationCode.CAPD:
        return "high" if row.value is not None and row.value >= CAPD_POSITIVE_FROM else ""
    if row.code == ObservationCode.VASOPRESSORS:
        return "notable" if row.parts else ""
    if row.value is not None:
        return _TONES[status_of(float(row.value), limit)]
    return "" if row.word in _WELL else "notable"


def usual_words(limit: Limit | None, decimals: int) -> str:
    """`80–120`, `≥94`, `36.0–<38.0`; empty without a limit."""
    if limit is None:
        return ""

    def said(number: float | None) -> str:
        return "" if number is None else number_words(number, decimals)

    low, high = said(limit.low), said(limit.high)
    if limit.high_from is not None:
        high = f"<{said(limit.high_from)}"
    if low and high:
        return f"{low}\N{EN DASH}{high}"
    return f"\N{GREATER-THAN OR EQUAL TO}{low}" if low else high


def _line(
    code: ObservationCode,
    found: _Found,
    columns: Sequence[Column],
    since: datetime,
    until: datetime,
    limit: Limit | None,
) -> Spark | None:
    if not CATALOG[code].decimals and CATALOG[code].low is None:
        return None
    points = [
        (columns[place].at, float(each.value))
        for place in sorted(found, reverse=True)
        for each in found[place]
        if each.struck_at is None and each.value is not None and not columns[place].struck
    ]
    band = (limit.low, limit.high or limit.high_from) if limit else None
    return spark(points, since, until, band)


# --- Laboratory --------------------------------------------------------------------------------------------


def _laboratory_group(
    columns: Sequence[Column],
    laboratory: Mapping[str, Sequence[LabReading]],
    since: datetime,
    until: datetime,
) -> list[RowGroup]:
    if not laboratory:
        return []
    # Values stand in the first column of their minute: a specimen belongs to a time, not to a nurse.
    place_of: dict[datetime, int] = {}
    for place, column in enumerate(columns):
        place_of.setdefault(column.at, place)
    rows = []
    for code in AnalyteCode:
        readings = laboratory.get(code.value)
        if readings:
            cells = [_empty(column) for column in columns]
            for reading in readings:
                place = place_of[reading.at]
                cells[place] = _lab_cell(reading, columns[place])
            points = [(reading.at, reading.value) for reading in readings]
            line = spark(points, since, until, (readings[-1].low, readings[-1].high))
            rows.append(Row(code.label, ANALYTES[code.value].unit, "", line, cells))
    return [RowGroup(LABORATORY, rows)]


def _lab_cell(reading: LabReading, column: Column) -> Cell:
    limit = Limit(low=reading.low, high=reading.high)
    words = number_words(reading.value, ANALYTES[reading.analyte].places)
    return Cell(
        text=f"{reading.comparator}{words}",
        tone=_TONES[status_of(reading.value, limit)],
        day_starts=column.day_starts,
    )
