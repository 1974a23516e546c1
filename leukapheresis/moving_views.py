"""Changing the days of a booking: first what would change with it, then the change."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cartpath.accounts.http import Page, PersonRequest, View, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import attempt, form_status, posted
from leukapheresis.enums import LIVE_STATES
from leukapheresis.models import Booking, BookingDay, Slot
from leukapheresis.panels import ANCHOR
from leukapheresis.scheduling.cascading import Preview, move_preview
from leukapheresis.scheduling.moving import booking_move, day_add, day_release
from leukapheresis.scheduling.records import planned_days
from leukapheresis.scheduling_forms import ChangeForm, ReleaseDayForm, TimeForm
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context, panel_url

SLOTS_AHEAD = timedelta(weeks=12)
MOST_SLOTS = 60
ADD_DAY = FormPage(
    title=gettext_lazy("Add a day"),
    submit=gettext_lazy("Add the day"),
    anchor=ANCHOR,
    done=gettext_lazy("Day added."),
    template="leukapheresis/day_add.html",
)
RELEASE = FormPage(
    title=gettext_lazy("Release a day"),
    submit=gettext_lazy("Release the day"),
    anchor=ANCHOR,
    done=gettext_lazy("Day released."),
    consequence=gettext_lazy("The day's slot and all its parts become free for another child."),
    danger=True,
    leave=gettext_lazy("Keep the day"),
    template="leukapheresis/day_release.html",
)


def booking_page(permission: Permission) -> Callable[[View], Page]:
    """Open a page about one booking: the view is called as `view(request, journey, booking, …)`.

    Outside the person's centers the booking does not exist (404).
    """

    def decorate(view: View) -> Page:
        @wraps(view)
        def loaded(request: PersonRequest, booking_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            booking = (
                Booking.objects.filter(pk=booking_id, journey__in=Journey.objects.visible_to(request.user))
                .select_related(
                    "center",
                    "slot__resource",
                    "journey__patient",
                    "journey__center",
                    "journey__status",
                    "journey__referral",
                )
                .first()
            )
            if booking is None:
                raise NotFound
            require(request.user, permission, booking.center_id)
            with timezone.override(booking.center.zone):
                return view(request, booking.journey, booking, *args, **kwargs)

        # Sign-in is asked for first; whether the role is enough is decided for the booking's own center.
        opened = page(Permission.VIEW_PATIENTS)(cast("View", loaded))
        opened.permission = permission
        return opened

    return decorate


@booking_page(Permission.BOOK_APHERESIS)
def move(request: PersonRequest, journey: Journey, booking: Booking) -> HttpResponse:
    """Move one day: the first press shows what changes, the second, with a reason code, moves it."""
    now = timezone.now()
    _refuse_over(booking)
    days = planned_days(booking)
    day = _day(request, days)
    confirms = "confirm" in request.POST
    form = _change_form(request, booking, ChangeForm if confirms else None)
    found: Preview | None = None
    is_sound = form.is_valid()
    if form.is_bound and "time" in form.cleaned_data:
        found = attempt(form, lambda: move_preview(booking, day=day.number, to=form.time, at=now))
    if found is not None and confirms and is_sound and _moved(request, booking, day, form, found, now):
        messages.success(request, _("The collection was moved."))
        return redirect(panel_url(journey, ANCHOR))
    if found is not None and not confirms:
        form = ChangeForm(
            initial={**request.POST.dict(), "version": found.version},
            center_id=booking.center_id,
            may_override=_may_override(request, booking),
        )
    context = journey_context(journey, now) | {
        "booking": booking,
        "days": days,
        "day": day,
        "form": form,
        "preview": found,
        "slots": _free_slots(booking, now),
        "chosen": request.POST.get("slot", ""),
    }
    return render(request, "leukapheresis/move.html", context, status=form_status(form))


def _moved(
    request: PersonRequest, booking: Booking, day: BookingDay, form: Any, preview: Preview, now: datetime
) -> bool:
    """Make the move that was looked at; a refusal stands in the form."""
    done = attempt(
        form,
        lambda: booking_move(
            booking_id=booking.pk,
            day=day.number,
            to=form.time,
            reason_code=form.cleaned_data["reason_code"],
            note=form.cleaned_data["note"],
            version=form.cleaned_data["version"],
            override_reason=form.override,
            cascade=preview.told(),
            by=request.user.actor,
            at=now,
        ),
    )
    return done is not None


@booking_page(Permission.BOOK_APHERESIS)
@require_POST
def preview(request: PersonRequest, journey: Journey, booking: Booking) -> HttpResponse:
    """What a move would change: JSON, or the lines of the page for a request that asks for a fragment."""
    now = timezone.now()
    form = TimeForm(request.POST, center_id=booking.center_id)
    day = _day(request, planned_days(booking))
    found = None
    if form.is_valid():
        found = attempt(form, lambda: move_preview(booking, day=day.number, to=form.time, at=now))
    if request.headers.get("HX-Request"):
        context = {"form": form, "preview": found, "effects": found.effects if found else ()}
        return render(request, "leukapheresis/move_preview.html", context, status=200 if found else 422)
    if found is None:
        fields = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
        problem = {"code": "invalid_input", "message": _("Impossible hours."), "fields": fields}
        return JsonResponse(problem, status=422)
    return JsonResponse(
        {
            "version": found.version,
            "blocked": found.is_blocked,
            "needs_override": found.needs_override,
            "effects": found.told(),
        }
    )


@booking_page(Permission.BOOK_APHERESIS)
def add_day(request: PersonRequest, journey: Journey, booking: Booking) -> HttpResponse:
    """Give a booking one more day."""
    now = timezone.now()
    _refuse_over(booking)
    form = _change_form(request, booking, ChangeForm)
    if form.is_bound and form.is_valid():
        done = attempt(
            form,
            lambda: day_add(
                booking_id=booking.pk,
                time=form.time,
                reason_code=form.cleaned_data["reason_code"],
                note=form.cleaned_data["note"],
                version=form.cleaned_data["version"],
                override_reason=form.override,
                by=request.user.actor,
                at=now,
            ),
        )
        if done is not None:
            return _done(request, journey, ADD_DAY)
    return form_page(
        request,
        journey,
        form,
        page=ADD_DAY,
        at=now,
        booking=booking,
        days=planned_days(booking),
        slots=_free_slots(booking, now),
        chosen=request.POST.get("slot", ""),
    )


@booking_page(Permission.BOOK_APHERESIS)
def release_day(request: PersonRequest, journey: Journey, booking: Booking) -> HttpResponse:
    """Give one day of a booking back."""
    now = timezone.now()
    _refuse_over(booking)
    days = planned_days(booking)
    day = _day(request, days, last=True)
    form = ReleaseDayForm(posted(request), initial={"version": booking.version})
    if form.is_bound and form.is_valid():
        done = attempt(
            form,
            lambda: day_release(
                booking_id=booking.pk, day=day.number, by=request.user.actor, at=now, **form.cleaned_data
            ),
        )
        if done is not None:
            return _done(request, journey, RELEASE)
    return form_page(request, journey, form, page=RELEASE, at=now, booking=booking, day=day, days=days)


def _done(request: PersonRequest, journey: Journey, done: FormPage) -> HttpResponse:
    messages.success(request, str(done.done))
    return redirect(panel_url(journey, done.anchor))


def _change_form(request: PersonRequest, booking: Booking, form: type[ChangeForm] | None) -> Any:
    """The form as far as it was come to: a time at first, then the reason as well."""
    if form is None:
        return TimeForm(posted(request), center_id=booking.center_id)
    return form(
        posted(request),
        initial={"version": booking.version},
        center_id=booking.center_id,
        may_override=_may_override(request, booking),
    )


def _may_override(request: PersonRequest, booking: Booking) -> bool:
    return request.user.may(Permission.OVERRIDE_WASHOUT, booking.center_id)


def _refuse_over(booking: Booking) -> None:
    if booking.state not in LIVE_STATES:
        raise Conflict("not_booked", _("This booking is no longer live."))


def _day(request: PersonRequest, days: list[BookingDay], *, last: bool = False) -> BookingDay:
    """The day that the address or the form names, else the first one, or the last."""
    if not days:
        raise NotFound("This booking has no planned day.")
    named = request.POST.get("day") or request.GET.get("day") or ""
    if not named:
        return days[-1 if last else 0]
    found = next((day for day in days if str(day.number) == named), None)
    if found is None:
        raise NotFound("This booking has no such planned day.")
    return found


def _free_slots(booking: Booking, now: datetime) -> list[Slot]:
    """The free slots of the coming weeks."""
    free = Slot.objects.free().between(now, now + SLOTS_AHEAD).filter(center_id=booking.center_id)
    return list(free.select_related("resource").order_by("starts_at", "resource__name")[:MOST_SLOTS])
