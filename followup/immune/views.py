"""Pages of the immune system: the overview of one child, and its forms."""

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import attempt, posted
from followup.immune import services
from followup.immune.forms import CourseEndForm, CourseForm, ImmunoglobulinForm, SampleForm, VaccinationForm
from followup.immune.pictures import immune_picture
from followup.models import Course, ImmuneSample, Immunoglobulin, Vaccination
from followup.models.immune import Recorded
from followup.panels import ANCHOR
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context
from patients.selectors import latest_results
from patients.striking import StrikeForm, row_of

SAMPLE: Final = FormPage(
    title=gettext_lazy("Record a blood sample"),
    intro=gettext_lazy("Leave empty what was not measured: it stays unknown."),
    submit=gettext_lazy("Record sample"),
    anchor=ANCHOR,
    done=gettext_lazy("Sample recorded."),
)
DRUG: Final = FormPage(
    title=gettext_lazy("Record a drug"),
    submit=gettext_lazy("Record drug"),
    anchor=ANCHOR,
    done=gettext_lazy("Drug recorded."),
)
DRUG_END: Final = FormPage(
    title=gettext_lazy("Record the end of a drug"),
    submit=gettext_lazy("Record end"),
    anchor=ANCHOR,
    done=gettext_lazy("End recorded."),
    template="followup/immune/drug_end.html",
)
DOSE: Final = FormPage(
    title=gettext_lazy("Record immunoglobulin"),
    submit=gettext_lazy("Record dose"),
    anchor=ANCHOR,
    done=gettext_lazy("Immunoglobulin recorded."),
)
VACCINE: Final = FormPage(
    title=gettext_lazy("Record a vaccine"),
    submit=gettext_lazy("Record vaccine"),
    anchor=ANCHOR,
    done=gettext_lazy("Vaccine recorded."),
)
STRIKING: Final = FormPage(
    title=gettext_lazy("Mark as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Marked as entered in error."),
    consequence=gettext_lazy("It no longer counts. The ledger keeps what was entered."),
    danger=True,
)

# What can be entered in error: its table, the service that strikes it, and what that calls the row.
_STRIKES: Final[dict[str, tuple[type[Recorded], Callable[..., object], str]]] = {
    "sample": (ImmuneSample, services.sample_strike, "sample_id"),
    "drug": (Course, services.course_strike, "course_id"),
    "immunoglobulin": (Immunoglobulin, services.immunoglobulin_strike, "dose_id"),
    "vaccine": (Vaccination, services.vaccine_strike, "vaccination_id"),
}


@journey_page(Permission.VIEW_PATIENTS)
def overview(request: PersonRequest, journey: Journey) -> HttpResponse:
    """B cells, immunoglobulin, prophylaxis and vaccines of one child, with what the rules propose."""
    now = timezone.now()
    _refuse_before_infusion(journey)
    may_record = request.user.may(Permission.RECORD_VISIT, journey.center_id)
    context = journey_context(journey, now) | {
        "immune": immune_picture(journey, on=journey.center.local_day(now)),
        "stored": latest_results(journey.pk, ("b_cell_aplasia", "immunoglobulin_replacement")),
        "today": journey.center.local_day(now),
        "may_record": may_record and journey.stage != Stage.CLOSED,
    }
    return render(request, "followup/immune/overview.html", context)


@journey_page(Permission.RECORD_VISIT)
def sample(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a blood sample between visits."""
    now = timezone.now()
    _refuse_before_infusion(journey)
    form = SampleForm(
        posted(request), now=now, follow_up=protocol_for(journey).follow_up, initial={"origin": "center"}
    )
    return _answer(
        request,
        journey,
        form,
        lambda: services.sample_record(
            journey_id=journey.pk, sample=form.details(), by=request.user.actor, at=now
        ),
        page=SAMPLE,
        section="samples",
    )


@journey_page(Permission.RECORD_VISIT)
def drug(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a drug that is given from a day on."""
    now = timezone.now()
    _refuse_before_infusion(journey)
    form = CourseForm(posted(request), now=now, initial={"group": request.GET.get("group", "")})
    return _answer(
        request,
        journey,
        form,
        lambda: services.course_start(
            journey_id=journey.pk, course=form.details(), by=request.user.actor, at=now
        ),
        page=DRUG,
        section="prophylaxis",
    )


@journey_page(Permission.RECORD_VISIT)
def drug_end(request: PersonRequest, journey: Journey, course_id: UUID) -> HttpResponse:
    """Record the last day of a drug."""
    now = timezone.now()
    course = row_of(Course.objects.filter(journey=journey, struck_at=None), course_id)
    form = CourseEndForm(posted(request), now=now)
    return _answer(
        request,
        journey,
        form,
        lambda: services.course_stop(course_id=course_id, end=form.details(), by=request.user.actor, at=now),
        page=DRUG_END,
        section="prophylaxis",
        course=course,
    )


@journey_page(Permission.RECORD_VISIT)
def immunoglobulin(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a dose of immunoglobulin."""
    now = timezone.now()
    _refuse_before_infusion(journey)
    form = ImmunoglobulinForm(posted(request), now=now)
    return _answer(
        request,
        journey,
        form,
        lambda: services.immunoglobulin_give(
            journey_id=journey.pk, dose=form.details(), by=request.user.actor, at=now
        ),
        page=DOSE,
        section="immunoglobulin",
    )


@journey_page(Permission.RECORD_VISIT)
def vaccine(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a dose of a vaccine."""
    now = timezone.now()
    _refuse_before_infusion(journey)
    form = VaccinationForm(
        posted(request),
        now=now,
        follow_up=protocol_for(journey).follow_up,
        on=journey.center.local_day(now),
        initial={"vaccine": request.GET.get("vaccine", "")},
    )
    return _answer(
        request,
        journey,
        form,
        lambda: services.vaccine_give(
            journey_id=journey.pk, vaccination=form.details(), by=request.user.actor, at=now
        ),
        page=VACCINE,
        section="vaccines",
    )


@journey_page(Permission.RECORD_VISIT)
def strike(request: PersonRequest, journey: Journey, what: str, row_id: UUID) -> HttpResponse:
    """Mark a sample, a drug or its end, a dose of immunoglobulin or of a vaccine as entered in error."""
    if what not in _STRIKES:
        raise NotFound
    table, service, argument = _STRIKES[what]
    row = row_of(table._default_manager.filter(journey=journey, struck_at=None), row_id)
    form, now = StrikeForm(posted(request)), timezone.now()
    strike = partial(service, **{argument: row.pk}, by=request.user.actor, at=now)
    return _answer(
        request,
        journey,
        form,
        lambda: strike(reason=form.cleaned_data["reason"]),
        page=STRIKING,
        section="samples",
    )


def _answer(
    request: PersonRequest,
    journey: Journey,
    form: forms.BaseForm,
    act: Callable[[], object],
    *,
    page: FormPage,
    section: str,
    **context: object,
) -> HttpResponse:
    """Answer a form; done leads back to the section of the page it belongs to."""
    url = f"{reverse('followup:immune', args=[journey.pk])}#{section}"
    if form.is_bound and form.is_valid() and attempt(form, act) is not None:
        messages.success(request, str(page.done))
        return redirect(url)
    return form_page(request, journey, form, page=page, at=timezone.now(), **{"cancel_url": url, **context})


def _refuse_before_infusion(journey: Journey) -> None:
    if journey.infused_at is None:
        raise Conflict("not_infused", _("The immune system is followed from the infusion on."))
