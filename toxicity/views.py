"""Pages of the toxicity room: ward, assessments with their grades, end of monitoring."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import posted
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context
from patients.striking import row_of, strike_page
from toxicity import services
from toxicity.checks.ward import ward_rows
from toxicity.forms import AssessmentForm, EndForm, SignForm
from toxicity.grades import age_at, crs_answer, icans_answer
from toxicity.grading.hypotension import systolic_limit
from toxicity.interventions.pictures import given_pictures
from toxicity.models import Assessment
from toxicity.observations.selectors import has_delay
from toxicity.panels import ANCHOR
from toxicity.pictures import assessment_pictures, grade_picture
from toxicity.selectors import assessments, capd_wording, episode_state, interventions
from toxicity.signing import SCALES, result_confirm

ASSESSING = FormPage(
    title=gettext_lazy("Assess toxicity"),
    submit=gettext_lazy("Save assessment"),
    anchor=ANCHOR,
    done=gettext_lazy("Assessment saved."),
    template="toxicity/assess.html",
)
STRIKING = FormPage(
    title=gettext_lazy("Mark an assessment as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Assessment marked as entered in error."),
    consequence=gettext_lazy(
        "It stays visible, struck through, and no longer counts. The grades are worked out again."
    ),
    danger=True,
    template="toxicity/strike.html",
)
SIGNING = FormPage(
    title=gettext_lazy("Sign a grade"),
    submit=gettext_lazy("Sign"),
    anchor=ANCHOR,
    done=gettext_lazy("Grade signed."),
    consequence=gettext_lazy(
        "Your name and the time are kept with it. The grade the rule gave stays beside yours."
    ),
    template="toxicity/sign.html",
)
ENDING = FormPage(
    title=gettext_lazy("End acute monitoring"),
    submit=gettext_lazy("End acute monitoring"),
    anchor=ANCHOR,
    done=gettext_lazy("Acute monitoring ended: long-term follow-up begins."),
    consequence=gettext_lazy("Reminders for assessments stop, and the child goes to long-term follow-up."),
    template="toxicity/end.html",
)


@page(Permission.VIEW_PATIENTS)
def ward(request: PersonRequest) -> HttpResponse:
    """Children in acute monitoring."""
    now = timezone.now()
    context = {
        "rows": ward_rows(request.user, center_id=request.center.pk, at=now),
        "may_observe": request.user.may(Permission.OBSERVE, request.center.pk),
        "at": now,
        "today": timezone.localtime(now).date(),
    }
    return render(request, "toxicity/ward.html", context)


@journey_page(Permission.VIEW_PATIENTS)
def assessment_list(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Every assessment and intervention, latest first; those entered in error struck through."""
    pictures = assessment_pictures(assessments(journey.pk, struck=True))
    context = journey_context(journey, timezone.now()) | {
        "pictures": pictures,
        "unsigned": [(picture, scale) for picture in pictures for scale in picture.unsigned],
        "interventions": given_pictures(interventions(journey.pk)),
        "may_sign": request.user.may(Permission.SIGN_GRADE, journey.center_id),
        "may_assess": request.user.may(Permission.ASSESS_TOXICITY, journey.center_id),
    }
    return render(request, "toxicity/list.html", context)


@journey_page(Permission.ASSESS_TOXICITY)
def assess(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Enter what is seen; the grades follow by rule."""
    now = timezone.now()
    form = _assessment_form(request, journey)
    age = age_at(journey, now)
    return answer(
        request,
        journey,
        form,
        lambda: services.assessment_record(
            journey_id=journey.pk, assessment=form.details(), by=request.user.actor, at=form.moment()
        ),
        page=ASSESSING,
        at=now,
        episode=episode_state(journey, at=now),
        systolic_limit=systolic_limit(age.days / 365.25 if age.years < 1 else age.years),
        preview=_preview(journey, form) if form.is_bound else _preview_nothing(),
        has_capd_wording=form.has_capd_wording,
        may_keep_wording=request.user.may(Permission.KEEP_WORDING, journey.center_id),
        language=get_language(),
    )


@journey_page(Permission.ASSESS_TOXICITY)
@require_POST
def preview(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The grades that what is typed so far would give; nothing is stored."""
    form = _assessment_form(request, journey)
    form.is_valid()
    return render(request, "toxicity/preview.html", {"preview": _preview(journey, form)})


def _assessment_form(request: PersonRequest, journey: Journey) -> AssessmentForm:
    now = timezone.now()
    return AssessmentForm(
        posted(request),
        now=now,
        age_years=age_at(journey, now).years,
        has_delay=has_delay(journey.pk, at=now),
        capd_wording=[each.text for each in capd_wording(journey.center_id, get_language() or "")],
        may_sign=request.user.may(Permission.SIGN_GRADE, journey.center_id),
    )


def _preview(journey: Journey, form: AssessmentForm) -> dict[str, Any]:
    """Grades from the answers that are valid so far."""
    form.is_valid()
    at = form.cleaned_data.get("at") or form.now
    crs, icans = form.crs(), form.icans()
    return {
        "crs": grade_picture("CRS", crs_answer(journey, crs, at=at)) if crs else None,
        "icans": grade_picture("ICANS", icans_answer(journey, icans, at=at)) if icans else None,
    }


def _preview_nothing() -> dict[str, Any]:
    return {"crs": None, "icans": None}


@journey_page(Permission.ASSESS_TOXICITY)
def strike(request: PersonRequest, journey: Journey, assessment_id: UUID) -> HttpResponse:
    """Mark an assessment as entered in error."""
    assessment = row_of(Assessment.objects.filter(journey=journey), assessment_id)
    strike_one = partial(services.assessment_strike, assessment_id=assessment.pk)
    (picture,) = assessment_pictures([assessment])
    return strike_page(request, journey, strike_one, page=STRIKING, picture=picture)


@journey_page(Permission.SIGN_GRADE)
def sign(request: PersonRequest, journey: Journey, assessment_id: UUID, scale: str) -> HttpResponse:
    """Confirm the grade of one scale, or put another one in its place with a reason."""
    assessment = Assessment.objects.filter(pk=assessment_id, journey=journey).first()
    rule = next((each for each in SCALES if each == scale), None)
    if assessment is None or rule is None or getattr(assessment, rule) is None:
        raise NotFound
    now = timezone.now()
    form = SignForm(posted(request), scale=rule)
    return answer(
        request,
        journey,
        form,
        lambda: result_confirm(
            assessment_id=assessment.pk, rule=rule, **form.cleaned_data, by=request.user.actor, at=now
        ),
        page=SIGNING,
        at=now,
        picture=assessment_pictures([assessment])[0],
        scale=scale,
    )


@journey_page(Permission.END_MONITORING)
def end(request: PersonRequest, journey: Journey) -> HttpResponse:
    """End acute monitoring."""
    now = timezone.now()
    form = EndForm(posted(request), now=now)
    latest = assessments(journey.pk)[:1]
    return answer(
        request,
        journey,
        form,
        lambda: services.acute_monitoring_end(
            journey_id=journey.pk,
            note=form.cleaned_data["note"],
            by=request.user.actor,
            at=form.moment(),
        ),
        page=ENDING,
        at=now,
        latest=next(iter(assessment_pictures(latest)), None),
    )
