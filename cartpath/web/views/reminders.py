"""Reminders under the finger: taken in hand, settled, or followed to where the thing is done."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict
from cartpath.core.forms import attempt, form_status, posted
from cartpath.reminders import services
from cartpath.reminders.models import Reminder
from cartpath.reminders.selectors import reminder_for
from cartpath.web.context import counts
from cartpath.web.due import form_for, settled_line
from cartpath.web.forms import SettleForm
from cartpath.web.selectors.notices import notice_rows
from cartpath.web.snoozing import SnoozeForm, presets
from cartpath.web.wording import moment_text
from patients.models import Journey
from patients.pages import journey_context, panel_url

DUE_ANCHOR = "due"


@page(Permission.VIEW_PATIENTS)
@require_safe
def reminder(request: PersonRequest, reminder_id: UUID) -> HttpResponse:
    """Go to where the thing is done, or else to the child. The person's notices about it count as read."""
    found = reminder_for(request.user, reminder_id)
    services.notices_read(user=request.user, at=timezone.now(), reminder_ids=[reminder_id])
    form = form_for(found, request.user, _journey(found)) if found.is_open else None
    return redirect(form.url if form else panel_url(found.journey, DUE_ANCHOR))


@page(Permission.WORK_REMINDERS)
@require_POST
def acknowledge(request: PersonRequest, reminder_id: UUID) -> HttpResponse:
    """Somebody has taken it in hand; it stays open until it is done."""
    found = reminder_for(request.user, reminder_id, Permission.WORK_REMINDERS)
    try:
        services.reminder_acknowledge(reminder_id=reminder_id, by=request.user.actor, at=timezone.now())
    except Conflict as refusal:
        return _after(request, found, refusal.message, done=False)
    return _after(request, found, _("Noted: you have this in hand."), done=True)


@page(Permission.WORK_REMINDERS)
@require_http_methods(["GET", "POST"])
def complete(request: PersonRequest, reminder_id: UUID) -> HttpResponse:
    """Settle a reminder by hand, with a reason. Recording the expected thing does so by itself."""
    found = reminder_for(request.user, reminder_id, Permission.WORK_REMINDERS)
    form = SettleForm(posted(request))
    if form.is_valid():
        settled = attempt(
            form,
            lambda: services.reminder_complete(
                reminder_id=reminder_id, by=request.user.actor, at=timezone.now(), **form.cleaned_data
            ),
        )
        if settled is not None:
            return _after(request, found, _("Settled."), done=True)
    journey = _journey(found)
    with timezone.override(journey.center.zone):
        return _asked(request, found, journey, form, "web/settle.html")


@page(Permission.WORK_REMINDERS)
@require_http_methods(["GET", "POST"])
def snooze(request: PersonRequest, reminder_id: UUID) -> HttpResponse:
    """Put a reminder off until a time, with a reason: nobody is told before, and it can be done all the same.

    htmx gets the line with the form in it, everybody else a page.
    """
    found = reminder_for(request.user, reminder_id, Permission.WORK_REMINDERS)
    at, journey = timezone.now(), _journey(found)
    with timezone.override(journey.center.zone):
        form = SnoozeForm(
            posted(request),
            choices=presets(found, at=at, zone=journey.center.zone),
            auto_id=f"snooze-{found.pk}-%s",
        )
        if form.is_valid():
            put_off = attempt(
                form,
                lambda: services.reminder_snooze(
                    reminder_id=reminder_id,
                    by=request.user.actor,
                    at=at,
                    until=form.chosen(),
                    reason=form.cleaned_data["reason"],
                ),
            )
            if put_off is not None:
                said = _("Put off until %(until)s.") % {"until": moment_text(form.chosen())}
                return _after(request, found, said, done=True)
        if request.htmx and found.is_open:  # type: ignore[attr-defined]
            return _line(
                request, found, snooze_form=form, next=_next(request, found), status=form_status(form)
            )
        return _asked(request, found, journey, form, "web/snooze.html")


@page(Permission.ENTER)
@require_safe
def notices(request: PersonRequest) -> HttpResponse:
    """What the person was told in the application and has not seen."""
    at = timezone.now()
    context = {
        "rows": notice_rows(request.user, at=at),
        "at": at,
        "on": timezone.localtime(at).date(),
    }
    return render(request, "web/notices.html", context)


@page(Permission.ENTER)
@require_POST
def notices_read(request: PersonRequest) -> HttpResponse:
    """Everything was seen."""
    services.notices_read(user=request.user, at=timezone.now())
    messages.success(request, _("All notices are marked as read."))
    return redirect("web:notices")


def _journey(found: Reminder) -> Journey:
    """The journey of a reminder, with what its pages need."""
    return Journey.objects.select_related("patient", "center", "status", "referral").get(pk=found.journey_id)


def _after(request: PersonRequest, found: Reminder, said: str, *, done: bool) -> HttpResponse:
    """The row as it stands now for htmx; else back to where the person came from, with a message."""
    if request.htmx:  # type: ignore[attr-defined]
        return _line(request, found, said="" if done else said, next=_next(request, found))
    (messages.success if done else messages.warning)(request, said)
    return redirect(_next(request, found))


def _line(
    request: PersonRequest, found: Reminder, *, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    """The reminder's line alone, as it stands now."""
    at = timezone.now()
    fresh, journey = reminder_for(request.user, found.pk), _journey(found)
    with timezone.override(journey.center.zone):
        context = {
            "line": settled_line(fresh, request.user, journey, at=at),
            "on": timezone.localtime(at).date(),
            "at": at,
            "is_swap": True,
            "waiting": counts(request).waiting,
        }
        return render(request, "web/due_line.html", context | more, status=status)


def _asked(
    request: PersonRequest, found: Reminder, journey: Journey, form: BaseForm, template: str
) -> HttpResponse:
    """A page with one question about a reminder, in the frame of its journey."""
    at = timezone.now()
    context = journey_context(journey, at) | {
        "form": form,
        "line": settled_line(found, request.user, journey, at=at),
        "on": timezone.localtime(at).date(),
        "next": _next(request, found),
        "cancel_url": _next(request, found),
    }
    return render(request, template, context, status=form_status(form))


def _next(request: PersonRequest, found: Reminder) -> str:
    """Where the person came from, if it is a page of ours; else the child's page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("web:journey", args=[found.journey_id]) + f"#{DUE_ANCHOR}"
