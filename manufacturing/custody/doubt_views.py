"""Pages about doubts: breaks and quarantines of a child, and the breaks and the storage of a center."""

from datetime import timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import posted
from manufacturing.custody.breaks import break_close, break_open, quarantine_lift, quarantine_set
from manufacturing.custody.doubt_forms import BreakCloseForm, BreakForm, LiftForm, QuarantineForm
from manufacturing.custody.selectors import expiry_state, is_overdue, items_of, open_breaks, stored_items
from manufacturing.custody.views import chain_url
from manufacturing.models import CustodyBreak, CustodyItem
from manufacturing.panels import ANCHOR
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer

# How many days before it expires an item is shown as due: a design default of this list.
SOON_DAYS: Final = 30

OPENING: Final = FormPage(
    title=_("Break of the chain"),
    submit=_("Record break"),
    anchor=ANCHOR,
    done=_("Break recorded. Its owner finds it in the list."),
)
CLOSING: Final = FormPage(
    title=_("Close a break of the chain"),
    submit=_("Close break"),
    anchor=ANCHOR,
    done=_("Break closed."),
    consequence=_("A quarantine that came with it stays until it is lifted."),
)
QUARANTINE: Final = FormPage(
    title=_("Put in quarantine"),
    submit=_("Put in quarantine"),
    anchor=ANCHOR,
    done=_("In quarantine."),
    consequence=_("It can't be issued, thawed, checked or given until somebody lifts the quarantine."),
    danger=True,
)
LIFTING: Final = FormPage(
    title=_("Lift the quarantine"),
    submit=_("Lift quarantine"),
    anchor=ANCHOR,
    done=_("Quarantine lifted."),
    consequence=_("The item may be used again."),
)


@journey_page(Permission.RECORD_CUSTODY)
@require_http_methods(["GET", "POST"])
def opening(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a break of the chain."""
    now = timezone.now()
    form = BreakForm(
        posted(request),
        now=now,
        center_id=journey.center_id,
        items=items_of(journey),
        initial={"owner": request.user.pk, "due_on": journey.center.local_day(now + timedelta(days=1))},
    )

    def act() -> CustodyBreak:
        item = form.cleaned_data["item"]
        return break_open(
            journey_id=journey.pk,
            item_id=item.pk if item else None,
            details=form.details(),
            owner=form.cleaned_data["owner"],
            by=request.user.actor,
            at=form.moment(),
        )

    return answer(request, journey, form, act, page=OPENING, at=now, back_url=chain_url(journey))


@journey_page(Permission.RELEASE_QUARANTINE)
@require_http_methods(["GET", "POST"])
def closing(request: PersonRequest, journey: Journey, number: int) -> HttpResponse:
    """Say how a break ended."""
    now = timezone.now()
    found = CustodyBreak.objects.filter(journey=journey, number=number, struck_at=None).first()
    if found is None:
        raise NotFound
    form = BreakCloseForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: break_close(
            journey_id=journey.pk,
            number=number,
            details=form.details(),
            by=request.user.actor,
            at=form.moment(),
        ),
        page=CLOSING,
        at=now,
        back_url=chain_url(journey),
    )


def _item(journey: Journey, number: int) -> CustodyItem:
    found = CustodyItem.objects.filter(journey=journey, number=number, struck_at=None).first()
    if found is None:
        raise NotFound
    return found


@journey_page(Permission.RECORD_CUSTODY)
@require_http_methods(["GET", "POST"])
def quarantine(request: PersonRequest, journey: Journey, number: int) -> HttpResponse:
    """Put an item in quarantine."""
    now, item = timezone.now(), _item(journey, number)
    form = QuarantineForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: quarantine_set(
            journey_id=journey.pk, item_ids=[item.pk], by=request.user.actor, at=now, **form.cleaned_data
        ),
        page=QUARANTINE,
        at=now,
        back_url=chain_url(journey),
    )


@journey_page(Permission.RELEASE_QUARANTINE)
@require_http_methods(["GET", "POST"])
def lifting(request: PersonRequest, journey: Journey, number: int) -> HttpResponse:
    """End the quarantine of an item."""
    now, item = timezone.now(), _item(journey, number)
    form = LiftForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: quarantine_lift(
            journey_id=journey.pk, item_ids=[item.pk], by=request.user.actor, at=now, **form.cleaned_data
        ),
        page=LIFTING,
        at=now,
        back_url=chain_url(journey),
    )


def _may_set(request: PersonRequest) -> bool:
    return request.user.may(Permission.SET_SIGNATURES, request.center.pk)


@page(Permission.VIEW_PATIENTS)
@require_safe
def breaks(request: PersonRequest) -> HttpResponse:
    """The open breaks of the center, the one that is due first at the top."""
    today = request.center.local_day(timezone.now())
    rows = [(found, is_overdue(found, today)) for found in open_breaks([request.center.pk])]
    return render(
        request,
        "manufacturing/custody/breaks.html",
        {"rows": rows, "today": today, "may_set": _may_set(request)},
    )


@page(Permission.VIEW_PATIENTS)
@require_safe
def storage(request: PersonRequest) -> HttpResponse:
    """What lies where in the center, the one that expires first at the top."""
    now = timezone.now()
    rows = [(item, expiry_state(item, now, soon_days=SOON_DAYS)) for item in stored_items(request.center.pk)]
    return render(
        request,
        "manufacturing/custody/storage.html",
        {"rows": rows, "soon_days": SOON_DAYS, "may_set": _may_set(request)},
    )
