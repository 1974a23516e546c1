"""What stands in a feed, read from the tables: times, resources and versions, and nothing of a child."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db.models import Max, Q, QuerySet

from cartpath.accounts.models import Center
from cartpath.accounts.permissions import Permission
from cartpath.core.dates import add_months
from cartpath.ledger.models import Event
from leukapheresis.agenda.reader import SEEN_IN_THE_CALENDAR
from leukapheresis.enums import LIVE_STATES, BookingDayState, BookingState, FeedKind, ResourceKind
from leukapheresis.models import Allocation, BookingDay, CalendarFeed, Closure, OpenDay, Resource

MONTHS_BACK: Final = 3
MONTHS_AHEAD: Final = 18
# Far more than a center can do in the window; a bound on what one question can cost.
MOST_COLLECTIONS: Final = 5000

# These are people, and a center may call them by their names: a feed says only what they do.
PEOPLE: Final = frozenset({ResourceKind.NURSE, ResourceKind.ANESTHESIA, ResourceKind.LINE_PLACEMENT})

# Ids of events are computed from what they are about. Changing this number would make each a new one.
_NAMESPACE: Final = UUID("8e0c4a43-9a41-4a35-8f5e-0d6a5c0b7c11")


@dataclass(frozen=True, slots=True)
class Used:
    """A resource as a feed speaks of it: by its kind, and by its name unless that is a person's."""

    kind: str
    name: str

    @classmethod
    def of(cls, kind: str, name: str) -> "Used":
        """The resource of a kind with a name."""
        return cls(kind, "" if kind in PEOPLE else name)


@dataclass(frozen=True, slots=True)
class Collecting:
    """One day of a collection: which of how many, with what, when. Times are UTC."""

    uid: UUID
    version: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    number: int
    days: int
    is_held: bool
    resources: tuple[Used, ...]
    center: str
    zone: str


@dataclass(frozen=True, slots=True)
class WholeDays:
    """Days, the last one included, on which a resource is closed, or opens at hours of its own."""

    uid: UUID
    first_on: date
    last_on: date
    closed_for: str = ""
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """All that a feed tells: of which resource, the zones of its centers, and what stands in it."""

    about: Used | None
    zones: tuple[str, ...]
    collections: tuple[Collecting, ...]
    whole_days: tuple[WholeDays, ...] = ()


def window(at: datetime) -> tuple[date, date]:
    """The first and the last day of a feed."""
    today = at.astimezone(UTC).date()
    return add_months(today, -MONTHS_BACK), add_months(today, MONTHS_AHEAD)


def content_of(feed: CalendarFeed, *, at: datetime) -> Content | None:
    """What a feed tells now; None when the person who made it may no longer know. `user` comes with it."""
    centers = feed.user.centers_for(Permission.VIEW_PATIENTS)
    if not feed.user.is_active or not centers:
        return None
    if feed.kind == FeedKind.PERSON or feed.resource_id is None:
        return _of_person(list(Center.objects.filter(pk__in=centers).order_by("name")), at)
    theirs = Resource.objects.filter(pk=feed.resource_id, center_id__in=centers)
    resource = theirs.select_related("center").first()
    return _of_resource(resource, at) if resource else None


def _of_person(centers: list[Center], at: datetime) -> Content:
    """Every collection of some centers, each at the time of its machine."""
    start, end = _moments(at)
    days = live_days(at).filter(booking__center__in=centers, slot__starts_at__lt=end, slot__ends_at__gt=start)
    told = _told(days, "person")
    return Content(about=None, zones=_zones(centers), collections=told)


def _of_resource(resource: Resource, at: datetime) -> Content:
    """What a resource is taken for, with what is kept free around it; its closed and exceptional days."""
    start, end = _moments(at)
    uses = Allocation.objects.filter(
        resource=resource, is_live=True, period__overlap=(start, end), day__in=live_days(at)
    )
    periods = {use.day_id: (use.period.lower, use.period.upper) for use in uses}
    told = _told(live_days(at).filter(pk__in=list(periods)), str(resource.pk), periods)
    return Content(
        about=Used.of(resource.kind, resource.name),
        zones=_zones([resource.center]),
        collections=told,
        whole_days=tuple(_whole_days(resource, *window(at))),
    )


