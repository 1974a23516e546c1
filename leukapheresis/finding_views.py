"""Finding a date for a collection: look, hold, confirm, book, decide on parts; what it all depends on."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from math import ceil
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.core.forms import attempt, form_status, posted
from leukapheresis.found_page import found_page, found_parts, part_rows, slot_chosen
from leukapheresis.models import Booking, FamilyAway, Preparation
from leukapheresis.offers import washout_picture
from leukapheresis.panels import ANCHOR
from leukapheresis.scheduling.booking import booking_confirm, booking_create, booking_hold, hold_release
from leukapheresis.scheduling.cascading import booking_effects
from leukapheresis.scheduling.finding import found_for
from leukapheresis.scheduling.parts import parts_change
from leukapheresis.scheduling.preparing import (
    family_away_record,
    family_away_strike,
    preparation_record,
)
from leukapheresis.scheduling.selectors import (
    bundle_of,
    days_away,
    live_hold,
    parts_of,
    planned_days,
    resources_of_days,
)
from leukapheresis.scheduling_forms import (
    AwayForm,
    PreparationForm,
    SearchForm,
    StrikeForm,
    TakeForm,
    times_read,
)
from leukapheresis.selectors import live_booking
from leukapheresis.waiting_rows import waiting_row
from patients.donors import donor_ready
from patients.enums import Stage
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context, panel_url

COLLECTING = (Stage.ACCEPTED, Stage.APHERESIS_PLANNED)
PREPARATION = FormPage(
    title=gettext_lazy("Access and sedation"),
    intro=gettext_lazy("What the collection takes depends on it. What is not known yet stays unknown."),
    submit=gettext_lazy("Record"),
    anchor=ANCHOR,
    done=gettext_lazy("Access and sedation recorded."),
)
AWAY = FormPage(
    title=gettext_lazy("The family is away"),
    submit=gettext_lazy("Record"),
    anchor=ANCHOR,
    done=gettext_lazy("Days away recorded."),
)
BACK = FormPage(
    title=gettext_lazy("The family is there after all"),
    submit=gettext_lazy("Take the days back"),
    anchor=ANCHOR,
    done=gettext_lazy("Days away taken back."),
    consequence=gettext_lazy("The days count as free again. The entry stays in the ledger."),
)


@journey_page(Permission.BOOK_APHERESIS)
def find(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The earliest dates, with everything that can be done about one of them."""
    now = timezone.now()
    picture = washout_picture(journey, at=now)
    donor = donor_ready(journey, on=journey.center.local_day(now)) if picture.of_donor else None
    to_override = picture.state in ("open", "unknown") or bool(donor and donor.positive)
    may_override = to_override and request.user.may(Permission.OVERRIDE_WASHOUT, journey.center_id)
    form = TakeForm(posted(request), may_override=may_override, of_donor=picture.of_donor)
    name = next((name for name in ACTS if name in request.POST), None)
    if form.is_valid() and name is not None:
        act = ACTS[name]
        done = attempt(form, lambda: act(request, journey, form, name, now))
        if done is not None:
            return done
    context = journey_context(journey, now) | {
        "form": form,
        "picture": picture,
        "donor": donor,
        "may_override": may_override,
        "away": days_away(journey.pk),
        "preparation": Preparation.objects.filter(pk=journey.pk).first(),
    }
    context |= _standing(request, journey, form, now) or _looked(request, journey, form, now)
    # Looking again with other decisions is no failure.
    status = HTTPStatus.OK if not form.errors else form_status(form)
    return render(request, "leukapheresis/find.html", context, status=status)


def _standing(request: PersonRequest, journey: Journey, form: TakeForm, now: datetime) -> dict[str, Any]:
    """The hold or the booking that the child has, if it has one."""
    hold = live_hold(journey.pk, at=now)
    standing = hold or live_booking(journey.pk)
    if standing is None:
        return {}
    standing.journey = journey
    days = planned_days(standing)
    taken = resources_of_days(days)
    names: dict[str, dict[str, None]] = {}
    for day in days:
        for allocation in taken[day.pk]:
            names.setdefault(allocation.kind, {})[allocation.resource.name] = None
    return {
        "standing": standing,
        "hold": hold,
        "hold_seconds": ceil((hold.hold_expires_at - now).total_seconds())
        if hold and hold.hold_expires_at
        else 0,
        "booked_days": days,
        "parts": part_rows(parts_of(standing), form, {kind: ", ".join(each) for kind, each in names.items()}),
        "effects": booking_effects(standing, at=now),
        "washout_open": _is_open(journey, standing),
    }


def _is_open(journey: Journey, booking: Booking) -> bool:
    return washout_picture(journey, at=booking.slot.starts_at).washout.is_open(booking.slot.starts_at)


def _looked(request: PersonRequest, journey: Journey, form: TakeForm, now: datetime) -> dict[str, Any]:
    """The dates that were found, or why none is looked for."""
    today = timezone.localtime(now).date()
    search = SearchForm(request.GET, today=today)
    wish = search.wish(form.choices())
    if journey.stage not in COLLECTING:
        parts = bundle_of(journey, on=wish.from_on, at=now).parts
        return {"search": search, "is_over": True, "parts": part_rows(parts, form, {})}
    chosen_text = next(
        (text for name in ("slot", "book", "hold") if (text := request.POST.get(name))),
        request.GET.get("slot", ""),
    )
    found = found_for(journey, wish, at=now)
    parts, depends = found_parts(found)
    return {
        "search": search,
        "found": found,
        "page": found_page(found, chosen=slot_chosen(chosen_text, journey.center_id)),
        "parts": part_rows(parts, form, {}, depends),
        "waiting": waiting_row(journey, at=now),
        "today": today,
    }


