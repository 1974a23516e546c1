"""Pages of the follow-up room: visits left out, transplant, relapse."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.forms import posted
from followup import services
from followup.forms import DiseaseEventForm, SkipForm, TransplantForm
from followup.panels import ANCHOR
from followup.visit_views import planned_visit
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer

SKIPPING = FormPage(
    title=gettext_lazy("Leave a visit out"),
    submit=gettext_lazy("Leave out"),
    anchor=ANCHOR,
    done=gettext_lazy("Visit left out."),
    consequence=gettext_lazy("The visit is no longer awaited and its reminder is canceled."),
    danger=True,
    template="followup/visit_head.html",
)
TRANSPLANT = FormPage(
    title=gettext_lazy("Record a transplant"),
    submit=gettext_lazy("Record transplant"),
    anchor=ANCHOR,
    done=gettext_lazy("Transplant recorded."),
    consequence=gettext_lazy(
        "Visits and registry forms count from the transplant; B-cell aplasia is no longer followed. The"
        " visits for safety go on."
    ),
)
RELAPSE = FormPage(
    title=gettext_lazy("Record a relapse"),
    submit=gettext_lazy("Record relapse"),
    anchor=ANCHOR,
    done=gettext_lazy("Relapse recorded."),
    consequence=gettext_lazy("Visits about how well the cells work stop; those for safety go on."),
)


@journey_page(Permission.RECORD_VISIT)
def visit_skip(request: PersonRequest, journey: Journey, item: str) -> HttpResponse:
    """Leave a planned visit out."""
    now = timezone.now()
    planned = planned_visit(journey, item)
    form = SkipForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.visit_skip(
            journey_id=journey.pk, item=item, **form.cleaned_data, by=request.user.actor, at=now
        ),
        page=SKIPPING,
        at=now,
        planned=planned,
    )


@journey_page(Permission.RECORD_VISIT)
def transplant(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a transplant after the infusion."""
    now = timezone.now()
    form = TransplantForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.transplant_record(
            journey_id=journey.pk,
            transplanted_on=form.cleaned_data["happened_on"],
            conditioning_on=form.cleaned_data["conditioning_on"],
            detail=form.cleaned_data["detail"],
            by=request.user.actor,
            at=now,
        ),
        page=TRANSPLANT,
        at=now,
    )


@journey_page(Permission.RECORD_VISIT)
def relapse(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a relapse after the infusion."""
    now = timezone.now()
    form = DiseaseEventForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.relapse_record(
            journey_id=journey.pk,
            relapsed_on=form.cleaned_data["happened_on"],
            detail=form.cleaned_data["detail"],
            by=request.user.actor,
            at=now,
        ),
        page=RELAPSE,
        at=now,
    )
