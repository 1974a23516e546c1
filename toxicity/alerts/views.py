"""Pages of alerts: what stands and what was, and the answer to it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.forms import posted
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context
from toxicity.alerts.forms import AnswerForm
from toxicity.alerts.selectors import group_of, history, standing_group
from toxicity.alerts.services import alerts_acknowledge

ANSWERING = FormPage(
    title=_("Answer alerts"),
    submit=_("Answer with my name"),
    anchor="toxicity",
    done=_("Answered. Nobody else is paged about it."),
    template="toxicity/alerts/answer.html",
)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def show(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Every alert of the child, the standing ones first; who answered, and why the others ended."""
    at = timezone.now()
    told = history(journey)
    group = group_of(journey, told)
    context = journey_context(journey, at) | {
        "group": group,
        "past": [each for each in told if group is None or each.alert.cleared_at],
        "may_answer": request.user.may(Permission.ANSWER_ALERT, journey.center_id),
    }
    return render(request, "toxicity/alerts/list.html", context)


@journey_page(Permission.ANSWER_ALERT)
def acknowledge(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Answer what waits, all of it or some, with one answer."""
    at = timezone.now()
    group = standing_group(journey)
    form = AnswerForm(posted(request), waiting=group.unanswered if group else ())
    return answer(
        request,
        journey,
        form,
        lambda: alerts_acknowledge(
            journey_id=journey.pk,
            cases=form.cleaned_data["cases"],
            answered=form.answered(),
            by=request.user.actor,
            at=at,
        ),
        page=ANSWERING,
        at=at,
        group=group,
    )
