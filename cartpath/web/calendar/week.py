"""The week of a person on one sheet: collections, visits and what else is due, by day and child."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, User
from cartpath.core.dates import local_midnight
from cartpath.reminders.duties import visit_items
from cartpath.reminders.models import Reminder
from cartpath.web.calendar.arranged import arranged_in, arranged_items, moment_of
from cartpath.web.components import DueState, Tone
from cartpath.web.due import STATES
from cartpath.web.selectors.telling import Week
from followup.models import ArrangedVisit
from leukapheresis.enums import BookingState
from leukapheresis.feeds.entries import live_days
from leukapheresis.models import BookingDay
from patients.models import Journey


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of one child on one day; without an hour `at` is None, and `times` counts repeats."""

    on: date
    at: datetime | None
    journey: Journey
    text: str
    icon: str
    tone: Tone = ""
    detail: str = ""
    times: int = 1
    state: DueState | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One column of the sheet."""

    on: date
    is_today: bool
    lines: Sequence[Line]


def week_of(user: User, center: Center, week: Week, *, at: datetime) -> list[Day]:
    """The seven days of a week in a center. Four queries, whatever stands there."""
    start = local_midnight(week.first, center.zone)
    end = local_midnight(week.last + timedelta(days=1), center.zone)
    found = [
        *_collections(center, start, end, at),
        *map(_arranged, arranged_in([center.pk], week.first, week.last)),
        *_due(user, center, week, start, end, at),
    ]
    today = center.local_day(at)
    return [
        Day(on, on == today, sorted((line for line in found if line.on == on), key=_order))
        for on in week.days
    ]


def overdue_before(user: User, center: Center, week: Week, *, at: datetime) -> int:
    """How many of the person's reminders were due before the week and are overdue. One query."""
    mine = Reminder.objects.visible_to(user).addressed_to(user).in_centers([center.pk])
    return mine.overdue(at).filter(due_at__lt=local_midnight(week.first, center.zone)).count()


def _order(line: Line) -> tuple[str, str, str]:
    hour = line.at.isoformat() if line.at else "~"
    return hour, line.journey.patient.family_name, line.text


def _collections(center: Center, start: datetime, end: datetime, at: datetime) -> Iterable[Line]:
    days = live_days(at).filter(booking__center=center, slot__starts_at__lt=end, slot__ends_at__gt=start)
    rows = days.select_related("booking__journey__patient", "slot__resource")
    return [_collection(center, day) for day in rows.order_by("slot__starts_at", "pk")]


def _collection(center: Center, day: BookingDay) -> Line:
    starts_at = day.slot.starts_at
    held = day.booking.state == BookingState.HELD
    return Line(
        on=center.local_day(starts_at),
        at=starts_at,
        journey=day.booking.journey,
        text=_("Apheresis"),
        icon="droplet-half-2",
        tone="soon" if held else "accent",
        detail=" · ".join([day.slot.resource.name, *([_("held")] if held else [])]),
    )


def _arranged(visit: ArrangedVisit) -> Line:
    return Line(
        on=visit.planned_on,
        at=moment_of(visit),
        journey=visit.journey,
        text=_("Follow-up visit, arranged"),
        icon="calendar-heart",
        tone="accent",
        detail=visit.note,
    )


def _due(
    user: User, center: Center, week: Week, start: datetime, end: datetime, at: datetime
) -> Iterable[Line]:
    """What is due for the person's roles and not arranged; a child's checks of one day are one line."""
    arranged = set(arranged_items([center.pk]))
    by_day = Q(due_on__range=(week.first, week.last))
    by_hour = Q(due_on=None, due_at__gte=start, due_at__lt=end)
    mine = Reminder.objects.open().visible_to(user).addressed_to(user).in_centers([center.pk])
    rows = mine.filter(by_day | by_hour).select_related("journey__patient").order_by("due_at", "occurrence")
    lines: dict[tuple[object, ...], Line] = {}
    for row in rows:
        if (row.journey_id, row.item) in arranged:
            continue
        on = row.due_on or center.local_day(row.due_at)
        key = (row.journey_id, row.item, on)
        before = lines.get(key)
        lines[key] = _reminder(row, on, at, times=before.times + 1 if before else 1, first=before)
    return lines.values()


def _reminder(row: Reminder, on: date, at: datetime, *, times: int, first: Line | None) -> Line:
    timing = row.timing(at)
    is_visit = row.item in visit_items()
    return Line(
        on=on,
        at=first.at if first else (None if row.is_all_day else row.due_at),
        journey=row.journey,
        text=_(row.label),
        icon="calendar-heart" if is_visit else "list-check",
        times=times,
        state=STATES[timing] if timing else None,
    )
