"""Days and times from outside are read by the letter."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from cartpath.core.moments import Day, DayOrMoment, Moment


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Day, "20260305"),
        (Day, "0"),
        (Day, "2026-03-05T10:00:00+01:00"),
        (Day, "2026-02-30"),
        (Moment, "2026-03-05"),
        (Moment, "2026-03-05T10:00:00"),
        (Moment, "1772704800"),
        (DayOrMoment, "05.03.2026"),
    ],
)
def test_what_is_not_iso_8601_with_its_offset_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_json(json.dumps(text), strict=True)


@pytest.mark.parametrize(("kind", "number"), [(Day, 20260305), (Moment, 1772704800)])
def test_a_number_is_no_time(kind: Any, number: int) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_json(str(number), strict=True)


def test_a_day_stays_a_day_and_a_time_keeps_its_offset() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(DayOrMoment)
    assert adapter.validate_json('"2026-03-05"', strict=True).isoformat() == "2026-03-05"
    time = adapter.validate_json('"2026-03-05T10:00:00+01:00"', strict=True)
    assert time.isoformat() == "2026-03-05T10:00:00+01:00"
