"""What follows when an event of the calendar is dropped: first what would move with it, then the move."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Stale
from cartpath.core.forms import attempt
from leukapheresis.calendar_views import booking_day
from leukapheresis.drop_forms import DropForm, MoveForm
from leukapheresis.models import BookingDay
from leukapheresis.scheduling.cascading import Preview, move_preview
from leukapheresis.scheduling.moving import booking_move


@page(Permission.BOOK_APHERESIS)
@require_POST
def calendar_drop(request: PersonRequest, booking_id: UUID, number: int) -> HttpResponse:
    """Show what a drop would change, with the form that confirms it; with a reason, move.

    The answers are the inside of the calendar's panel. One that moved says so and has nothing more to ask.
    """
    day = booking_day(request, booking_id, number, Permission.BOOK_APHERESIS)
    with timezone.override(day.booking.center.zone):
        now = timezone.now()
        if "reason_code" in request.POST:
            return _move(request, day, now)
        return _look(request, day, now)


def _look(request: PersonRequest, day: BookingDay, now: datetime) -> HttpResponse:
    dropped = DropForm(request.POST)
    if not dropped.is_valid():
        return _refused(request, day, dropped)
    preview = move_preview(day.booking, day=day.number, to=dropped.time, at=now)
    form = MoveForm(initial=request.POST.dict(), may_override=_may_override(request, day, preview))
    return _panel(request, day, form, preview)


def _move(request: PersonRequest, day: BookingDay, now: datetime) -> HttpResponse:
    dropped = DropForm(request.POST)
    if not dropped.is_valid():
        return _refused(request, day, dropped)
    preview = move_preview(day.booking, day=day.number, to=dropped.time, at=now)
    form = MoveForm(request.POST, may_override=_may_override(request, day, preview))
    stale = False

    def move() -> Any:
        nonlocal stale
        try:
            return booking_move(
                booking_id=day.booking_id,
                day=day.number,
                to=form.time,
                reason_code=form.cleaned_data["reason_code"],
                note=form.cleaned_data["note"],
                version=form.cleaned_data["version"],
                override_reason=form.cleaned_data.get("override_reason", ""),
                cascade=preview.told(),
                by=request.user.actor,
                at=now,
            )
        except Stale:
            stale = True
            raise

    if form.is_valid() and attempt(form, move) is not None:
        moved = booking_day(request, day.booking_id, day.number, Permission.BOOK_APHERESIS)
        return render(request, "leukapheresis/drop_done.html", {"day": moved})
    return _panel(request, day, form, preview, stale=stale)


def _panel(
    request: PersonRequest, day: BookingDay, form: MoveForm, preview: Preview, *, stale: bool = False
) -> HttpResponse:
    context = {"day": day, "form": form, "preview": preview, "to": preview.target, "stale": stale}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "leukapheresis/drop.html", context, status=status)


def _refused(request: PersonRequest, day: BookingDay, form: DropForm) -> HttpResponse:
    """A time that can't be, such as one that a clock change leaves out."""
    context = {"day": day, "form": form, "impossible": True}
    return render(request, "leukapheresis/drop.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _may_override(request: PersonRequest, day: BookingDay, preview: Preview) -> bool:
    """Whether to ask for a reason to collect before a washout ends: it stands in the way, and they may."""
    may = request.user.may(Permission.OVERRIDE_WASHOUT, day.booking.center_id)
    return preview.needs_override and may
