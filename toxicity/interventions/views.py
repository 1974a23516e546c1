"""Pages about what is given: the overview with the tocilizumab card and suggestions, and its forms."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, posted
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context
from patients.striking import StrikeForm
from toxicity.advice.pictures import suggestion_blocks
from toxicity.dosing import dosing_weights
from toxicity.enums import Agent
from toxicity.interventions import services
from toxicity.interventions.forms import (
    CorrectionForm,
    DosingWeightForm,
    InterventionForm,
    StopForm,
    as_typed,
)
from toxicity.interventions.pictures import drug_sums, given_pictures
from toxicity.interventions.then import grades_then
from toxicity.interventions.weights import STAGES, dosing_weight_set, dosing_weight_strike
from toxicity.laboratory.prompting import prompt
from toxicity.models import DosingWeight, Intervention
from toxicity.panels import ANCHOR
from toxicity.selectors import assessments, interventions
from toxicity.tocilizumab import next_dose

_FORM: Final = "toxicity/intervene.html"
RECORDING: Final = FormPage(
    title=gettext_lazy("Record an intervention"),
    submit=gettext_lazy("Record"),
    anchor=ANCHOR,
    done=gettext_lazy("Intervention recorded."),
    template=_FORM,
)
CORRECTING: Final = FormPage(
    title=gettext_lazy("Correct an intervention"),
    submit=gettext_lazy("Correct"),
    anchor=ANCHOR,
    done=gettext_lazy("Intervention corrected."),
    consequence=gettext_lazy("What was entered before stays visible, struck through, and no longer counts."),
    template=_FORM,
)
STOPPING: Final = FormPage(
    title=gettext_lazy("Stop an intervention"),
    submit=gettext_lazy("Stop"),
    anchor=ANCHOR,
    done=gettext_lazy("Intervention stopped."),
    template="toxicity/intervention_act.html",
)
STRIKING: Final = FormPage(
    title=gettext_lazy("Mark an intervention as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Intervention marked as entered in error."),
    consequence=gettext_lazy("It stays visible, struck through, and no longer counts."),
    danger=True,
    template="toxicity/intervention_act.html",
)
STOP_STRIKING: Final = FormPage(
    title=gettext_lazy("Mark an end as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("The end was marked as entered in error: it goes on."),
    consequence=gettext_lazy("It goes on as if it had never been stopped."),
    danger=True,
    template="toxicity/intervention_act.html",
)
WEIGHING: Final = FormPage(
    title=gettext_lazy("Dosing weight"),
    submit=gettext_lazy("Fix dosing weight"),
    anchor=ANCHOR,
    done=gettext_lazy("Dosing weight fixed."),
    consequence=gettext_lazy("Every dose from then on is counted from it, whatever the scales say later."),
    template="toxicity/dosing_weight.html",
)
WEIGHT_STRIKING: Final = FormPage(
    title=gettext_lazy("Mark a dosing weight as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Dosing weight marked as entered in error."),
    consequence=gettext_lazy("The dosing weight before it counts again, else the last weight measured."),
    danger=True,
)


@journey_page(Permission.VIEW_PATIENTS)
def overview(request: PersonRequest, journey: Journey) -> HttpResponse:
    """What runs, what was given at which grade, the tocilizumab card, and suggestions for the grades now."""
    now = timezone.now()
    given = interventions(journey.pk, struck=True)
    graded = assessments(journey.pk)
    old_after = protocol_for(journey).bedside.grade_old
    pictures = given_pictures(given, graded, old_after=old_after)
    crs, icans = grades_then(graded, now, old_after=old_after)
    thinks_of_iec_hs = prompt(journey, at=now).fires is True
    may_record = request.user.may(Permission.ASSESS_TOXICITY, journey.center_id)
    context = journey_context(journey, now) | {
        "running": [each for each in pictures if each.intervention.runs(now)],
        "pictures": pictures,
        "sums": drug_sums(given, at=now),
        "tocilizumab": next_dose(journey, given, at=now),
        "dosing_weights": dosing_weights(journey.pk),
        "blocks": suggestion_blocks(
            journey, crs=crs, icans=icans, hyperinflammation=thinks_of_iec_hs, at=now
        ),
        "grades_now": (crs, icans),
        "may_record": may_record and journey.stage in (Stage.INFUSED, Stage.FOLLOW_UP),
        "may_weigh": may_record and journey.stage in STAGES,
    }
    return render(request, "toxicity/interventions_page.html", context)


@journey_page(Permission.ASSESS_TOXICITY)
def intervene(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record something given, with the tocilizumab card and what runs in sight."""
    now = timezone.now()
    offered = {name: request.GET.get(name, "") for name in ("agent", "vasopressor", "drug")}
    known = offered["agent"] in Agent.values
    form = InterventionForm(posted(request), now=now, initial=offered if known else None)
    return _answer(
        request,
        journey,
        form,
        lambda: services.intervention_record(
            journey_id=journey.pk,
            intervention=form.details(),
            by=request.user.actor,
            at=form.moment(),
            entry_id=form.cleaned_data["entry_id"],
        ),
        page=RECORDING,
        **_beside(journey),
    )


