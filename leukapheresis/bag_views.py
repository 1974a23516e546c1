"""Pages of frozen bags: filled, labeled, sent or thrown away, struck."""

from functools import partial
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.core.forms import add_refusal, posted
from leukapheresis.collection_bags import bag_change, bag_expiry, bags_live, bags_strike, cells_freeze
from leukapheresis.collection_forms import BagForm, BagStateForm, FrozenForm, bag_forms
from leukapheresis.enums import OWN
from leukapheresis.inputs import BagDetails
from leukapheresis.models import CollectionDay, CryoBag
from leukapheresis.panels import ANCHOR
from leukapheresis.person import person_collected
from leukapheresis.rules.bags import DIVISIONS, label_text
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, form_page
from patients.striking import strike_page

BAG_LINES: Final = 4

_FREEZE: Final = FormPage(
    title=gettext_lazy("Freeze cells in bags"),
    intro=gettext_lazy("Each bag is a division of the day's donation. A line left empty is no bag."),
    submit=gettext_lazy("Record bags"),
    anchor=ANCHOR,
    done=gettext_lazy("Bags recorded."),
    template="leukapheresis/bags.html",
)
_CHANGE: Final = FormPage(
    title=gettext_lazy("Bag of frozen cells"),
    submit=gettext_lazy("Record"),
    anchor=ANCHOR,
    done=gettext_lazy("Recorded."),
    template="leukapheresis/bag.html",
)
_STRIKE: Final = FormPage(
    title=gettext_lazy("Strike bags entered in error"),
    submit=gettext_lazy("Strike bags"),
    anchor=ANCHOR,
    done=gettext_lazy("Bags struck."),
    consequence=gettext_lazy("All bags that were recorded together with this one count for nothing."),
    danger=True,
    leave=gettext_lazy("Keep the bags"),
    template="leukapheresis/bag.html",
)


def _day_of(journey: Journey, day_id: int) -> CollectionDay:
    days = CollectionDay.objects.filter(journey=journey, pk=day_id, struck_at=None)
    found = days.select_related("journey__patient", "center").first()
    if found is None:
        raise NotFound
    return found


def _bag_of(journey: Journey, bag_id: UUID) -> CryoBag:
    found = CryoBag.objects.filter(day__journey=journey, pk=bag_id, struck_at=None)
    bag = found.select_related("day").first()
    if bag is None:
        raise NotFound
    return bag


@journey_page(Permission.RECORD_COLLECTION)
def freeze(request: PersonRequest, journey: Journey, day_id: int) -> HttpResponse:
    """Record the bags in which the cells of a day were frozen."""
    now = timezone.now()
    row = _day_of(journey, day_id)
    kept = bags_live(row)
    taken = {bag.division for bag in kept}
    data = posted(request)
    form = FrozenForm(data, now=now)
    free = [code for code in DIVISIONS if code not in taken]
    lines = bag_forms(data, divisions=free[:BAG_LINES])
    known = {
        "row": row,
        "kept": kept,
        "lines": lines,
        "expires_on": bag_expiry(row, decided_on=journey.center.local_day(now)),
    }
    if data is None or not _all_valid(form, lines):
        return form_page(request, journey, form, page=_FREEZE, at=now, **known)
    bags = [_details(line, form.cleaned_data["product_code"]) for line in lines if line.is_filled]
    try:
        cells_freeze(day_id=row.pk, bags=bags, by=request.user.actor, at=form.moment("frozen_at"))
    except (Conflict, Invalid) as refusal:
        _tell(form, lines, refusal)
        return form_page(request, journey, form, page=_FREEZE, at=now, **known)
    messages.success(request, str(_FREEZE.done))
    return redirect(reverse("leukapheresis:bag_labels", args=[journey.pk, row.pk]))


def _all_valid(form: FrozenForm, lines: list[BagForm]) -> bool:
    return all([form.is_valid(), *(line.is_valid() for line in lines)])


def _details(line: BagForm, product_code: str) -> BagDetails:
    return BagDetails(**line.cleaned_data, product_code=product_code.upper())


def _tell(form: FrozenForm, lines: list[BagForm], refusal: Conflict | Invalid) -> None:
    """Put what is refused of all bags together above the lines, and what is one field's beside it."""
    filled = [line for line in lines if line.is_filled] or lines[:1]
    own = {name: said for name, said in refusal.fields.items() if name in form.fields}
    for name, said in refusal.fields.items():
        if name not in own:
            filled[-1].add_error(name if name in filled[-1].fields else None, said)
            form.add_error(None, said)
    if own or not refusal.fields:
        add_refusal(form, Invalid(refusal.code, refusal.message, fields=own))


@journey_page(Permission.VIEW_PATIENTS)
def labels(request: PersonRequest, journey: Journey, day_id: int) -> HttpResponse:
    """The labels of a day's bags, to be printed."""
    now = timezone.now()
    row = _day_of(journey, day_id)
    bags = bags_live(row)
    texts = [
        (
            bag,
            label_text(
                din=bag.din,
                product_code=bag.product_code,
                collection_type=bag.collection_type,
                division=bag.division,
            ),
        )
        for bag in bags
    ]
    context = {
        "journey": journey,
        "row": row,
        "labels": texts,
        "is_own": row.source in OWN,
        "person": person_collected(journey, at=now),
        "printed_at": now,
    }
    return render(request, "leukapheresis/bag_labels.html", context)


@journey_page(Permission.RECORD_COLLECTION)
def change(request: PersonRequest, journey: Journey, bag_id: UUID) -> HttpResponse:
    """Say where a bag went."""
    now = timezone.now()
    bag = _bag_of(journey, bag_id)
    form = BagStateForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: bag_change(bag_id=bag.pk, **form.cleaned_data, by=request.user.actor, at=now),
        page=_CHANGE,
        at=now,
        bag=bag,
    )


@journey_page(Permission.RECORD_COLLECTION)
def strike(request: PersonRequest, journey: Journey, bag_id: UUID) -> HttpResponse:
    """Take back bags that were entered in error."""
    bag = _bag_of(journey, bag_id)
    return strike_page(
        request,
        journey,
        partial(bags_strike, bag_id=bag.pk),
        page=_STRIKE,
        bag=bag,
        together=CryoBag.objects.filter(event_id=bag.event_id, struck_at=None).order_by("division"),
    )
