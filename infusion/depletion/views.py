"""Pages of the plan of lymphodepletion."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.forms import posted
from cartpath.protocols.rows import in_force
from infusion.depletion.forms import PlanForm
from infusion.depletion.pictures import plan_picture
from infusion.depletion.services import depletion_plan, depletion_plan_strike
from infusion.models import LymphodepletionPlan
from infusion.panels import ANCHOR
from infusion.regimen import regimen_picture
from patients.eligibility import protocol_for
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer
from patients.striking import row_of, strike_page

PLAN = FormPage(
    title=_("Plan lymphodepletion"),
    intro=_("Doses follow from the weight and height known now; their days stand in the plan."),
    submit=_("Keep plan"),
    anchor=ANCHOR,
    done=_("Plan kept."),
    template="infusion/plan_form.html",
)
STRIKE = FormPage(
    title=_("Mark the plan as entered in error"),
    submit=_("Mark as entered in error"),
    anchor=ANCHOR,
    done=_("Plan marked as entered in error."),
    consequence=_("The plan before it, if there was one, holds again."),
    danger=True,
)


@journey_page(Permission.RECORD_LYMPHODEPLETION)
@require_http_methods(["GET", "POST"])
def plan(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Plan lymphodepletion, or plan it anew."""
    now = timezone.now()
    on = journey.center.local_day(now)
    rows = sorted(
        in_force(protocol_for(journey).lymphodepletion.regimens, on), key=lambda row: not row.default
    )
    form = PlanForm(posted(request), now=now, regimens=rows)
    return answer(
        request,
        journey,
        form,
        lambda: depletion_plan(journey_id=journey.pk, plan=form.details(), by=request.user.actor, at=now),
        page=PLAN,
        at=now,
        back_url=_depletion_url(journey),
        picture=regimen_picture(journey, at=now),
        planned=plan_picture(journey, at=now),
        regimens=rows,
    )


@journey_page(Permission.RECORD_LYMPHODEPLETION)
@require_http_methods(["GET", "POST"])
def strike(request: PersonRequest, journey: Journey, plan_id: UUID) -> HttpResponse:
    """Mark a plan as entered in error."""
    row = row_of(LymphodepletionPlan.objects.filter(journey=journey, struck_at=None), plan_id)
    strike_one = partial(depletion_plan_strike, plan_id=row.pk)
    return strike_page(request, journey, strike_one, page=STRIKE, back_url=_depletion_url(journey))


def _depletion_url(journey: Journey) -> str:
    return reverse("infusion:lymphodepletion", args=[journey.pk])