@journey_page(Permission.ASSESS_TOXICITY)
def correct(request: PersonRequest, journey: Journey, intervention_id: UUID) -> HttpResponse:
    """Put the right details in the place of wrong ones."""
    now = timezone.now()
    row = _row(journey, intervention_id)
    form = CorrectionForm(posted(request), now=now, initial=as_typed(row))
    return _answer(
        request,
        journey,
        form,
        lambda: services.intervention_correct(
            intervention_id=row.pk,
            intervention=form.details(),
            given_at=form.moment(),
            reason=form.cleaned_data["reason"],
            by=request.user.actor,
            at=now,
        ),
        page=CORRECTING,
        **_beside(journey),
    )


@journey_page(Permission.ASSESS_TOXICITY)
def stop(request: PersonRequest, journey: Journey, intervention_id: UUID) -> HttpResponse:
    """Stop a course."""
    row = _row(journey, intervention_id)
    form = StopForm(posted(request), now=timezone.now())
    return _answer(
        request,
        journey,
        form,
        lambda: services.intervention_stop(
            intervention_id=row.pk,
            reason=form.cleaned_data["reason"],
            by=request.user.actor,
            at=form.moment(),
        ),
        page=STOPPING,
        given=given_pictures([row]),
    )


@journey_page(Permission.ASSESS_TOXICITY)
def strike(request: PersonRequest, journey: Journey, intervention_id: UUID) -> HttpResponse:
    """Mark something given as entered in error."""
    return _strike(request, journey, intervention_id, services.intervention_strike, STRIKING)


@journey_page(Permission.ASSESS_TOXICITY)
def strike_stop(request: PersonRequest, journey: Journey, intervention_id: UUID) -> HttpResponse:
    """Mark the end of a course as entered in error."""
    return _strike(request, journey, intervention_id, services.intervention_stop_strike, STOP_STRIKING)


def _strike(
    request: PersonRequest,
    journey: Journey,
    intervention_id: UUID,
    service: Callable[..., Intervention],
    page: FormPage,
) -> HttpResponse:
    row = _row(journey, intervention_id)
    form = StrikeForm(posted(request))
    return _answer(
        request,
        journey,
        form,
        lambda: service(
            intervention_id=row.pk,
            reason=form.cleaned_data["reason"],
            by=request.user.actor,
            at=timezone.now(),
        ),
        page=page,
        given=given_pictures([row]),
    )


@journey_page(Permission.ASSESS_TOXICITY)
def dosing_weight(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Fix the weight that doses are counted from, with the ones before and the 30 kg in sight."""
    now = timezone.now()
    form = DosingWeightForm(posted(request), now=now)
    return _answer(
        request,
        journey,
        form,
        lambda: dosing_weight_set(
            journey_id=journey.pk, weight=form.details(), by=request.user.actor, at=form.moment()
        ),
        page=WEIGHING,
        dosing_weights=dosing_weights(journey.pk),
        tocilizumab=next_dose(journey, interventions(journey.pk), at=now),
    )


@journey_page(Permission.ASSESS_TOXICITY)
def strike_dosing_weight(request: PersonRequest, journey: Journey, dosing_weight_id: UUID) -> HttpResponse:
    """Mark a dosing weight as entered in error."""
    row = DosingWeight.objects.filter(pk=dosing_weight_id, journey=journey).first()
    if row is None:
        raise NotFound
    form = StrikeForm(posted(request))
    return _answer(
        request,
        journey,
        form,
        lambda: dosing_weight_strike(
            dosing_weight_id=row.pk,
            reason=form.cleaned_data["reason"],
            by=request.user.actor,
            at=timezone.now(),
        ),
        page=WEIGHT_STRIKING,
    )


def _beside(journey: Journey) -> dict[str, Any]:
    """What stands beside the form of an intervention."""
    now = timezone.now()
    given = interventions(journey.pk)
    return {"interventions": given_pictures(given[:8]), "tocilizumab": next_dose(journey, given, at=now)}


def _row(journey: Journey, intervention_id: UUID) -> Intervention:
    row = Intervention.objects.filter(pk=intervention_id, journey=journey).first()
    if row is None:
        raise NotFound
    return row


def _answer(
    request: PersonRequest,
    journey: Journey,
    form: forms.BaseForm,
    act: Callable[[], object],
    *,
    page: FormPage,
    **context: Any,
) -> HttpResponse:
    """Answer a form; done leads back to the overview of what is given."""
    url = reverse("toxicity:interventions", args=[journey.pk])
    if form.is_bound and form.is_valid() and attempt(form, act) is not None:
        messages.success(request, str(page.done))
        return redirect(url)
    return form_page(request, journey, form, page=page, at=timezone.now(), cancel_url=url, **context)
