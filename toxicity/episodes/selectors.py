"""Reads of episodes: what was graded, the center's hours, the stored episodes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from cartpath.protocols.rows import Figure, in_force
from patients.eligibility import protocol_for
from patients.models import Journey
from toxicity.episodes.regrading import Doubt
from toxicity.episodes.rules import Course, Judge, Seen, as_it_is, courses, open_course
from toxicity.grading.crs import UNEXPLAINED_SIGNS
from toxicity.models import Assessment, Episode
from toxicity.models.episodes import Scale

HOURS: Final[Mapping[Scale, str]] = {
    Scale.CRS: "crs_resolved_hours",
    Scale.ICANS: "icans_resolved_hours",
}


def resolving_rule(journey: Journey, scale: Scale) -> Figure | None:
    """After how many hours without a sign an episode has resolved, by the protocol on the day of infusion.

    None where the center has no such rule: then no episode resolves by itself.
    """
    on = journey.center.local_day(journey.infused_at) if journey.infused_at else None
    rows = in_force(protocol_for(journey).monitoring.figures, on)
    return next((row for row in rows if row.id == HOURS[scale]), None)


def hours_of(rule: Figure | None) -> float | None:
    """The hours of a rule; None without one."""
    return rule.value if rule else None


def seen_of(assessments: Sequence[Assessment], scale: Scale) -> list[Seen]:
    """The grades of one scale that count, of assessments at hand; those entered in error left out."""
    return [
        Seen(
            at=each.assessed_at,
            grade=getattr(each, f"{scale}_final"),
            at_least=is_lower_bound(each, scale),
            order=each.event_id,
            ailing=_is_ailing(getattr(each, f"{scale}_confirmed_grade"), getattr(each, scale)["flags"]),
        )
        for each in assessments
        if each.struck_at is None and getattr(each, scale) is not None
    ]


def _is_ailing(confirmed: int | None, flags: Sequence[str] | None) -> bool:
    """Whether a child had signs that are no grade, and nobody confirmed that there is none."""
    return confirmed is None and UNEXPLAINED_SIGNS in (flags or ())


def is_lower_bound(assessment: Assessment, scale: Scale) -> bool:
    """Whether the grade that counts is at least so much: something is missing and nobody confirmed it."""
    answer = getattr(assessment, scale)
    unsigned = getattr(assessment, f"{scale}_confirmed_grade") is None
    return unsigned and bool(answer["result"].get("at_least"))


def seen(journey_id: UUID, *, before: datetime | None = None) -> Mapping[Scale, list[Seen]]:
    """The grades that count of both scales, oldest first; one query."""
    found: dict[Scale, list[Seen]] = {scale: [] for scale in Scale}
    rows = Assessment.objects.filter(journey_id=journey_id, struck_at=None)
    if before is not None:
        rows = rows.filter(assessed_at__lt=before)
    wanted = [
        name
        for scale in Scale
        for name in (
            *(f"{scale}_grade", f"{scale}_confirmed_grade"),
            *(f"{scale}__result__at_least", f"{scale}__flags"),
        )
    ]
    ordered = rows.order_by("assessed_at", "event_id")
    for at, order, *grades in ordered.values_list("assessed_at", "event_id", *wanted):
        for place, scale in enumerate(Scale):
            computed, confirmed, at_least, flags = grades[4 * place : 4 * place + 4]
            if computed is None and confirmed is None:
                continue
            grade = computed if confirmed is None else confirmed
            bound = confirmed is None and bool(at_least)
            found[scale].append(Seen(at, grade, bound, order, _is_ailing(confirmed, flags)))
    return found


def courses_of(journey: Journey, found: Mapping[Scale, Sequence[Seen]]) -> Mapping[Scale, tuple[Course, ...]]:
    """The episodes that follow from what was seen, by the center's hours."""
    return {
        scale: courses(
            found[scale],
            resolved_after_hours=hours_of(resolving_rule(journey, scale)),
            judge=judge_of(journey, scale),
        )
        for scale in Scale
    }


def judge_of(journey: Journey, scale: Scale) -> Judge:
    """How grades of a scale are looked at once more: a drug entered late may put a CRS grade in doubt."""
    return Doubt(journey.pk) if scale == Scale.CRS else as_it_is


def open_crs(journey: Journey, *, before: datetime) -> Course | None:
    """The episode of CRS that stood open just before a time, by what is recorded now."""
    return open_course(
        seen(journey.pk, before=before)[Scale.CRS],
        before=before,
        resolved_after_hours=hours_of(resolving_rule(journey, Scale.CRS)),
        judge=judge_of(journey, Scale.CRS),
    )


def episodes(journey_id: UUID) -> Sequence[Episode]:
    """The standing episodes of a journey, by scale and number; one query."""
    rows = Episode.objects.filter(journey_id=journey_id, withdrawn_at=None)
    return list(rows.select_related("previous").order_by("scale", "number"))
