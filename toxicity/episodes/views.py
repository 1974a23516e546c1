"""Pages of the episodes: grades hour by hour."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from patients.http import journey_page
from patients.models import Journey
from patients.pages import journey_context
from toxicity.episodes.pictures import grades_picture


@journey_page(Permission.VIEW_PATIENTS)
def grades(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Episodes of CRS and ICANS, the worst grade of each day, and one day hour by hour (`?day=4`)."""
    now = timezone.now()
    asked = request.GET.get("day", "")
    day = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else None
    context = journey_context(journey, now) | {
        "picture": grades_picture(journey, day=day, at=now),
        "may_sign": request.user.may(Permission.SIGN_GRADE, journey.center_id),
    }
    return render(request, "toxicity/grades.html", context)
