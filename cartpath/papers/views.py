"""Pages of what is printed about a child, and of the day sheet."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.forms import attempt, form_status, posted
from cartpath.papers.enums import PaperKind
from cartpath.papers.forms import CardForm, DayForm, DigestForm, LanguageForm
from cartpath.papers.inputs import OneLanguage
from cartpath.papers.selectors import paper_with_digest, papers_of
from cartpath.papers.services import (
    Printed,
    custody_report_print,
    day_sheet_print,
    product_sheet_print,
    wallet_card_print,
)
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context

_ANCHOR: Final = "product"
CARD: Final = FormPage(
    title=_("Print the wallet card"),
    intro=_("A7, English in front and Italian behind. The code on it holds the same words and needs no net."),
    submit=_("Print"),
    anchor=_ANCHOR,
    done=_("Printed."),
    consequence=_("The ledger keeps that it was printed, what is on it and who agreed."),
)
PRODUCT: Final = FormPage(
    title=_("Print the hand-over sheet of the product"),
    intro=_("It goes with the bags from the laboratory to the bed. What happens there is written by hand."),
    submit=_("Print"),
    anchor=_ANCHOR,
    done=_("Printed."),
)
REPORT: Final = FormPage(
    title=_("Print the custody report"),
    intro=_("For inspectors: identity, hand-overs, decisions and every event, with its own proof."),
    submit=_("Print"),
    anchor=_ANCHOR,
    done=_("Printed."),
    consequence=_("The chain is replayed now; the report says whether it is intact."),
)
# Who may print what stands on the views; the list shows a person only what they may print.
PRINTS: Final = (
    (PaperKind.WALLET_CARD, "papers:card", Permission.EDIT_PATIENT),
    (PaperKind.PRODUCT_SHEET, "papers:product", Permission.RECORD_CUSTODY),
    (PaperKind.CUSTODY_REPORT, "papers:report", Permission.VERIFY_LEDGER),
)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def papers(request: PersonRequest, journey: Journey) -> HttpResponse:
    """What was printed of a child, what can be printed, and whether a file is one of them."""
    form = DigestForm(request.GET if "digest" in request.GET else None)
    asked = form.is_bound and form.is_valid()
    context = journey_context(journey, timezone.now()) | {
        "papers": papers_of(journey),
        "prints": [
            (kind.label, reverse(name, args=[journey.pk]))
            for kind, name, permission in PRINTS
            if request.user.may(permission, journey.center_id)
        ],
        "form": form,
        "asked": asked,
        "known": paper_with_digest(journey, form.cleaned_data["digest"]) if asked else None,
        "may_verify": request.user.may(Permission.VERIFY_LEDGER, journey.center_id),
    }
    return render(request, "papers/papers.html", context)


@journey_page(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def card(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Print the wallet card."""
    now, form = timezone.now(), CardForm(posted(request))
    if form.is_bound and form.is_valid():
        printed = attempt(
            form,
            lambda: wallet_card_print(
                journey_id=journey.pk, agreement=form.agreement(), by=request.user.actor, at=now
            ),
        )
        if printed is not None:
            return handed_out(printed)
    return form_page(request, journey, form, page=CARD, at=now, cancel_url=_papers_url(journey))


@journey_page(Permission.RECORD_CUSTODY)
@require_http_methods(["GET", "POST"])
def product(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Print the sheet that goes with the product."""
    now, form = timezone.now(), _language_form(request)
    if form.is_bound and form.is_valid():
        printed = attempt(
            form,
            lambda: product_sheet_print(
                journey_id=journey.pk, language=_language(form), by=request.user.actor, at=now
            ),
        )
        if printed is not None:
            return handed_out(printed)
    return form_page(request, journey, form, page=PRODUCT, at=now, cancel_url=_papers_url(journey))


@journey_page(Permission.VERIFY_LEDGER)
@require_http_methods(["GET", "POST"])
def report(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Print the custody report."""
    now, form = timezone.now(), _language_form(request)
    if form.is_bound and form.is_valid():
        printed = attempt(
            form,
            lambda: custody_report_print(
                journey_id=journey.pk, language=_language(form), by=request.user.actor, at=now
            ),
        )
        if printed is not None:
            return handed_out(printed)
    return form_page(request, journey, form, page=REPORT, at=now, cancel_url=_papers_url(journey))


@page(Permission.VIEW_PATIENTS)
@require_http_methods(["GET", "POST"])
def day(request: PersonRequest) -> HttpResponse:
    """Print the sheet of a day of the center the person works in."""
    require(request.user, Permission.VIEW_PATIENTS, request.center.pk)
    now = timezone.now()
    today = timezone.localtime(now).date()
    form = DayForm(posted(request), initial={"on": today, "language": _own_language()})
    if form.is_bound and form.is_valid():
        printed = attempt(
            form,
            lambda: day_sheet_print(
                center=request.center,
                on=form.cleaned_data["on"],
                language=_language(form),
                by=request.user.actor,
                at=now,
            ),
        )
        if printed is not None:
            return handed_out(printed)
    return render(request, "papers/day.html", {"form": form}, status=form_status(form))


def handed_out(printed: Printed) -> HttpResponse:
    """The file itself. Its name says what it is and nothing of a child; no cache keeps it."""
    response = HttpResponse(printed.content, content_type="application/pdf")
    name = printed.paper.kind.replace("_", "-")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _language_form(request: PersonRequest) -> LanguageForm:
    return LanguageForm(posted(request), initial={"language": _own_language()})


def _language(form: LanguageForm) -> OneLanguage:
    return "it" if form.cleaned_data["language"] == "it" else "en"


def _own_language() -> OneLanguage:
    return "it" if get_language() == "it" else "en"


def _papers_url(journey: Journey) -> str:
    return reverse("papers:papers", args=[journey.pk])
