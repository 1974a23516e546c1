"""Keeps the episodes of CRS and ICANS in step with what was graded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from cartpath.core.actor import Actor
from cartpath.core.sentences import say
from cartpath.ledger.services import append
from cartpath.protocols.rows import Figure
from patients.models import Journey
from patients.services import event_strike
from toxicity.episodes.records import opened, resolved
from toxicity.episodes.rules import Course, courses
from toxicity.episodes.selectors import episodes, hours_of, judge_of, resolving_rule, seen
from toxicity.models import Episode
from toxicity.models.episodes import Scale

REASON: Final = say("What it followed from was changed; the episode is worked out anew.")


@dataclass(frozen=True, slots=True)
class _Act:
    """What every step of one review needs."""

    journey: Journey
    at: datetime
    by: Actor

    def write(self, event: Any) -> int:
        (written,) = append(self.journey.pk, [event], by=self.by)
        return written.pk

    def strike(self, event_id: int) -> None:
        event_strike(self.journey.pk, event_id, reason=str(REASON), by=self.by, at=self.at)


def review(journey: Journey, *, at: datetime, by: Actor) -> None:
    """Work out the episodes from every standing grade and write what changed.

    Called in the transaction of each write, with the journey locked. An entry that comes late, a signature
    or a strike may move an onset or take an end back: then the event that said so is marked as entered in
    error and told anew, so that the ledger never holds two truths.
    """
    if journey.infused_at is None:
        return
    act = _Act(journey, at, by)
    found, stored = seen(journey.pk), episodes(journey.pk)
    for scale in Scale:
        rule = resolving_rule(journey, scale)
        judge = judge_of(journey, scale)
        wanted = courses(found[scale], resolved_after_hours=hours_of(rule), judge=judge)
        _follow(act, scale, wanted, [row for row in stored if row.scale == scale], rule)


def _follow(
    act: _Act, scale: Scale, wanted: Sequence[Course], stored: Sequence[Episode], rule: Figure | None
) -> None:
    """Episodes are matched by their order: the first one found is the first one stored."""
    before: Episode | None = None
    for number, (course, row) in enumerate(zip_longest(wanted, stored), start=1):
        if course is not None:
            before = _keep(act, scale, number, course, row, before, rule)
        elif row is not None:
            _withdraw(act, row)


def _withdraw(act: _Act, row: Episode) -> None:
    """Nothing of it is left: every sign was entered in error, or a clinician graded it away."""
    if row.resolved_event_id is not None:
        act.strike(row.resolved_event_id)
    act.strike(row.event_id)
    row.withdrawn_at = act.at
    row.save(update_fields=["withdrawn_at"])


def _keep(
    act: _Act,
    scale: Scale,
    number: int,
    course: Course,
    row: Episode | None,
    before: Episode | None,
    rule: Figure | None,
) -> Episode:
    kept = row or Episode(
        journey=act.journey, center_id=act.journey.center_id, scale=scale.value, number=number
    )
    if row is not None and _facts_of(row) == _facts(course):
        return row
    began_anew = row is None or (row.onset_at, row.onset_grade) != (course.onset_at, course.onset_grade)
    if kept.resolved_event_id is not None:
        act.strike(kept.resolved_event_id)
        kept.resolved_event_id = None
    if began_anew:
        if row is not None:
            act.strike(row.event_id)
        kept.event_id = act.write(opened(act.journey, scale, number, course))
    if course.resolved_at is not None and rule is not None:
        kept.resolved_event_id = act.write(resolved(act.journey, scale, number, course, rule))
    for name, value in _facts(course).items():
        setattr(kept, name, value)
    kept.previous = before
    kept.save()
    return kept


def _facts(course: Course) -> dict[str, Any]:
    """What a row holds of a course."""
    return {name: getattr(course, name) for name in _COLUMNS}


def _facts_of(row: Episode) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


_COLUMNS: Final = (
    *("onset_at", "onset_grade", "peak_at", "peak_grade", "peak_at_least"),
    *("last_sign_at", "resolved_at", "settled_at"),
)
