"""Pages of the leukapheresis room: calendar, booking, collection."""

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
from leukapheresis.calendar import Period, calendar_days
from leukapheresis.forms import BookingForm, CancelForm, CollectionDayForm, CompleteForm, SlotsForm
from leukapheresis.models import Booking, Slot
from leukapheresis.offers import slot_offers, waiting_for, washout_picture
from leukapheresis.panels import ANCHOR
from leukapheresis.person import person_collected
from leukapheresis.progress import computed_by_day, progress
from leukapheresis.selectors import live_booking
from patients.donors import donor_ready
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer

BOOKING = FormPage(
    title=gettext_lazy("Book apheresis"),
    submit=gettext_lazy("Book"),
    anchor=ANCHOR,
    done=gettext_lazy("Apheresis booked."),
    template="leukapheresis/booking.html",
)
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
COLLECTION_DAY = FormPage(
    title=gettext_lazy("Record a collection day"),
    intro=gettext_lazy("Leave empty what was not measured: it stays unknown."),
    submit=gettext_lazy("Record day"),
    anchor=ANCHOR,
    done=gettext_lazy("Collection day recorded."),
    template="leukapheresis/collection.html",
)
COMPLETION = FormPage(
    title=gettext_lazy("Complete the collection"),
    submit=gettext_lazy("Complete collection"),
    anchor=ANCHOR,
    done=gettext_lazy("Collection completed."),
    consequence=gettext_lazy("The collection is closed and its cells can go to manufacturing."),
    template="leukapheresis/complete.html",
)


@page(Permission.VIEW_PATIENTS)
def calendar(request: PersonRequest) -> HttpResponse:
    """The slots of a week by machine, or of one day."""
    now = timezone.now()
    today = timezone.localtime(now).date()
    period = Period.read(week=request.GET.get("week", ""), day=request.GET.get("day", ""), today=today)
    context = {
        "period": period,
        "today": today,
        "days": calendar_days(request.user, request.center, period, at=now),
        "may_book": request.user.may(Permission.BOOK_APHERESIS, request.center.pk),
        "week_period": Period.read(week="", day="", today=period.first),
        "day_period": Period(today if period.first <= today <= period.last else period.first, 1),
    }
    return render(request, "leukapheresis/calendar.html", context)


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
            ),
        )
        if opened is not None:
            messages.success(request, _opened_words(opened))
            return redirect(_calendar_url(Period(form.cleaned_data["first_on"], 7)))
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
    slots.slot_block(slot_id=found.pk, center_id=found.center_id)
    messages.success(request, _("Slot blocked."))
    return redirect(_calendar_url(_week_of(found)))


@page(Permission.BOOK_APHERESIS)
@require_POST
def slot_unblock(request: PersonRequest, slot_id: UUID) -> HttpResponse:
    """Give a blocked slot free again."""
    found = _slot(request, slot_id, Permission.BOOK_APHERESIS)
    slots.slot_unblock(slot_id=found.pk, center_id=found.center_id)
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
    return Period.read(week="", day="", today=found.starts_at.astimezone(found.center.zone).date())


@journey_page(Permission.BOOK_APHERESIS)
def booking(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Book a slot, with the washout in sight."""
    now = timezone.now()
    picture = washout_picture(journey, at=now)
    donor = donor_ready(journey, on=timezone.localtime(now).date()) if picture.of_donor else None
    to_override = picture.state in ("open", "unknown") or bool(donor and donor.positive)
    may_override = to_override and request.user.may(Permission.OVERRIDE_WASHOUT, journey.center_id)
    form = BookingForm(posted(request), may_override=may_override, of_donor=picture.of_donor)
    chosen = request.POST.get("slot") or request.GET.get("slot", "")
    return answer(
        request,
        journey,
        form,
        lambda: services.booking_create(
            journey_id=journey.pk,
            slot_id=form.cleaned_data["slot"],
            override_reason=form.cleaned_data.get("override_reason", ""),
            by=request.user.actor,
            at=now,
        ),
        page=BOOKING,
        at=now,
        picture=picture,
        donor=donor,
        live=live_booking(journey.pk),
        days=slot_offers(journey, picture.washout, at=now, chosen=chosen),
        may_override=may_override,
        chosen=chosen,
    )


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


@journey_page(Permission.RECORD_COLLECTION)
def collection_day(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record one day of collection, with the days before in sight."""
    now = timezone.now()
    reached = progress(journey, at=now)
    person = person_collected(journey, at=now)
    reached = progress(journey, at=now)
    form = CollectionDayForm(posted(request), now=now, of_donor=person.is_donor)
    return answer(
        request,
        journey,
        form,
        lambda: services.collection_day_record(
            journey_id=journey.pk,
            day=form.details(),
            by=request.user.actor,
            at=form.cleaned_data["started_at"],
        ),
        page=COLLECTION_DAY,
        at=now,
        progress=reached,
        computed=computed_by_day(reached.days),
        person=person,
        volume=person.blood_volume(journey),
    )


@journey_page(Permission.RECORD_COLLECTION)
def collection_complete(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Close the collection and judge it by the protocol's targets."""
    now = timezone.now()
    reached = progress(journey, at=now)
    form = CompleteForm(posted(request), now=now, target_met=reached.acceptance.accepted is True)
    return answer(
        request,
        journey,
        form,
        lambda: services.collection_complete(
            journey_id=journey.pk,
            reason=form.cleaned_data.get("reason", ""),
            by=request.user.actor,
            at=form.moment("completed_at"),
        ),
        page=COMPLETION,
        at=now,
        progress=reached,
        computed=computed_by_day(reached.days),
    )
