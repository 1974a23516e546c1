"""Pages about orders and portals: what a portal asks, what was typed, changes, expected dates, the load."""

import csv
from functools import partial
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import attempt, form_status, posted
from cartpath.protocols.registry import all_protocols
from manufacturing.delays import delay_of
from manufacturing.models import Order, PortalEntry
from manufacturing.panels import ANCHOR
from manufacturing.portals.forms import MilestoneDateForm, OrderChangeForm, PortalPageForm, QuotaForm
from manufacturing.portals.selectors import PageLines, load_of, pages_of, quotas_of
from manufacturing.portals.services import (
    current_batch,
    milestone_expect,
    order_change,
    portal_entry_record,
    portal_entry_strike,
    quota_set,
)
from manufacturing.rules.portal_load import Load
from manufacturing.selectors import live_order
from manufacturing.track import track_of
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, panel_url
from patients.striking import row_of, strike_page

CHANGING = FormPage(
    title=gettext_lazy("Change the order"),
    intro=gettext_lazy("Every change keeps what was there before, and why."),
    submit=gettext_lazy("Change order"),
    anchor=ANCHOR,
    done=gettext_lazy("Order changed."),
)
TYPING = FormPage(
    title=gettext_lazy("Portal of the manufacturer"),
    intro=gettext_lazy("Copy what is known, then record what was typed and how long it took."),
    submit=gettext_lazy("Record as typed"),
    anchor=ANCHOR,
    done=gettext_lazy("Typed page recorded."),
    template="manufacturing/portal.html",
)
STRIKING = FormPage(
    title=gettext_lazy("Mark a typed page as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Typed page marked as entered in error."),
    consequence=gettext_lazy("It stays to be read and no longer counts."),
    danger=True,
)
EXPECTING = FormPage(
    title=gettext_lazy("Expected on another day"),
    submit=gettext_lazy("Record expected day"),
    anchor=ANCHOR,
    done=gettext_lazy("Expected day recorded."),
    template="manufacturing/milestones.html",
)
UNKNOWN: Final = "unknown"
_COLUMNS: Final = (
    *("month", "product", "children", "pages", "fields", "fields_known", "fields_known_percent"),
    *("minutes", "pages_not_timed", "minutes_per_child"),
)


def _order(journey: Journey) -> Order:
    order = live_order(journey.pk)
    if order is None:
        raise Conflict("no_order", _("There is no live order. Place the order first."))
    order.journey = journey
    return order


@journey_page(Permission.ORDER_PRODUCT)
@require_http_methods(["GET", "POST"])
def change(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Change identifiers and slot of the order."""
    now = timezone.now()
    order = _order(journey)
    form = OrderChangeForm(posted(request), order=order, batch=current_batch(order))
    return answer(
        request,
        journey,
        form,
        lambda: order_change(
            journey_id=journey.pk,
            changes=form.changes(),
            reason_code=form.cleaned_data["reason_code"],
            note=form.cleaned_data["note"],
            quota_reason=form.cleaned_data["quota_reason"],
            by=request.user.actor,
            at=now,
        ),
        page=CHANGING,
        at=now,
    )


@journey_page(Permission.ORDER_PRODUCT)
@require_http_methods(["GET", "POST"])
def portal(request: PersonRequest, journey: Journey, portal_page: str) -> HttpResponse:
    """One page of the portal: every field with what is known of it, and who typed it when."""
    now = timezone.now()
    pages = pages_of(journey, at=now)
    shown = _page(pages, portal_page)
    form = PortalPageForm(posted(request), now=now, page=shown)
    return answer(
        request,
        journey,
        form,
        lambda: portal_entry_record(
            journey_id=journey.pk, entry=form.entry(), by=request.user.actor, at=form.moment()
        ),
        page=TYPING,
        at=now,
        back_url=reverse("manufacturing:portal", args=[journey.pk, portal_page]),
        cancel_url=panel_url(journey, TYPING.anchor),
        pages=pages,
        shown=shown,
    )


def _page(pages: tuple[PageLines, ...], name: str) -> PageLines:
    found = next((each for each in pages if each.page == name), None)
    if found is None:
        raise NotFound
    return found


@journey_page(Permission.ORDER_PRODUCT)
@require_http_methods(["GET", "POST"])
def entry_strike(request: PersonRequest, journey: Journey, entry_id: UUID) -> HttpResponse:
    """Mark a typed page as entered in error."""
    found = row_of(PortalEntry.objects.filter(journey=journey), entry_id)
    return strike_page(request, journey, partial(portal_entry_strike, entry_id=found.pk), page=STRIKING)


@journey_page(Permission.ORDER_PRODUCT)
@require_http_methods(["GET", "POST"])
def expected(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Say when a milestone is expected now, with what it means for the child."""
    now = timezone.now()
    order = _order(journey)
    today = timezone.localtime(now).date()
    track = track_of(order, today=today)
    open_steps = [(step.id, step.label) for step in track.steps if step.reached_on is None]
    form = MilestoneDateForm(posted(request), milestones=open_steps)
    return answer(
        request,
        journey,
        form,
        lambda: milestone_expect(journey_id=journey.pk, told=form.details(), by=request.user.actor, at=now),
        page=EXPECTING,
        at=now,
        track=track,
        delay=delay_of(journey, track, today=today),
    )


@page(Permission.VIEW_PATIENTS)
@require_safe
def load(request: PersonRequest) -> HttpResponse:
    """What typing into portals costs, by product and month."""
    context = {
        "rows": load_of(request.center.pk),
        "may_set": request.user.may(Permission.MANAGE_OPENING, request.center.pk),
    }
    return render(request, "manufacturing/portal_load.html", context)


@page(Permission.VIEW_PATIENTS)
@require_safe
def load_csv(request: PersonRequest) -> HttpResponse:
    """The portal load as CSV: counts only, nothing of any child."""
    today = timezone.localtime(timezone.now()).date()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="portal-load-{today:%Y-%m-%d}.csv"'
    response["Cache-Control"] = "no-store"
    table = csv.writer(response)
    table.writerow(_COLUMNS)
    for row in load_of(request.center.pk):
        table.writerow(_cells(row))
    return response


def _cells(row: Load) -> list[str]:
    """One line. What is unknown is the word, never an empty cell that a program would take for 0."""
    return [
        f"{row.month:%Y-%m}",
        row.product,
        str(row.children),
        str(row.pages),
        str(row.asked),
        str(row.known),
        _number(row.known_percent),
        _number(row.minutes),
        str(row.untimed),
        _number(row.minutes_per_child),
    ]


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.4g}"


@page(Permission.MANAGE_OPENING)
@require_http_methods(["GET", "POST"])
def quotas(request: PersonRequest) -> HttpResponse:
    """The manufacturers' slots by product and month."""
    products = sorted(
        {
            (protocol.product.name, protocol.product.label)
            for protocol in all_protocols()
            if protocol.product.region == request.center.region
        }
    )
    form = QuotaForm(posted(request), products=products)
    if form.is_bound and form.is_valid():
        made = attempt(
            form,
            lambda: quota_set(
                center=request.center,
                product=form.cleaned_data["product"],
                month=form.first_of_month,
                most=form.cleaned_data["most"],
                source=form.cleaned_data["source"],
                by=request.user,
                at=timezone.now(),
            ),
        )
        if made is not None:
            messages.success(request, _("Quota set."))
            return redirect("manufacturing:quotas")
    context = {"form": form, "lines": quotas_of(request.center.pk)}
    return render(request, "manufacturing/quotas.html", context, status=form_status(form))
