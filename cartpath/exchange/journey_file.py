"""Reads a journey file: `{"patient": {…}, "journey": {…}, "events": [{"kind", "occurred_at", "data"}, …]}`.

Everything that can be known without the database is checked here, before anything is written, and every
problem names its path and its line. `note` at the top is for readers of the file.
"""

import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar, cast
from uuid import UUID, uuid5

from pydantic import TypeAdapter, ValidationError

from cartpath.core.errors import Invalid
from cartpath.core.inputs import json_name
from cartpath.exchange.handlers import COMPANIONS, HANDLERS
from cartpath.exchange.json_lines import Lines, Path, dotted, scan
from cartpath.exchange.scene import Handler
from cartpath.exchange.shapes import JourneyHead, Written, WrittenEvent
from cartpath.ledger.kinds import EventKind
from patients.inputs import DonorDetails, PatientDetails

# Keys that may speak of days to come. Anything else lies between birth and now.
PLANNED: Final = frozenset(
    {
        *("valid_until", "review_on", "expected_on", "expires_on", "starts_at", "ends_at"),
        *("due_on", "expires_at"),
        *("hold_expires_at", "from_on", "until_on", "first_on", "last_on", "slot_on"),
    }
)
# The one character of JSON that PostgreSQL's text can't hold.
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
CLOCK_DRIFT: Final = timedelta(minutes=5)
_NAMESPACE: Final = UUID("2f0c1d0a-6c8e-5f5e-9a27-4f9f6f1f8a53")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """Where a file is wrong, and what would be right."""

    line: int
    path: Path
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {dotted(self.path)}: {self.reason}"


class JourneyFileError(Exception):
    """A journey file can't be used: every problem found, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEvent:
    """One event as read: `given` is its data as inputs of a service, `claimed` what should follow."""

    place: int
    kind: EventKind
    occurred_at: datetime
    given: tuple[Any, ...]
    claimed: Mapping[str, object]
    corrects: int | None
    confirms: int | None

    def path(self, *steps: str) -> Path:
        """The path of something in this event."""
        return ("events", self.place, *steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyFile:
    """A file whose every event has been read."""

    patient: PatientDetails
    head: JourneyHead
    events: tuple[ToldEvent, ...]
    raw: Mapping[str, Any]
    lines: Lines

    @property
    def journey_id(self) -> UUID:
        """The journey's identity: as the file says, or made of center, MRN and key."""
        head = self.head
        return head.id or uuid5(_NAMESPACE, "\n".join((head.center, self.patient.mrn, head.key)))

    def problem(self, path: Path, reason: str) -> Problem:
        """A problem with its line."""
        return Problem(self.lines.of(path), path, reason)


def read(text: str, *, now: datetime) -> JourneyFile:
    """Read a file; `now` bounds what has happened. Raises `JourneyFileError` with every problem found."""
    raw = _json(text)
    reader = _Reader(raw, scan(text), now)
    return reader.file()


def _json(text: str) -> Any:
    nul = _NUL.search(text)
    if nul:
        raise JourneyFileError([Problem(text.count("\n", 0, nul.start()) + 1, (), "holds a NUL character")])
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise JourneyFileError([Problem(error.lineno, (), f"not JSON: {error.msg}")]) from error
    except (ValueError, RecursionError) as error:
        raise JourneyFileError([Problem(1, (), f"not JSON: {error}")]) from error


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not a number")


