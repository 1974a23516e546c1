"""Pages of one child's custody: the chain, hand-overs, bags, identity, and what was entered in error."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import posted
from manufacturing.custody.forms import IdentityForm, ItemsForm, StepForm
from manufacturing.custody.identity import chain_of_identity_set
from manufacturing.custody.rules import refusal
from manufacturing.custody.rules.steps import RECORDED_AS_HANDOVER, STEPS
from manufacturing.custody.selectors import ItemLine, chain_of, identity_of, items_of, recorded_events
from manufacturing.custody.services import custody_record, custody_strike, items_add
from manufacturing.custody.settings import limit_for, signers_wanted
from manufacturing.custody.words import ItemKind, Step
from manufacturing.models import CustodyEntry, CustodyItem
from manufacturing.panels import ANCHOR
from manufacturing.selectors import open_deviation, usable_batch
from patients.enums import Stage
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context
from patients.striking import strike_page

BAGS: Final = FormPage(
    title=_("Take bags or samples into custody"),
    intro=_("Bags belong to the batch that was made last."),
    submit=_("Add bags or samples"),
    anchor=ANCHOR,
    done=_("Taken into custody."),
)
IDENTITY: Final = FormPage(
    title=_("Chain of identity"),
    intro=_("It ties the child to its cells. A second collection and cells that are made again keep it."),
    submit=_("Set identifier"),
    anchor=ANCHOR,
    done=_("Identifier set."),
    consequence=_("It can't change any more once the patient is verified or anything later happens."),
)
STRIKING: Final = FormPage(
    title=_("Mark as entered in error"),
    submit=_("Mark as entered in error"),
    anchor=ANCHOR,
    done=_("Marked as entered in error."),
    consequence=_("What it led to stays: a quarantine is lifted and a break is closed by whoever may."),
    danger=True,
)


def chain_url(journey: Journey) -> str:
    """The chain of a child."""
    return reverse("manufacturing:custody", args=[journey.pk])


def possible_steps(items: Sequence[CustodyItem], at: datetime) -> dict[Step, list[CustodyItem]]:
    """The hand-overs that can be recorded now, in their order, each with its items."""
    found: dict[Step, list[CustodyItem]] = {}
    for step in STEPS:
        fit = [
            item
            for item in items
            if step in RECORDED_AS_HANDOVER[item.kind] and refusal(item, step=step, at=at) is None
        ]
        if fit:
            found[Step(step)] = fit
    return found


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def chain(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The chain of a child, item by item, with what comes next."""
    now, user, center = timezone.now(), request.user, journey.center_id
    lines = chain_of(journey)
    items = [line.item for line in lines]
    may_record = user.may(Permission.RECORD_CUSTODY, center)
    context = journey_context(journey, now) | {
        "lines": lines,
        "shared": _shared(journey, lines),
        "identity": identity_of(journey.pk),
        "possible": possible_steps(items, now) if may_record else {},
        "may_record": may_record,
        "recorded": recorded_events(journey.pk),
        "may_release": user.may(Permission.RELEASE_QUARANTINE, center),
        "may_add": may_record and journey.stage != Stage.CLOSED,
        "may_identify": user.may(Permission.ORDER_PRODUCT, center) and journey.stage != Stage.CLOSED,
        "now": now,
        "dash": format_html(
            '<span aria-hidden="true">–</span><span class="visually-hidden">{}</span>', _("not asked")
        ),
    }
    return render(request, "manufacturing/custody/chain.html", context)


def _shared(journey: Journey, lines: Sequence[ItemLine]) -> list[CustodyEntry]:
    """Steps of the whole journey that don't stand at an item as well."""
    shown = {entry.pk for line in lines for entry in line.entries}
    shared = CustodyEntry.objects.filter(journey=journey, item=None).order_by("at", "pk")
    return [entry for entry in shared if entry.pk not in shown]


def _has_batch(journey: Journey) -> bool:
    if journey.stage == Stage.CLOSED:
        return False
    return usable_batch(journey.pk) is not None or open_deviation(journey.pk) is not None


