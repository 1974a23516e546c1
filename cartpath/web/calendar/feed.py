"""Visits and duties as events of a person's calendar address: counts, days and hours, nothing of a child."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Event

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.dates import local_midnight
from cartpath.reminders.duties import duties_of, overdue_of
from cartpath.web.calendar.arranged import arranged_in, arranged_items, moment_of
from cartpath.web.wording import short_day_text
from followup.models import ArrangedVisit
from leukapheresis.feeds.entries import window
from leukapheresis.feeds.text import moment_in

# Ids of events are computed from what they are about. Changing this number would make each a new one.
_NAMESPACE: Final = UUID("3d6f1c52-0e7b-4f5a-9a8e-6f7d2b9c4e10")
# The overdue line moves from day to day; counted from here, its version grows with each.
_EPOCH: Final = date(2020, 1, 1)


# A calendar program draws nothing for a visit without an end; how long it takes nobody says.
_DRAWN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit that a family was given a day for, with its hour if one was said."""

    uid: UUID
    changed_at: datetime
    on: date
    at: datetime | None
    zone: str
    center: str


@dataclass(frozen=True, slots=True)
class DueDay:
    """An all-day line: what is due on a day in a center, or what is overdue today."""

    uid: UUID
    version: int
    changed_at: datetime
    on: date
    center: str
    visits: int = 0
    tasks: int = 0
    overdue: int = 0
    window: tuple[date, date] | None = None


Told = Appointment | DueDay


class Duties:
    """What is due for a person's roles, and the visits arranged in their centers."""

    def read(self, user: User, *, at: datetime) -> Sequence[Told]:
        """Arranged visits, days with something due, and the overdue of today. Six queries at most."""
        first, last = window(at)
        seen = user.centers_for(Permission.VIEW_PATIENTS)
        appointments = [_appointment(visit) for visit in arranged_in(seen, first, last)]
        days = duties_of(user, first, last, apart=arranged_items(seen))
        late = overdue_of(user, at=at)
        named = {day.center_id for day in days} | {each.center_id for each in late}
        centers = {center.pk: center for center in Center.objects.filter(pk__in=named)}
        due = [
            DueDay(
                uid=uuid5(_NAMESPACE, f"due/{day.center_id}/{day.on}"),
                version=day.version,
                changed_at=day.changed_at,
                on=day.on,
                center=centers[day.center_id].name,
                visits=day.visits,
                tasks=day.tasks,
                window=(day.first_on, day.last_on) if day.first_on != day.last_on else None,
            )
            for day in days
        ]
        overdue = [_overdue(centers[each.center_id], each.children, at) for each in late]
        return [*appointments, *due, *overdue]

    def write(self, told: Sequence[Told]) -> Iterator[Event]:
        """One event for each visit, and one for each day with something due."""
        return (_visit(each) if isinstance(each, Appointment) else _event(each) for each in told)


def _appointment(visit: ArrangedVisit) -> Appointment:
    return Appointment(
        uid=uuid5(_NAMESPACE, f"visit/{visit.pk}"),
        changed_at=visit.arranged_at,
        on=visit.planned_on,
        at=moment_of(visit),
        zone=visit.center.timezone,
        center=visit.center.name,
    )


def _overdue(center: Center, children: int, at: datetime) -> DueDay:
    today = center.local_day(at)
    return DueDay(
        uid=uuid5(_NAMESPACE, f"overdue/{center.pk}"),
        version=(today - _EPOCH).days,
        changed_at=local_midnight(today, center.zone),
        on=today,
        center=center.name,
        overdue=children,
    )


def _visit(told: Appointment) -> Event:
    # An arrangement never changes: another day is another arrangement.
    event = _started(told, version=0, summary=_("Follow-up visit, arranged"))
    if told.at is None:
        _whole_day(event, told.on)
    else:
        zone = ZoneInfo(told.zone)
        event.add("dtstart", moment_in(zone, told.at))
        event.add("dtend", moment_in(zone, told.at + _DRAWN))
    return _linked(event, _week_url(told.on))


def _event(told: DueDay) -> Event:
    event = _started(told, version=told.version, summary=_summary(told))
    _whole_day(event, told.on)
    url = settings.SITE_URL + reverse("web:today") if told.overdue else _week_url(told.on)
    return _linked(event, url, _window(told))


def _started(told: Told, *, version: int, summary: str) -> Event:
    event = Event()
    event.add("uid", str(told.uid))
    event.add("sequence", version)
    for word in ("dtstamp", "last-modified"):
        event.add(word, told.changed_at.astimezone(UTC))
    event.add("summary", summary)
    event.add("location", told.center)
    # Something to be done that day; nobody who looks at it is busy then.
    event.add("transp", "TRANSPARENT")
    return event


def _whole_day(event: Event, on: date) -> None:
    event.add("dtstart", on)
    event.add("dtend", on + timedelta(days=1))


def _linked(event: Event, url: str, *said: str) -> Event:
    """With the page behind the sign-in that names the children."""
    event.add("url", url)
    event.add("description", "\n".join(part for part in (*said, url) if part))
    return event


def _summary(told: DueDay) -> str:
    if told.overdue:
        text = ngettext("Overdue · %(count)d child", "Overdue · %(count)d children", told.overdue)
        return text % {"count": told.overdue}
    parts = []
    if told.visits:
        text = ngettext(
            "Follow-up visit · %(count)d child", "Follow-up visit · %(count)d children", told.visits
        )
        parts.append(text % {"count": told.visits})
    if told.tasks:
        text = ngettext("%(count)d task due", "%(count)d tasks due", told.tasks)
        parts.append(text % {"count": told.tasks})
    return ", ".join(parts)


def _window(told: DueDay) -> str:
    if told.window is None:
        return ""
    first, last = told.window
    named = {"first": short_day_text(first), "last": short_day_text(last)}
    return _("Possible from %(first)s to %(last)s") % named


def _week_url(on: date) -> str:
    return f"{settings.SITE_URL}{reverse('web:week')}?on={on.isoformat()}"
