"""What a person would call the way from one standing of a booking to another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cartpath.reminders.calendar_story import Day, Standing, words_of

AT = datetime(2026, 3, 10, 7, tzinfo=UTC)
FIRST = Day(1, AT, AT + timedelta(hours=6), "Machine 1")
SECOND = Day(2, AT + timedelta(days=1), AT + timedelta(days=1, hours=6), "Machine 1")
NOTHING = Standing()
HELD = Standing("held", (FIRST,), AT)
BOOKED = Standing("booked", (FIRST,))
ELSEWHERE = replace(BOOKED, days=(replace(FIRST, machine="Machine 2"),))
TWO_DAYS = replace(BOOKED, days=(FIRST, SECOND))
DONE = replace(TWO_DAYS, state="done")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (NOTHING, HELD, ["held"]),
        (NOTHING, BOOKED, ["booked"]),
        (HELD, BOOKED, ["booked"]),
        (HELD, ELSEWHERE, ["booked", "moved"]),
        (HELD, NOTHING, ["hold_ended"]),
        (BOOKED, NOTHING, ["canceled"]),
        (BOOKED, ELSEWHERE, ["moved"]),
        (BOOKED, TWO_DAYS, ["day_added"]),
        (TWO_DAYS, BOOKED, ["day_released"]),
        (ELSEWHERE, TWO_DAYS, ["moved", "day_added"]),
        (NOTHING, NOTHING, []),
        (BOOKED, BOOKED, []),
        (TWO_DAYS, DONE, []),
        (DONE, NOTHING, []),
        (NOTHING, DONE, []),
    ],
)
def test_a_change_is_named_by_where_it_led(before: Standing, after: Standing, words: list[str]) -> None:
    assert list(words_of(before, after)) == words