class _Reader:
    """Reads one file and gathers every problem on the way."""

    def __init__(self, raw: Any, lines: Lines, now: datetime) -> None:
        self.raw, self.lines, self.now = raw, lines, now
        self.problems = [Problem(line, path, "is given twice") for path, line in lines.repeated]

    def file(self) -> JourneyFile:
        written = self.shape(Written, self.raw, ())
        patient = head = None
        events: list[ToldEvent] = []
        if written is not None:
            patient = self.shape(PatientDetails, written.patient, ("patient",))
            head = self.shape(JourneyHead, written.journey, ("journey",))
            events = [event for event in map(self.event, range(len(written.events)), written.events) if event]
        if patient is not None and len(events) == len(self.raw["events"]):
            self.problems.extend(self._doubts(patient, events))
        if self.problems or patient is None or head is None:
            raise JourneyFileError(self.problems)
        return JourneyFile(patient=patient, head=head, events=tuple(events), raw=self.raw, lines=self.lines)

    def add(self, path: Path, reason: str) -> None:
        self.problems.append(Problem(self.lines.of(path), path, reason))

    def shape(self, shape: type[T], value: object, path: Path) -> T | None:
        """`value` as a `shape`, or None after its problems were noted."""
        try:
            read_as: T = _adapter(cast("Hashable", shape)).validate_json(json.dumps(value))
            return read_as
        except ValidationError as error:
            for where, reason in _reasons(error, value):
                self.add((*path, *where), reason)
        except Invalid as refused:
            for name, reason in refused.fields.items():
                self.add((*path, *(find(value, name) or ())), reason)
        return None

    def event(self, place: int, raw: dict[str, object]) -> ToldEvent | None:
        path: Path = ("events", place)
        written = self.shape(WrittenEvent, raw, path)
        if written is None:
            return None
        kind = self._kind(written, path)
        if kind is None:
            return None
        handler = HANDLERS.get(kind) or Handler((COMPANIONS[kind],), lambda *_: None)
        data, claimed = _parted(written.data, handler)
        self._unknown_keys(data, handler, path)
        given = tuple(self.shape(shape, _part(data, shape), (*path, "data")) for shape in handler.given)
        if None in given:
            return None
        return ToldEvent(
            place=place,
            kind=kind,
            occurred_at=written.occurred_at,
            given=given,
            claimed=claimed,
            corrects=written.corrects,
            confirms=written.confirms,
        )

    def _kind(self, written: WrittenEvent, path: Path) -> EventKind | None:
        if written.kind in EventKind.values:
            return EventKind(written.kind)
        self.add((*path, "kind"), f"“{written.kind}” is not a kind of event")
        return None

    def _unknown_keys(self, data: Mapping[str, object], handler: Handler, path: Path) -> None:
        known = sorted({json_name(name) for shape in handler.given for name in _names(shape)})
        accepted = {name for shape in handler.given for name in _names(shape)} | set(known)
        for key in data:
            if key not in accepted:
                self.add((*path, "data", key), f"is not known here; known are: {', '.join(known) or 'none'}")

    def _doubts(self, patient: PatientDetails, events: Sequence[ToldEvent]) -> Iterator[Problem]:
        """What can't be, seen over the whole file: order, dates before birth or still to come."""
        for event in events:
            if (event.kind == EventKind.REFERRED) != (event.place == 0):
                yield self._doubt(event.path("kind"), "a journey begins with one “referred” event")
            for name, place in (("corrects", event.corrects), ("confirms", event.confirms)):
                if place is not None and place >= event.place:
                    yield self._doubt(event.path(name), "names no earlier event")
            yield from self._impossible(event.path("occurred_at"), event.occurred_at, patient.birth_date)
            for given in event.given:
                # A donor is another person, with a birth of their own.
                born = (given if isinstance(given, DonorDetails) else patient).birth_date
                for steps, moment in _moments(given):
                    yield from self._impossible(event.path("data", *steps), moment, born)

    def _impossible(self, path: Path, moment: date | datetime, birth_date: date) -> Iterator[Problem]:
        day = moment.date() if isinstance(moment, datetime) else moment
        late = moment > self.now + CLOCK_DRIFT if isinstance(moment, datetime) else day > _last_day(self.now)
        if late and path[-1] not in PLANNED:
            yield self._doubt(path, f"{moment.isoformat()} has not come yet")
        if day < birth_date:
            yield self._doubt(path, f"{moment.isoformat()} lies before the birth on {birth_date.isoformat()}")

    def _doubt(self, path: Path, reason: str) -> Problem:
        return Problem(self.lines.of(path), path, reason)


def _last_day(now: datetime) -> date:
    """Today, as early as it begins anywhere."""
    return (now.astimezone(UTC) + timedelta(hours=14)).date()


@cache
def _adapter(shape: type) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _names(shape: type) -> list[str]:
    return [field.name for field in fields(shape)]


def _part(data: Mapping[str, object], shape: type) -> dict[str, object]:
    """The keys of `data` that a shape reads; unknown (null) is the same as not given."""
    names = set(_names(shape)) | {json_name(name) for name in _names(shape)}
    return {key: value for key, value in data.items() if key in names and value is not None}


def _parted(data: Mapping[str, Any], handler: Handler) -> tuple[dict[str, Any], dict[str, object]]:
    """What a service is given, and what the file claims will follow from it."""
    given = json.loads(json.dumps(data))
    claimed: dict[str, object] = {}
    for name in (*handler.checked, *handler.dropped):
        *outer, key = name.split(".")
        inner = given
        for step in outer:
            inner = inner.get(step) or {}
        if isinstance(inner, dict) and key in inner:
            value = inner.pop(key)
            if name in handler.checked:
                claimed[name] = value
    return given, claimed


def _reasons(error: ValidationError, value: object) -> Iterator[tuple[Path, str]]:
    """Each wrong place inside `value` once, with a sentence."""
    seen = set()
    for each in error.errors(include_url=False, include_input=False):
        where = _inside(each["loc"], value)
        if where in seen:
            continue
        seen.add(where)
        match each["type"]:
            case "unexpected_keyword_argument":
                yield where, "is not known here"
            case "missing" | "missing_argument" | "missing_keyword_only_argument":
                yield (*where, each["loc"][-1]), "is missing"
            case "value_error":
                yield where, str(each["ctx"]["error"])
            case _:
                yield where, each["msg"]


def _inside(location: Path, value: object) -> Path:
    """The part of pydantic's location that leads into the value; the names of a union's branches don't."""
    path: Path = ()
    for step in location:
        try:
            value = value[step]  # type: ignore[index]
        except (TypeError, LookupError):
            break
        path = (*path, step)
    return path


def find(value: object, name: str) -> Path | None:
    """Where in `value` the field of a refusal stands (dots between levels); the outermost place wins."""
    steps = tuple(int(step) if step.isdecimal() else step for step in name.split("."))
    level: list[tuple[Path, object]] = [((), value)]
    while level:
        for path, inner in level:
            if _inside(steps, inner) == steps:
                return (*path, *steps)
        level = [
            ((*path, key), child)
            for path, inner in level
            if isinstance(inner, dict)
            for key, child in inner.items()
        ]
    return None


def _moments(given: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], date | datetime]]:
    """Every day and time in a dataclass, with its path as JSON names it."""
    if is_dataclass(given):
        for field in fields(given):
            yield from _moments(getattr(given, field.name), (*path, json_name(field.name)))
    elif isinstance(given, date):
        yield path, given
