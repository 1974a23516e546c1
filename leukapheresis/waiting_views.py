"""The waiting list: who waits for a slot, what is offered to whom until when, and the answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, posted
from leukapheresis.enums import OfferState
from leukapheresis.models import SlotOffer, WaitingEntry
from leukapheresis.offers import washout_picture
from leukapheresis.panels import ANCHOR
from leukapheresis.scheduling.cascading import booking_effects
from leukapheresis.scheduling.waiting import (
    offer_accept,
    offer_decline,
    waiting_change,
    waiting_join,
    waiting_leave,
    waiting_list,
)
from leukapheresis.scheduling_forms import AcceptForm, LeaveForm, WaitingForm
from leukapheresis.waiting_rows import waiting_rows
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page

JOIN = FormPage(
    title=gettext_lazy("Put into the waiting list"),
    intro=gettext_lazy(
        "A slot that is given back is offered to one family at a time, the most urgent first."
    ),
    submit=gettext_lazy("Put into the list"),
    anchor=ANCHOR,
    done=gettext_lazy("The child is in the waiting list."),
)
CHANGE = FormPage(
    title=gettext_lazy("Change the place in the waiting list"),
    submit=gettext_lazy("Change"),
    anchor=ANCHOR,
    done=gettext_lazy("The place in the waiting list was changed."),
)
LEAVE = FormPage(
    title=gettext_lazy("Take out of the waiting list"),
    submit=gettext_lazy("Take out"),
    anchor=ANCHOR,
    done=gettext_lazy("The child left the waiting list."),
    consequence=gettext_lazy("No slot will be offered any more."),
    danger=True,
    leave=gettext_lazy("Keep waiting"),
)
ACCEPT = FormPage(
    title=gettext_lazy("Accept the offered slot"),
    submit=gettext_lazy("Accept and book"),
    anchor=ANCHOR,
    done=gettext_lazy("Apheresis booked."),
    template="leukapheresis/offer_answer.html",
)
DECLINE = FormPage(
    title=gettext_lazy("Decline the offered slot"),
    submit=gettext_lazy("Decline"),
    anchor=ANCHOR,
    done=gettext_lazy("Declined. The slot goes to the next family."),
    consequence=gettext_lazy("The slot is offered to the next family. This child keeps its place."),
    danger=True,
    leave=gettext_lazy("Keep the offer"),
    template="leukapheresis/offer_answer.html",
)


@page(Permission.VIEW_PATIENTS)
def waiting(request: PersonRequest) -> HttpResponse:
    """Who waits in the center, in the order in which slots are offered."""
    now = timezone.now()
    entries = [
        entry
        for entry in waiting_list(request.center.pk)
        if request.user.may(Permission.VIEW_PATIENTS, entry.center_id)
    ]
    context = {
        "rows": waiting_rows(entries, at=now),
        "at": now,
        "may_book": request.user.may(Permission.BOOK_APHERESIS, request.center.pk),
    }
    return render(request, "leukapheresis/waiting.html", context)


@journey_page(Permission.BOOK_APHERESIS)
def join(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Put a child into the waiting list, by priority and with its reason."""
    now = timezone.now()
    form = WaitingForm(posted(request), initial={"from_on": timezone.localtime(now).date()})
    return _answered(
        request,
        journey,
        form,
        lambda: waiting_join(journey_id=journey.pk, details=form.details(), by=request.user.actor, at=now),
        page=JOIN,
        at=now,
    )


@page(Permission.BOOK_APHERESIS)
def change(request: PersonRequest, entry_id: UUID) -> HttpResponse:
    """Change priority or days."""
    now = timezone.now()
    entry = _entry(request, entry_id)
    names = ("priority", "priority_reason", "from_on", "until_on")
    form = WaitingForm(posted(request), initial={name: getattr(entry, name) for name in names})
    return _answered(
        request,
        entry.journey,
        form,
        lambda: waiting_change(entry_id=entry.pk, details=form.details(), by=request.user.actor, at=now),
        page=CHANGE,
        at=now,
    )


