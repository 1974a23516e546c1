"""The calendar: its pages, the feed of the live one, what moves when an event is dropped, the day sheet."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import Invalid, NotFound
from leukapheresis.agenda.capacity import rooms
from leukapheresis.agenda.changes import Version, calendar_version, changed_by
from leukapheresis.agenda.entries import Agenda, agenda
from leukapheresis.agenda.feed import (
    day_notes,
    events_json,
    month_entries,
    month_json,
    rows_json,
    shades_json,
)
from leukapheresis.agenda.sheet import day_sheet
from leukapheresis.calendar import Filters, Period, View
from leukapheresis.enums import LIVE_STATES, ResourceKind
from leukapheresis.models import BookingDay, Resource
from leukapheresis.scheduling.selectors import parts_of
from patients.banner import product_choices
from patients.donors import donor_of
from patients.models import Journey

# A feed of more days than a month with its edges is nobody's view.
_LONGEST_FEED: Final = timedelta(days=62)
# The hours of a day that are drawn in any case; earlier and later ones when something stands there.
_EARLIEST, _LATEST = 7, 20


@page(Permission.VIEW_PATIENTS)
def calendar(request: PersonRequest) -> HttpResponse:
    """A day, a week or a month by resource, with the room of the coming weeks."""
    now = timezone.now()
    today = timezone.localtime(now).date()
    period = Period.read(request.GET, today=today)
    filters = Filters.read(request.GET)
    drawn = agenda(request.user, request.center, period.first, period.last, filters=filters, at=now)
    version = calendar_version(request.center.pk, *period.drawn)
    # Without scripts the machines say what is free; the other rows are there for those who ask for them.
    rows = list(drawn.rows) if filters.kind else drawn.machines
    focus = today if period.first <= today <= period.last else period.first
    context = {
        "period": period,
        "filters": filters,
        "today": today,
        "days": _days(drawn, rows, period, today),
        "rows": rows,
        "has_rows": bool(drawn.rows),
        "rooms": [(room, Period(room.monday)) for room in rooms(request.center, at=now)],
        "tabs": [
            (label, Period.around(focus, view).query + filters.query, view == period.view)
            for view, label in _views()
        ],
        "now_url": Period.around(today, period.view).query + filters.query,
        "kinds": ResourceKind.choices,
        "products": product_choices()[1:],
        "live": _live(request, period, filters, drawn, version, now),
        "may_book": request.user.may(Permission.BOOK_APHERESIS, request.center.pk),
    }
    return render(request, "leukapheresis/calendar.html", context)


def _views() -> tuple[tuple[View, str], ...]:
    return ("day", _("Day")), ("week", _("Week")), ("month", _("Month"))


def _days(drawn: Agenda, rows: list[Resource], period: Period, today: date) -> list[dict[str, Any]]:
    """The days as the page without scripts shows them: by row, or as a month."""
    return [
        {
            "on": day,
            "is_today": day == today,
            "cells": [(row, drawn.on(day, resource=row)) for row in rows],
            "has_any": any(entry.resource in rows for entry in drawn.on(day)),
            "collections": month_entries(drawn.on(day)),
            "notes": day_notes(drawn, day),
        }
        for day in period.dates
    ]


def _live(
    request: PersonRequest,
    period: Period,
    filters: Filters,
    drawn: Agenda,
    version: Version,
    now: datetime,
) -> dict[str, Any]:
    """What the live calendar is told: where its feed is, which days, which hours, which clock."""
    begins, ends = _hours(drawn)
    first, last = period.drawn
    days = f"?start={first.isoformat()}&end={(last + timedelta(days=1)).isoformat()}"
    offset = f"{timezone.localtime(now):%z}"
    return {
        "view": period.view,
        "date": period.first.isoformat(),
        "feed": f"{reverse('leukapheresis:calendar_feed')}{days}&view={period.view}{filters.query}",
        "changes": f"{reverse('leukapheresis:calendar_changes')}{days}",
        "version": version.text,
        "offset": f"{offset[:3]}:{offset[3:]}",
        "begins": begins,
        "ends": ends,
    }


def _hours(drawn: Agenda) -> tuple[str, str]:
    """The hours that a day is drawn with: the usual ones, wider when something stands outside of them."""
    collections = [entry for entry in drawn.entries if entry.slot]
    begins = min([_EARLIEST, *(entry.starts_at.hour for entry in collections)])
    ends = max(
        [
            _LATEST,
            *(
                24 if entry.ends_at.date() > entry.starts_at.date() else entry.ends_at.hour + 1
                for entry in collections
            ),
        ]
    )
    return f"{begins:02d}:00", f"{min(ends, 24):02d}:00"


@page(Permission.VIEW_PATIENTS)
@require_GET
def calendar_feed(request: PersonRequest) -> HttpResponse:
    """The rows and events of the days from `start` until before `end`, as JSON."""
    first, last = _span(request)
    now = timezone.now()
    today = timezone.localtime(now).date()
    # The version is read first: what changes meanwhile is then fetched once more rather than missed.
    version = calendar_version(request.center.pk, first, last)
    filters = Filters.read(request.GET)
    drawn = agenda(request.user, request.center, first, last, filters=filters, at=now)
    view = request.GET.get("view")
    if view == "month":
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        events = month_json(drawn, days, today=today)
    else:
        events = events_json(drawn, today=today)
        if view == "day":
            events += shades_json(drawn, request.center.zone)
    response = JsonResponse({"version": version.text, "rows": rows_json(drawn.rows), "events": events})
    response["Cache-Control"] = "no-store"
    return response


@page(Permission.VIEW_PATIENTS)
@require_GET
def calendar_changes(request: PersonRequest) -> HttpResponse:
    """Whether those days changed since the version the page carries: 304, or who changed them."""
    require(request.user, Permission.VIEW_PATIENTS, request.center.pk)
    first, last = _span(request)
    version = calendar_version(request.center.pk, first, last)
    tag = f'"{version.text}"'
    known = request.headers.get("If-None-Match", "")
    response: HttpResponse
    if known == tag:
        response = HttpResponseNotModified()
    else:
        since = Version.read(known.strip('"'))
        names = changed_by(request.center.pk, first, last, since=since, but=request.user.actor)
        response = JsonResponse({"version": version.text, "by": names})
    response["ETag"] = tag
    response["Cache-Control"] = "no-store"
    return response


def _span(request: PersonRequest) -> tuple[date, date]:
    """The days of an address, both included. Raises `Invalid` for days that can't be."""
    try:
        first = date.fromisoformat(request.GET.get("start", ""))
        last = date.fromisoformat(request.GET.get("end", "")) - timedelta(days=1)
    except (ValueError, OverflowError):
        raise Invalid("invalid_input", _("Give `start` and `end` as days, YYYY-MM-DD.")) from None
    if not timedelta(0) <= last - first <= _LONGEST_FEED:
        raise Invalid("invalid_input", _("Ask for one day to two months."))
    return first, last


