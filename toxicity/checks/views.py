"""Pages of a child's checks: what is due next and why, and how often."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import posted
from cartpath.protocols.bedside_rows import CHECK_WORDS
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context
from toxicity.checks.forms import CheckForm
from toxicity.checks.selectors import plans, setting_history, settings_of
from toxicity.checks.services import check_change
from toxicity.checks.ward import next_checks
from toxicity.checks.words import CHECKS, because_text, every_text
from toxicity.observations.selectors import has_delay
from toxicity.pictures import latest_assessments

CHANGING = FormPage(
    title=_("How often this child is checked"),
    submit=_("Set with my name"),
    anchor="toxicity",
    done=_("Set. The next check is planned by it."),
    consequence=_("If the child gets worse later, the protocol's shorter interval counts again."),
    template="toxicity/checks/change.html",
)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def show(request: PersonRequest, journey: Journey) -> HttpResponse:
    """What waits for the child and why, and every interval that a person set."""
    at = timezone.now()
    latest = latest_assessments([journey]).get(journey.pk)
    delay = has_delay(journey.pk, at=at)
    waiting = next_checks(journey, plans(journey.pk), latest, has_delay=delay, at=at)
    context = journey_context(journey, at) | {
        "checks": [
            {
                "next": each,
                "every": every_text(each.every_minutes) if each.every_minutes else "",
                "because": ", ".join(because_text(word) for word in each.because),
            }
            for each in waiting
        ],
        "history": [
            {"setting": each, "label": CHECKS[each.check_kind], "every": every_text(each.every_minutes)}
            for each in setting_history(journey.pk)
        ],
        "may_set": request.user.may(Permission.SET_CHECKS, journey.center_id),
        "may_observe": request.user.may(Permission.OBSERVE, journey.center_id),
    }
    return render(request, "toxicity/checks/list.html", context)


@journey_page(Permission.SET_CHECKS)
def change(request: PersonRequest, journey: Journey, check: str) -> HttpResponse:
    """Set how often one thing is checked, or follow the protocol again."""
    named = next((each for each in CHECK_WORDS if each == check), None)
    if named is None:
        raise NotFound
    at = timezone.now()
    own = settings_of(journey.pk).get(named)
    form = CheckForm(
        posted(request), check=named, initial={"every_minutes": own.every_minutes if own else None}
    )
    return answer(
        request,
        journey,
        form,
        lambda: check_change(journey_id=journey.pk, change=form.change(), by=request.user.actor, at=at),
        page=CHANGING,
        at=at,
        label=CHECKS[named],
        own=own,
    )
