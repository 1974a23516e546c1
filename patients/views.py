"""Pages of the patients room. Each loads through the scoped door, makes one service call, and goes back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, form_status, posted
from patients import referrals, services
from patients.eligibility import EligibilityLine, eligibility_lines, eligibility_verdict, protocol_for
from patients.forms import (
    AcceptForm,
    CloseForm,
    ContactForm,
    CriterionForm,
    DeclineForm,
    DeferForm,
    MeasurementForm,
    PatientForm,
    ReferralForm,
    TreatmentForm,
)
from patients.http import journey_page
from patients.models import Journey
from patients.overview import ASSESSING, by_verdict, judged_on
from patients.pages import FormPage, answer, journey_context
from patients.results import RuleResult
from patients.selectors import latest_results


@page(Permission.REFER)
@require_http_methods(["GET", "POST"])
def referral_new(request: PersonRequest) -> HttpResponse:
    """Register a referral."""
    form = ReferralForm(posted(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        center = form.cleaned_data["center"]
        require(request.user, Permission.REFER, center.pk)
        journey = attempt(
            form,
            lambda: referrals.referral_register(
                center=center,
                patient=form.patient(),
                referral=form.referral(),
                by=request.user.actor,
                at=form.cleaned_data["referred_at"],
            ),
        )
        if journey is not None:
            messages.success(request, _("Referral registered."))
            return redirect("web:journey", journey_id=journey.pk)
    return render(request, "patients/referral.html", {"form": form}, status=form_status(form))


@journey_page(Permission.REFER)
@require_http_methods(["GET", "POST"])
def treatment_new(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a previous treatment."""
    form = TreatmentForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.treatment_record(
            journey_id=journey.pk,
            treatment=form.treatment(journey.center.zone),
            by=request.user.actor,
            at=timezone.now(),
        ),
        page=FormPage(
            title=_("Previous treatment"),
            submit=_("Record treatment"),
            done=_("Treatment recorded."),
            anchor="referral",
        ),
        at=timezone.now(),
    )