@page(Permission.VIEW_PATIENTS)
@require_GET
def calendar_day(request: PersonRequest, booking_id: UUID, number: int) -> HttpResponse:
    """One day of a booking, as the calendar's panel shows it."""
    day = booking_day(request, booking_id, number, Permission.VIEW_PATIENTS)
    now = timezone.now()
    may_book = request.user.may(Permission.BOOK_APHERESIS, day.booking.center_id)
    is_live = day.booking.state in LIVE_STATES
    may_move = may_book and is_live and day.slot.starts_at > now
    with timezone.override(day.booking.center.zone):
        context = {
            "day": day,
            "booking": day.booking,
            "journey": day.booking.journey,
            "today": timezone.localtime(now).date(),
            "parts": parts_of(day.booking),
            "taken": day.allocations.filter(is_live=True).select_related("resource").order_by("pk"),
            "donor": donor_of(day.booking.journey),
            "move_url": _move_url(day) if may_move else "",
            "find_url": reverse("leukapheresis:find", args=[day.booking.journey_id]) if may_move else "",
        }
        return render(request, "leukapheresis/calendar_day.html", context)


def _move_url(day: BookingDay) -> str:
    return f"{reverse('leukapheresis:booking_move', args=[day.booking_id])}?day={day.number}"


def booking_day(request: PersonRequest, booking_id: UUID, number: int, permission: Permission) -> BookingDay:
    """A day of a booking, within the person's centers; else `NotFound`, or `Forbidden` for the role."""
    found = (
        BookingDay.objects.filter(booking_id=booking_id, number=number)
        .filter(booking__journey__in=Journey.objects.visible_to(request.user))
        .exclude(state="released")
        .select_related(
            "booking__journey__patient",
            "booking__journey__center",
            "booking__journey__referral",
            "booking__center",
            "slot__resource",
        )
        .first()
    )
    if found is None:
        raise NotFound
    require(request.user, permission, found.booking.center_id)
    return found


@page(Permission.VIEW_PATIENTS)
@require_GET
def day_print(request: PersonRequest, on: str) -> HttpResponse:
    """The sheet of a day, for paper: everything by resource and hour."""
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise NotFound from None
    now = timezone.now()
    sheet = day_sheet(request.user, request.center, day, at=now)
    context = {"sheet": sheet, "on": day, "today": day, "center": request.center, "printed_at": now}
    return render(request, "leukapheresis/day_print.html", context)
