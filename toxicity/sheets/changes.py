"""What was recorded about children after their last hand-over sheet was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from patients.models import Journey
from toxicity.alerts.selectors import AlertGroup
from toxicity.models import HandOverSheet, Intervention
from toxicity.sheets import phrases


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the sheet doesn't know; `is_worse` when it is an alert or a higher grade."""

    text: str
    is_worse: bool = False


Changes = Mapping[UUID, Sequence[Change]]


def changes_since(
    sheets: Sequence[HandOverSheet],
    journeys: Mapping[UUID, Journey],
    alerts: Mapping[UUID, AlertGroup],
    *,
    at: datetime,
) -> Changes:
    """What each sheet doesn't know: other grades, alerts, what was given; by journey, at most one query.

    `journeys` have their status at hand, `alerts` are those that stand. Children of whom nothing changed are
    left out. What counts is when something was recorded: a dose of yesterday that was entered late is news.
    """
    given = _given(sheets)
    changes = {}
    for sheet in sheets:
        key = sheet.journey_id
        raised = alerts[key].pictures if key in alerts else ()
        changes[key] = [
            *_grades(sheet, journeys[key]),
            *(
                Change(phrases.alert(each), is_worse=True)
                for each in raised
                if each.alert.event_id > sheet.event_id
            ),
            *(Change(phrases.given(each, at=at)) for each in given.get(key, ())),
        ]
    return {key: found for key, found in changes.items() if found}


def _grades(sheet: HandOverSheet, journey: Journey) -> list[Change]:
    status = journey.status
    return [
        Change(
            _("%(scale)s grade %(then)s, now %(now)s")
            % {"scale": scale, "then": _grade(then), "now": _grade(now)},
            is_worse=now is not None and (then is None or now > then),
        )
        for scale, then, now in (
            ("CRS", sheet.crs_grade, status.crs_current),
            ("ICANS", sheet.icans_grade, status.icans_current),
        )
        if then != now
    ]


def _grade(value: int | None) -> str:
    return phrases.unknown() if value is None else str(value)


def _given(sheets: Sequence[HandOverSheet]) -> dict[UUID, list[Intervention]]:
    """What was recorded as given after the sheet of each journey."""
    wanted = Q(pk__in=[])
    for sheet in sheets:
        wanted |= Q(journey_id=sheet.journey_id, event_id__gt=sheet.event_id)
    found: dict[UUID, list[Intervention]] = {}
    for each in Intervention.objects.filter(wanted, struck_at=None).order_by("given_at"):
        found.setdefault(each.journey_id, []).append(each)
    return found
