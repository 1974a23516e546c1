"""Pages of the plan: fifteen years at a glance, and days arranged with the family."""

from datetime import timedelta
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
from followup.arranging import visit_arrange, visit_unarrange
from followup.matrix import matrix
from followup.models import DiseaseEvent
from followup.panels import ANCHOR
from followup.pictures import clocks_at, next_visit, proposed_visits, visit_pictures, with_results
from followup.plan_forms import ArrangeForm, UnarrangeForm
from followup.registry import registry_pictures
from followup.ruler import ruler
from followup.selectors import arranged_by_item, happenings
from followup.services import disease_event_strike
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context
from patients.striking import row_of, strike_page

# Nobody tells a family a day further ahead than this, except for the very visit.
ARRANGED_AHEAD_DAYS = 180

ARRANGING = FormPage(
    title=gettext_lazy("Arrange a visit"),
    intro=gettext_lazy("The day the family was told. It is proposed so that few ways are needed."),
    submit=gettext_lazy("Arrange visit"),
    anchor=ANCHOR,
    done=gettext_lazy("Visit arranged."),
)
UNARRANGING = FormPage(
    title=gettext_lazy("Cancel an arranged day"),
    submit=gettext_lazy("Cancel the day"),
    anchor=ANCHOR,
    done=gettext_lazy("Arranged day canceled."),
    consequence=gettext_lazy("The visit itself is still awaited. Tell the family."),
    danger=True,
    leave=gettext_lazy("Keep the day"),
)
STRIKING = FormPage(
    title=gettext_lazy("Mark as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Marked as entered in error."),
    consequence=gettext_lazy("What it stopped is awaited again. The ledger keeps what was entered."),
    danger=True,
)


@journey_page(Permission.VIEW_PATIENTS)
def plan_page(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Fifteen years on one line, and every visit in a table."""
    now = timezone.now()
    on = journey.center.local_day(now)
    if journey.infused_at is None:
        raise Conflict("not_infused", _("The plan is counted from the infusion, which has not been yet."))
    happened = happenings(journey)
    clocks = clocks_at(journey, happened, on=on)
    pictures = visit_pictures(journey, on=on, happened=happened)
    forms = registry_pictures(journey, happened, on=on)
    resets = sorted(happened[1:], key=lambda each: each.at)
    context = journey_context(journey, now) | {
        "visits": with_results(pictures),
        "next": next_visit(pictures),
        "clocks": clocks,
        "ruler": ruler(pictures, forms, resets, clocks=clocks, zone=journey.center.zone, today=on),
        "registry": forms,
        "proposals": proposed_visits(journey, pictures, on=on),
        "matrix": matrix(journey, pictures, on=on),
        "today": on,
        "events": DiseaseEvent.objects.filter(journey=journey, struck_at=None).order_by("happened_on"),
        "reinfusions": [each for each in resets if each.kind == "reinfused"],
        "may_record": request.user.may(Permission.RECORD_VISIT, journey.center_id),
    }
    return render(request, "followup/plan.html", context)


@journey_page(Permission.RECORD_VISIT)
def arrange(request: PersonRequest, journey: Journey, item: str) -> HttpResponse:
    """Record the day the family was told for a visit and those that can be held with it."""
    now = timezone.now()
    on = journey.center.local_day(now)
    pictures = visit_pictures(journey, on=on)
    until = on + timedelta(days=ARRANGED_AHEAD_DAYS)
    awaited = [
        each
        for each in pictures
        if each.is_awaited and (each.planned.expected.item == item or each.planned.first_on <= until)
    ]
    if item not in {each.planned.expected.item for each in awaited}:
        raise NotFound
    together = (each.proposal for each in proposed_visits(journey, pictures, on=on))
    proposed = next((each for each in together if item in each.items), None)
    planned = next(each.planned for each in awaited if each.planned.expected.item == item)
    initial = {
        "items": proposed.items if proposed else (item,),
        "planned_on": proposed.day if proposed else planned.due_on,
    }
    form = ArrangeForm(posted(request), awaited=awaited, today=on, initial=initial)
    return answer(
        request,
        journey,
        form,
        lambda: visit_arrange(
            journey_id=journey.pk, arrangement=form.details(), by=request.user.actor, at=now
        ),
        page=ARRANGING,
        at=now,
    )


@journey_page(Permission.RECORD_VISIT)
def unarrange(request: PersonRequest, journey: Journey, item: str) -> HttpResponse:
    """Cancel the arranged day of a visit."""
    if item not in arranged_by_item(journey):
        raise NotFound
    now = timezone.now()
    form = UnarrangeForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: visit_unarrange(
            journey_id=journey.pk, item=item, **form.cleaned_data, by=request.user.actor, at=now
        ),
        page=UNARRANGING,
        at=now,
    )


@journey_page(Permission.RECORD_VISIT)
def reset_strike(request: PersonRequest, journey: Journey, row_id: UUID) -> HttpResponse:
    """Mark a transplant or relapse as entered in error."""
    row = row_of(DiseaseEvent.objects.filter(journey=journey, struck_at=None), row_id)
    return strike_page(request, journey, partial(disease_event_strike, row_id=row.pk), page=STRIKING)
