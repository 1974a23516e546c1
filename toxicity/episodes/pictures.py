"""Grades hour by hour and the episodes they make, as the page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from cartpath.core.dates import day_post, local_midnight
from patients.models import Journey
from toxicity.episodes.regrading import grade_by_now
from toxicity.episodes.rules import Course, Seen, walk, worst_by_day
from toxicity.episodes.selectors import episodes, hours_of, resolving_rule, seen
from toxicity.interventions.pictures import GivenPicture, given_pictures
from toxicity.models import Assessment, Episode
from toxicity.models.episodes import Scale
from toxicity.pictures import AssessmentPicture, assessment_pictures
from toxicity.selectors import interventions

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class EpisodePicture:
    """One episode with what stood beside it.

    `days` are the days after infusion of onset, peak and resolution. `beside` are the episodes of the other
    scale that overlap it, `given` what was given from its onset until its end, oldest first. `is_alone`: it
    is neurotoxicity, and CRS was looked for meanwhile and not found.
    """

    episode: Episode
    days: Mapping[str, int | None]
    hours: int | None
    beside: Sequence[Episode]
    given: Sequence[GivenPicture]
    is_alone: bool

    @property
    def scale(self) -> str:
        """CRS or ICANS."""
        return str(Scale(self.episode.scale).label)


@dataclass(frozen=True, slots=True)
class DayWorst:
    """The worst grades of one day; None where nothing was graded."""

    day: int
    on: date
    crs: Seen | None
    icans: Seen | None


@dataclass(frozen=True, slots=True)
class HourRow:
    """One assessment of the day: its grades, and what was given since the one before.

    `by_now` is the CRS grade that the rule gives by what is recorded by now, None where it's the stored one.
    `open_crs` says that CRS was open before, so that its drugs had taken the place of fever.
    """

    picture: AssessmentPicture
    by_now: int | None
    open_crs: bool
    given: Sequence[GivenPicture]


@dataclass(frozen=True, slots=True)
class GradesPicture:
    """The page: episodes, the worst of each day, and one day hour by hour, the latest hour first.

    `day` is None while nothing was graded. `before` and `after` are the neighboring days with grades,
    `later` is what was given after the last assessment of the day.
    """

    episodes: Sequence[EpisodePicture]
    days: Sequence[DayWorst]
    day: DayWorst | None
    rows: Sequence[HourRow]
    later: Sequence[GivenPicture]
    before: int | None
    after: int | None
    hours: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class _Hours:
    rows: Sequence[HourRow]
    later: Sequence[GivenPicture]


def grades_picture(journey: Journey, *, day: int | None, at: datetime) -> GradesPicture:
    """Episodes, worst days and the grades of one day (else of the last one graded); six queries."""
    graded = seen(journey.pk)
    given = given_pictures(interventions(journey.pk)[::-1])
    days = _days(journey, graded)
    shown = next((each for each in days if each.day == day), days[-1] if days else None)
    crs_hours = hours_of(resolving_rule(journey, Scale.CRS))
    place = days.index(shown) if shown else 0
    shown_hours = _rows(journey, shown, graded[Scale.CRS], given, crs_hours) if shown else _Hours([], [])
    return GradesPicture(
        episodes=episode_pictures(journey, episodes(journey.pk), given, graded[Scale.CRS], at=at),
        days=days,
        day=shown,
        rows=shown_hours.rows,
        later=shown_hours.later,
        before=days[place - 1].day if place > 0 else None,
        after=days[place + 1].day if shown and place + 1 < len(days) else None,
        hours={
            "crs": crs_hours,
            "icans": hours_of(resolving_rule(journey, Scale.ICANS)),
        },
    )


def episode_pictures(
    journey: Journey,
    found: Sequence[Episode],
    given: Sequence[GivenPicture],
    crs: Sequence[Seen],
    *,
    at: datetime,
) -> list[EpisodePicture]:
    """Episodes by their onset, with the days of the journey; `given` and the grades `crs` oldest first."""

    def is_alone(each: Episode, beside: Sequence[Episode]) -> bool:
        meanwhile = (one for one in crs if each.onset_at <= one.at <= (each.resolved_at or at))
        return each.scale == Scale.ICANS and not beside and any(one.is_free for one in meanwhile)

    beside = {
        each.pk: [other for other in found if other.scale != each.scale and _overlap(each, other, at)]
        for each in found
    }
    return [
        EpisodePicture(
            episode=each,
            days={
                "onset": day_after(journey, each.onset_at),
                "peak": day_after(journey, each.peak_at),
                "resolved": day_after(journey, each.resolved_at),
            },
            hours=None if each.resolved_at is None else round((each.resolved_at - each.onset_at) / _HOUR),
            beside=beside[each.pk],
            given=[
                one for one in given if each.onset_at <= one.intervention.given_at <= (each.resolved_at or at)
            ],
            is_alone=is_alone(each, beside[each.pk]),
        )
        for each in sorted(found, key=lambda each: (each.onset_at, each.scale))
    ]


def day_after(journey: Journey, moment: datetime | None) -> int | None:
    """The day after infusion of a time, in the center's zone."""
    if moment is None or journey.infused_at is None:
        return None
    zone = journey.center.zone
    return day_post(journey.infused_at.astimezone(zone).date(), moment.astimezone(zone).date())


def _overlap(one: Episode, other: Episode, at: datetime) -> bool:
    ends = (one.resolved_at or at, other.resolved_at or at)
    return one.onset_at < ends[1] and other.onset_at < ends[0]


def _days(journey: Journey, graded: Mapping[Scale, Sequence[Seen]]) -> list[DayWorst]:
    if journey.infused_at is None:
        return []
    infused_on = journey.center.local_day(journey.infused_at)
    worst = {
        scale: worst_by_day(graded[scale], day_of=lambda moment: day_after(journey, moment) or 0)
        for scale in Scale
    }
    numbers = sorted(worst[Scale.CRS].keys() | worst[Scale.ICANS].keys())
    return [
        DayWorst(
            number,
            infused_on + timedelta(days=number),
            worst[Scale.CRS].get(number),
            worst[Scale.ICANS].get(number),
        )
        for number in numbers
    ]


def _rows(
    journey: Journey,
    shown: DayWorst,
    crs: Sequence[Seen],
    given: Sequence[GivenPicture],
    crs_hours: float | None,
) -> _Hours:
    """The assessments of one day, latest first, and what was given after the last."""
    zone = journey.center.zone
    begins, ends = local_midnight(shown.on, zone), local_midnight(shown.on + timedelta(days=1), zone)
    found = list(
        Assessment.objects.filter(
            journey_id=journey.pk, struck_at=None, assessed_at__gte=begins, assessed_at__lt=ends
        ).order_by("assessed_at", "event_id")
    )
    before: dict[int, Course | None] = {
        each.order: course for each, course in walk(crs, resolved_after_hours=crs_hours)
    }
    rows = []
    since = begins
    for picture in assessment_pictures(found):
        each = picture.assessment
        course = before.get(each.event_id)
        rows.append(
            HourRow(
                picture,
                grade_by_now(each, course, [one.intervention for one in given]),
                course is not None,
                _between(given, since, each.assessed_at),
            )
        )
        since = each.assessed_at
    return _Hours(rows[::-1], _between(given, since, ends))


def _between(given: Sequence[GivenPicture], after: datetime, until: datetime) -> list[GivenPicture]:
    return [one for one in given if after < one.intervention.given_at <= until]
