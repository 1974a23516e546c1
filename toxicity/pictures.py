"""Assessments and the ward as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.utils.functional import Promise

from cartpath.accounts.models import User
from cartpath.core.dates import day_post
from cartpath.protocols.plan import ExpectedItem
from patients.eligibility import protocol_for
from patients.models import Journey
from toxicity.models import Assessment
from toxicity.selectors import ward
from toxicity.words import domain_words, flag_words

Text = str | Promise


@dataclass(frozen=True, slots=True)
class GradePicture:
    """One scale of one assessment: the rule's grade with its reasons, and the grade a clinician confirmed.

    It fits the *Why?* component: `explanation`, `missing`, `source`.
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


def grade_picture(scale: str, answer: dict[str, Any], confirmed: int | None = None) -> GradePicture:
    """One scale from the rule's answer, stored or just computed."""
    return GradePicture(
        scale=scale,
        grade=answer["result"]["grade"],
        confirmed=confirmed,
        at_least=bool(answer["result"].get("at_least")),
        explanation=answer["explanation"],
        missing=domain_words(answer["missing"]),
        flags=flag_words(answer["flags"]),
        source=answer["source"],
        inputs=answer["inputs"],
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
    def temperature_c(self) -> float | None:
        """The temperature, when it was taken."""
        return self.crs.inputs.get("temperature_c") if self.crs else None


def assessment_picture(assessment: Assessment) -> AssessmentPicture:
    """One assessment as a page shows it."""
    crs, icans = assessment.crs, assessment.icans
    return AssessmentPicture(
        assessment,
        grade_picture("CRS", crs, assessment.crs_confirmed_grade) if crs else None,
        grade_picture("ICANS", icans, assessment.icans_confirmed_grade) if icans else None,
    )


CheckState = Literal["late", "due", "fine", "ended"]


@dataclass(frozen=True, slots=True)
class WardRow:
    """One child in acute monitoring; `due_at` is the next assessment wanted, None when none is."""

    journey: Journey
    day: int | None
    latest: AssessmentPicture | None
    due_at: datetime | None
    state: CheckState


def ward_rows(user: User, *, center_id: int, at: datetime) -> list[WardRow]:
    """Children of a center in acute monitoring, the most overdue assessment first; three queries."""
    journeys = [journey for journey in ward(user) if journey.center_id == center_id]
    latest = _latest_assessments(journeys)
    rows = [_ward_row(journey, latest.get(journey.pk), at=at) for journey in journeys]
    far = datetime.max.replace(tzinfo=at.tzinfo)
    return sorted(rows, key=lambda row: row.due_at or far)


def _latest_assessments(journeys: Sequence[Journey]) -> dict[Any, Assessment]:
    found = (
        Assessment.objects.filter(journey__in=journeys, struck_at=None)
        .order_by("journey_id", "-assessed_at", "-event_id")
        .distinct("journey_id")
    )
    return {assessment.journey_id: assessment for assessment in found}


def _ward_row(journey: Journey, assessment: Assessment | None, *, at: datetime) -> WardRow:
    infused_on, today = _day(journey, journey.infused_at), _day(journey, at)
    due_at, state = next_check(journey, assessment.assessed_at if assessment else None, at=at)
    return WardRow(
        journey=journey,
        day=day_post(infused_on, today) if infused_on and today else None,
        latest=assessment_picture(assessment) if assessment else None,
        due_at=due_at,
        state=state,
    )


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
    """The repeated assessment of the protocol's acute monitoring."""
    rows = (row for row in protocol_for(journey).monitoring.items if row.in_force())
    items = (item for row in rows for item in row.items())
    return next((item for item in items if item.fulfilled_by.kind == "toxicity_assessed"), None)


def _day(journey: Journey, at: datetime | None) -> date | None:
    return at.astimezone(journey.center.zone).date() if at else None
