"""Pages of the conditions of the infusion: ready or not, holds, and going on against a stop."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import posted
from infusion import services
from infusion.depletion.pictures import plan_picture
from infusion.inputs import ChecklistAnswer
from infusion.models import InfusionHold
from infusion.panels import ANCHOR
from infusion.ready.conditions import ready_picture
from infusion.ready.forms import HoldEndForm, HoldForm, OverrideForm, ReviewForm, next_review
from infusion.ready.holding import (
    STAGES,
    hold_reasons,
    hold_strike,
    holds_of,
    infusion_hold,
    infusion_hold_end,
)
from infusion.ready.pictures import condition_lines, hold_lines
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context
from patients.striking import row_of, strike_page

HOLD = FormPage(
    title=_("Put the infusion on hold"),
    submit=_("Put on hold"),
    anchor=ANCHOR,
    done=_("The infusion is on hold."),
    consequence=_("Nothing is thawed or given until the hold ends. You are reminded to look at it again."),
)
REVIEW = FormPage(
    title=_("The hold goes on"),
    submit=_("Keep on hold"),
    anchor=ANCHOR,
    done=_("Looked at: the infusion stays on hold."),
)
END = FormPage(
    title=_("End the hold"),
    submit=_("End the hold"),
    anchor=ANCHOR,
    done=_("The hold has ended."),
    consequence=_("The infusion no longer waits for this reason. Given up, it stays barred."),
    danger=True,
)
STRIKE = FormPage(
    title=_("Mark a hold as entered in error"),
    submit=_("Mark as entered in error"),
    anchor=ANCHOR,
    done=_("Hold marked as entered in error."),
    consequence=_("It stays readable, struck through, and nothing waits for it any more."),
    danger=True,
)
OVERRIDE = FormPage(
    title=_("Go on against a stop"),
    submit=_("Go on all the same"),
    anchor=ANCHOR,
    done=_("Recorded: you go on against this stop."),
    consequence=_("The infusion no longer waits for it. Your name and your reason stand beside it."),
    danger=True,
    template="infusion/override.html",
)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def ready(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Everything that must be true before the infusion, and what stands in the way."""
    now = timezone.now()
    picture = ready_picture(journey, at=now)
    context = journey_context(journey, now) | {
        "picture": picture,
        "groups": condition_lines(picture, journey, request.user),
        "holds": hold_lines(journey, picture.holds, now),
        "planned": plan_picture(journey, at=now),
        "may_hold": request.user.may(Permission.HOLD_INFUSION, journey.center_id),
        "is_open": journey.stage in STAGES,
        "today": journey.center.local_day(now),
    }
    return render(request, "infusion/ready.html", context)


@journey_page(Permission.HOLD_INFUSION)
@require_safe
def holds(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Every hold of a child's infusion."""
    now = timezone.now()
    context = journey_context(journey, now) | {
        "holds": hold_lines(journey, tuple(holds_of(journey.pk)), now),
        "may_hold": True,
        "is_open": journey.stage in STAGES,
    }
    return render(request, "infusion/holds.html", context)


@journey_page(Permission.HOLD_INFUSION)
@require_http_methods(["GET", "POST"])
def hold_new(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Put the infusion on hold."""
    now = timezone.now()
    form = HoldForm(posted(request), reasons=hold_reasons(journey, at=now), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: infusion_hold(journey_id=journey.pk, hold=form.details(), by=request.user.actor, at=now),
        page=HOLD,
        at=now,
        back_url=_url(journey, "infusion:ready"),
    )


@journey_page(Permission.HOLD_INFUSION)
@require_http_methods(["GET", "POST"])
def hold_review(request: PersonRequest, journey: Journey, hold_id: UUID) -> HttpResponse:
    """Keep a hold that was looked at."""
    now = timezone.now()
    row = _hold(journey, hold_id)
    hours = next((each.review_hours for each in hold_reasons(journey, at=now) if each.id == row.reason), 24)
    form = ReviewForm(posted(request), initial={"review_at": next_review(now, hours)})
    return answer(
        request,
        journey,
        form,
        lambda: infusion_hold(journey_id=journey.pk, hold=form.details(row), by=request.user.actor, at=now),
        page=REVIEW,
        at=now,
        back_url=_url(journey, "infusion:holds"),
    )


@journey_page(Permission.HOLD_INFUSION)
@require_http_methods(["GET", "POST"])
def hold_end(request: PersonRequest, journey: Journey, hold_id: UUID) -> HttpResponse:
    """End a hold."""
    now = timezone.now()
    row = _hold(journey, hold_id)
    form = HoldEndForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: infusion_hold_end(
            journey_id=journey.pk, ending=form.details(row), by=request.user.actor, at=now
        ),
        page=END,
        at=now,
        back_url=_url(journey, "infusion:ready"),
        cancel_url=_url(journey, "infusion:holds"),
    )


@journey_page(Permission.HOLD_INFUSION)
@require_http_methods(["GET", "POST"])
def strike(request: PersonRequest, journey: Journey, hold_id: UUID) -> HttpResponse:
    """Mark a hold as entered in error."""
    row = row_of(InfusionHold.objects.filter(journey=journey, struck_at=None), hold_id)
    strike_one = partial(hold_strike, hold_id=row.pk)
    return strike_page(request, journey, strike_one, page=STRIKE, back_url=_url(journey, "infusion:holds"))


@journey_page(Permission.OVERRIDE_STOP)
@require_http_methods(["GET", "POST"])
def override(request: PersonRequest, journey: Journey, item: str) -> HttpResponse:
    """Go on against one stop, with a reason. The protocol's row says who may."""
    now = timezone.now()
    found = next((each for each in ready_picture(journey, at=now).conditions if each.name == item), None)
    if found is None:
        raise NotFound
    form = OverrideForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.checklist_item_record(
            journey_id=journey.pk,
            answer=ChecklistAnswer(item=item, verdict="overridden", reason=form.cleaned_data["reason"]),
            by=request.user.actor,
            at=now,
        ),
        page=OVERRIDE,
        at=now,
        back_url=_url(journey, "infusion:ready"),
        condition=found,
    )


def _hold(journey: Journey, hold_id: UUID) -> InfusionHold:
    """An open hold of this journey. Raises `NotFound`."""
    row = InfusionHold.objects.filter(
        journey=journey, pk=hold_id, ended_at__isnull=True, struck_at__isnull=True
    ).first()
    if row is None:
        raise NotFound
    return row


def _url(journey: Journey, name: str) -> str:
    return reverse(name, args=[journey.pk])