def _whole_days(resource: Resource, first: date, last: date) -> Iterator[WholeDays]:
    closures = Closure.objects.filter(
        Q(resource=resource) | Q(resource=None),
        center=resource.center_id,
        first_on__lte=last,
        last_on__gte=first,
    )
    for row in closures.order_by("first_on", "pk"):
        yield WholeDays(_uid("closure", row.pk, resource.pk), row.first_on, row.last_on, closed_for=row.kind)
    open_days = OpenDay.objects.filter(resource=resource, on__range=(first, last))
    for day in open_days.order_by("on", "opens", "pk"):
        yield WholeDays(_uid("open", day.pk), day.on, day.on, opens=day.opens, closes=day.closes)


def live_days(at: datetime) -> QuerySet[BookingDay]:
    """Days that take, or took, their slot; a hold whose time is over takes none."""
    return (
        BookingDay.objects.filter(booking__state__in=[*LIVE_STATES, BookingState.DONE])
        .exclude(state=BookingDayState.RELEASED)
        .exclude(booking__state=BookingState.HELD, booking__hold_expires_at__lte=at)
    )


def _told(
    rows: QuerySet[BookingDay], calendar: str, times: Mapping[int, tuple[datetime, datetime]] | None = None
) -> tuple[Collecting, ...]:
    """The days as a feed tells them, at the times of their machines unless `times` has others.

    `calendar` tells apart what several calendars say of one day.
    """
    # Values, because a program asks often and making thousands of objects takes longer than reading them.
    days = list(
        rows.order_by("slot__starts_at", "pk").values_list(
            *("pk", "number", "booking_id", "booking__journey_id", "booking__version", "booking__state"),
            *("booking__booked_at", "slot__starts_at", "slot__ends_at", "slot__resource__name"),
            *("booking__center__name", "booking__center__timezone"),
        )[:MOST_COLLECTIONS]
    )
    order = _order({day[2] for day in days})
    used = _resources({day[0]: day[9] for day in days})
    changed = _changed({day[3] for day in days})
    told = []
    for pk, number, booking_id, journey_id, version, state, booked_at, *where in days:
        starts_at, ends_at, _machine, center, zone = where
        if times is not None:
            starts_at, ends_at = times[pk]
        told.append(
            Collecting(
                uid=_uid(calendar, booking_id, number),
                version=version,
                changed_at=changed.get(journey_id, booked_at),
                starts_at=starts_at,
                ends_at=ends_at,
                number=order[booking_id].index(pk) + 1,
                days=len(order[booking_id]),
                is_held=state == BookingState.HELD,
                resources=used[pk],
                center=center,
                zone=zone,
            )
        )
    return tuple(told)


def _order(booking_ids: Iterable[UUID]) -> Mapping[UUID, list[int]]:
    """The days of each booking in the order of time: their numbers may have gaps."""
    rows = BookingDay.objects.filter(booking__in=list(booking_ids)).exclude(state=BookingDayState.RELEASED)
    found: dict[UUID, list[int]] = {}
    for booking_id, pk in rows.order_by("slot__starts_at", "number").values_list("booking_id", "pk"):
        found.setdefault(booking_id, []).append(pk)
    return found


def _resources(machines: Mapping[int, str]) -> Mapping[int, tuple[Used, ...]]:
    """What each day takes, its machine first; `machines` are the names by day."""
    found = {pk: [Used.of(ResourceKind.MACHINE, name)] for pk, name in machines.items()}
    rows = Allocation.objects.filter(day__in=list(found), is_live=True).order_by("pk")
    for day_id, kind, name in rows.values_list("day_id", "resource__kind", "resource__name"):
        found[day_id].append(Used.of(kind, name))
    return {pk: tuple(dict.fromkeys(used)) for pk, used in found.items()}


def _changed(journey_ids: Iterable[UUID]) -> Mapping[UUID, datetime]:
    """When the calendar last had something new of each journey."""
    events = Event.objects.filter(
        journey_id__in=list(journey_ids), kind__in=[kind.value for kind in SEEN_IN_THE_CALENDAR]
    )
    return dict(events.values_list("journey_id").annotate(Max("recorded_at")))


def _moments(at: datetime) -> tuple[datetime, datetime]:
    first, last = window(at)
    start = datetime.combine(first, time(0), UTC)
    return start, datetime.combine(last, time(0), UTC) + timedelta(days=1)


def _zones(centers: Iterable[Center]) -> tuple[str, ...]:
    return tuple(sorted({center.timezone for center in centers}))


def _uid(*parts: object) -> UUID:
    return uuid5(_NAMESPACE, "/".join(map(str, parts)))
