"""Writes about what can be booked and when: resources, hours, closures, exceptional openings, quotas.

Nothing here is about a journey, so nothing goes into the ledger; each write keeps who did it, when, and the
values before and after (`PlanChange`). Bookings stay as they are: the functions return how many lie in the
way, for a person to see to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.core.dates import local_midnight
from cartpath.core.errors import Conflict, Invalid, NotFound
from leukapheresis.agenda.changes import calendar_touched
from leukapheresis.enums import PlanAct, PlanThing
from leukapheresis.models import Allocation, Closure, OpenDay, PlanChange, Quota, Resource, ResourceHours

RowT = TypeVar("RowT", bound=Model)

LONGEST_CLOSURE: Final = timedelta(days=366)
# Hours and resources show on every day to come; these are the ones somebody may be looking at.
_IN_SIGHT: Final = timedelta(days=62)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDetails:
    """A resource as it is kept; the kind can't change later."""

    kind: str
    name: str
    extracorporeal_volume_ml: int | None = None
    capacity: int = 1
    lead_time_hours: int = 0
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureDetails:
    """Closed days, the last one included; without a resource the whole center is closed."""

    resource_id: UUID | None
    first_on: date
    last_on: date
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDayDetails:
    """Hours of one day, for several resources at once."""

    resource_ids: Sequence[UUID]
    on: date
    opens: time
    closes: time
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaDetails:
    """At most `per_week` collections; an empty product or referring center stands for every one."""

    product: str
    referring_center: str
    per_week: int
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class WeekdayHours:
    """Hours of one weekday (0 is Monday)."""

    weekday: int
    opens: time
    closes: time


@transaction.atomic
def resource_add(*, center_id: int, details: ResourceDetails, by: Actor, at: datetime) -> Resource:
    """Add a resource, which is there at all hours until it gets some. Raises `Invalid`."""
    resource = _saved(Resource(center_id=center_id, **asdict(details)))
    _kept(PlanThing.RESOURCE, PlanAct.ADDED, resource, {}, _values(resource), by, at)
    _in_sight_touched(resource.center, by, at)
    return resource


@transaction.atomic
def resource_change(
    *, resource_id: UUID, center_id: int, details: ResourceDetails, by: Actor, at: datetime
) -> int:
    """Change a resource; how many bookings to come use one that is out of use now.

    Raises `Invalid`, and `Conflict` `in_use` for a smaller capacity than what is booked.
    """
    resource = _resource(resource_id, center_id)
    before = _values(resource)
    if details.kind != resource.kind:
        sentence = _("A resource stays of its kind: its bookings are there. Add another one.")
        raise Invalid("invalid_input", _("This can't be saved."), fields={"kind": sentence})
    _refuse_smaller(resource, details.capacity, at)
    for name, value in asdict(details).items():
        setattr(resource, name, value)
    _saved(resource)
    if _values(resource) != before:
        _kept(PlanThing.RESOURCE, PlanAct.CHANGED, resource, before, _values(resource), by, at)
        _in_sight_touched(resource.center, by, at)
    return 0 if resource.is_active else _bookings(center_id, resource_id, at, None)


def _refuse_smaller(resource: Resource, capacity: int, at: datetime) -> None:
    """Move uses of units that are to go to those that stay; refuse when more are taken at the same time.

    The resource's row is locked, so nobody claims a unit meanwhile.
    """
    taken = Allocation.objects.filter(resource=resource, is_live=True, period__endswith__gt=at)
    for use in taken.filter(unit__gt=capacity).order_by("period", "pk"):
        busy = set(taken.filter(period__overlap=use.period).values_list("unit", flat=True))
        unit = next((each for each in range(1, capacity + 1) if each not in busy), None)
        if unit is None:
            sentence = _("More than that are booked already.")
            raise Conflict("in_use", sentence, fields={"capacity": sentence})
        Allocation.objects.filter(pk=use.pk).update(unit=unit)


@transaction.atomic
def hours_set(
    *, resource_id: UUID, center_id: int, hours: Sequence[WeekdayHours], by: Actor, at: datetime
) -> None:
    """Replace the weekly hours of a resource; none means that it is there at all hours. Raises `Invalid`."""
    resource = _resource(resource_id, center_id)
    before = _hours(resource)
    resource.hours.all().delete()
    for row in hours:
        _saved(ResourceHours(resource=resource, **asdict(row)))
    after = _hours(resource)
    if after != before:
        _kept(PlanThing.HOURS, PlanAct.CHANGED, resource, {"hours": before}, {"hours": after}, by, at)
        _in_sight_touched(resource.center, by, at)


def _hours(resource: Resource) -> list[list[Any]]:
    rows = resource.hours.order_by("weekday", "opens").values_list("weekday", "opens", "closes")
    return [[weekday, f"{opens:%H:%M}", f"{closes:%H:%M}"] for weekday, opens, closes in rows]


@transaction.atomic
def closure_add(*, center_id: int, details: ClosureDetails, by: Actor, at: datetime) -> int:
    """Close a resource or the whole center; how many bookings lie on those days. Raises `Invalid`."""
    if details.resource_id is not None:
        _resource(details.resource_id, center_id)
    if details.last_on - details.first_on > LONGEST_CLOSURE:
        sentence = _("Close at most one year at a time. What is gone for good is taken out of use.")
        raise Invalid("invalid_input", _("This can't be saved."), fields={"last_on": sentence})
    closure = _saved(Closure(center_id=center_id, **asdict(details)))
    _kept(PlanThing.CLOSURE, PlanAct.ADDED, closure, {}, _values(closure), by, at)
    days = _run(closure.first_on, closure.last_on)
    calendar_touched(center_id, days, by=by, at=at)
    return _bookings(center_id, details.resource_id, at, (closure.first_on, closure.last_on))


