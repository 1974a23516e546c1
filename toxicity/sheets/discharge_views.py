"""Pages of discharge summaries."""

from functools import partial
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, Stale
from cartpath.core.forms import attempt, form_status, posted
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context
from patients.papers import digest_of, letter_blocks
from patients.striking import strike_page
from toxicity.panels import ANCHOR
from toxicity.sheets import discharge
from toxicity.sheets.forms import SignForm, SummaryBeginForm, SummaryForm
from toxicity.sheets.selectors import news_for, summaries, summary_of

BEGIN: Final = FormPage(
    title=_("New discharge summary"),
    intro=_("The text is made from the record. You can change it before you sign."),
    submit=_("Begin summary"),
    done=_("Draft made."),
    anchor=ANCHOR,
)
STRIKING: Final = FormPage(
    title=_("Mark a discharge summary as entered in error"),
    submit=_("Mark as entered in error"),
    anchor=ANCHOR,
    done=_("Discharge summary marked as entered in error."),
    consequence=_("It stays readable and is marked. Tell whoever received it, and begin a new one."),
    danger=True,
)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def summary_list(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Every discharge summary of a child, the latest first."""
    context = journey_context(journey, timezone.now()) | {
        "summaries": summaries(journey.pk),
        "may_write": request.user.may(Permission.WRITE_DISCHARGE, journey.center_id),
    }
    return render(request, "toxicity/discharges.html", context)


@journey_page(Permission.WRITE_DISCHARGE)
@require_http_methods(["GET", "POST"])
def summary_new(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Begin a summary: its text is made from the facts of now."""
    now = timezone.now()
    referral = journey.referral
    addressee = "\n".join(filter(None, (referral.referring_physician, referral.referring_center)))
    form = SummaryBeginForm(
        posted(request), initial={"addressee": addressee, "language": journey.center.language}
    )
    if form.is_bound and form.is_valid():
        made = attempt(
            form,
            lambda: discharge.discharge_begin(
                journey_id=journey.pk, summary=form.details(), by=request.user.actor, at=now
            ),
        )
        if made is not None:
            messages.success(request, str(BEGIN.done))
            return redirect("toxicity:discharge", journey_id=journey.pk, summary_id=made.pk)
    cancel_url = reverse("toxicity:discharges", args=[journey.pk])
    return form_page(request, journey, form, page=BEGIN, at=now, cancel_url=cancel_url)


@journey_page(Permission.WRITE_DISCHARGE)
@require_http_methods(["GET", "POST"])
def summary(request: PersonRequest, journey: Journey, summary_id: UUID) -> HttpResponse:
    """Change a draft; one that is signed is only shown."""
    found = summary_of(journey.pk, summary_id)
    if found.state != "draft":
        return redirect("toxicity:discharge_paper", journey_id=journey.pk, summary_id=found.pk)
    form = SummaryForm(
        posted(request),
        initial={"addressee": found.addressee, "body": found.body, "version": found.version},
    )
    if form.is_bound and form.is_valid():
        made = attempt(form, lambda: discharge.discharge_edit(summary_id=found.pk, **form.cleaned_data))
        if made is not None:
            messages.success(request, str(_("Draft kept.")))
            return redirect("toxicity:discharge_paper", journey_id=journey.pk, summary_id=found.pk)
    context = journey_context(journey, timezone.now()) | {
        "summary": found,
        "form": form,
        "news": news_for(found),
    }
    return render(request, "toxicity/discharge.html", context, status=form_status(form))


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def summary_paper(request: PersonRequest, journey: Journey, summary_id: UUID) -> HttpResponse:
    """A summary as it is sent, for A4 in black and white."""
    found = summary_of(journey.pk, summary_id)
    context = {
        "journey": journey,
        "summary": found,
        "blocks": letter_blocks(found.body),
        "may_write": request.user.may(Permission.WRITE_DISCHARGE, journey.center_id),
        "is_whole": not found.body or found.digest in ("", digest_of(found.body)),
        "news": news_for(found) if found.state == "draft" else 0,
    }
    return render(request, "toxicity/discharge_paper.html", context)


@journey_page(Permission.WRITE_DISCHARGE)
@require_POST
def summary_sign(request: PersonRequest, journey: Journey, summary_id: UUID) -> HttpResponse:
    """Make a draft final, in the version that was read."""
    found = summary_of(journey.pk, summary_id)
    form = SignForm(request.POST)
    try:
        discharge.discharge_sign(
            summary_id=found.pk,
            version=form.cleaned_data["version"] if form.is_valid() else 0,
            by=request.user.actor,
            at=timezone.now(),
        )
        messages.success(request, str(_("Discharge summary signed. It can't change any more.")))
    except (Conflict, Stale) as refused:
        messages.warning(request, refused.message)
    return redirect("toxicity:discharge_paper", journey_id=journey.pk, summary_id=found.pk)


@journey_page(Permission.WRITE_DISCHARGE)
@require_POST
def summary_drop(request: PersonRequest, journey: Journey, summary_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    discharge.discharge_drop(summary_id=summary_of(journey.pk, summary_id).pk)
    messages.success(request, str(_("Draft thrown away.")))
    return redirect("toxicity:discharges", journey_id=journey.pk)


@journey_page(Permission.WRITE_DISCHARGE)
@require_http_methods(["GET", "POST"])
def summary_strike(request: PersonRequest, journey: Journey, summary_id: UUID) -> HttpResponse:
    """Mark a signed summary as entered in error."""
    found = summary_of(journey.pk, summary_id)
    return strike_page(
        request,
        journey,
        partial(discharge.discharge_strike, summary_id=found.pk),
        page=STRIKING,
        back_url=reverse("toxicity:discharges", args=[journey.pk]),
        cancel_url=reverse("toxicity:discharge_paper", args=[journey.pk, found.pk]),
    )
