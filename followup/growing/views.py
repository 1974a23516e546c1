"""Pages of growing up: hand-over to adult care, attempts to reach a family, lost and found, the list."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import posted
from followup.growing import services
from followup.growing.enums import ContactOutcome, HandOverStepKind
from followup.growing.forms import AttemptForm, CareHandOverForm, FindForm, HandOverStepForm, LossForm
from followup.growing.panel import ANCHOR
from followup.growing.selectors import hand_over_picture
from followup.growing.tracing import TraceRow, trace_rows
from followup.models import ContactAttempt, Loss
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context

ROWS_PER_PAGE: Final = 50
ATTEMPTS_SHOWN: Final = 20

ATTEMPT = FormPage(
    title=_("Attempt to reach the family"),
    submit=_("Record attempt"),
    done=_("Attempt recorded."),
    anchor=ANCHOR,
    template="followup/growing/attempt.html",
)
LOST = FormPage(
    title=_("Not found"),
    submit=_("Record as not found"),
    done=_("Recorded as not found."),
    anchor=ANCHOR,
    consequence=_("The journey and its 15-year safety follow-up stay open; a reminder asks to look again."),
    template="followup/growing/attempt.html",
)
FOUND = FormPage(
    title=_("Found again"), submit=_("Record as found"), done=_("Recorded as found."), anchor=ANCHOR
)
CARE_OVER = FormPage(
    title=_("Hand care over"),
    submit=_("Hand over"),
    done=_("Care handed over."),
    anchor=ANCHOR,
    consequence=_(
        "The adult center cares for the patient from then on. The 15-year safety follow-up stays ours "
        "until it confirms that it keeps it."
    ),
)


@page(Permission.VIEW_PATIENTS)
@require_safe
def tracing(request: PersonRequest) -> HttpResponse:
    """Where every child in follow-up is, the one to look for first on top."""
    today = timezone.localtime().date()
    rows = trace_rows(request.user, center_id=request.center.pk, on=today)
    groups = _groups(rows)
    shown = request.GET.get("show", "")
    chosen = groups.get(shown, groups["missing"])
    context = {
        "rows": Paginator(chosen, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "counts": {name: len(found) for name, found in groups.items()},
        "shown": shown if shown in groups else "missing",
        "today": today,
        "may_try": request.user.may(Permission.EDIT_PATIENT, request.center.pk),
    }
    return render(request, "followup/growing/tracing.html", context)


def _groups(rows: list[TraceRow]) -> dict[str, list[TraceRow]]:
    return {
        "missing": [row for row in rows if row.is_missing],
        "lost": [row for row in rows if row.trace.state == "lost"],
        "majority": [row for row in rows if row.trace.majority_on],
        "all": rows,
    }


@journey_page(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def attempt(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record an attempt to reach the family; when a lost child's family answers, ask where it is."""
    now = timezone.now()
    form = AttemptForm(posted(request), now=now)
    response = answer(
        request,
        journey,
        form,
        lambda: services.attempt_record(
            journey_id=journey.pk,
            attempt=form.details(),
            by=request.user.actor,
            at=form.moment("attempted_at"),
        ),
        page=ATTEMPT,
        at=now,
        **_search(journey),
    )
    was_reached = response.status_code == 302 and form.cleaned_data["outcome"] == ContactOutcome.REACHED
    may_find = request.user.may(Permission.RECORD_VISIT, journey.center_id)
    if was_reached and may_find and services.open_loss(journey):
        return redirect("followup:found", journey_id=journey.pk)
    return response


@journey_page(Permission.RECORD_VISIT)
@require_http_methods(["GET", "POST"])
def lost(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record that nobody knows where the child is."""
    now = timezone.now()
    form = LossForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.loss_record(
            journey_id=journey.pk, loss=form.details(), by=request.user.actor, at=now
        ),
        page=LOST,
        at=now,
        **_search(journey),
    )


@journey_page(Permission.RECORD_VISIT)
@require_http_methods(["GET", "POST"])
def found(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record that the child was found again."""
    if services.open_loss(journey) is None:
        raise Conflict("not_lost", gettext("This patient isn't recorded as lost."))
    now = timezone.now()
    form = FindForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.loss_end(journey_id=journey.pk, found=form.details(), by=request.user.actor, at=now),
        page=FOUND,
        at=now,
    )


def _search(journey: Journey) -> dict[str, Any]:
    """What helps to find a family: whom to call, and what was tried."""
    tried = ContactAttempt.objects.filter(journey=journey).order_by("-attempted_at", "-pk")
    return {
        "contacts": list(journey.patient.contacts.order_by("pk")),
        "attempts": list(tried[:ATTEMPTS_SHOWN]),
        "losses": list(Loss.objects.filter(journey=journey).order_by("-since_on")),
    }


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def hand_over(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The steps to adult care, who did them and when, and who keeps the safety follow-up."""
    now = timezone.now()
    if journey.infused_at is None:
        raise Conflict("not_infused", gettext("Nothing is handed over before the infusion."))
    context = journey_context(journey, now) | {
        "picture": hand_over_picture(journey),
        "on": journey.center.local_day(now),
        "may_record": request.user.may(Permission.RECORD_VISIT, journey.center_id)
        and journey.stage != "closed",
        "may_close": request.user.may(Permission.CLOSE_JOURNEY, journey.center_id)
        and journey.stage != "closed",
    }
    return render(request, "followup/growing/hand_over.html", context)


@journey_page(Permission.RECORD_VISIT)
@require_http_methods(["GET", "POST"])
def hand_over_step(request: PersonRequest, journey: Journey, name: str) -> HttpResponse:
    """Record one step to adult care."""
    if name not in HandOverStepKind.values:
        raise NotFound
    now = timezone.now()
    picture = hand_over_picture(journey)
    form = HandOverStepForm(posted(request), now=now, step=name, hand_over=picture.hand_over)
    response = answer(
        request,
        journey,
        form,
        lambda: services.hand_over_step_record(
            journey_id=journey.pk, step=form.details(), by=request.user.actor, at=now
        ),
        page=FormPage(
            title=HandOverStepKind(name).label,
            submit=_("Record step"),
            done=_("Step recorded."),
            anchor=ANCHOR,
        ),
        at=now,
        cancel_url=reverse("followup:hand_over", args=[journey.pk]),
    )
    return _to_steps(response, journey)


@journey_page(Permission.RECORD_VISIT)
@require_http_methods(["GET", "POST"])
def hand_over_care(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Hand the patient's care over to the adult center."""
    now = timezone.now()
    picture = hand_over_picture(journey)
    if picture.is_over:
        raise Conflict("handed_over", gettext("Care is already handed over."))
    form = CareHandOverForm(posted(request), now=now, needs_reason=picture.readiness.needs_reason)
    response = answer(
        request,
        journey,
        form,
        lambda: services.care_hand_over(
            journey_id=journey.pk, hand_over=form.details(), by=request.user.actor, at=now
        ),
        page=CARE_OVER,
        at=now,
        cancel_url=reverse("followup:hand_over", args=[journey.pk]),
    )
    return _to_steps(response, journey)


def _to_steps(response: HttpResponse, journey: Journey) -> HttpResponse:
    """Back to the steps, where the next one waits."""
    if response.status_code != 302:
        return response
    return redirect("followup:hand_over", journey_id=journey.pk)