@transaction.atomic
def closure_remove(*, closure_id: int, center_id: int, by: Actor, at: datetime) -> None:
    """Take a closure back."""
    closure = _one(Closure.objects.filter(pk=closure_id, center_id=center_id))
    _kept(PlanThing.CLOSURE, PlanAct.REMOVED, closure, _values(closure), {}, by, at)
    calendar_touched(center_id, _run(closure.first_on, closure.last_on), by=by, at=at)
    closure.delete()


@transaction.atomic
def open_days_add(*, center_id: int, details: OpenDayDetails, by: Actor, at: datetime) -> int:
    """Open resources on one day at hours of its own; how many were opened. Raises `Invalid`."""
    if not details.resource_ids:
        fields = {"resources": _("Choose at least one resource.")}
        raise Invalid("invalid_input", _("This can't be saved."), fields=fields)
    for resource_id in details.resource_ids:
        resource = _resource(resource_id, center_id)
        opening = _saved(
            OpenDay(
                resource=resource,
                on=details.on,
                opens=details.opens,
                closes=details.closes,
                note=details.note,
            )
        )
        _kept(PlanThing.OPEN_DAY, PlanAct.ADDED, opening, {}, _values(opening), by, at)
    calendar_touched(center_id, [details.on], by=by, at=at)
    return len(details.resource_ids)


@transaction.atomic
def open_day_remove(*, open_day_id: int, center_id: int, by: Actor, at: datetime) -> None:
    """Take an exceptional opening back."""
    opening = _one(OpenDay.objects.filter(pk=open_day_id, resource__center_id=center_id))
    _kept(PlanThing.OPEN_DAY, PlanAct.REMOVED, opening, _values(opening), {}, by, at)
    calendar_touched(center_id, [opening.on], by=by, at=at)
    opening.delete()


@transaction.atomic
def quota_add(*, center_id: int, details: QuotaDetails, by: Actor, at: datetime) -> Quota:
    """Limit the collections a week. Raises `Invalid`."""
    quota = _saved(Quota(center_id=center_id, **asdict(details)))
    _kept(PlanThing.QUOTA, PlanAct.ADDED, quota, {}, _values(quota), by, at)
    return quota


@transaction.atomic
def quota_remove(*, quota_id: int, center_id: int, by: Actor, at: datetime) -> None:
    """Take a quota back."""
    quota = _one(Quota.objects.filter(pk=quota_id, center_id=center_id))
    _kept(PlanThing.QUOTA, PlanAct.REMOVED, quota, _values(quota), {}, by, at)
    quota.delete()


def _resource(resource_id: UUID, center_id: int) -> Resource:
    return _one(Resource.objects.select_for_update(of=("self",)).filter(pk=resource_id, center_id=center_id))


def _one(rows: QuerySet[RowT]) -> RowT:
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def _saved(row: RowT) -> RowT:
    """Save a row after checking it, constraints included. Raises `Invalid` with their sentences."""
    try:
        row.full_clean()
    except ValidationError as refusal:
        by_field = {
            name: " ".join(messages)
            for name, messages in refusal.message_dict.items()
            if name != NON_FIELD_ERRORS
        }
        general = " ".join(refusal.message_dict.get(NON_FIELD_ERRORS, []))
        raise Invalid("invalid_input", general or _("This can't be saved."), fields=by_field) from None
    row.save()
    return row


def _values(row: Model) -> dict[str, Any]:
    """The values of a row as JSON types, without keys that say nothing to people."""
    values = model_to_dict(row, exclude=["id", "center", "resource"])
    encoder = DjangoJSONEncoder()
    return {
        name: value if value is None or isinstance(value, bool | int | str) else encoder.default(value)
        for name, value in values.items()
    }


def _kept(
    thing: PlanThing,
    act: PlanAct,
    row: Any,
    before: dict[str, Any],
    after: dict[str, Any],
    by: Actor,
    at: datetime,
) -> None:
    resource = row if isinstance(row, Resource) else getattr(row, "resource", None)
    PlanChange.objects.create(
        center_id=resource.center_id if resource else row.center_id,
        resource=resource,
        thing=thing,
        act=act,
        name=_name(row, resource),
        before=before,
        after=after,
        at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
    )


def _name(row: Any, resource: Resource | None) -> str:
    """What people call the thing."""
    if isinstance(row, Quota):
        return row.product or row.referring_center or _("all collections")
    return resource.name if resource else _("the whole center")


def _run(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _in_sight_touched(center: Center, by: Actor, at: datetime) -> None:
    today = at.astimezone(center.zone).date()
    calendar_touched(center.pk, _run(today, today + _IN_SIGHT), by=by, at=at)


def _bookings(center_id: int, resource_id: UUID | None, at: datetime, days: tuple[date, date] | None) -> int:
    """How many bookings to come use a resource (or any of the center), on some days or at all."""
    taken = Allocation.objects.filter(booking__center_id=center_id, is_live=True, period__endswith__gt=at)
    if resource_id is not None:
        taken = taken.filter(resource_id=resource_id)
    if days is not None:
        zone = Center.objects.get(pk=center_id).zone
        start, end = local_midnight(days[0], zone), local_midnight(days[1] + timedelta(days=1), zone)
        taken = taken.filter(period__overlap=(start, end))
    return taken.values("booking_id").distinct().count()