@page(Permission.BOOK_APHERESIS)
def leave(request: PersonRequest, entry_id: UUID) -> HttpResponse:
    """Take a child out of the list."""
    now = timezone.now()
    entry = _entry(request, entry_id)
    form = LeaveForm(posted(request))
    return _answered(
        request,
        entry.journey,
        form,
        lambda: waiting_leave(
            entry_id=entry.pk, note=form.cleaned_data["note"], by=request.user.actor, at=now
        ),
        page=LEAVE,
        at=now,
    )


@page(Permission.BOOK_APHERESIS)
def accept(request: PersonRequest, offer_id: UUID) -> HttpResponse:
    """The family takes the slot."""
    now = timezone.now()
    offer = _offer(request, offer_id)
    journey = offer.entry.journey
    form = AcceptForm(posted(request), may_override=_may_override(request, offer))
    return _answered(
        request,
        journey,
        form,
        lambda: offer_accept(
            offer_id=offer.pk,
            override_reason=form.cleaned_data.get("override_reason", ""),
            by=request.user.actor,
            at=now,
        ),
        page=ACCEPT,
        at=now,
        offer=offer,
        tells=True,
    )


def _may_override(request: PersonRequest, offer: SlotOffer) -> bool:
    """Whether to ask for a reason to collect early: it is needed at the offered time, and they may."""
    journey, starts_at = offer.entry.journey, offer.slot.starts_at
    is_open = washout_picture(journey, at=starts_at).washout.is_open(starts_at)
    return is_open and request.user.may(Permission.OVERRIDE_WASHOUT, journey.center_id)


@page(Permission.BOOK_APHERESIS)
def decline(request: PersonRequest, offer_id: UUID) -> HttpResponse:
    """The family doesn't take the slot."""
    now = timezone.now()
    offer = _offer(request, offer_id)
    form = LeaveForm(posted(request))
    return _answered(
        request,
        offer.entry.journey,
        form,
        lambda: offer_decline(
            offer_id=offer.pk, note=form.cleaned_data["note"], by=request.user.actor, at=now
        ),
        page=DECLINE,
        at=now,
        offer=offer,
    )


def _entry(request: PersonRequest, entry_id: UUID) -> WaitingEntry:
    found = (
        WaitingEntry.objects.filter(pk=entry_id, journey__in=Journey.objects.visible_to(request.user))
        .select_related("journey__patient", "journey__center", "journey__status", "journey__referral")
        .first()
    )
    if found is None:
        raise NotFound
    require(request.user, Permission.BOOK_APHERESIS, found.center_id)
    return found


def _offer(request: PersonRequest, offer_id: UUID) -> SlotOffer:
    found = (
        SlotOffer.objects.filter(pk=offer_id)
        .select_related("slot__resource", "booking__slot__resource", "booking__center")
        .first()
    )
    if found is None:
        raise NotFound
    found.entry = _entry(request, found.entry_id)
    found.booking.journey = found.entry.journey
    return found


def _answered(
    request: PersonRequest,
    journey: Journey,
    form: Any,
    act: Callable[[], object],
    *,
    page: FormPage,
    at: datetime,
    offer: SlotOffer | None = None,
    tells: bool = False,
) -> HttpResponse:
    """Answer a form and come back to the list. Times are those of the child's center.

    `tells` says what follows from the date of an open offer.
    """
    back = reverse("leukapheresis:waiting")
    with timezone.override(journey.center.zone):
        if form.is_bound and form.is_valid() and attempt(form, act) is not None:
            messages.success(request, str(page.done))
            return redirect(back)
        is_open = offer is not None and offer.state == OfferState.OPEN and offer.expires_at > at
        shown: dict[str, Any] = {"offer": offer, "offer_is_open": is_open}
        if offer is not None and is_open and tells:
            shown["effects"] = booking_effects(offer.booking, at=at)
        return form_page(request, journey, form, page=page, at=at, cancel_url=back, **shown)
