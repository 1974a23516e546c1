"""Pages about quality: results, the second stage of a release, its withdrawal."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict
from cartpath.core.forms import posted
from manufacturing.models import QualityResult
from manufacturing.panels import ANCHOR
from manufacturing.quality.forms import CompletionForm, QualityForm, RecallForm
from manufacturing.quality.selectors import Specification, current_specification, first_missed
from manufacturing.quality.services import (
    product_recall,
    quality_record,
    quality_strike,
    release_complete,
)
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer
from patients.striking import row_of, strike_page

RESULTS = FormPage(
    title=gettext_lazy("Results of quality control"),
    intro=gettext_lazy("What the certificate doesn't tell stays unknown, and unknown is not met."),
    submit=gettext_lazy("Record results"),
    anchor=ANCHOR,
    done=gettext_lazy("Results recorded."),
    template="manufacturing/quality.html",
)
STRIKING = FormPage(
    title=gettext_lazy("Mark results as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Results marked as entered in error."),
    consequence=gettext_lazy("They stay to be read; what was told before counts again."),
    danger=True,
)
COMPLETION = FormPage(
    title=gettext_lazy("Complete the release"),
    submit=gettext_lazy("Complete release"),
    anchor=ANCHOR,
    done=gettext_lazy("Release completed."),
    consequence=gettext_lazy("Every result that was out is there and conforms."),
    template="manufacturing/release.html",
)
RECALL = FormPage(
    title=gettext_lazy("Withdraw the release"),
    submit=gettext_lazy("Withdraw release"),
    anchor=ANCHOR,
    done=gettext_lazy("Release withdrawn."),
    danger=True,
    template="manufacturing/recall.html",
)
_BACK = gettext_lazy("The product can't be given; the journey waits until a physician decides.")
_GIVEN = gettext_lazy("The product is given. What is to be done stays on the child's page.")


def _specification(journey: Journey) -> Specification:
    found = current_specification(journey, at=timezone.now())
    if found is None:
        raise Conflict("no_order", _("There is no live order. Place the order first."))
    return found


@journey_page(Permission.RECORD_QUALITY)
@require_http_methods(["GET", "POST"])
def results(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The specification as it stands, and what a certificate tells."""
    now = timezone.now()
    specification = _specification(journey)
    form = QualityForm(posted(request), now=now, specification=specification)
    told = QualityResult.objects.filter(order=specification.order).order_by("-recorded_at", "-event_id", "pk")
    return answer(
        request,
        journey,
        form,
        lambda: quality_record(
            journey_id=journey.pk, report=form.report(), by=request.user.actor, at=form.moment()
        ),
        page=RESULTS,
        at=now,
        specification=specification,
        told=list(told),
    )


@journey_page(Permission.RECORD_QUALITY)
@require_http_methods(["GET", "POST"])
def results_strike(request: PersonRequest, journey: Journey, result_id: UUID) -> HttpResponse:
    """Mark the results of one report as entered in error."""
    found = row_of(QualityResult.objects.filter(journey=journey), result_id)
    return strike_page(request, journey, partial(quality_strike, event_id=found.event_id), page=STRIKING)


@journey_page(Permission.RELEASE_PRODUCT)
@require_http_methods(["GET", "POST"])
def completion(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Complete a conditional release."""
    now = timezone.now()
    specification = _specification(journey)
    if not specification.is_conditional:
        raise Conflict("no_conditional_release", _("No conditional release waits for results."))
    form = CompletionForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: release_complete(
            journey_id=journey.pk,
            note=form.cleaned_data["note"],
            by=request.user.actor,
            at=form.moment(),
        ),
        page=COMPLETION,
        at=now,
        specification=specification,
    )


@journey_page(Permission.RELEASE_PRODUCT)
@require_http_methods(["GET", "POST"])
def recall(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Withdraw a release, and say what is to be done."""
    now = timezone.now()
    specification = _specification(journey)
    if specification.batch is None or specification.batch.released_at is None:
        raise Conflict("no_product", _("There is no released product to withdraw."))
    form = RecallForm(posted(request), now=now, initial=first_missed(specification))
    return answer(
        request,
        journey,
        form,
        lambda: product_recall(
            journey_id=journey.pk, recall=form.details(), by=request.user.actor, at=form.moment()
        ),
        page=RECALL,
        at=now,
        specification=specification,
        consequence=_GIVEN if journey.infused_at else _BACK,
    )
