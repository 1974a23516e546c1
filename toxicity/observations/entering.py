"""What helps to enter a round at the bedside: the last values, taken again on a press, and what is usual."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.forms import BoundField

from toxicity.bedside import Bedside, Reading
from toxicity.observations.catalog import CATALOG, ObservationCode
from toxicity.observations.forms import NUMBERS, ROUND, ObservationForm
from toxicity.observations.limits import Limit
from toxicity.observations.pictures import usual_words
from toxicity.observations.words import observation_words

_C = ObservationCode

# Tests of the moment: what was found last time must not lead the hand.
NEVER_AGAIN: Final = frozenset({_C.ICE, _C.CAPD, _C.HANDWRITING})
# Pressed together, because one means nothing without the others.
_WITH_DEVICE: Final = (_C.OXYGEN_FLOW, _C.FIO2)


@dataclass(frozen=True, slots=True)
class Last:
    """The last value of one kind: what was said, when, and what a press fills in.

    `again` is JSON from field names to the values to choose; empty for what is never carried forward.
    """

    words: str
    at: datetime
    again: str


@dataclass(frozen=True, slots=True)
class NumberBox:
    """A number's field with its possible range, what is usual at the age, and the last value."""

    field: BoundField
    low: float
    high: float
    decimals: int
    usual_low: float | None
    usual_high: float | None
    usual: str
    last: Last | None

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.field.name


@dataclass(frozen=True, slots=True)
class Helps:
    """Everything beside the fields: number boxes by name, and the last value of each kind."""

    boxes: Mapping[str, NumberBox]
    last: Mapping[str, Last]

    @property
    def round(self) -> list[NumberBox]:
        """The boxes of the vital signs, in the order of the thumb."""
        return [self.boxes[code.value] for code in ROUND]


def helps(form: ObservationForm, limits: Mapping[str, Limit], last: Mapping[str, Last]) -> Helps:
    """Helps for a form; a correction is offered no last values."""
    boxes = {code.value: _box(form, code, limits.get(code.value), last.get(code.value)) for code in NUMBERS}
    return Helps(boxes, last)


def last_values(seen: Bedside) -> dict[str, Last]:
    """The last value of each kind. One older than a shift is not offered."""
    return {code.value: found for code in ObservationCode if (found := last_of(code, seen))}


def last_of(code: ObservationCode, seen: Bedside) -> Last | None:
    """The last value of a kind within a shift."""
    reading = seen.latest(code)
    if reading is None or seen.at - reading.at > seen.figures.capd_shift:
        return None
    again = _again(code, reading, seen)
    return Last(_words(code, reading), reading.at, json.dumps(again, sort_keys=True) if again else "")


def _words(code: ObservationCode, reading: Reading) -> str:
    word = reading.value if isinstance(reading.value, str) else ""
    return observation_words(code, value=reading.number, word=word, parts=reading.parts)


def _again(code: ObservationCode, reading: Reading, seen: Bedside) -> dict[str, list[str]]:
    if code in NEVER_AGAIN:
        return {}
    if code == _C.VASOPRESSORS:
        return {code.value: list(reading.parts or ["none"])}
    given = {code.value: [_typed(reading)]}
    if code == _C.OXYGEN_DEVICE:
        for other in _WITH_DEVICE:
            beside = seen.latest(other)
            is_same_time = beside is not None and beside.set_id == reading.set_id
            given[other.value] = [_typed(beside)] if beside and is_same_time else []
    return given


def _typed(reading: Reading) -> str:
    """A value as a person would type it."""
    return str(reading.value) if reading.number is None else f"{reading.number:g}"


def _box(form: ObservationForm, code: ObservationCode, limit: Limit | None, last: Last | None) -> NumberBox:
    kind = CATALOG[code]
    field = form[code.value]
    kind_of_field = field.field
    high = (limit.high or limit.high_from) if limit else None
    return NumberBox(
        field=field,
        low=float(kind_of_field.min_value),  # type: ignore[attr-defined]
        high=float(kind_of_field.max_value),  # type: ignore[attr-defined]
        decimals=kind.decimals,
        usual_low=limit.low if limit else None,
        usual_high=high,
        usual=usual_words(limit, kind.decimals),
        last=last,
    )
