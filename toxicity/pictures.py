"""Assessments as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise

from cartpath.protocols.plan import ExpectedItem
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.provenance import sentences_of
from patients.results import RuleResult
from patients.selectors import results_of_events
from toxicity.models import Assessment
from toxicity.words import domain_words, flag_words

Text = str | Promise
Results = Mapping[tuple[int, str], RuleResult]
NO_RESULTS: Final[Results] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class GradePicture:
    """One scale of one assessment: the rule's grade with its reasons, and the grade a clinician confirmed.

    It fits the *Why?* component: `explanation`, `missing`, `source`. `stored` is the record of it, None for a
    grade that is only being previewed.
    """

    scale: str
    grade: int | None
    confirmed: int | None
    at_least: bool
    explanation: Sequence[str]
    missing: list[Text]
    flags: list[Text]
    source: str
    inputs: dict[str, Any]
    stored: RuleResult | None = None

    @property
    def is_unsigned(self) -> bool:
        """Whether a clinician's signature is awaited."""
        return self.confirmed is None

    @property
    def final(self) -> int | None:
        """The confirmed grade, else the rule's."""
        return self.grade if self.confirmed is None else self.confirmed

    @property
    def is_lower_bound(self) -> bool:
        """Whether the grade shown is at least this: nobody confirmed it and something is missing."""
        return self.at_least and self.confirmed is None

    @property
    def is_overridden(self) -> bool:
        """Whether the confirmed grade differs from the rule's."""
        return self.confirmed is not None and self.confirmed != self.grade


def grade_picture(
    scale: str, answer: dict[str, Any], confirmed: int | None = None, stored: RuleResult | None = None
) -> GradePicture:
    """One scale from the rule's answer, stored or just computed."""
    return GradePicture(
        scale=scale,
        grade=answer["result"]["grade"],
        confirmed=confirmed,
        at_least=bool(answer["result"].get("at_least")),
        explanation=sentences_of(stored.explanation) if stored else answer["explanation"],
        missing=domain_words(answer["missing"]),
        flags=flag_words(answer["flags"]),
        source=answer["source"],
        inputs=answer["inputs"],
        stored=stored,
    )


@dataclass(frozen=True, slots=True)
class AssessmentPicture:
    """One assessment; a scale that was not assessed is None."""

    assessment: Assessment
    crs: GradePicture | None
    icans: GradePicture | None

    @property
    def scales(self) -> list[GradePicture]:
        """The scales that were assessed."""
        return [scale for scale in (self.crs, self.icans) if scale]

    @property
    def unsigned(self) -> list[str]:
        """The scales whose grade waits for a clinician's signature; none once it is entered in error."""
        if self.assessment.struck_at:
            return []
        return [scale.scale.lower() for scale in self.scales if scale.is_unsigned]

    @property
    def temperature_c(self) -> float | None:
        """The temperature, when it was taken."""
        return self.crs.inputs.get("temperature_c") if self.crs else None


def assessment_picture(assessment: Assessment, results: Results = NO_RESULTS) -> AssessmentPicture:
    """One assessment as a page shows it; `results` are what was stored with it, by event and rule."""
    crs, icans, event_id = assessment.crs, assessment.icans, assessment.event_id
    crs_grade, icans_grade = assessment.crs_confirmed_grade, assessment.icans_confirmed_grade
    return AssessmentPicture(
        assessment,
        grade_picture("CRS", crs, crs_grade, results.get((event_id, "crs"))) if crs else None,
        grade_picture("ICANS", icans, icans_grade, results.get((event_id, "icans"))) if icans else None,
    )


def assessment_pictures(found: Sequence[Assessment]) -> list[AssessmentPicture]:
    """Assessments as a page shows them, with what was stored; one query."""
    results = results_of_events(each.event_id for each in found)
    return [assessment_picture(each, results) for each in found]


CheckState = Literal["late", "due", "fine", "ended"]


def latest_assessments(journeys: Sequence[Journey]) -> dict[UUID, AssessmentPicture]:
    """The latest assessment of each child, entered in error left out; two queries."""
    found = list(latest_of(journeys))
    return {picture.assessment.journey_id: picture for picture in assessment_pictures(found)}


def latest_of(journeys: Sequence[Journey]) -> QuerySet[Assessment]:
    """The latest assessment of each child, entered in error left out; one query."""
    standing = Assessment.objects.filter(journey__in=journeys, struck_at=None)
    return standing.order_by("journey_id", "-assessed_at", "-event_id").distinct("journey_id")


def next_check(
    journey: Journey, last_at: datetime | None, *, at: datetime
) -> tuple[datetime | None, CheckState]:
    """When the protocol wants the next assessment, counted from the last one, else from the infusion."""
    item = _check_item(journey)
    counted_from = last_at or journey.infused_at
    if item is None or item.recurrence is None or journey.infused_at is None or counted_from is None:
        return None, "ended"
    due_at = counted_from + timedelta(hours=item.recurrence.every_hours)
    if due_at > journey.infused_at + timedelta(days=item.recurrence.for_days):
        return None, "ended"
    if at > due_at + timedelta(hours=item.window.after_hours):
        return due_at, "late"
    is_due = at >= due_at - timedelta(hours=item.window.before_hours)
    return due_at, "due" if is_due else "fine"


def _check_item(journey: Journey) -> ExpectedItem | None:
    """The repeated assessment of acute monitoring, as the protocol stood on the day of the infusion."""
    on = _day(journey, journey.infused_at)
    rows = (row for row in protocol_for(journey).monitoring.items if row.in_force(on))
    items = (item for row in rows for item in row.items())
    return next((item for item in items if item.fulfilled_by.kind == "toxicity_assessed"), None)


def _day(journey: Journey, at: datetime | None) -> date | None:
    return at.astimezone(journey.center.zone).date() if at else None