@journey_page(Permission.RECORD_CUSTODY)
@require_http_methods(["GET", "POST"])
def step(request: PersonRequest, journey: Journey, custody_step: str) -> HttpResponse:
    """Record one hand-over of one or several items."""
    if custody_step not in Step.values:
        raise NotFound
    now = timezone.now()
    items = possible_steps(items_of(journey), now).get(Step(custody_step), [])
    if not items:
        raise Conflict("no_item", gettext("There is no item for which this step comes next."))
    if custody_step == Step.HOSPITAL_RECEIPT and any(_awaited(item) for item in items):
        require(request.user, Permission.RECEIVE_PRODUCT, journey.center_id)
    wanted = signers_wanted(journey.center_id, journey.product, custody_step)
    form = StepForm(
        posted(request),
        now=now,
        step=custody_step,
        items=items,
        wanted=wanted,
        request=request,
        initial={"items": _chosen(request, items)},
    )
    page = FormPage(
        title=Step(custody_step).label,
        submit=_("Record"),
        anchor=ANCHOR,
        done=_("Hand-over recorded."),
        template="manufacturing/custody/step.html",
    )
    return answer(
        request,
        journey,
        form,
        lambda: custody_record(
            journey_id=journey.pk,
            step=custody_step,
            item_ids=[item.pk for item in form.cleaned_data["items"]],
            details=form.details(),
            signatures=form.signatures(),
            by=request.user.actor,
            at=form.moment(),
        ),
        page=page,
        at=now,
        limits=[
            (ItemKind(kind), limit)
            for kind in dict.fromkeys(item.kind for item in items)
            if (limit := limit_for(journey.center_id, journey.product, kind)) is not None
        ],
        wanted=wanted,
        back_url=chain_url(journey),
    )


def _chosen(request: PersonRequest, items: Sequence[CustodyItem]) -> list[object]:
    """The items that the address names by number, else all of them."""
    named = request.GET.getlist("item")
    return [item.pk for item in items if not named or str(item.number) in named]


def _awaited(item: CustodyItem) -> bool:
    return item.batch is not None and item.batch.received_at is None


@journey_page(Permission.RECORD_CUSTODY)
@require_http_methods(["GET", "POST"])
def bags(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Take bags of the product, or samples, into custody."""
    now = timezone.now()
    form = ItemsForm(posted(request), now=now, has_product=_has_batch(journey))
    return answer(
        request,
        journey,
        form,
        lambda: items_add(
            journey_id=journey.pk,
            kind=form.cleaned_data["kind"],
            items=form.details(),
            where=form.where(),
            by=request.user.actor,
            at=form.moment(),
        ),
        page=BAGS,
        at=now,
        back_url=chain_url(journey),
    )


@journey_page(Permission.ORDER_PRODUCT)
@require_http_methods(["GET", "POST"])
def identity(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Set the chain-of-identity identifier, or another one while nothing relies on it."""
    now = timezone.now()
    known = identity_of(journey.pk)
    if known is not None and known.used_at is not None:
        raise Conflict(
            "identity_used",
            gettext("This identifier is in use since the patient was verified: it can't change any more."),
        )
    form = IdentityForm(posted(request), is_change=known is not None)
    return answer(
        request,
        journey,
        form,
        lambda: chain_of_identity_set(
            journey_id=journey.pk,
            scheme=form.cleaned_data["scheme"],
            identifier=form.cleaned_data["identifier"],
            reason=form.cleaned_data.get("reason", ""),
            by=request.user.actor,
            at=now,
        ),
        page=IDENTITY,
        at=now,
        back_url=chain_url(journey),
    )


@journey_page(Permission.RECORD_CUSTODY)
@require_http_methods(["GET", "POST"])
def strike(request: PersonRequest, journey: Journey, event_id: int) -> HttpResponse:
    """Take back a hand-over, or items, that were entered in error."""
    of_entry = CustodyEntry.objects.filter(journey=journey, event_id=event_id).exists()
    if not of_entry and not CustodyItem.objects.filter(journey=journey, event_id=event_id).exists():
        raise NotFound
    strike_one = partial(custody_strike, event_id=event_id)
    return strike_page(request, journey, strike_one, page=STRIKING, back_url=chain_url(journey))
