"""Which grades counted when something was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from toxicity.models import Assessment


@dataclass(frozen=True, slots=True)
class GradeThen:
    """The last grade of one scale before something was given; `grade` None was never graded until then."""

    scale: str
    grade: int | None
    at: datetime | None
    at_least: bool
    is_old: bool


def grades_then(
    assessments: Sequence[Assessment], at: datetime, *, old_after: timedelta
) -> tuple[GradeThen, GradeThen]:
    """CRS and ICANS as last graded not after `at`, whatever the order of the assessments.

    What is entered in error doesn't count. A grade from longer before than `old_after` is marked as old: it
    says nothing about the moment any more, and is shown with its age, never as if it held.
    """
    before = [each for each in assessments if each.struck_at is None and each.assessed_at <= at]
    latest_first = sorted(before, key=lambda each: (each.assessed_at, each.event_id), reverse=True)
    return _then("crs", latest_first, at, old_after), _then("icans", latest_first, at, old_after)


def _then(scale: str, latest_first: Sequence[Assessment], at: datetime, old_after: timedelta) -> GradeThen:
    found = next((each for each in latest_first if getattr(each, scale) is not None), None)
    if found is None:
        return GradeThen(scale.upper(), None, None, at_least=False, is_old=False)
    answer: dict[str, Any] = getattr(found, scale)
    is_signed = getattr(found, f"{scale}_confirmed_grade") is not None
    return GradeThen(
        scale=scale.upper(),
        grade=getattr(found, f"{scale}_final"),
        at=found.assessed_at,
        at_least=bool(answer["result"].get("at_least")) and not is_signed,
        is_old=at - found.assessed_at > old_after,
    )
