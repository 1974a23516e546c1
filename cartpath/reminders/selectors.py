"""Reads of the reminders room: one function, what one screen or program needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Func, QuerySet, Subquery

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.dates import local_midnight
from cartpath.core.errors import NotFound
from cartpath.reminders.enums import Timing
from cartpath.reminders.models import Delivery, Heartbeat, Reminder, ReminderQuerySet
from cartpath.reminders.services import ENGINE, SCHEDULER
from patients.models import Journey, Patient

DAYS_AHEAD: Final = 7
SILENT_AFTER_MINUTES: Final = 5
NOTICE_LIMIT: Final = 50

# Pieces for SQL that reads many journeys at once, e.g. the API's status query. `{journey}` is the column that
# holds the journey's id, `%(at)s` the moment of asking. All three are served by one partial index.
NEXT_DUE_SQL: Final = """
SELECT item, label, due_on, first_on, last_on, due_at, opens_at, closes_at
FROM reminders_reminder
WHERE journey_id = {journey} AND state = 'open' AND closes_at > %(at)s
ORDER BY due_at, priority, item, occurrence
LIMIT 1
"""
OVERDUE_COUNT_SQL: Final = """
SELECT count(*) FROM reminders_reminder
WHERE journey_id = {journey} AND state = 'open' AND due_at <= %(at)s AND closes_at <= %(at)s
"""
HAS_OVERDUE_SQL: Final = f"EXISTS ({OVERDUE_COUNT_SQL.replace('count(*)', '')})"

_NEXT_DUE_AND_OVERDUE_SQL: Final = f"""
SELECT wanted.id, ({OVERDUE_COUNT_SQL}), next_due.*
FROM unnest(%(journeys)s::uuid[]) AS wanted(id)
LEFT JOIN LATERAL ({NEXT_DUE_SQL}) next_due ON TRUE
""".format(journey="wanted.id")


@dataclass(frozen=True, slots=True)
class NextDue:
    """The next thing a journey waits for that is not late yet.

    `due` and `window` are days for calendar items (both ends inside the window) and UTC times for items
    counted in hours (the end is the first moment that is too late).
    """

    item: str
    label: str
    due: date | datetime
    window: tuple[date | datetime, date | datetime]

    def facts(self) -> dict[str, object]:
        """As it stands in the status document, ready for JSON."""
        window = [edge.isoformat() for edge in self.window]
        return {"item": self.item, "due": self.due.isoformat(), "window": window}


def _next_due(
    item: str | None,
    label: str,
    due_on: date | None,
    first_on: date | None,
    last_on: date | None,
    due_at: datetime,
    opens_at: datetime,
    closes_at: datetime,
) -> NextDue | None:
    # A row of NEXT_DUE_SQL; it is empty when nothing waits.
    if item is None:
        return None
    if due_on is not None and first_on is not None and last_on is not None:
        return NextDue(item, label, due_on, (first_on, last_on))
    return NextDue(item, label, due_at, (opens_at, closes_at))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a journey waits for next, and how many reminders are overdue."""

    next_due: NextDue | None
    overdue: int


def next_due_and_overdue(journey_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, Outlook]:
    """The outlook of each journey. One query, however many journeys."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_DUE_AND_OVERDUE_SQL, {"journeys": list(journey_ids), "at": at})
        return {
            journey_id: Outlook(next_due=_next_due(*row), overdue=overdue)
            for journey_id, overdue, *row in cursor.fetchall()
        }


@dataclass(frozen=True, slots=True)
class TodayLine:
    """One thing to do. `missed` counts earlier ones of the same series that were not done either."""

    reminder: Reminder
    timing: Timing
    missed: int


@dataclass(frozen=True, slots=True)
class TodayChild:
    """What is to be done for one child in one journey, by harm if missed and then by date."""

    patient: Patient
    journey: Journey
    lines: Sequence[TodayLine]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines are overdue and due: the figures of the page and of the rail's badge."""

    overdue: int
    due: int

    @property
    def waiting(self) -> int:
        """Both together."""
        return self.overdue + self.due


@dataclass(frozen=True, slots=True)
class Today:
    """The groups of the page. What was put off stands in none of the first three until its time comes."""

    overdue: Sequence[TodayChild]
    due: Sequence[TodayChild]
    upcoming: Sequence[TodayChild]
    put_off: Sequence[TodayChild]

    @property
    def counts(self) -> Counts:
        """Lines overdue and due; equal to `today_counts` of the same moment."""
        return Counts(overdue=_lines(self.overdue), due=_lines(self.due))


def today_for(
    user: User, *, at: datetime, zone: tzinfo, center_id: int | None = None, mine: bool = True
) -> Today:
    """What waits for the person's roles: overdue, due, and opening within the next 7 local days.

    With `mine=False` what waits for anybody. One query. Of a series only one line is shown for a child:
    the last that has opened, or else the next.
    """
    last_day = at.astimezone(zone).date() + timedelta(days=DAYS_AHEAD)
    soon = local_midnight(last_day + timedelta(days=1), zone)
    waiting = _mine(user, center_id) if mine else _open(user, center_id)
    rows = waiting.filter(opens_at__lt=soon).select_related("patient", "journey", "center")
    lines = _one_line_each(rows.order_by("occurrence"), at)
    by_timing: dict[Timing, list[TodayLine]] = {timing: [] for timing in Timing}
    for line in lines:
        if not line.reminder.is_snoozed(at):
            by_timing[line.timing].append(line)
    return Today(
        overdue=_by_child(by_timing[Timing.OVERDUE]),
        due=_by_child(by_timing[Timing.DUE]),
        upcoming=_by_child(by_timing[Timing.UPCOMING]),
        put_off=_by_child([line for line in lines if line.reminder.is_snoozed(at)]),
    )


