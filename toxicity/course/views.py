"""The page of the first thirty days."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from patients.http import journey_page
from patients.models import Journey
from patients.pages import journey_context
from toxicity.course.pictures import chosen_days, course_picture
from toxicity.course.reading import course_facts


@journey_page(Permission.VIEW_PATIENTS)
def course(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Temperature, grades, interventions and laboratory of day 0 to 30; `?from=0&to=7` draws fewer days."""
    now = timezone.now()
    facts = course_facts(journey, at=now)
    first, last = _day(request.GET.get("from", "")), _day(request.GET.get("to", ""))
    context = journey_context(journey, now) | {
        "picture": course_picture(facts, days=chosen_days(first, last)) if facts else None,
    }
    return render(request, "toxicity/course.html", context)


def _day(asked: str) -> int | None:
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else None
