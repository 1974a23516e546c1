"""Pages of the bedside: the flowsheet, a round entered, and a round put right."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.forms import attempt, posted
from patients.eligibility import protocol_for
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context
from patients.striking import strike_page
from toxicity.bedside import bedside
from toxicity.grades import age_at
from toxicity.observations import services
from toxicity.observations.catalog import ObservationCode
from toxicity.observations.entering import helps, last_of, last_values
from toxicity.observations.forms import NOT_TAKEN, CorrectionForm, ObservationForm
from toxicity.observations.graded import graded
from toxicity.observations.limits import limits_for
from toxicity.observations.one_set import set_picture, ungraded_words
from toxicity.observations.pictures import SPANS, USUAL_SPAN, sheet
from toxicity.observations.selectors import has_delay, observation_set
from toxicity.observations.since import corrections
from toxicity.pictures import grade_picture
from toxicity.selectors import capd_wording

ANCHOR: Final = "toxicity"
# Sent by the page's own script, which then goes to the address it is answered.
BY_SCRIPT: Final = "X-Sent-By"

# Rarely needed, and unfolded when one of them is answered.
JUDGED: Final = ("hypotension", "fever_other_cause", "temperature_site")

OBSERVING = FormPage(
    title=gettext_lazy("Record observations"),
    submit=gettext_lazy("Save"),
    anchor=ANCHOR,
    done=gettext_lazy("Observations saved."),
    template="toxicity/observe.html",
)
CORRECTING = FormPage(
    title=gettext_lazy("Put observations right"),
    submit=gettext_lazy("Save the correction"),
    anchor=ANCHOR,
    done=gettext_lazy("Observations put right."),
    intro=gettext_lazy("What was recorded stays, struck through. The grades are worked out again."),
    template="toxicity/observe_correct.html",
)
STRIKING = FormPage(
    title=gettext_lazy("Mark observations as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Observations marked as entered in error."),
    consequence=gettext_lazy(
        "The whole set stays visible, struck through, and no longer counts, and so do its grades."
    ),
    danger=True,
    template="toxicity/observation_strike.html",
)
SPAN_WORDS: Final = {
    "day": gettext_lazy("24 hours"),
    "three-days": gettext_lazy("3 days"),
    "week": gettext_lazy("7 days"),
    "month": gettext_lazy("31 days"),
}


@journey_page(Permission.VIEW_PATIENTS)
def flowsheet(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Rows are observations, columns are times, the latest first."""
    now = timezone.now()
    asked = request.GET.get("span", USUAL_SPAN)
    span = asked if asked in SPANS else USUAL_SPAN
    here = reverse("toxicity:flowsheet", args=[journey.pk])
    context = journey_context(journey, now) | {
        "sheet": sheet(journey, since=now - SPANS[span], until=now),
        "spans": [
            {"label": words, "url": f"{here}?span={name}", "current": name == span}
            for name, words in SPAN_WORDS.items()
        ],
        "may_observe": request.user.may(Permission.OBSERVE, journey.center_id),
    }
    return render(request, "toxicity/flowsheet.html", context)