@journey_page(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def patient_change(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Change the child's details, with a reason."""
    known = {name: getattr(journey.patient, name) for name in PatientForm.DETAILS}
    form = PatientForm(posted(request), initial=known)
    return answer(
        request,
        journey,
        form,
        lambda: services.patient_change(
            journey_id=journey.pk,
            changes=form.details(),
            reason=form.cleaned_data["reason"],
            name_was_wrong=form.cleaned_data["name_was_wrong"],
            by=request.user.actor,
            at=timezone.now(),
        ),
        page=FormPage(
            title=_("Patient's details"), submit=_("Change"), done=_("Details changed."), anchor="patient"
        ),
        at=timezone.now(),
    )


@journey_page(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def measurement_new(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record weight and height."""
    form = MeasurementForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.measurement_record(
            journey_id=journey.pk,
            measurement=form.measurement(),
            by=request.user.actor,
            at=form.cleaned_data["measured_at"],
        ),
        page=FormPage(
            title=_("Weight and height"),
            submit=_("Record"),
            done=_("Measurement recorded."),
            anchor="patient",
        ),
        at=timezone.now(),
    )


@journey_page(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def contact_new(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Add a contact."""
    form = ContactForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.contact_record(
            journey_id=journey.pk, contact=form.contact(), by=request.user.actor, at=timezone.now()
        ),
        page=FormPage(
            title=_("Contact"),
            submit=_("Add contact"),
            done=_("Contact added."),
            anchor="patient",
        ),
        at=timezone.now(),
    )


@journey_page(Permission.VIEW_PATIENTS)
@require_http_methods(["GET"])
def eligibility(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Every criterion with what is known of it, and the verdict that follows."""
    at = timezone.now()
    on = judged_on(journey, at)
    is_open = journey.stage in ASSESSING
    context = journey_context(journey, at) | {
        "lines": _with_validity(journey, eligibility_lines(journey, on=on)),
        "verdict": eligibility_verdict(journey, on=on),
        "judged_on": None if is_open else on,
        "accepted": latest_results(journey.pk, ["eligibility", "age_criterion"]).values(),
        "may_assess": is_open and request.user.may(Permission.ASSESS_ELIGIBILITY, journey.center_id),
        "may_decide": request.user.may(Permission.DECIDE_REFERRAL, journey.center_id),
    }
    return render(request, "patients/eligibility.html", context)


def _with_validity(
    journey: Journey, lines: list[EligibilityLine]
) -> list[tuple[EligibilityLine, RuleResult | None]]:
    """Each criterion with the last result that says until when its finding holds."""
    found = RuleResult.objects.counting().filter(journey=journey, rule="criterion_validity")
    latest = {result.inputs["criterion"]: result for result in found.order_by("computed_at", "event_id")}
    return [(line, latest.get(line.criterion)) for line in lines]


@journey_page(Permission.ASSESS_ELIGIBILITY)
@require_http_methods(["GET", "POST"])
def criterion_assess(request: PersonRequest, journey: Journey, criterion: str) -> HttpResponse:
    """Give a verdict on one criterion."""
    today = timezone.now().astimezone(journey.center.zone).date()
    line = next((line for line in eligibility_lines(journey, on=today) if line.criterion == criterion), None)
    if line is None:
        raise NotFound
    form = CriterionForm(posted(request), user=request.user, center_id=journey.center_id)
    response = answer(
        request,
        journey,
        form,
        lambda: referrals.eligibility_assess(
            journey_id=journey.pk,
            assessment=form.assessment(criterion),
            by=request.user.actor,
            at=timezone.now(),
            second=form.cleaned_data["second"],
        ),
        page=FormPage(
            title=line.label,
            submit=_("Record verdict"),
            done=_("Verdict recorded."),
            anchor="eligibility",
            template="patients/criterion.html",
        ),
        at=timezone.now(),
        line=line,
        cancel_url=reverse("patients:eligibility", args=[journey.pk]),
    )
    return (
        redirect("patients:eligibility", journey_id=journey.pk) if response.status_code == 302 else response
    )


@journey_page(Permission.DECIDE_REFERRAL)
@require_http_methods(["GET", "POST"])
def referral_accept(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Accept the referral."""
    today = timezone.now().astimezone(journey.center.zone).date()
    verdict = eligibility_verdict(journey, on=today)
    form = AcceptForm(posted(request), eligible=verdict.overall == "eligible")
    return answer(
        request,
        journey,
        form,
        lambda: referrals.referral_accept(
            journey_id=journey.pk,
            by=request.user.actor,
            at=timezone.now(),
            override_reason=form.cleaned_data.get("override_reason", ""),
        ),
        page=FormPage(
            title=_("Accept for treatment"),
            submit=_("Accept"),
            done=_("Accepted. The journey is pinned to the protocol in force."),
            anchor="referral",
            template="patients/accept.html",
        ),
        at=timezone.now(),
        verdict=verdict,
        groups=by_verdict(eligibility_lines(journey, on=today)),
        protocol=protocol_for(journey),
    )


@journey_page(Permission.DECIDE_REFERRAL)
@require_http_methods(["GET", "POST"])
def referral_defer(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Put the decision off."""
    form = DeferForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: referrals.referral_defer(
            journey_id=journey.pk, **form.cleaned_data, by=request.user.actor, at=timezone.now()
        ),
        page=FormPage(
            title=_("Defer the decision"),
            submit=_("Defer"),
            done=_("Decision deferred."),
            anchor="referral",
        ),
        at=timezone.now(),
    )


@journey_page(Permission.DECIDE_REFERRAL)
@require_http_methods(["GET", "POST"])
def referral_decline(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Decline the referral; the journey closes."""
    form = DeclineForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: referrals.referral_decline(
            journey_id=journey.pk, **form.cleaned_data, by=request.user.actor, at=timezone.now()
        ),
        page=FormPage(
            title=_("Decline the referral"),
            submit=_("Decline"),
            done=_("Referral declined. The journey is closed."),
            anchor="referral",
            danger=True,
            consequence=_(
                "The journey closes and all its reminders are canceled. The ledger keeps everything."
            ),
        ),
        at=timezone.now(),
    )


@journey_page(Permission.CLOSE_JOURNEY)
@require_http_methods(["GET", "POST"])
def journey_close(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Close the journey with a reason code."""
    form = CloseForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.journey_close(
            journey_id=journey.pk, **form.cleaned_data, by=request.user.actor, at=timezone.now()
        ),
        page=FormPage(
            title=_("Close the journey"),
            submit=_("Close journey"),
            done=_("Journey closed."),
            anchor="patient",
            danger=True,
            consequence=_(
                "The journey closes and its open reminders are canceled. The ledger keeps everything."
            ),
        ),
        at=timezone.now(),
    )