def _book(request: PersonRequest, journey: Journey, form: TakeForm, name: str, now: datetime) -> HttpResponse:
    booking_create(
        journey_id=journey.pk,
        times=_times(request, name),
        choices=form.choices(),
        override_reason=form.override,
        by=request.user.actor,
        at=now,
    )
    messages.success(request, _("Apheresis booked."))
    return redirect(panel_url(journey, ANCHOR))


def _hold(request: PersonRequest, journey: Journey, form: TakeForm, name: str, now: datetime) -> HttpResponse:
    booking_hold(
        journey_id=journey.pk,
        times=_times(request, name),
        minutes=form.hold_minutes,
        choices=form.choices(),
        override_reason=form.override,
        by=request.user.actor,
        at=now,
    )
    messages.success(request, _("Held. Confirm it before its time is over."))
    return redirect(find_url(journey))


def _times(request: PersonRequest, name: str) -> Any:
    try:
        return times_read(request.POST[name])
    except (ValueError, OverflowError, OSError):
        raise Invalid("invalid_input", _("Choose a date of the list.")) from None


def _confirm(
    request: PersonRequest, journey: Journey, form: TakeForm, name: str, now: datetime
) -> HttpResponse:
    booking_confirm(
        booking_id=_own(request, journey, name),
        version=form.cleaned_data["version"],
        override_reason=form.override,
        by=request.user.actor,
        at=now,
    )
    messages.success(request, _("Apheresis booked."))
    return redirect(panel_url(journey, ANCHOR))


def _release(
    request: PersonRequest, journey: Journey, form: TakeForm, name: str, now: datetime
) -> HttpResponse:
    hold_release(
        booking_id=_own(request, journey, name),
        version=form.cleaned_data["version"],
        note=form.cleaned_data["note"],
        by=request.user.actor,
        at=now,
    )
    messages.success(request, _("The hold is released. The slot is free again."))
    return redirect(find_url(journey))


def _decide(
    request: PersonRequest, journey: Journey, form: TakeForm, name: str, now: datetime
) -> HttpResponse:
    parts_change(
        booking_id=_own(request, journey, name),
        choices=form.choices(),
        version=form.cleaned_data["version"],
        by=request.user.actor,
        at=now,
    )
    messages.success(request, _("What the collection takes was changed."))
    return redirect(find_url(journey))


def _own(request: PersonRequest, journey: Journey, name: str) -> UUID:
    """The booking of this journey that a button names; another's doesn't exist."""
    try:
        wanted = UUID(request.POST[name])
    except ValueError:
        raise NotFound from None
    booking = Booking.objects.filter(pk=wanted, journey=journey).first()
    if booking is None:
        raise NotFound
    return booking.pk


Act = Callable[[PersonRequest, Journey, TakeForm, str, datetime], HttpResponse]
# What a button of the page does, by the button's name.
ACTS: dict[str, Act] = {
    "book": _book,
    "slot": _book,
    "hold": _hold,
    "confirm": _confirm,
    "release": _release,
    "decide": _decide,
}


def find_url(journey: Journey) -> str:
    """The page on which dates are found."""
    return reverse("leukapheresis:find", args=[journey.pk])


@journey_page(Permission.BOOK_APHERESIS)
def preparation(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record vascular access and sedation."""
    now = timezone.now()
    known = Preparation.objects.filter(pk=journey.pk).first()
    initial = (
        {"vascular_access": known.vascular_access, "sedation": known.sedation, "note": known.note}
        if known
        else {}
    )
    form = PreparationForm(posted(request), initial=initial)
    return _recorded(
        request,
        journey,
        form,
        lambda: preparation_record(
            journey_id=journey.pk, details=form.details(), by=request.user.actor, at=now
        ),
        page=PREPARATION,
        at=now,
    )


@journey_page(Permission.BOOK_APHERESIS)
def family_away(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record days on which the family can't come."""
    now = timezone.now()
    form = AwayForm(posted(request))
    return _recorded(
        request,
        journey,
        form,
        lambda: family_away_record(
            journey_id=journey.pk, details=form.details(), by=request.user.actor, at=now
        ),
        page=AWAY,
        at=now,
    )


@journey_page(Permission.BOOK_APHERESIS)
def family_back(request: PersonRequest, journey: Journey, away_id: int) -> HttpResponse:
    """Take days back on which the family is there after all."""
    now = timezone.now()
    away = FamilyAway.objects.filter(pk=away_id, journey=journey).first()
    if away is None:
        raise NotFound
    if away.struck_at is not None:
        raise Conflict("already_struck", _("These days were taken back already."))
    form = StrikeForm(posted(request))
    return _recorded(
        request,
        journey,
        form,
        lambda: family_away_strike(
            family_away_id=away.pk, reason=form.cleaned_data["reason"], by=request.user.actor, at=now
        ),
        page=BACK,
        at=now,
    )


def _recorded(
    request: PersonRequest,
    journey: Journey,
    form: Any,
    act: Callable[[], object],
    *,
    page: FormPage,
    at: datetime,
) -> HttpResponse:
    """Answer a form and come back to the page on which dates are found."""
    if form.is_bound and form.is_valid() and attempt(form, act) is not None:
        messages.success(request, str(page.done))
        return redirect(find_url(journey))
    return form_page(request, journey, form, page=page, at=at, cancel_url=find_url(journey))
