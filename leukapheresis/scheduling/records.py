"""What the ledger keeps of bookings, and what it tells somebody whose view of one is old."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cartpath.core.errors import Stale
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from leukapheresis.models import Allocation, Booking, BookingDay
from leukapheresis.scheduling.bundles import Part
from leukapheresis.scheduling.claims import Claim
from leukapheresis.scheduling.judging import Judgment

# What of a part the ledger keeps: the rules' sentences are in the protocol.
_TOLD: Final = ("part", "state", "verdict", "rows", "wanted", "reason")


def booking_facts(booking: Booking, judgment: Judgment, claims: Sequence[Claim] = ()) -> dict[str, Any]:
    """The whole booking: its first day on top, then every day and part. `claims` are yet to be written."""
    days = planned_days(booking)
    first = days[0]
    return {
        "booking": booking.pk,
        "slot": first.slot_id,
        "version": booking.version,
        "machine": first.slot.resource.name,
        "starts_at": first.slot.starts_at,
        "ends_at": first.slot.ends_at,
        "washout_open": judgment.washout_open,
        "override_reason": booking.override_reason or None,
        "days": days_facts(days, claims),
        "parts": parts_facts(booking),
        "computed": [judgment.record],
    }


def planned_days(booking: Booking) -> list[BookingDay]:
    """The days that take a slot, in their order; two queries with `days_facts`."""
    return list(
        BookingDay.objects.filter(booking=booking)
        .exclude(state="released")
        .select_related("slot__resource")
        .order_by("slot__starts_at", "number")
    )


def days_facts(days: Sequence[BookingDay], claims: Sequence[Claim] = ()) -> list[dict[str, Any]]:
    """Each day with its machine, its times, and the name of the resource for each part.

    The names are those of now, and of `claims` that are yet to be written.
    """
    live = Allocation.objects.filter(day__in=days, is_live=True).order_by("pk")
    resources: dict[int, dict[str, str]] = {day.number: {} for day in days}
    for number, kind, name in live.values_list("day__number", "kind", "resource__name"):
        resources[number][kind] = name
    for claim in claims:
        if claim.day in resources:
            resources[claim.day][claim.wanted.part] = claim.resource.name
    return [
        {
            "day": day.number,
            "machine": day.slot.resource.name,
            "starts_at": day.slot.starts_at,
            "ends_at": day.slot.ends_at,
            "resources": resources[day.number],
        }
        for day in days
    ]


def change_facts(booking: Booking, days: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The whole booking as it is after a change; `days` when they are at hand."""
    return {
        "booking": booking.pk,
        "version": booking.version,
        "days": days_facts(planned_days(booking)) if days is None else list(days),
        "parts": parts_facts(booking),
        "override_reason": booking.override_reason or None,
        "first_starts_at": booking.slot.starts_at,
    }


def parts_facts(booking: Booking) -> list[dict[str, Any]]:
    """The bundle without what the protocol says anyway."""
    return [{name: stored[name] for name in _TOLD} for stored in booking.bundle]


def bundle_of_facts(told: Iterable[dict[str, Any]]) -> list[Part]:
    """Parts as the ledger keeps them, back as parts."""
    return [Part(**{"because": [], "sources": [], "missing": [], **each}) for each in told]


def refuse_stale_version(booking: Booking, version: int | None) -> None:
    """Raise `Stale` saying what changed when somebody acts on an older version of a booking."""
    if version is None or version == booking.version:
        return
    changes = [
        _("%(what)s by %(who)s, %(when)s")
        % {
            "what": EventKind(event.kind).label,
            "who": event.actor_name,
            "when": date_format(event.recorded_at.astimezone(booking.center.zone), "j M H:i"),
        }
        for event in Event.objects.of(booking.journey_id)
        if event.data.get("booking") == str(booking.pk) and event.data.get("version", 0) > version
    ]
    said = "; ".join(changes) or _("it is another version now")
    raise Stale("stale", _("This booking changed since you opened it: %(changes)s.") % {"changes": said})