@journey_page(Permission.OBSERVE)
def observe(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Enter a round at the bedside."""
    now = timezone.now()
    form = _form(request, journey)
    if (
        form.is_bound
        and form.is_valid()
        and attempt(form, lambda: _record(request, journey, form)) is not None
    ):
        return _done(request, journey, OBSERVING)
    seen = bedside(journey, at=now)
    return form_page(
        request,
        journey,
        form,
        page=OBSERVING,
        at=now,
        **_context(request, journey, form),
        helps=helps(form, seen.limits, last_values(seen)),
        capd=last_of(ObservationCode.CAPD, seen),
        now_ms=int(now.timestamp() * 1000),
        **_preview(journey, form if form.is_bound else None),
    )


@journey_page(Permission.OBSERVE)
@require_POST
def observe_preview(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The grades that what is typed so far would give; nothing is stored."""
    form = _form(request, journey)
    return render(request, "toxicity/observe_grades.html", _preview(journey, form))


@journey_page(Permission.VIEW_PATIENTS)
def one_set(request: PersonRequest, journey: Journey, set_id: UUID) -> HttpResponse:
    """One set with everything that was ever said in it."""
    found = observation_set(journey.pk, set_id)
    context = journey_context(journey, timezone.now()) | {
        "picture": set_picture(journey, found),
        "may_observe": request.user.may(Permission.OBSERVE, journey.center_id),
    }
    return render(request, "toxicity/observation_set.html", context)


@journey_page(Permission.OBSERVE)
def correct(request: PersonRequest, journey: Journey, set_id: UUID) -> HttpResponse:
    """Put values of a set right, with a reason."""
    now = timezone.now()
    found = observation_set(journey.pk, set_id)
    before = services.set_entry(found)
    form = CorrectionForm(
        posted(request),
        before=before,
        corrections=corrections(found),
        now=now,
        age_years=age_at(journey, found.observed_at).years,
        # What this very set says can be put right here.
        has_delay=not before.developmental_delay and has_delay(journey.pk, at=found.observed_at),
        capd_wording=_wording(journey),
    )

    def act() -> object:
        return services.observations_correct(
            set_id=found.pk,
            changes=form.changes(),
            reason=form.cleaned_data["reason"],
            by=request.user.actor,
            at=now,
            seen=form.cleaned_data["seen"],
        )

    if form.is_bound and form.is_valid() and attempt(form, act) is not None:
        return _done(request, journey, CORRECTING)
    day = timezone.localtime(found.observed_at).date()
    limits = limits_for(journey.patient.birth_date, day, protocol_for(journey).bedside)
    context = _context(request, journey, form) | {
        "helps": helps(form, limits, {}),
        "picture": set_picture(journey, found),
        "cancel_url": reverse("toxicity:observation_set", args=[journey.pk, found.pk]),
    }
    return form_page(request, journey, form, page=CORRECTING, at=now, **context)


@journey_page(Permission.OBSERVE)
def strike(request: PersonRequest, journey: Journey, set_id: UUID) -> HttpResponse:
    """Mark a whole set as entered in error."""
    found = observation_set(journey.pk, set_id)
    return strike_page(
        request,
        journey,
        partial(services.observations_strike, set_id=found.pk),
        page=STRIKING,
        back_url=reverse("toxicity:flowsheet", args=[journey.pk]),
        cancel_url=reverse("toxicity:observation_set", args=[journey.pk, found.pk]),
        picture=set_picture(journey, found),
    )


def _form(request: PersonRequest, journey: Journey) -> ObservationForm:
    now = timezone.now()
    return ObservationForm(
        posted(request),
        now=now,
        age_years=age_at(journey, now).years,
        has_delay=has_delay(journey.pk, at=now),
        capd_wording=_wording(journey),
    )


def _wording(journey: Journey) -> list[str]:
    return [each.text for each in capd_wording(journey.center_id, get_language() or "")]


def _record(request: PersonRequest, journey: Journey, form: ObservationForm) -> object:
    return services.observations_record(
        journey_id=journey.pk,
        observed_at=form.moment(),
        entry=form.entry(),
        by=request.user.actor,
        at=form.now,
        set_id=form.entry_id,
    )


def _done(request: PersonRequest, journey: Journey, page: FormPage) -> HttpResponse:
    """Go to the flowsheet; the page's script is told where, because it can't see where it is led."""
    messages.success(request, str(page.done))
    url = reverse("toxicity:flowsheet", args=[journey.pk])
    return JsonResponse({"url": url}) if request.headers.get(BY_SCRIPT) else redirect(url)


def _context(request: PersonRequest, journey: Journey, form: ObservationForm) -> dict[str, Any]:
    """What the parts of the form ask for beside its fields."""
    answered = form.data if form.is_bound else form.initial
    return {
        "judged": any(answered.get(name) for name in JUDGED),
        "not_taken": any(answered.get(name) for name in NOT_TAKEN.values()),
        "capd_answered": any(name.startswith("capd_") and answered.get(name) for name in answered),
        "may_keep_wording": request.user.may(Permission.KEEP_WORDING, journey.center_id),
        "language": get_language(),
        "cancel_url": reverse("toxicity:flowsheet", args=[journey.pk]),
    }


def _preview(journey: Journey, form: ObservationForm | None) -> dict[str, Any]:
    """The grades of what is valid so far."""
    entry = form.entry_so_far() if form else None
    if form is None or entry is None:
        return {"preview": [], "ungraded": []}
    found = graded(journey, entry, at=form.cleaned_data.get("at") or form.now)
    named = (("CRS", found.answers.crs), ("ICANS", found.answers.icans))
    return {
        "preview": [grade_picture(scale, answer) for scale, answer in named if answer],
        "ungraded": ungraded_words(found.ungraded),
    }
