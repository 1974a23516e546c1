"""When a child last got a drug of some kind, as far as is known.

That no drug is on the list proves nothing by itself: only once somebody has confirmed that the list is
complete does an empty list mean that nothing was given.

Source: DESIGN; unknown is never taken for "none".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from cartpath.protocols.immune_rows import DrugGroup


@dataclass(frozen=True, kw_only=True, slots=True)
class DrugCourse:
    """A drug from a day to a day, both inside; an unknown `started_on` is None.

    Without `stopped_on` it is still given, unless `is_over`: then nobody knows when it ended.
    """

    group: DrugGroup
    drug: str
    started_on: date | None
    stopped_on: date | None = None
    is_over: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LastGiven:
    """The last day of some drugs up to a day.

    `on` is the latest day that is on record and `drug` what was given then; only when `is_known` does it mean
    that nothing came later, or, without a day, that nothing was ever given. `running` names a drug that is
    still given, `unsure` one of which nobody knows when it ended.
    """

    is_known: bool
    on: date | None = None
    drug: str = ""
    running: str = ""
    unsure: str = ""


def last_given(
    courses: Iterable[DrugCourse],
    groups: Sequence[DrugGroup],
    *,
    on: date,
    complete_on: date | None,
) -> LastGiven:
    """The last day of any drug of the groups, seen from a day.

    `complete_on` is the latest day on which somebody confirmed the list of drugs to be complete.

    Source: DESIGN.
    """
    begun = [
        each
        for each in courses
        if each.group in groups and (each.started_on is None or each.started_on <= on)
    ]
    running = _first(each.drug for each in begun if not _has_ended(each, on))
    if running:
        return LastGiven(is_known=True, running=running, drug=running)
    unsure = _first(each.drug for each in begun if each.is_over and each.stopped_on is None)
    ended = [(each.stopped_on, each.drug) for each in begun if each.stopped_on is not None]
    last_on, drug = max(ended, default=(None, ""))
    is_complete = complete_on is not None and complete_on <= on
    return LastGiven(is_known=is_complete and not unsure, on=last_on, drug=drug, unsure=unsure)


def _has_ended(course: DrugCourse, on: date) -> bool:
    return course.is_over if course.stopped_on is None else course.stopped_on <= on


def _first(names: Iterable[str]) -> str:
    return min(names, default="")
