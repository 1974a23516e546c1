"""A feed as iCalendar text (RFC 5545, RFC 7986)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from icalendar import Calendar, Event

from leukapheresis.enums import ClosureKind, ResourceKind
from leukapheresis.feeds.entries import Collecting, Content, Used, WholeDays, window
from leukapheresis.feeds.parts import Part
from leukapheresis.feeds.zones import timezone_of
from leukapheresis.models import CalendarFeed

# How often a calendar program is asked to look; most look less often.
REFRESH: Final = timedelta(minutes=15)


# A part of the calendar that another room knows, with what that room read.
Further = tuple[Part, Sequence[Any]]


def text_of(feed: CalendarFeed, content: Content, further: Iterable[Further] = (), *, at: datetime) -> bytes:
    """The whole calendar. The same content gives the same bytes: no time of writing stands in it."""
    with override(feed.language):
        calendar = _calendar(content)
        first, last = window(at)
        for zone in content.zones:
            calendar.add_component(timezone_of(zone, first.year - 1, last.year + 1))
        for collecting in content.collections:
            # A resource is busy then; the person who looks at everybody's collections is not.
            calendar.add_component(_collection(collecting, is_busy=content.about is not None))
        # What has no time of its own for its last change counts as changed when the address was made.
        for days in content.whole_days:
            calendar.add_component(_whole_days(days, stamp=feed.created_at))
        for part, told in further:
            for event in part.write(told):
                calendar.add_component(event)
        text: bytes = calendar.to_ical()
    return text


def _calendar(content: Content) -> Calendar:
    if content.about:
        name = f"CARTPath · {_called(content.about)}"
        about = _("Times include what is kept free before and after each collection.")
    else:
        name = "CARTPath"
        about = _("All collections of your centers, and what is due for your roles.")
    calendar = Calendar()
    calendar.add("prodid", "-//CARTPath//Apheresis calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for word in ("name", "x-wr-calname"):
        calendar.add(word, name)
    for word in ("description", "x-wr-caldesc"):
        calendar.add(word, about)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(minutes=1)}M")
    return calendar


def _collection(told: Collecting, *, is_busy: bool) -> Event:
    event = Event()
    zone = ZoneInfo(told.zone)
    event.add("uid", str(told.uid))
    event.add("sequence", told.version)
    for word in ("dtstamp", "last-modified"):
        event.add(word, told.changed_at.astimezone(UTC))
    event.add("dtstart", moment_in(zone, told.starts_at))
    event.add("dtend", moment_in(zone, told.ends_at))
    event.add("summary", _summary(told))
    event.add("location", told.center)
    event.add("status", "TENTATIVE" if told.is_held else "CONFIRMED")
    event.add("transp", "OPAQUE" if is_busy else "TRANSPARENT")
    link = _link(day=told.starts_at.astimezone(zone).date().isoformat())
    event.add("url", link)
    event.add("description", link)
    return event


def _summary(told: Collecting) -> str:
    if told.days == 1:
        what = _("Apheresis")
    else:
        what = _("Apheresis day %(number)d of %(days)d") % {"number": told.number, "days": told.days}
    said = ", ".join([what, *(_called(used) for used in told.resources)])
    return _("%(collection)s (held)") % {"collection": said} if told.is_held else said


def _called(used: Used) -> str:
    return used.name or str(ResourceKind(used.kind).label)


def _whole_days(told: WholeDays, *, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", str(told.uid))
    for word in ("dtstamp", "last-modified"):
        event.add(word, stamp.astimezone(UTC))
    event.add("dtstart", told.first_on)
    event.add("dtend", told.last_on + timedelta(days=1))
    if told.opens is None or told.closes is None:
        event.add("summary", _("Closed: %(why)s") % {"why": ClosureKind(told.closed_for).label})
        event.add("transp", "OPAQUE")
    else:
        hours = {"opens": f"{told.opens:%H:%M}", "closes": f"{told.closes:%H:%M}"}
        event.add("summary", _("Exceptional opening %(opens)s–%(closes)s") % hours)
        event.add("transp", "TRANSPARENT")
    link = _link(day=told.first_on.isoformat())
    event.add("url", link)
    event.add("description", link)
    return event


def moment_in(zone: ZoneInfo, at: datetime) -> datetime:
    """A moment on the center's clock; in UTC in the hour that the clock shows a second time.

    iCalendar reads a time that comes twice as the first one.
    """
    local = at.astimezone(zone)
    return local if local.fold == 0 else at.astimezone(UTC)


def _link(**query: str) -> str:
    """The page behind the sign-in that shows more."""
    return f"{settings.SITE_URL}{reverse('leukapheresis:calendar')}?{urlencode(query)}"
