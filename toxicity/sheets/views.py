"""Pages of hand-over sheets: one child's, and the list of the ward."""

from functools import partial
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.forms import attempt, posted
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context
from patients.striking import strike_page
from toxicity.panels import ANCHOR
from toxicity.sheets.facts import ward_facts
from toxicity.sheets.forms import SheetForm
from toxicity.sheets.inputs import Language
from toxicity.sheets.pictures import sheet_history, sheet_picture, ward_sheets
from toxicity.sheets.sbar import sheet_draft
from toxicity.sheets.selectors import latest_sheet, sheet_of, sheets
from toxicity.sheets.services import PARTS, hand_over_strike, hand_over_write, holds_hours

SHOWN: Final = 20
WRITING: Final = FormPage(
    title=_("Write a hand-over sheet"),
    intro=_("Made from the record as it stands now. Read it, change it, say what comes next."),
    submit=_("Hand over"),
    anchor=ANCHOR,
    done=_("Hand-over sheet written."),
    template="toxicity/sheet_write.html",
)
STRIKING: Final = FormPage(
    title=_("Mark a hand-over sheet as entered in error"),
    submit=_("Mark as entered in error"),
    anchor=ANCHOR,
    done=_("Hand-over sheet marked as entered in error."),
    consequence=_("It stays readable, struck through, and nobody is handed it any more."),
    danger=True,
)


@page(Permission.VIEW_PATIENTS)
@require_safe
def ward_sheet(request: PersonRequest) -> HttpResponse:
    """Every child in acute monitoring with its sheet, on paper for the round."""
    now = timezone.now()
    context = {
        "rows": ward_sheets(request.user, center_id=request.center.pk, at=now),
        "may_write": request.user.may(Permission.HAND_OVER, request.center.pk),
        "at": now,
        "today": timezone.localtime(now).date(),
    }
    return render(request, "toxicity/ward_sheet.html", context)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def sheet(request: PersonRequest, journey: Journey, sheet_id: UUID | None = None) -> HttpResponse:
    """The last sheet of a child or an earlier one, and the list of all."""
    now = timezone.now()
    last = latest_sheet(journey.pk)
    found = sheet_of(journey.pk, sheet_id) if sheet_id else last
    context = journey_context(journey, now) | {
        "picture": sheet_picture(found, journey, last=last, at=now) if found else None,
        "pictures": sheet_history(sheets(journey.pk, limit=SHOWN), last=last, at=now),
        "may_write": request.user.may(Permission.HAND_OVER, journey.center_id),
    }
    return render(request, "toxicity/sheet.html", context)


@journey_page(Permission.HAND_OVER)
@require_http_methods(["GET", "POST"])
def sheet_write(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Write a sheet, beginning with what the record tells."""
    now = timezone.now()
    language = _language()
    last = latest_sheet(journey.pk)
    form = SheetForm(posted(request))
    if form.is_bound and form.is_valid():
        made = attempt(
            form,
            lambda: hand_over_write(
                journey_id=journey.pk,
                sheet=form.details(language),
                seen=form.cleaned_data["seen"],
                by=request.user.actor,
                at=now,
            ),
        )
        if made is not None:
            messages.success(request, str(WRITING.done))
            return redirect("toxicity:sheet", journey_id=journey.pk)
        form.look_at(last.event_id if last else 0)
    if not form.is_bound:
        draft = sheet_draft(ward_facts(journey, at=now), language=language)
        form.initial = {part: getattr(draft, part) for part in PARTS} | {"seen": last.event_id if last else 0}
    return form_page(
        request,
        journey,
        form,
        page=WRITING,
        at=now,
        cancel_url=reverse("toxicity:sheet", args=[journey.pk]),
        picture=sheet_picture(last, journey, last=last, at=now) if last else None,
        hours=holds_hours(journey, at=now),
    )


@journey_page(Permission.HAND_OVER)
@require_http_methods(["GET", "POST"])
def sheet_strike(request: PersonRequest, journey: Journey, sheet_id: UUID) -> HttpResponse:
    """Mark a sheet as entered in error."""
    found = sheet_of(journey.pk, sheet_id)
    return strike_page(
        request,
        journey,
        partial(hand_over_strike, sheet_id=found.pk),
        page=STRIKING,
        back_url=reverse("toxicity:sheet", args=[journey.pk]),
        cancel_url=reverse("toxicity:sheet_at", args=[journey.pk, found.pk]),
    )


def _language() -> Language:
    """The reader's language, in which the sheet is written."""
    return "it" if get_language() == "it" else "en"
