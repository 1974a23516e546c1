"""Tables of values, pasted from another program or read from a CSV file.

Two shapes are read by their heading: one value a line (analyte, value, unit, time …), and analytes down with
times across, as ward systems show them. Source: design.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from toxicity.laboratory.reported import Reported, moment_of

__all__ = ["Table", "read_table"]

# What a heading may be called, in the languages of the house.
_HEADINGS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "name": frozenset({"analyte", "test", "name", "parameter", "exam", "analita", "esame", "parametro"}),
        "value": frozenset({"value", "result", "valore", "risultato"}),
        "unit": frozenset({"unit", "units", "unità", "unita", "u.m.", "um"}),
        "taken": frozenset(
            {"taken", "time", "date", "date time", "collected", "sample time", "prelievo", "data"}
        ),
        "limits": frozenset({"range", "reference", "reference range", "limits", "normal", "riferimento"}),
        "low": frozenset({"low", "lower limit", "min", "minimo"}),
        "high": frozenset({"high", "upper limit", "max", "massimo"}),
        "loinc": frozenset({"loinc", "code", "codice"}),
        "order": frozenset({"order", "sample", "accession", "number", "campione"}),
    }
)
_WIDEST: Final = 200
_UNIT_IN_NAME: Final = re.compile(r"(?P<name>.+?)\s*[\[(](?P<unit>[^\])]+)[\])]\s*")
_NOTHING: Final = frozenset({"", "-", "–", "—", "n/a", "na", "/"})


@dataclass(frozen=True, slots=True)
class Table:
    """What was read, and why nothing could be (`problem` is empty when it could).

    Problems: `empty`, `no_heading` (no column for the analyte, or none with values), `too_wide`.
    """

    values: tuple[Reported, ...]
    problem: str = ""


def read_table(text: str, zone: ZoneInfo, *, usual_at: datetime | None = None) -> Table:
    """The values of a table with a heading; `usual_at` is the time of values without one. Source: design."""
    lines = text.lstrip("\ufeff").splitlines()
    start = next((place for place, line in enumerate(lines) if line.strip()), None)
    if start is None:
        return Table((), "empty")
    reader = csv.reader(io.StringIO("\n".join(lines[start:])), delimiter=_divider(lines[start]))
    try:
        rows = [(start + reader.line_num, row) for row in reader]
    except csv.Error:
        return Table((), "no_heading")
    heading = [cell.strip() for cell in rows[0][1]]
    if len(heading) > _WIDEST:
        return Table((), "too_wide")
    columns = _columns(heading)
    times = {place: at for place, cell in enumerate(heading) if (at := moment_of(cell, zone)) is not None}
    if "name" not in columns and times and 0 not in times:
        columns["name"] = 0
    if ("name" not in columns and "loinc" not in columns) or ("value" not in columns and not times):
        return Table((), "no_heading")
    values: list[Reported] = []
    for number, row in rows[1:]:
        cells = [*(cell.strip() for cell in row), *[""] * len(heading)]
        if times:
            values += _across(number, cells, columns, heading, times)
        elif any(cells):
            values.append(_one(number, cells, columns, zone, usual_at))
    return Table(tuple(values))


def _divider(heading: str) -> str:
    """The sign that divides the heading most; a tab goes first, as times hold no tabs."""
    return max("\t;|,", key=lambda sign: (heading.count(sign), sign == "\t"))


def _columns(heading: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, cell in enumerate(heading):
        word = cell.lower().rstrip(":")
        found = next((name for name, words in _HEADINGS.items() if word in words), None)
        if found:
            columns.setdefault(found, place)
    return columns


def _one(
    number: int, cells: Sequence[str], columns: Mapping[str, int], zone: ZoneInfo, usual_at: datetime | None
) -> Reported:
    taken = _cell(cells, columns, "taken")
    name, unit = _named(cells, columns)
    return Reported(
        line=number,
        name=name,
        loinc=_cell(cells, columns, "loinc"),
        value=_cell(cells, columns, "value"),
        unit=unit,
        limits=_limits(cells, columns),
        taken=taken,
        taken_at=moment_of(taken, zone) if taken else usual_at,
        order=_cell(cells, columns, "order"),
    )


def _across(
    number: int,
    cells: Sequence[str],
    columns: Mapping[str, int],
    heading: Sequence[str],
    times: Mapping[int, datetime],
) -> list[Reported]:
    """The values of one analyte; an empty cell is a time at which it was not measured."""
    name, unit = _named(cells, columns)
    return [
        Reported(
            line=number,
            name=name,
            loinc=_cell(cells, columns, "loinc"),
            value=cells[place],
            unit=unit,
            limits=_limits(cells, columns),
            taken=heading[place],
            taken_at=at,
        )
        for place, at in times.items()
        if cells[place].lower() not in _NOTHING
    ]


def _named(cells: Sequence[str], columns: Mapping[str, int]) -> tuple[str, str]:
    """The name and the unit; `Ferritin (ng/mL)` holds both."""
    name, unit = _cell(cells, columns, "name"), _cell(cells, columns, "unit")
    found = _UNIT_IN_NAME.fullmatch(name)
    if not unit and "unit" not in columns and found:
        return found["name"], found["unit"]
    return name, unit


def _limits(cells: Sequence[str], columns: Mapping[str, int]) -> str:
    written = _cell(cells, columns, "limits")
    low, high = _cell(cells, columns, "low"), _cell(cells, columns, "high")
    if written or not (low or high):
        return written
    if low and high:
        return f"{low}-{high}"
    return f">{low}" if low else f"<{high}"


def _cell(cells: Sequence[str], columns: Mapping[str, int], name: str) -> str:
    return cells[columns[name]] if name in columns else ""
