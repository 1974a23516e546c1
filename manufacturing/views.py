"""Pages of the manufacturing room: order, milestones, release, deviation, receipt, list of products."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict
from cartpath.core.forms import posted
from manufacturing import services
from manufacturing.delays import delay_of
from manufacturing.forms import (
    DecisionForm,
    FailureForm,
    MilestoneForm,
    OrderForm,
    OutOfSpecificationForm,
    ReceiptForm,
    ReleaseForm,
)
from manufacturing.models import Order
from manufacturing.panels import ANCHOR
from manufacturing.quality.selectors import current_specification, first_missed
from manufacturing.selectors import live_order, open_deviation, usable_batch
from manufacturing.track import track_of, tracks
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer

ORDERING = FormPage(
    title=gettext_lazy("Order the product"),
    submit=gettext_lazy("Record order"),
    anchor=ANCHOR,
    done=gettext_lazy("Order recorded."),
    template="manufacturing/order.html",
)
MILESTONE = FormPage(
    title=gettext_lazy("Milestones"),
    submit=gettext_lazy("Record milestone"),
    anchor=ANCHOR,
    done=gettext_lazy("Milestone recorded."),
    template="manufacturing/milestones.html",
)
RELEASE = FormPage(
    title=gettext_lazy("Release the product"),
    submit=gettext_lazy("Release"),
    anchor=ANCHOR,
    done=gettext_lazy("Product released."),
    consequence=gettext_lazy("The product may be given: the journey moves on to “released”."),
    template="manufacturing/release.html",
)
REPORT = FormPage(
    title=gettext_lazy("Report out of specification"),
    submit=gettext_lazy("Report"),
    anchor=ANCHOR,
    done=gettext_lazy("Reported. A physician decides what follows."),
    consequence=gettext_lazy("The journey waits until a physician decides."),
    template="manufacturing/report.html",
)
DECISION = FormPage(
    title=gettext_lazy("Decide on the out-of-specification product"),
    submit=gettext_lazy("Decide"),
    anchor=ANCHOR,
    done=gettext_lazy("Decision recorded."),
    template="manufacturing/decision.html",
)
FAILURE = FormPage(
    title=gettext_lazy("Manufacturing failed"),
    submit=gettext_lazy("Record failure"),
    anchor=ANCHOR,
    done=gettext_lazy("Failure recorded."),
    consequence=gettext_lazy("The order ends. A new one can be placed afterwards."),
    danger=True,
)
RECEIPT = FormPage(
    title=gettext_lazy("Receive the product"),
    submit=gettext_lazy("Record receipt"),
    anchor=ANCHOR,
    done=gettext_lazy("Receipt recorded."),
    template="manufacturing/receipt.html",
)


@page(Permission.VIEW_PATIENTS)
def products(request: PersonRequest) -> HttpResponse:
    """Every live order of the center, the most delayed first."""
    now = timezone.now()
    today = timezone.localtime(now).date()
    found = tracks(request.user, center_id=request.center.pk, today=today)
    return render(request, "manufacturing/products.html", {"tracks": found, "today": today})


@journey_page(Permission.ORDER_PRODUCT)
def order(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Place the order."""
    now = timezone.now()
    form = OrderForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.product_order(
            journey_id=journey.pk, order=form.details(), by=request.user.actor, at=form.moment()
        ),
        page=ORDERING,
        at=now,
    )


@journey_page(Permission.ORDER_PRODUCT)
def milestones(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The milestones so far, and the next one to record."""
    now = timezone.now()
    live = _live_order(journey)
    today = timezone.localtime(now).date()
    track = track_of(live, today=today)
    form = MilestoneForm(posted(request), now=now, recorded={row.milestone for row in live.milestones.all()})
    return answer(
        request,
        journey,
        form,
        lambda: services.milestone_record(
            journey_id=journey.pk,
            milestone=form.cleaned_data["milestone"],
            expected_on=form.cleaned_data["expected_on"],
            note=form.cleaned_data["note"],
            by=request.user.actor,
            at=form.cleaned_data["reached_at"],
        ),
        page=MILESTONE,
        at=now,
        track=track,
        delay=delay_of(journey, track, today=today),
    )


def _live_order(journey: Journey) -> Order:
    live = live_order(journey.pk)
    if live is None:
        raise Conflict("no_order", _("There is no live order. Place the order first."))
    return live


@journey_page(Permission.RELEASE_PRODUCT)
def release(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Release a product that meets its specification."""
    now = timezone.now()
    specification = current_specification(journey, at=now)
    form = ReleaseForm(posted(request), now=now)
    form.offer(specification)
    return answer(
        request,
        journey,
        form,
        lambda: services.product_release(
            journey_id=journey.pk,
            batch=form.batch(),
            terms=form.terms(),
            by=request.user.actor,
            at=form.moment(),
        ),
        page=RELEASE,
        at=now,
        specification=specification,
    )


@journey_page(Permission.RELEASE_PRODUCT)
def out_of_specification(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Report that a product missed its specification."""
    now = timezone.now()
    specification = current_specification(journey, at=now)
    form = OutOfSpecificationForm(posted(request), now=now, initial=first_missed(specification))
    return answer(
        request,
        journey,
        form,
        lambda: services.out_of_specification_report(
            journey_id=journey.pk,
            batch=form.batch(),
            deviation=form.deviation(),
            by=request.user.actor,
            at=form.moment(),
        ),
        page=REPORT,
        at=now,
        specification=specification,
    )


@journey_page(Permission.DECIDE_OUT_OF_SPECIFICATION)
def decision(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Decide what follows after a missed specification."""
    now = timezone.now()
    batch = open_deviation(journey.pk)
    if batch is None:
        raise Conflict("nothing_to_decide", _("No out-of-specification product waits for a decision."))
    form = DecisionForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.out_of_specification_decide(
            journey_id=journey.pk, decision=form.details(), by=request.user.actor, at=now
        ),
        page=DECISION,
        at=now,
        batch=batch,
    )


@journey_page(Permission.ORDER_PRODUCT)
def failure(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record that manufacturing failed."""
    now = timezone.now()
    form = FailureForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.manufacturing_fail(
            journey_id=journey.pk,
            reason=form.cleaned_data["reason"],
            collect_again=form.collect_again,
            by=request.user.actor,
            at=form.moment(),
        ),
        page=FAILURE,
        at=now,
    )


@journey_page(Permission.RECEIVE_PRODUCT)
def receipt(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record the product's receipt."""
    now = timezone.now()
    form = ReceiptForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.product_receive(
            journey_id=journey.pk,
            note=form.cleaned_data["note"],
            by=request.user.actor,
            at=form.moment(),
        ),
        page=RECEIPT,
        at=now,
        batch=usable_batch(journey.pk),
    )
