"""Pages of infections and of the cases of a new malignancy."""

from functools import partial
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import posted
from followup.case_forms import CaseEndForm, InfectionForm, StepForm, SuspicionForm
from followup.case_pictures import infections, journey_cases, open_cases
from followup.cases import case_close, case_step_record, case_strike, malignancy_suspect
from followup.finding_enums import MalignancyStep
from followup.infections import infection_record, infection_strike
from followup.models import Infection, MalignancyCase
from followup.panels import ANCHOR
from patients.enums import Stage
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context
from patients.striking import row_of, strike_page

ROWS_PER_PAGE = 50

INFECTION = FormPage(
    title=gettext_lazy("Record an infection"),
    intro=gettext_lazy("Leave empty what is not known: it stays unknown."),
    submit=gettext_lazy("Record infection"),
    anchor=ANCHOR,
    done=gettext_lazy("Infection recorded."),
)
STRIKING_INFECTION = FormPage(
    title=gettext_lazy("Mark an infection as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Infection marked as entered in error."),
    danger=True,
)
SUSPICION = FormPage(
    title=gettext_lazy("Open a case of a new malignancy"),
    submit=gettext_lazy("Open case"),
    anchor=ANCHOR,
    done=gettext_lazy("Case opened."),
    consequence=gettext_lazy(
        "The steps towards manufacturer, regulator and registry are awaited until each is done or not needed."
    ),
)
STEP = FormPage(
    title=gettext_lazy("Record a step"),
    submit=gettext_lazy("Record step"),
    anchor=ANCHOR,
    done=gettext_lazy("Step recorded."),
    template="followup/case_step.html",
)
CLOSING = FormPage(
    title=gettext_lazy("Close the case"),
    submit=gettext_lazy("Close case"),
    anchor=ANCHOR,
    done=gettext_lazy("Case closed."),
)
STRIKING_CASE = FormPage(
    title=gettext_lazy("Mark a case as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Case marked as entered in error."),
    consequence=gettext_lazy(
        "Its steps are struck as well and no longer awaited. A suspicion that proved wrong is closed instead."
    ),
    danger=True,
)


@journey_page(Permission.VIEW_PATIENTS)
def infection_log(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Every infection since the infusion."""
    now = timezone.now()
    may_record = request.user.may(Permission.RECORD_VISIT, journey.center_id)
    context = journey_context(journey, now) | {
        "infections": infections(journey),
        "may_record": may_record and journey.stage in (Stage.INFUSED, Stage.FOLLOW_UP),
    }
    return render(request, "followup/infections.html", context)


@journey_page(Permission.RECORD_VISIT)
def infection(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record an infection told between visits."""
    now = timezone.now()
    form = InfectionForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: infection_record(
            journey_id=journey.pk, infection=form.details(), by=request.user.actor, at=now
        ),
        page=INFECTION,
        at=now,
    )


@journey_page(Permission.RECORD_VISIT)
def infection_in_error(request: PersonRequest, journey: Journey, infection_id: UUID) -> HttpResponse:
    """Mark an infection as entered in error."""
    row = row_of(Infection.objects.filter(journey=journey), infection_id)
    strike = partial(infection_strike, infection_id=row.pk)
    return strike_page(request, journey, strike, page=STRIKING_INFECTION)


@page(Permission.VIEW_PATIENTS)
def open_cases_page(request: PersonRequest) -> HttpResponse:
    """The open cases of the center."""
    rows = open_cases(request.user, center_id=request.center.pk)
    shown = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"cases": shown, "today": timezone.localtime().date()}
    return render(request, "followup/open_cases.html", context)


@journey_page(Permission.VIEW_PATIENTS)
def cases(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The cases of a child with their steps."""
    now = timezone.now()
    may_record = request.user.may(Permission.RECORD_VISIT, journey.center_id)
    context = journey_context(journey, now) | {
        "cases": journey_cases(journey),
        "may_record": may_record,
        "may_open": may_record and journey.stage in (Stage.INFUSED, Stage.FOLLOW_UP),
    }
    return render(request, "followup/cases.html", context)


@journey_page(Permission.RECORD_VISIT)
def suspect(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Open a case."""
    now = timezone.now()
    form = SuspicionForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: malignancy_suspect(
            journey_id=journey.pk, suspicion=form.details(), by=request.user.actor, at=now
        ),
        page=SUSPICION,
        at=now,
    )


def _case(journey: Journey, case_id: UUID) -> MalignancyCase:
    return row_of(MalignancyCase.objects.filter(journey=journey, struck_at=None), case_id)


@journey_page(Permission.RECORD_VISIT)
def case_step(request: PersonRequest, journey: Journey, case_id: UUID, step: str) -> HttpResponse:
    """Record a step of a case."""
    found = _case(journey, case_id)
    if step not in MalignancyStep.values:
        raise NotFound
    now = timezone.now()
    form = StepForm(posted(request), now=now, case=found.number, step=step)
    return answer(
        request,
        journey,
        form,
        lambda: case_step_record(journey_id=journey.pk, step=form.details(), by=request.user.actor, at=now),
        page=STEP,
        at=now,
        case=found,
        step_label=MalignancyStep(step).label,
    )


@journey_page(Permission.RECORD_VISIT)
def case_end(request: PersonRequest, journey: Journey, case_id: UUID) -> HttpResponse:
    """Close a case."""
    found = _case(journey, case_id)
    now = timezone.now()
    form = CaseEndForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: case_close(
            journey_id=journey.pk, end=form.details(found.number), by=request.user.actor, at=now
        ),
        page=CLOSING,
        at=now,
    )


@journey_page(Permission.RECORD_VISIT)
def case_in_error(request: PersonRequest, journey: Journey, case_id: UUID) -> HttpResponse:
    """Mark a case as entered in error."""
    case = _case(journey, case_id)
    return strike_page(request, journey, partial(case_strike, case_id=case.pk), page=STRIKING_CASE)
