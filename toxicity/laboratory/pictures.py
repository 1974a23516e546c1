"""Laboratory values as pages show them: a sheet of all, the course of one, what rules make of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cartpath.core.answers import Answer
from toxicity.grading.ctcae import CtcaeGrade
from toxicity.laboratory.catalog import CATALOG, Analyte
from toxicity.laboratory.charts import Chart, chart_of
from toxicity.laboratory.enums import AnalyteGroup
from toxicity.laboratory.forms import unit_text
from toxicity.laboratory.judging import (
    Facts,
    Normal,
    ctcae_grade,
    day_of,
    icaht_answer,
    normal,
    t_icaht_answer,
    tls_answer,
)
from toxicity.laboratory.readings import LabReading
from toxicity.laboratory.units import number_text

Text = str | Promise
COLUMNS_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class LabCell:
    """One value: its text, on which side of its limits it lies, and its grade of CTCAE (None: none)."""

    reading: LabReading
    text: str
    side: Literal["low", "high", ""]
    limits: str
    graded: CtcaeGrade | None

    @property
    def grade(self) -> int | None:
        """The grade when it is above 0."""
        return (self.graded.grade or None) if self.graded else None

    @property
    def at_least(self) -> bool:
        """Whether something missing could raise the grade."""
        return bool(self.graded and self.graded.missing)


@dataclass(frozen=True, slots=True)
class LabColumn:
    """A specimen: when it was taken, and the day after infusion."""

    at: datetime
    day: int | None


@dataclass(frozen=True, slots=True)
class LabRow:
    """One analyte: its cells beside the columns, None where it was not measured."""

    analyte: Analyte
    unit: str
    cells: tuple[LabCell | None, ...]

    @property
    def latest(self) -> LabCell | None:
        """The latest value shown."""
        return next((cell for cell in self.cells if cell), None)


@dataclass(frozen=True, slots=True)
class LabSheet:
    """The latest specimens, latest first, and the analytes by group; `more` are columns left out."""

    columns: tuple[LabColumn, ...]
    groups: tuple[tuple[Text, tuple[LabRow, ...]], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Running:
    """A scale as it runs: grades by name of their window, and why. Fits the *Why?* component."""

    title: Text
    grades: tuple[tuple[Text, int | None], ...]
    at_least: bool
    explanation: Sequence[str]
    missing: Sequence[Text]
    source: str


def sheet(facts: Facts, *, all_columns: bool = False) -> LabSheet:
    """The values as a table, latest specimen left."""
    times = sorted({each.at for readings in facts.readings.values() for each in readings}, reverse=True)
    shown = times if all_columns else times[:COLUMNS_SHOWN]
    groups = []
    for group in AnalyteGroup:
        rows = tuple(
            _row(facts, analyte, shown)
            for code, analyte in CATALOG.items()
            if analyte.group == group and code in facts.readings
        )
        rows = tuple(row for row in rows if row.latest)
        if rows:
            groups.append((group.label, rows))
    columns = tuple(LabColumn(at, day_of(facts, at)) for at in shown)
    return LabSheet(columns, tuple(groups), len(times) - len(shown))


def course(facts: Facts, analyte: Analyte) -> tuple[Sequence[LabCell], Chart | None]:
    """Every value of one analyte, latest first, and its drawing."""
    readings = facts.readings.get(analyte.code.value, ())
    cells = [_cell(facts, analyte, reading) for reading in reversed(readings)]
    limits = normal(facts, readings[-1]) if readings else Normal()
    days = [(_day_point(facts, each), each.value) for each in readings]
    return cells, chart_of(days, low=limits.low, high=limits.high)


def running(facts: Facts) -> list[Running]:
    """ICAHT and T-ICAHT up to now, and tumor lysis in the last 24 hours."""
    found = []
    for title, answer in (("ICAHT", icaht_answer(facts)), ("T-ICAHT", t_icaht_answer(facts))):
        if answer is not None:
            found.append(_running(title, answer))
    return found


def lysis(facts: Facts) -> Answer | None:
    """Tumor lysis, when any of its values was measured in the last 24 hours."""
    answer = tls_answer(facts)
    criteria = answer.result["criteria"]
    known = isinstance(criteria, dict) and any(value is not None for value in criteria.values())
    return answer if known else None


def limits_text(limits: Normal) -> str:
    """Limits as people write them."""
    low = "" if limits.low is None else number_text(limits.low)
    high = "" if limits.high is None else number_text(limits.high)
    if low and high:
        return f"{low}–{high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


def value_text(analyte: Analyte, reading: LabReading) -> str:
    """A value with the places that count for its analyte."""
    return f"{reading.comparator}{number_text(round(reading.value, analyte.places))}"


def _running(title: Text, answer: Answer) -> Running:
    early, late = answer.result["early_grade"], answer.result["late_grade"]
    names = {
        "anc": _("neutrophils of every day"),
        "platelets": _("platelets of every day"),
        "transfusion_days": _("platelet transfusions"),
        "last_follow_up_day": _("end of the observation"),
    }
    return Running(
        title=title,
        grades=(
            (_("days 0–30"), early if isinstance(early, int) else None),
            (_("days 31–100"), late if isinstance(late, int) else None),
        ),
        at_least=bool(answer.result["at_least"]),
        explanation=answer.explanation,
        missing=[names.get(name, name) for name in answer.missing],
        source=answer.source,
    )


def _row(facts: Facts, analyte: Analyte, times: Sequence[datetime]) -> LabRow:
    by_time = {each.at: each for each in facts.readings[analyte.code.value]}
    cells = tuple(_cell(facts, analyte, by_time[at]) if at in by_time else None for at in times)
    return LabRow(analyte, unit_text(analyte.unit), cells)


def _cell(facts: Facts, analyte: Analyte, reading: LabReading) -> LabCell:
    limits = normal(facts, reading)
    return LabCell(
        reading=reading,
        text=value_text(analyte, reading),
        side=limits.side(reading.compared),
        limits=limits_text(limits),
        graded=ctcae_grade(facts, reading),
    )


def _day_point(facts: Facts, reading: LabReading) -> float:
    """Days after infusion with their fraction; before an infusion, days to the last value."""
    start = facts.infused_at or facts.at
    return (reading.at - start).total_seconds() / 86_400
