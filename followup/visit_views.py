"""Pages of a visit: recording it, reading it, adding to it, striking it; and findings over time."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import posted
from followup.findings_pictures import courses, flat, visit_sheet
from followup.later_findings import findings_add, findings_strike
from followup.models import AddedFindings
from followup.panels import ANCHOR
from followup.selectors import PlannedVisit, plan
from followup.services import visit_record, visit_strike
from followup.values import known_of
from followup.visit_forms import LaterFindingsForm, VisitForm
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context
from patients.striking import row_of, strike_page

VISIT = FormPage(
    title=gettext_lazy("Record a visit"),
    intro=gettext_lazy("Leave empty what was not examined: it stays unknown."),
    submit=gettext_lazy("Record visit"),
    anchor=ANCHOR,
    done=gettext_lazy("Visit recorded."),
    template="followup/visit.html",
)
ADDING = FormPage(
    title=gettext_lazy("Add findings"),
    intro=gettext_lazy("Only what is still unknown is asked. What is wrong is marked as entered in error."),
    submit=gettext_lazy("Add findings"),
    anchor=ANCHOR,
    done=gettext_lazy("Findings added."),
    template="followup/visit.html",
)
STRIKING = FormPage(
    title=gettext_lazy("Mark a visit as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Visit marked as entered in error."),
    consequence=gettext_lazy(
        "The visit is awaited again, and what was added to it is struck as well. Weight, height, infections "
        "and cases recorded with it stay. The ledger keeps what was entered."
    ),
    danger=True,
)
STRIKING_ADDED = FormPage(
    title=gettext_lazy("Mark added findings as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Findings marked as entered in error."),
    consequence=gettext_lazy("What they told is unknown again. The ledger keeps what was entered."),
    danger=True,
)


@journey_page(Permission.RECORD_VISIT)
def visit(request: PersonRequest, journey: Journey, item: str) -> HttpResponse:
    """Record a planned visit."""
    now = timezone.now()
    planned = planned_visit(journey, item)
    form = VisitForm(
        posted(request),
        now=now,
        on=journey.center.local_day(now),
        item=item,
        follow_up=protocol_for(journey).follow_up,
        journey=journey,
    )
    return answer(
        request,
        journey,
        form,
        lambda: visit_record(
            journey_id=journey.pk,
            visit=form.details(),
            measurement=form.measurement(),
            infections=form.infections(),
            suspicion=form.suspicion(),
            by=request.user.actor,
            at=now,
        ),
        page=VISIT,
        at=now,
        planned=planned,
    )


def planned_visit(journey: Journey, item: str) -> PlannedVisit:
    """A visit of the plan that is neither held nor left out."""
    planned = next((each for each in plan(journey) if each.expected.item == item), None)
    if planned is None:
        raise NotFound
    if planned.visit:
        raise Conflict("visit_known", _("This visit is already recorded."))
    if planned.skipped:
        raise Conflict("visit_skipped", _("This visit was left out with a reason."))
    return planned


@journey_page(Permission.VIEW_PATIENTS)
def visit_page(request: PersonRequest, journey: Journey, visit_id: UUID) -> HttpResponse:
    """What a visit found, when and by whom; what was computed; what stayed unknown."""
    now = timezone.now()
    held = row_of(journey.visits.all(), visit_id)
    expected = protocol_for(journey).item(held.item)
    may_record = request.user.may(Permission.RECORD_VISIT, journey.center_id)
    context = journey_context(journey, now) | {
        "sheet": visit_sheet(journey, held),
        "label": expected.label if expected else held.item,
        "may_record": may_record and journey.stage != Stage.CLOSED and held.struck_at is None,
        "printed_at": now,
    }
    return render(request, "followup/visit_page.html", context)


@journey_page(Permission.RECORD_VISIT)
def add(request: PersonRequest, journey: Journey, visit_id: UUID) -> HttpResponse:
    """Add results that came after a visit."""
    now = timezone.now()
    held = row_of(journey.visits.all(), visit_id)
    if held.struck_at:
        raise Conflict("visit_struck", _("This visit is marked as entered in error."))
    form = LaterFindingsForm(
        posted(request),
        now=now,
        on=held.visited_on,
        item=held.item,
        follow_up=protocol_for(journey).follow_up,
        journey=journey,
        known=flat(known_of(held)),
    )
    planned = next((each for each in plan(journey) if each.expected.item == held.item), None)
    return answer(
        request,
        journey,
        form,
        lambda: findings_add(journey_id=journey.pk, added=form.later(), by=request.user.actor, at=now),
        page=ADDING,
        at=now,
        planned=planned,
        held=held,
    )


@journey_page(Permission.RECORD_VISIT)
def strike(request: PersonRequest, journey: Journey, visit_id: UUID) -> HttpResponse:
    """Mark a visit as entered in error."""
    visit = row_of(journey.visits.all(), visit_id)
    return strike_page(request, journey, partial(visit_strike, visit_id=visit.pk), page=STRIKING)


@journey_page(Permission.RECORD_VISIT)
def strike_added(request: PersonRequest, journey: Journey, addition_id: UUID) -> HttpResponse:
    """Mark findings that were added later as entered in error."""
    added = row_of(AddedFindings.objects.filter(visit__journey=journey), addition_id)
    return strike_page(request, journey, partial(findings_strike, addition_id=added.pk), page=STRIKING_ADDED)


@journey_page(Permission.VIEW_PATIENTS)
def course(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Each finding over all visits."""
    now = timezone.now()
    context = journey_context(journey, now) | {"courses": courses(journey)}
    return render(request, "followup/course.html", context)
