"""Days and times as they come from outside: ISO 8601 text, times with their offset.

Pydantic alone reads a string of digits as Unix seconds: `20260305` silently became a day in 1970.
"""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator

from cartpath.core.dates import parse_moment


def _moment(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    parsed = parse_moment(given)
    if not isinstance(parsed, datetime):
        raise ValueError("Give a time with its offset, e.g. 2026-03-05T10:00:00+01:00.")
    return parsed


def _day(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    parsed = parse_moment(given)
    if isinstance(parsed, datetime):
        raise ValueError("Give a day as YYYY-MM-DD.")
    return parsed


def _day_or_moment(given: Any) -> Any:
    return parse_moment(given) if isinstance(given, str) else given


Moment = Annotated[datetime, BeforeValidator(_moment)]
Day = Annotated[date, BeforeValidator(_day)]
DayOrMoment = Annotated[date | datetime, BeforeValidator(_day_or_moment)]
