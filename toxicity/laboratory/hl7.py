"""Results in HL7 v2 messages (ORU^R01), as text or as a file of several messages.

A reader of our own, because of a message only a dozen fields are wanted, each with a line number for the
person who must repair it; a library would read the whole standard. Source: HL7 v2.5.1, chapters 2 and 7.
Names of segments and fields are those of the standard: PID-3, OBR-7, OBX-5.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from toxicity.laboratory.reported import Reported, Standing, moment_of

__all__ = ["Message", "is_hl7", "read_messages"]

_FRAMES: Final = str.maketrans("", "", "\x0b\x1c\ufeff")
_LEAST_HEADER: Final = 9
_LOINC: Final = "LN"
_STANDINGS: Final[dict[str, Standing]] = {
    "": "final",
    "F": "final",
    "C": "corrected",
    "D": "withdrawn",
    "W": "withdrawn",
    "X": "withdrawn",
}
# Texts that stand where no value was measured.
_NUMERIC: Final = ("NM", "SN", "ST", "TX", "")


@dataclass(slots=True)
class Message:
    """One message: whom it names, its values, and what made it unusable (empty when it can be used).

    `identifiers` are those of PID-3, `born` PID-7 as written (YYYYMMDD…).
    """

    line: int
    kind: str = ""
    identifiers: tuple[str, ...] = ()
    born: str = ""
    values: list[Reported] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Marks:
    """The signs that a message divides its text by."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"

    def plain(self, text: str) -> str:
        """Text without escape sequences."""
        escape = re.escape(self.escape)
        meant = {"F": self.field, "S": self.component, "R": self.repetition, "E": self.escape, "T": "&"}
        return re.sub(f"{escape}([FSRET]){escape}", lambda found: meant[found[1]], text).strip()

    def components(self, text: str) -> list[str]:
        """The parts of a field."""
        return [self.plain(part) for part in text.split(self.component)]


@dataclass(slots=True)
class _Observing:
    """Time and number of the order whose results follow."""

    taken: str = ""
    order: str = ""


def is_hl7(text: str) -> bool:
    """Whether a text is HL7 v2. Source: HL7 v2, chapter 2: it begins with a header segment."""
    return text.translate(_FRAMES).lstrip().startswith(("MSH", "FHS", "BHS"))


def read_messages(text: str, zone: ZoneInfo) -> list[Message]:
    """The messages of a text; times without an offset are the center's. Source: HL7 v2.5.1, chapter 7."""
    messages: list[Message] = []
    marks, observing = _Marks(), _Observing()
    for line, segment in _segments(text):
        name = segment[:3]
        if name == "MSH" and len(segment) >= _LEAST_HEADER:
            marks, observing = _Marks(segment[3], *segment[4:7]), _Observing()
            messages.append(Message(line, kind=_field(segment.split(marks.field), 8)))
        elif messages:
            _take(messages[-1], line, segment.split(marks.field), marks, observing, zone)
    return messages


def _segments(text: str) -> Iterator[tuple[int, str]]:
    lines = re.split(r"\r\n|\r|\n", text.translate(_FRAMES))
    yield from ((number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip())


def _take(
    message: Message, line: int, fields: Sequence[str], marks: _Marks, observing: _Observing, zone: ZoneInfo
) -> None:
    match fields[0]:
        case "PID":
            repeated = _field(fields, 3).split(marks.repetition)
            message.identifiers = tuple(part for each in repeated if (part := marks.components(each)[0]))
            message.born = _field(fields, 7)
        case "ORC":
            observing.order = marks.components(_field(fields, 3))[0]
        case "OBR":
            observing.order = marks.components(_field(fields, 3))[0] or observing.order
            observing.taken = _field(fields, 7)
        case "OBX":
            message.values.append(_value(line, fields, marks, observing, zone))


def _value(
    line: int, fields: Sequence[str], marks: _Marks, observing: _Observing, zone: ZoneInfo
) -> Reported:
    loinc, code, name = _code(marks.components(_field(fields, 3)))
    taken = _field(fields, 14) or observing.taken
    status = _field(fields, 11)
    return Reported(
        line=line,
        name=name,
        loinc=loinc,
        code=code,
        value=_result(_field(fields, 2), _field(fields, 5), marks),
        unit=marks.components(_field(fields, 6))[0],
        limits=marks.plain(_field(fields, 7)),
        taken=taken,
        taken_at=moment_of(taken, zone),
        order=observing.order,
        standing=_STANDINGS.get(status, "preliminary"),
    )


def _code(parts: Sequence[str]) -> tuple[str, str, str]:
    """The LOINC code of an identifier, the laboratory's own code, and a name; each may be in either half."""
    padded = [*parts, *[""] * 6]
    halves = (padded[:3], padded[3:6])
    loinc = next((code for code, _text, system in halves if system == _LOINC), "")
    name = next((text for _code, text, _system in halves if text), "") or padded[0]
    own = next((code for code, _text, system in halves if code and system != _LOINC), "")
    return loinc, own, name


def _result(kind: str, value: str, marks: _Marks) -> str:
    """The value as text; a structured number (SN) is put together: `<^10` is `<10`."""
    first = value.split(marks.repetition)[0]
    if kind == "SN":
        sign, number, *_rest = [*marks.components(first), "", ""]
        return f"{sign if sign in ('<', '>', '<=', '>=') else ''}{number}"
    return marks.plain(first) if kind in _NUMERIC else ""


def _field(fields: Sequence[str], place: int) -> str:
    return fields[place].strip() if place < len(fields) else ""
