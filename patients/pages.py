"""What every page about a journey shares: its frame, and the way of a form from typing to the ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from cartpath.accounts.http import PersonRequest
from cartpath.core.forms import attempt, form_status
from patients.banner import banner, strip
from patients.models import Journey
from patients.panels import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage:
    """A page with one form.

    `anchor` is the panel of the patient page to return to, `done` what is said there afterwards. `danger` and
    `consequence` are for acts that can't be taken back, `leave` is the link that leaves (else “Cancel”).
    """

    title: Text
    submit: Text
    anchor: str
    done: Text
    intro: Text = ""
    consequence: Text = ""
    danger: bool = False
    leave: Text = ""
    template: str = "journey_form.html"


def journey_context(journey: Journey, at: datetime) -> dict[str, Any]:
    """What `journey_page.html` needs: the journey, its banner and its strip at a time."""
    return {"journey": journey, "banner": banner(journey, at), "steps": strip(journey, at), "at": at}


def panel_url(journey: Journey, anchor: str) -> str:
    """The patient page, at the panel of a stage."""
    return f"{reverse('web:journey', args=[journey.pk])}#{anchor}"


def back_to_panel(request: PersonRequest, journey: Journey, page: FormPage) -> HttpResponse:
    """Say what was done, on the patient page at the stage's panel."""
    messages.success(request, str(page.done))
    return redirect(panel_url(journey, page.anchor))


def answer(
    request: PersonRequest,
    journey: Journey,
    form: forms.BaseForm,
    act: Callable[[], object],
    *,
    page: FormPage,
    at: datetime,
    back_url: str = "",
    **context: Any,
) -> HttpResponse:
    """Answer a form: `act` makes the one service call for a valid form and returns what it made.

    Done leads to `back_url`, else to the patient page; a refusal shows the form again with status 422 and
    what was typed.
    """
    back_url = back_url or panel_url(journey, page.anchor)
    if form.is_bound and form.is_valid() and attempt(form, act) is not None:
        messages.success(request, str(page.done))
        return redirect(back_url)
    return form_page(request, journey, form, page=page, at=at, **{"cancel_url": back_url} | context)


def form_page(
    request: PersonRequest,
    journey: Journey,
    form: forms.BaseForm,
    *,
    page: FormPage,
    at: datetime,
    **context: Any,
) -> HttpResponse:
    """Show a form in the frame of the journey."""
    known = journey_context(journey, at) | {
        "form": form,
        "page": page,
        "submit": page.submit,
        "danger": page.danger,
        "consequence": page.consequence,
        "cancel_url": panel_url(journey, page.anchor),
        "cancel_label": page.leave,
    }
    return render(request, page.template, known | context, status=form_status(form))
