"""Values from a paste, a file or HL7 messages: read, shown line by line, and stored when a person agrees.

Nothing is guessed and nothing is dropped silently: a line that can't be taken says why, a value that is
known already is left alone, one that differs from the stored one replaces it only when asked to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import TypeAdapter, ValidationError

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from patients.models import Journey
from toxicity.laboratory.catalog import Analyte
from toxicity.laboratory.hl7 import Message, is_hl7, read_messages
from toxicity.laboratory.inputs import LabEntry, LabResult, Source
from toxicity.laboratory.own_codes import OwnCodes, own_codes
from toxicity.laboratory.reported import Reported, amount_of, range_of
from toxicity.laboratory.selectors import results_told
from toxicity.laboratory.services import laboratory_correct, laboratory_record
from toxicity.laboratory.tables import read_table
from toxicity.laboratory.units import (
    checked,
    number_text,
    unit_of,
    unknown_analyte,
    wrong_unit,
)
from toxicity.models import LabSet, LabValue
from toxicity.writing import bedside_write

State = Literal["new", "known", "differs", "left_out", "unknown", "refused"]
MOST_VALUES: Final = 2000
_DRIFT: Final = timedelta(minutes=5)
_RESULT: Final = TypeAdapter(LabResult)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """One line as understood. `why` says why it is not taken, or what is stored instead."""

    reported: Reported
    state: State
    why: str = ""
    analyte: Analyte | None = None
    result: LabResult | None = None
    value: float | None = None
    stored_set: UUID | None = None

    @property
    def kept(self) -> str:
        """The value as it would be kept, where that differs from how it was reported."""
        if self.analyte is None or self.value is None or self.reported.unit == self.analyte.unit:
            return ""
        return f"{number_text(self.value)} {self.analyte.unit}"


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything read from a text; `problems` are about the text as a whole."""

    source: Source
    rows: tuple[ImportRow, ...]
    problems: tuple[str, ...] = ()

    def count(self, state: State) -> int:
        """How many rows are in a state."""
        return sum(row.state == state for row in self.rows)

    @property
    def takes(self) -> int:
        """How many values are new."""
        return self.count("new")

    @property
    def differ(self) -> int:
        """How many values differ from the stored ones."""
        return self.count("differs")

    @property
    def refused(self) -> int:
        """How many values can't be taken."""
        return self.count("refused")

    @property
    def unknown(self) -> list[Reported]:
        """What nobody knows the meaning of, each name with each unit once."""
        rows = (row.reported for row in self.rows if row.state == "unknown")
        return list({(reported.said, reported.unit): reported for reported in rows}.values())

    @property
    def can_be_stored(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.takes or self.differ)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many values were stored anew, and how many replaced others."""

    stored: int
    replaced: int


def preview(
    journey: Journey, text: str, *, at: datetime, usual_at: datetime | None = None, is_file: bool = False
) -> Preview:
    """What a text holds for a child, checked against what is stored; nothing is written. Two queries."""
    zone = journey.center.zone
    if is_hl7(text):
        reported, problems = _of_messages(journey, read_messages(text, zone))
        source: Source = "hl7"
    else:
        table = read_table(text, zone, usual_at=usual_at)
        reported, problems = list(table.values), [_table_problem(table.problem)] if table.problem else []
        source = "csv" if is_file else "pasted"
    if len(reported) > MOST_VALUES:
        return Preview(
            source, (), (_("More than %(most)d values: import them in parts.") % {"most": MOST_VALUES},)
        )
    own = own_codes(journey.center_id)
    rows = [_understood(journey, each, own, at=at) for each in reported]
    return Preview(source, tuple(_compared(journey, rows)), tuple(problems))


def import_values(
    *,
    journey_id: UUID,
    text: str,
    replaces: bool,
    by: Actor,
    at: datetime,
    usual_at: datetime | None = None,
    is_file: bool = False,
) -> Imported:
    """Store what a text holds, all of it or nothing; with `replaces` also what differs from the stored.

    Raises `Invalid` for a text that can't be used as a whole, `Conflict` when nothing in it is new.
    """
    with bedside_write(journey_id) as journey:
        read = preview(journey, text, at=at, usual_at=usual_at, is_file=is_file)
        if read.problems:
            raise Invalid("invalid_input", read.problems[0], fields={"text": read.problems[0]})
        new = [row for row in read.rows if row.state == "new"]
        changed = [row for row in read.rows if row.state == "differs"] if replaces else []
        if not new and not changed:
            raise Conflict("nothing_new", _("There is nothing new in it."))
        _replace(changed, by=by, at=at)
        for (taken_at, order), results in _by_specimen(new).items():
            entry = LabEntry(results=tuple(results), source=read.source, order=order)
            laboratory_record(journey_id=journey_id, taken_at=taken_at, entry=entry, by=by, at=at)
        return Imported(stored=len(new), replaced=len(changed))


def _of_messages(journey: Journey, messages: Sequence[Message]) -> tuple[list[Reported], list[str]]:
    """The values of the messages, and what makes a message unusable: above all another child's name in it."""
    problems = [problem for each in messages if (problem := _message_problem(journey, each))]
    return [value for each in messages for value in each.values], problems


def _message_problem(journey: Journey, message: Message) -> str:
    at_line = {"line": message.line}
    if not message.kind.startswith("ORU"):
        return _("The message in line %(line)d holds no results (ORU^R01).") % at_line
    if not message.identifiers:
        return _("The message in line %(line)d names no patient (PID-3).") % at_line
    if journey.patient.mrn not in message.identifiers:
        return _("The message in line %(line)d is about another patient.") % at_line
    if message.born and message.born[:8] != f"{journey.patient.birth_date:%Y%m%d}":
        return _("The birth date in the message in line %(line)d is not this child's.") % at_line
    return ""


