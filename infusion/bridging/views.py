"""Pages of bridging therapy: the courses of a child, a new one, its end."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.actor import Actor
from cartpath.core.forms import posted
from infusion.bridging.forms import CourseEndForm, CourseForm
from infusion.bridging.selectors import bridging_of
from infusion.bridging.services import STAGES, bridging_end, bridging_start, bridging_strike
from infusion.inputs import FindingDetails
from infusion.models import BridgingCourse
from infusion.panels import ANCHOR
from infusion.services import finding_record
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context
from patients.striking import row_of, strike_page

BEGIN = FormPage(
    title=_("Bridging therapy"),
    intro=_("What keeps the disease quiet between the collection and lymphodepletion."),
    submit=_("Record course"),
    anchor=ANCHOR,
    done=_("Bridging therapy recorded."),
)
END = FormPage(
    title=_("End of bridging therapy"),
    intro=_("What isn't known yet stays open: record it here again when it is."),
    submit=_("Record end"),
    anchor=ANCHOR,
    done=_("End of bridging therapy recorded."),
)
STRIKE = FormPage(
    title=_("Mark a bridging course as entered in error"),
    submit=_("Mark as entered in error"),
    anchor=ANCHOR,
    done=_("Bridging course marked as entered in error."),
    consequence=_("It stays readable, struck through, and no longer counts."),
    danger=True,
)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def courses(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Every course of bridging with its response and its harm."""
    now = timezone.now()
    context = journey_context(journey, now) | {
        "picture": bridging_of(journey.pk),
        "may_record": request.user.may(Permission.RECORD_BRIDGING, journey.center_id),
        "may_begin": journey.stage in STAGES,
    }
    return render(request, "infusion/bridging.html", context)


@journey_page(Permission.RECORD_BRIDGING)
@require_http_methods(["GET", "POST"])
def begin(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a course that began."""
    now = timezone.now()
    form = CourseForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: bridging_start(journey_id=journey.pk, course=form.details(), by=request.user.actor, at=now),
        page=BEGIN,
        at=now,
        back_url=_courses_url(journey),
    )


@journey_page(Permission.RECORD_BRIDGING)
@require_http_methods(["GET", "POST"])
def end(request: PersonRequest, journey: Journey, course_id: UUID) -> HttpResponse:
    """Record how a course ended, or what was learned since."""
    now = timezone.now()
    course = _course(journey, course_id)
    form = CourseEndForm(posted(request), now=now, initial=_known(course))
    return answer(
        request,
        journey,
        form,
        lambda: _end(journey, course, form, by=request.user.actor),
        page=END,
        at=now,
        back_url=_courses_url(journey),
    )


@journey_page(Permission.RECORD_BRIDGING)
@require_http_methods(["GET", "POST"])
def strike(request: PersonRequest, journey: Journey, course_id: UUID) -> HttpResponse:
    """Mark a course as entered in error."""
    strike_one = partial(bridging_strike, course_id=_course(journey, course_id).pk)
    return strike_page(request, journey, strike_one, page=STRIKE, back_url=_courses_url(journey))


def _end(journey: Journey, course: BridgingCourse, form: CourseEndForm, *, by: Actor) -> BridgingCourse:
    """The end and, where the marrow was looked at, its finding: both or neither."""
    given = form.cleaned_data
    with transaction.atomic():
        row = bridging_end(
            journey_id=journey.pk, number=course.number, end=form.details(), by=by, at=form.now
        )
        if given["blasts_percent"] is not None:
            finding = FindingDetails(
                quantity="marrow_blasts", value=given["blasts_percent"], found_on=given["staged_on"]
            )
            finding_record(journey_id=journey.pk, finding=finding, by=by, at=form.now)
        return row


def _known(course: BridgingCourse) -> dict[str, object]:
    """What was recorded of the end before."""
    known = course.complications
    had = None if known is None else "yes" if known else "no"
    return {
        "ended_on": course.ended_on,
        "response": course.response,
        "had_complications": had,
        "complications": known or [],
        "complication_note": course.complication_note,
        "staged_on": course.staged_on,
        "staging": course.staging,
        "note": course.end_note,
    }


def _course(journey: Journey, course_id: UUID) -> BridgingCourse:
    """A course of this journey that counts. Raises `NotFound`."""
    return row_of(BridgingCourse.objects.filter(journey=journey, struck_at=None), course_id)


def _courses_url(journey: Journey) -> str:
    return reverse("infusion:bridging", args=[journey.pk])
