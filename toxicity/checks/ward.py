"""The ward: every child in acute monitoring, what is due next, and who comes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, TextField
from django.db.models.functions import Cast, JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.core.dates import age_on, day_post
from cartpath.protocols.bedside_rows import CHECK_WORDS, CheckWord
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.results import RuleResult
from toxicity.alerts.selectors import AlertGroup, standing
from toxicity.checks.words import CHECKS
from toxicity.grading.icans import instrument_for
from toxicity.models import CheckPlan
from toxicity.observations.selectors import delay_said
from toxicity.pictures import AssessmentPicture, CheckState, assessment_picture, latest_of, next_check
from toxicity.selectors import ward

Text = str | Promise

_RANK: Final[dict[CheckState, int]] = {"late": 0, "due": 1, "fine": 2, "ended": 3}


@dataclass(frozen=True, slots=True)
class NextCheck:
    """One thing that waits for a child; `every_minutes` is None where no rhythm is planned yet.

    `is_today` says whether its time alone tells when, on the center's clock.
    """

    label: Text
    due_at: datetime
    state: CheckState
    is_today: bool
    check: CheckWord | None = None
    every_minutes: int | None = None
    because: Sequence[str] = ()
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WardRow:
    """One child in acute monitoring; `checks` are what waits, the most pressing first.

    `why` names by scale the stored result of the latest assessment.
    """

    journey: Journey
    day: int | None
    latest: AssessmentPicture | None
    why: Mapping[str, str]
    checks: Sequence[NextCheck]
    alerts: AlertGroup | None

    @property
    def first(self) -> NextCheck | None:
        """What is wanted first; None when nothing is planned."""
        return next(iter(self.checks), None)

    @property
    def state(self) -> CheckState:
        """How the child stands as a whole."""
        return self.first.state if self.first else "ended"

    @property
    def worst_grade(self) -> int:
        """The higher of the grades that count now; one that is unknown adds nothing."""
        status = self.journey.status
        return max(status.crs_current or 0, status.icans_current or 0)


def ward_rows(user: User, *, center_id: int, at: datetime) -> list[WardRow]:
    """Children of a center in acute monitoring; four queries.

    Who is late comes first, then who is due; among equals the one with the louder alert, then the higher
    grade, then the one who waits longest.
    """
    journeys = list(ward(user, center_id).annotate(has_delay=delay_said(at)))
    latest, alerts = _latest(journeys), standing(journeys)
    planned: dict[UUID, dict[str, CheckPlan]] = {}
    for row in CheckPlan.objects.filter(journey__in=journeys):
        planned.setdefault(row.journey_id, {})[row.check_kind] = row
    rows = [
        _row(
            each,
            latest.get(each.pk),
            planned.get(each.pk, {}),
            alerts.get(each.pk),
            has_delay=each.has_delay,
            at=at,
        )
        for each in journeys
    ]
    return sorted(rows, key=_pressing)


def _pressing(row: WardRow) -> tuple[int, int, int, float]:
    loudness = row.alerts.severity_rank if row.alerts else 0
    due = row.first.due_at.timestamp() if row.first else float("inf")
    return _RANK[row.state], -loudness, -row.worst_grade, due


def _latest(journeys: Sequence[Journey]) -> dict[UUID, tuple[AssessmentPicture, Mapping[str, str]]]:
    """The latest assessment of each child, and by scale which stored result says why; one query."""
    stored = RuleResult.objects.filter(event_id=OuterRef("event_id"), rule__in=["crs", "icans"])
    named = stored.order_by("-position").values(said=JSONObject(rule="rule", id=Cast("id", TextField())))
    found = latest_of(journeys).annotate(stored=ArraySubquery(named))
    return {
        each.journey_id: (assessment_picture(each), {said["rule"]: said["id"] for said in each.stored})
        for each in found
    }


def _row(
    journey: Journey,
    latest: tuple[AssessmentPicture, Mapping[str, str]] | None,
    planned: Mapping[str, CheckPlan],
    alerts: AlertGroup | None,
    *,
    has_delay: bool,
    at: datetime,
) -> WardRow:
    picture, why = latest or (None, {})
    checks = next_checks(journey, planned, picture, has_delay=has_delay, at=at)
    infused_on = journey.center.local_day(journey.infused_at) if journey.infused_at else None
    day = day_post(infused_on, journey.center.local_day(at)) if infused_on else None
    return WardRow(journey=journey, day=day, latest=picture, why=why, checks=checks, alerts=alerts)


def next_checks(
    journey: Journey,
    planned: Mapping[str, CheckPlan],
    latest: AssessmentPicture | None,
    *,
    has_delay: bool,
    at: datetime,
) -> list[NextCheck]:
    """What waits for a child, the most pressing first: the checks, and the clinician's assessment."""
    found = [_next(journey, check, planned.get(check), has_delay=has_delay, at=at) for check in CHECK_WORDS]
    checks = [each for each in found if each is not None]
    due_at, state = next_check(journey, latest.assessment.assessed_at if latest else None, at=at)
    if due_at is not None:
        checks.append(NextCheck(_("Assessment"), due_at, state, _is_today(journey, due_at, at)))
    return sorted(checks, key=lambda each: (_RANK[each.state], each.due_at))


def _next(
    journey: Journey,
    check: CheckWord,
    plan: CheckPlan | None,
    *,
    has_delay: bool,
    at: datetime,
) -> NextCheck | None:
    """The check that waits; before anything was recorded the first one after the infusion."""
    due_at = plan.due_at if plan else _first_due(journey, check)
    if due_at is None:
        return None
    protocol = protocol_for(journey)
    item = protocol.item(f"check_{check}")
    soon = protocol.bedside.check_soon
    closes_at = due_at + timedelta(hours=item.window.after_hours if item else 0)
    state: CheckState = "late" if at > closes_at else "due" if at >= due_at - soon else "fine"
    label = _instrument(journey, has_delay, on=max(due_at, at)) if check == "neuro" else CHECKS[check]
    is_today = _is_today(journey, due_at, at)
    if plan is None:
        return NextCheck(label, due_at, state, is_today, check)
    return NextCheck(label, due_at, state, is_today, check, plan.every_minutes, plan.because, plan.done_at)


def _is_today(journey: Journey, due_at: datetime, at: datetime) -> bool:
    return journey.center.local_day(due_at) == journey.center.local_day(at)


def _first_due(journey: Journey, check: CheckWord) -> datetime | None:
    protocol = protocol_for(journey)
    on = journey.center.local_day(journey.infused_at) if journey.infused_at else None
    names = {item.item for item in protocol.expected_items(on)}
    first = protocol.item(f"check_{check}_first")
    if first is None or first.item not in names or first.offset.hours is None or journey.infused_at is None:
        return None
    return journey.infused_at + timedelta(hours=first.offset.hours)


def _instrument(journey: Journey, has_delay: bool, *, on: datetime) -> str:
    """ICE or CAPD, by the age on the day of the check and what was ever said of the child's development."""
    years = age_on(journey.patient.birth_date, journey.center.local_day(on)).years
    return instrument_for(years, developmental_delay=has_delay) or "CAPD"
