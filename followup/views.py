"""Pages of the follow-up room: the plan, visits, transplant, relapse, and the overview of all children."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import posted
from followup import services
from followup.forms import DiseaseEventForm, SkipForm, StrikeForm, VisitForm
from followup.models import DiseaseEvent, Visit
from followup.panels import ANCHOR
from followup.pictures import infused_on, next_visit, overview, visit_pictures, with_results
from followup.ruler import ruler
from followup.selectors import PlannedVisit, plan
from patients.eligibility import protocol_for
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context

ROWS_PER_PAGE = 50

VISIT = FormPage(
    title=gettext_lazy("Record a visit"),
    intro=gettext_lazy("Leave empty what was not examined: it stays unknown."),
    submit=gettext_lazy("Record visit"),
    anchor=ANCHOR,
    done=gettext_lazy("Visit recorded."),
    template="followup/visit.html",
)
SKIPPING = FormPage(
    title=gettext_lazy("Leave a visit out"),
    submit=gettext_lazy("Leave out"),
    anchor=ANCHOR,
    done=gettext_lazy("Visit left out."),
    consequence=gettext_lazy("The visit is no longer awaited and its reminder is canceled."),
    danger=True,
    template="followup/visit_head.html",
)
STRIKING = FormPage(
    title=gettext_lazy("Mark a visit as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Visit marked as entered in error."),
    consequence=gettext_lazy("The visit is awaited again. The ledger keeps what was entered."),
    danger=True,
)
TRANSPLANT = FormPage(
    title=gettext_lazy("Record a transplant"),
    submit=gettext_lazy("Record transplant"),
    anchor=ANCHOR,
    done=gettext_lazy("Transplant recorded."),
    consequence=gettext_lazy("B-cell aplasia is no longer followed; the visits for safety go on."),
)
RELAPSE = FormPage(
    title=gettext_lazy("Record a relapse"),
    submit=gettext_lazy("Record relapse"),
    anchor=ANCHOR,
    done=gettext_lazy("Relapse recorded."),
)


@page(Permission.VIEW_PATIENTS)
def overview_page(request: PersonRequest) -> HttpResponse:
    """Children in follow-up with their next visit, the most overdue first."""
    today = timezone.localtime().date()
    rows = overview(request.user, center_id=request.center.pk, on=today)
    overdue = [row for row in rows if row.missed]
    only_overdue = request.GET.get("show") == "overdue"
    shown = Paginator(overdue if only_overdue else rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": shown,
        "all_count": len(rows),
        "overdue_count": len(overdue),
        "only_overdue": only_overdue,
        "today": today,
    }
    return render(request, "followup/overview.html", context)


@journey_page(Permission.VIEW_PATIENTS)
def plan_page(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Fifteen years on one line, and every visit in a table."""
    now = timezone.now()
    today = timezone.localtime(now).date()
    if journey.infused_at is None:
        raise Conflict("not_infused", _("The plan is counted from the infusion, which has not been yet."))
    pictures = visit_pictures(journey, on=today)
    context = journey_context(journey, now) | {
        "visits": with_results(pictures),
        "next": next_visit(pictures),
        "ruler": ruler(pictures, infused_on=infused_on(journey), today=today),
        "today": today,
        "events": DiseaseEvent.objects.filter(journey=journey).order_by("happened_on"),
        "may_record": request.user.may(Permission.RECORD_VISIT, journey.center_id),
    }
    return render(request, "followup/plan.html", context)


@journey_page(Permission.RECORD_VISIT)
def visit(request: PersonRequest, journey: Journey, item: str) -> HttpResponse:
    """Record a planned visit."""
    now = timezone.now()
    planned = _planned(journey, item)
    follow_up = protocol_for(journey).follow_up
    form = VisitForm(
        posted(request), now=now, on=journey.center.local_day(now), item=item, follow_up=follow_up
    )
    return answer(
        request,
        journey,
        form,
        lambda: services.visit_record(
            journey_id=journey.pk, visit=form.details(), by=request.user.actor, at=now
        ),
        page=VISIT,
        at=now,
        planned=planned,
        examinations=follow_up.assessments_at(item, journey.center.local_day(now)),
    )


@journey_page(Permission.RECORD_VISIT)
def visit_skip(request: PersonRequest, journey: Journey, item: str) -> HttpResponse:
    """Leave a planned visit out."""
    now = timezone.now()
    planned = _planned(journey, item)
    form = SkipForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.visit_skip(
            journey_id=journey.pk, item=item, **form.cleaned_data, by=request.user.actor, at=now
        ),
        page=SKIPPING,
        at=now,
        planned=planned,
    )


def _planned(journey: Journey, item: str) -> PlannedVisit:
    """A visit of the plan that is neither held nor left out."""
    planned = next((each for each in plan(journey) if each.expected.item == item), None)
    if planned is None:
        raise NotFound
    if planned.visit:
        raise Conflict("visit_known", _("This visit is already recorded."))
    if planned.skipped:
        raise Conflict("visit_skipped", _("This visit was left out with a reason."))
    return planned


@journey_page(Permission.RECORD_VISIT)
def visit_strike(request: PersonRequest, journey: Journey, visit_id: UUID) -> HttpResponse:
    """Mark a visit as entered in error."""
    found = Visit.objects.filter(pk=visit_id, journey=journey).first()
    if found is None:
        raise NotFound
    now = timezone.now()
    form = StrikeForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.visit_strike(
            visit_id=found.pk, reason=form.cleaned_data["reason"], by=request.user.actor, at=now
        ),
        page=STRIKING,
        at=now,
    )


@journey_page(Permission.RECORD_VISIT)
def transplant(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a transplant after the infusion."""
    now = timezone.now()
    form = DiseaseEventForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.transplant_record(
            journey_id=journey.pk,
            transplanted_on=form.cleaned_data["happened_on"],
            detail=form.cleaned_data["detail"],
            by=request.user.actor,
            at=now,
        ),
        page=TRANSPLANT,
        at=now,
    )


@journey_page(Permission.RECORD_VISIT)
def relapse(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a relapse after the infusion."""
    now = timezone.now()
    form = DiseaseEventForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.relapse_record(
            journey_id=journey.pk,
            relapsed_on=form.cleaned_data["happened_on"],
            detail=form.cleaned_data["detail"],
            by=request.user.actor,
            at=now,
        ),
        page=RELAPSE,
        at=now,
    )
