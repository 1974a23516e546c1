"""Pages of the leukapheresis room: slots, and giving a booking up."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import attempt, form_status, posted
from leukapheresis import services, slots
from leukapheresis.calendar import Period
from leukapheresis.forms import CancelForm, SlotsForm
from leukapheresis.models import Booking, Slot
from leukapheresis.offers import waiting_for
from leukapheresis.panels import ANCHOR
from leukapheresis.selectors import live_booking
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer

CANCELING = FormPage(
    title=gettext_lazy("Cancel the apheresis booking"),
    submit=gettext_lazy("Cancel booking"),
    anchor=ANCHOR,
    done=gettext_lazy("Booking canceled. The slot is free again."),
    consequence=gettext_lazy("The slot becomes free for another child, and this child waits for a new one."),
    danger=True,
    leave=gettext_lazy("Keep the booking"),
    template="leukapheresis/cancel.html",
)


@page(Permission.BOOK_APHERESIS)
def slots_open(request: PersonRequest) -> HttpResponse:
    """Open slots on a machine for a run of days."""
    require(request.user, Permission.BOOK_APHERESIS, request.center.pk)
    form = SlotsForm(posted(request), center=request.center)
    if form.is_valid():
        opened = attempt(
            form,
            lambda: slots.slots_open(
                resource_id=form.cleaned_data["machine"].pk,
                center_id=request.center.pk,
                days=form.days(),
                start=form.cleaned_data["start"],
                end=form.cleaned_data["end"],
                by=request.user.actor,
                at=timezone.now(),
            ),
        )
        if opened is not None:
            messages.success(request, _opened_words(opened))
            return redirect(_calendar_url(Period.around(form.cleaned_data["first_on"], "week")))
    return render(request, "leukapheresis/slots_open.html", {"form": form}, status=form_status(form))


def _opened_words(opened: slots.OpenedSlots) -> str:
    said = ngettext("%(count)d slot opened.", "%(count)d slots opened.", opened.opened) % {
        "count": opened.opened
    }
    if not opened.known:
        return said
    kept = ngettext(
        "On %(count)d day the machine already had a slot at that time.",
        "On %(count)d days the machine already had a slot at that time.",
        opened.known,
    )
    return f"{said} {kept % {'count': opened.known}}"


def _calendar_url(period: Period) -> str:
    return reverse("leukapheresis:calendar") + period.query


@page(Permission.VIEW_PATIENTS)
def slot(request: PersonRequest, slot_id: UUID) -> HttpResponse:
    """One free or blocked slot: who could take it, and whether it is kept back."""
    now = timezone.now()
    found = _slot(request, slot_id)
    context = {
        "slot": found,
        "at": now,
        "is_past": found.starts_at <= now,
        "waiting": waiting_for(found, request.user, at=now),
        "may_book": request.user.may(Permission.BOOK_APHERESIS, found.center_id),
        "back_url": _calendar_url(_week_of(found)),
    }
    return render(request, "leukapheresis/slot.html", context)


@page(Permission.BOOK_APHERESIS)
@require_POST
def slot_block(request: PersonRequest, slot_id: UUID) -> HttpResponse:
    """Keep a free slot back."""
    found = _slot(request, slot_id, Permission.BOOK_APHERESIS)
    slots.slot_block(slot_id=found.pk, center_id=found.center_id, by=request.user.actor, at=timezone.now())
    messages.success(request, _("Slot blocked."))
    return redirect(_calendar_url(_week_of(found)))


@page(Permission.BOOK_APHERESIS)
@require_POST
def slot_unblock(request: PersonRequest, slot_id: UUID) -> HttpResponse:
    """Give a blocked slot free again."""
    found = _slot(request, slot_id, Permission.BOOK_APHERESIS)
    slots.slot_unblock(slot_id=found.pk, center_id=found.center_id, by=request.user.actor, at=timezone.now())
    messages.success(request, _("The slot is free again."))
    return redirect(_calendar_url(_week_of(found)))


def _slot(request: PersonRequest, slot_id: UUID, permission: Permission = Permission.VIEW_PATIENTS) -> Slot:
    found = (
        Slot.objects.visible_to(request.user).filter(pk=slot_id).select_related("resource", "center").first()
    )
    if found is None:
        raise NotFound
    require(request.user, permission, found.center_id)
    return found


def _week_of(found: Slot) -> Period:
    return Period.around(found.starts_at.astimezone(found.center.zone).date(), "week")


@journey_page(Permission.BOOK_APHERESIS)
def booking_cancel(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Give the slot back, with a reason code."""
    now = timezone.now()
    live = _live_booking(journey)
    form = CancelForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.booking_cancel(
            booking_id=live.pk, **form.cleaned_data, by=request.user.actor, at=now
        ),
        page=CANCELING,
        at=now,
        live=live,
    )


def _live_booking(journey: Journey) -> Booking:
    live = live_booking(journey.pk)
    if live is None:
        raise Conflict("not_booked", _("This child has no live apheresis booking."))
    return live
