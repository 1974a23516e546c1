"""Why a stored value is what it is."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.web.selectors.why import why_picture
from patients.http import journey_page
from patients.models import Journey
from patients.pages import journey_context
from toxicity.selectors import assessment_of


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def show(request: PersonRequest, journey: Journey, result_id: UUID) -> HttpResponse:
    """One computed value: rule, version, inputs, reasons, and who confirmed it."""
    picture = why_picture(journey, result_id)
    assessment = assessment_of(picture.stored)
    may_sign = request.user.may(Permission.SIGN_GRADE, journey.center_id)
    context = journey_context(journey, timezone.now()) | {
        "picture": picture,
        "may_see_ledger": request.user.may(Permission.VIEW_LEDGER, journey.center_id),
        "to_sign": assessment if assessment and may_sign and not assessment.struck_at else None,
    }
    return render(request, "web/why.html", context)