def today_counts(user: User, *, at: datetime, center_id: int | None = None) -> Counts:
    """The figures for the head of Today. One query over what has opened."""
    closing = _waiting(user, center_id, at).values_list("closes_at", flat=True)
    overdue = [closes_at <= at for closes_at in closing]
    return Counts(overdue=sum(overdue), due=len(overdue) - sum(overdue))


@dataclass(frozen=True, slots=True)
class Badges:
    """What the frame of every page counts: lines of Today that wait, and notices that were not seen."""

    waiting: int
    unread: int


def badges(user: User, *, at: datetime, center_id: int | None) -> Badges:
    """The figures of the frame; `waiting` equals that of `today_counts`. One query."""
    waiting, unread = _counted(_waiting(user, center_id, at)), _counted(Delivery.objects.unread_by(user))
    return Badges(*User.objects.filter(pk=user.pk).values_list(waiting, unread).get())


def reminder_for(
    user: User, reminder_id: UUID, permission: Permission = Permission.VIEW_PATIENTS
) -> Reminder:
    """The reminder, if the person may do `permission` in its center: the one door for pages.

    Raises `NotFound` outside the person's centers and `Forbidden` inside when the role is not enough.
    """
    reminder = (
        Reminder.objects.visible_to(user)
        .filter(pk=reminder_id)
        .select_related("patient", "journey", "center")
        .first()
    )
    if reminder is None:
        raise NotFound
    require(user, permission, reminder.center_id)
    return reminder


def reminders_of(journey_id: UUID) -> ReminderQuerySet:
    """All reminders of a journey by due date, closed ones included."""
    return Reminder.objects.filter(journey_id=journey_id).order_by("due_at", "priority", "item", "occurrence")


def lines_of(journey_id: UUID, *, at: datetime) -> list[TodayLine]:
    """What a journey waits for, one line for each series, overdue first and then by date. One query."""
    rows = reminders_of(journey_id).open().select_related("center").order_by("occurrence")
    order = {Timing.OVERDUE: 0, Timing.DUE: 1, Timing.UPCOMING: 2}
    lines = _one_line_each(rows, at)
    return sorted(lines, key=lambda line: (order[line.timing], line.reminder.due_at, line.reminder.item))


def notices_for(user: User, *, limit: int = NOTICE_LIMIT) -> Sequence[Delivery]:
    """The person's unread notices, newest first. One query."""
    return list(
        Delivery.objects.unread_by(user)
        .select_related("reminder__patient", "reminder__journey", "reminder__center", "stands_in_for")
        .order_by("-sent_at")[:limit]
    )


def unread_count(user: User) -> int:
    """How many notices the person has not seen. One query."""
    return Delivery.objects.unread_by(user).count()


def reminders_set_aside(user: User) -> ReminderQuerySet:
    """Reminders of the person's centers that could not be planned, the longest waiting first."""
    waiting = Reminder.objects.set_aside().in_centers(user.center_ids)
    return waiting.select_related("center").order_by("notify_at")


def scheduler_is_silent(*, at: datetime, minutes: int = SILENT_AFTER_MINUTES) -> bool:
    """Whether nobody is being reminded: no beat of the scheduler, or of an engine that ran once, is younger.

    One query.
    """
    since = at - timedelta(minutes=minutes)
    beats = dict(Heartbeat.objects.filter(pk__in=[SCHEDULER, ENGINE]).values_list("pk", "beat_at"))
    return SCHEDULER not in beats or any(beat_at <= since for beat_at in beats.values())


def _open(user: User, center_id: int | None) -> ReminderQuerySet:
    visible = Reminder.objects.open().visible_to(user)
    return visible if center_id is None else visible.filter(center_id=center_id)


def _mine(user: User, center_id: int | None) -> ReminderQuerySet:
    return _open(user, center_id).addressed_to(user)


def _waiting(user: User, center_id: int | None, at: datetime) -> ReminderQuerySet:
    """The last opened line of each series that nobody put off."""
    opened = _mine(user, center_id).filter(opens_at__lte=at)
    series = ("journey_id", "item", "anchor_event_id")
    last_of_series = opened.order_by(*series, "-occurrence").distinct(*series)
    return Reminder.objects.awake(at).filter(pk__in=last_of_series)


def _counted(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.order_by().annotate(rows=Func("pk", function="count")).values("rows"))


def _one_line_each(rows: Iterable[Reminder], at: datetime) -> list[TodayLine]:
    """One line for each series of each journey; `rows` come in the order of their occurrences.

    What is counted from two events of a kind, e.g. two suspected malignancies, is two series.
    """
    lines: dict[tuple[UUID, str, int], TodayLine] = {}
    for row in rows:
        key = row.journey_id, row.item, row.anchor_event_id
        before, timing = lines.get(key), row.timing(at)
        if timing is None or (before is not None and timing == Timing.UPCOMING):
            continue
        lines[key] = TodayLine(row, timing, missed=before.missed + 1 if before else 0)
    return list(lines.values())


def _by_child(lines: Sequence[TodayLine]) -> list[TodayChild]:
    grouped: dict[UUID, list[TodayLine]] = {}
    for line in sorted(lines, key=_harm_first):
        grouped.setdefault(line.reminder.journey_id, []).append(line)
    return [
        TodayChild(patient=group[0].reminder.patient, journey=group[0].reminder.journey, lines=group)
        for group in grouped.values()
    ]


def _harm_first(line: TodayLine) -> tuple[int, datetime, str]:
    return line.reminder.priority, line.reminder.due_at, line.reminder.item


def _lines(children: Sequence[TodayChild]) -> int:
    return sum(len(child.lines) for child in children)