def _table_problem(problem: str) -> str:
    return {
        "empty": _("There is nothing in it."),
        "no_heading": _(
            "The first line must name the columns: the analyte, and either the value or the times."
        ),
        "too_wide": _("There are more columns than a table of values has."),
    }[problem]


def _understood(journey: Journey, reported: Reported, own: OwnCodes, *, at: datetime) -> ImportRow:
    """A line as a result in a unit of the catalog, or why not."""
    if reported.standing == "preliminary":
        return ImportRow(reported=reported, state="left_out", why=_("Preliminary: wait for the final value."))
    if reported.standing == "withdrawn":
        why = _("Withdrawn by the laboratory: mark the stored value as entered in error.")
        return ImportRow(reported=reported, state="left_out", why=why)
    meaning = own.meaning(reported)
    if meaning is None:
        return ImportRow(reported=reported, state="unknown", why=unknown_analyte(reported.said))
    analyte, unit = meaning.analyte, meaning.unit
    row = ImportRow(reported=reported, state="new", analyte=analyte)
    if why := _time_problem(journey, reported, at):
        return replace(row, state="refused", why=why)
    amount = amount_of(reported.value)
    if amount is None:
        why = _("“%(text)s” is not a number that can be read safely.") % {"text": reported.value[:40]}
        return replace(row, state="refused", why=why)
    if unit_of(analyte, unit) is None:
        return replace(row, state="refused", why=wrong_unit(analyte, unit))
    low, high = range_of(reported.limits)
    result = LabResult(
        analyte=analyte.code.value,
        value=amount.number,
        unit=unit,
        comparator=amount.comparator,
        low=low,
        high=high,
    )
    try:
        _kind, value = checked(_RESULT.validate_python(result))
    except (Invalid, ValidationError) as refusal:
        why = refusal.message if isinstance(refusal, Invalid) else _("The value is not possible.")
        return replace(row, state="refused", why=why)
    return replace(row, result=result, value=float(value))


def _time_problem(journey: Journey, reported: Reported, at: datetime) -> str:
    taken_at = reported.taken_at
    if taken_at is None:
        if not reported.taken:
            return _("The time is missing.")
        return _("The time “%(text)s” can't be read safely; write it as 2026-03-05 10:00.") % {
            "text": reported.taken[:40]
        }
    if taken_at > at + _DRIFT:
        return _("The time lies in the future.")
    if _day(journey, taken_at) < journey.patient.birth_date:
        return _("The time lies before the child was born.")
    return ""


def _compared(journey: Journey, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """The rows beside what is stored, and beside each other: a specimen has each value once."""
    times = {row.reported.taken_at for row in rows if row.result and row.reported.taken_at}
    stored = {
        (each.analyte, each.taken_at): each
        for each in LabValue.objects.filter(journey=journey, taken_at__in=times, struck=False)
    }
    seen: dict[tuple[str, datetime], ImportRow] = {}
    compared: list[ImportRow] = []
    for row in rows:
        judged = row
        if row.result is not None and row.reported.taken_at is not None:
            key = (row.result.analyte, row.reported.taken_at)
            judged = _beside(row, stored.get(key), seen.get(key))
            seen.setdefault(key, row)
        compared.append(judged)
    return compared


def _beside(row: ImportRow, stored: LabValue | None, earlier: ImportRow | None) -> ImportRow:
    if earlier is not None:
        if earlier.value == row.value:
            return replace(row, state="known", why=_("The same value stands in a line before."))
        return replace(row, state="refused", why=_("A line before gives this specimen another value."))
    if stored is None:
        return row
    text = f"{stored.comparator}{number_text(stored.value)}"
    same = row.result is not None and stored.comparator == row.result.comparator
    if same and float(stored.value) == row.value:
        return replace(row, state="known", why=_("Recorded already."))
    why = _("Recorded as %(value)s.") % {"value": text}
    return replace(row, state="differs", why=why, stored_set=stored.lab_set_id)


def _replace(rows: Sequence[ImportRow], *, by: Actor, at: datetime) -> None:
    """Correct each stored set once: its other values stay, those that differ are replaced."""
    by_set: dict[UUID, dict[str, LabResult]] = {}
    for row in rows:
        if row.stored_set is not None and row.result is not None:
            by_set.setdefault(row.stored_set, {})[row.result.analyte] = row.result
    for set_id, changes in by_set.items():
        wrong = LabSet.objects.get(pk=set_id)
        results = tuple((results_told(wrong.event_id) | changes).values())
        source: Any = wrong.source
        entry = LabEntry(results=results, source=source, order=wrong.order, note=wrong.note)
        laboratory_correct(
            set_id=set_id,
            taken_at=wrong.taken_at,
            entry=entry,
            reason=_("The laboratory reports another value."),
            by=by,
            at=at,
        )


def _by_specimen(rows: Sequence[ImportRow]) -> dict[tuple[datetime, str], list[LabResult]]:
    """Results by time and order, oldest first."""
    found: dict[tuple[datetime, str], list[LabResult]] = {}
    for row in rows:
        if row.result is not None and row.reported.taken_at is not None:
            found.setdefault((row.reported.taken_at, row.reported.order[:60]), []).append(row.result)
    return dict(sorted(found.items()))


def _day(journey: Journey, moment: datetime) -> date:
    return moment.astimezone(journey.center.zone).date()
