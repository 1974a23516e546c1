"""Pages of labels: a child's labels and their account, printing, the center's account and settings."""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import attempt, form_status, posted
from cartpath.ledger.models import Event
from manufacturing.labels import services
from manufacturing.labels.content import label_marks, stationery_of
from manufacturing.labels.drawing import draw_roll, draw_sheets
from manufacturing.labels.forms import (
    AccountForm,
    ItemLabelsForm,
    ProductWordsForm,
    SettingForm,
    WristbandForm,
)
from manufacturing.labels.rules.layout import MEASURES
from manufacturing.labels.rules.reconciling import account_of
from manufacturing.labels.selectors import (
    PRINT_OPEN_FOR,
    account_by_size,
    center_account,
    items_to_label,
    labels_of,
    open_labels,
    print_run,
)
from manufacturing.labels.words import LabelState
from manufacturing.models import Label, LabelSetting, ProductWords
from manufacturing.panels import ANCHOR
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context
from patients.striking import row_of, strike_page

PRINT: Final = FormPage(
    title=gettext_lazy("Print labels"),
    submit=gettext_lazy("Make the labels"),
    anchor=ANCHOR,
    done=gettext_lazy("Labels made. Open them to print."),
    template="manufacturing/labels/print.html",
)
WRISTBAND: Final = FormPage(
    title=gettext_lazy("Print the wristband"),
    submit=gettext_lazy("Make the wristband"),
    anchor=ANCHOR,
    done=gettext_lazy("Wristband made. Open it to print."),
    intro=gettext_lazy("Its code is random and says nothing about the child."),
    template="manufacturing/labels/print.html",
)
STRIKE: Final = FormPage(
    title=gettext_lazy("Take back what was said of a label"),
    submit=gettext_lazy("Take it back"),
    anchor=ANCHOR,
    done=gettext_lazy("These labels are open again."),
    consequence=gettext_lazy("The labels that were accounted for together are all open again."),
    danger=True,
)


def _labels_url(journey: Journey) -> str:
    return reverse("manufacturing:labels", args=[journey.pk])


@journey_page(Permission.PRINT_LABELS)
def labels(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The labels of a child: what was printed, what became of it, what is open."""
    now = timezone.now()
    rows = labels_of(journey)
    unaccounted = [label for label in rows if label.state == LabelState.PRINTED]
    form = AccountForm(posted(request), now=now, labels=unaccounted)
    if (
        form.is_bound
        and form.is_valid()
        and attempt(form, lambda: _account(request, journey, form)) is not None
    ):
        messages.success(request, _("Recorded."))
        return redirect(_labels_url(journey))
    context = journey_context(journey, now) | {
        "labels": rows,
        "form": form if unaccounted or form.is_bound else None,
        "account": account_of(label.state for label in rows),
        "by_size": account_by_size(rows),
        "fresh": _fresh(rows, now - PRINT_OPEN_FOR),
        "may_print": bool(items_to_label(journey)),
    }
    return render(request, "manufacturing/labels/labels.html", context, status=form_status(form))


def _account(request: PersonRequest, journey: Journey, form: AccountForm) -> list[Label]:
    return services.labels_account(
        journey_id=journey.pk, details=form.details(), by=request.user.actor, at=form.moment()
    )


def _fresh(rows: list[Label], since: datetime) -> list[int]:
    """The prints that can still be opened, by their ledger numbers."""
    return sorted({label.event_id for label in rows if label.printed_at > since}, reverse=True)


@journey_page(Permission.PRINT_LABELS)
def print_items(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Choose items and make their labels."""
    form = ItemLabelsForm(posted(request), items=items_to_label(journey), initial={"count": 1})
    return _printed(request, journey, form, PRINT)


@journey_page(Permission.PRINT_LABELS)
def print_wristband(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Make the child's wristband."""
    return _printed(request, journey, WristbandForm(posted(request), initial={"count": 1}), WRISTBAND)


def _printed(
    request: PersonRequest, journey: Journey, form: ItemLabelsForm | WristbandForm, shown: FormPage
) -> HttpResponse:
    now = timezone.now()
    if form.is_bound and form.is_valid():
        details = form.details()
        made = attempt(
            form,
            lambda: services.labels_print(
                journey_id=journey.pk, details=details, by=request.user.actor, at=now
            ),
        )
        if made is not None:
            messages.success(request, str(shown.done))
            return redirect(_labels_url(journey))
    return form_page(request, journey, form, page=shown, at=now, cancel_url=_labels_url(journey))


@journey_page(Permission.PRINT_LABELS)
def print_pdf(request: PersonRequest, journey: Journey, event_id: int) -> HttpResponse:
    """The PDF of one print, for a quarter of an hour: then printing again needs a reason."""
    run = print_run(journey, event_id, at=timezone.now())
    if not run:
        if Label.objects.filter(journey=journey, event_id=event_id).exists():
            raise Conflict("print_closed", _("This print is closed. Print the labels again, with a reason."))
        raise NotFound
    response = HttpResponse(_pdf(run), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="labels-{run[0].number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _pdf(run: list[Label]) -> bytes:
    stationery = stationery_of(run[0].center_id)
    drawn = [label_marks(label, stationery) for label in run]
    measure = MEASURES[run[0].size]
    facts = Event.objects.get(pk=run[0].event_id).data
    if facts["paper"] == "sheet":
        return draw_sheets(drawn, measure, start=facts["start"])
    return draw_roll(drawn, measure)


@journey_page(Permission.PRINT_LABELS)
def strike(request: PersonRequest, journey: Journey, label_id: UUID) -> HttpResponse:
    """Take back what was said of a label."""
    label = row_of(Label.objects.filter(journey=journey), label_id)
    strike_one = partial(services.account_strike, label_id=label.pk)
    return strike_page(request, journey, strike_one, page=STRIKE, back_url=_labels_url(journey))


@page(Permission.PRINT_LABELS)
def center_labels(request: PersonRequest) -> HttpResponse:
    """The account of all labels of the center, and those nobody has accounted for."""
    context = {
        "account": center_account(request.center.pk),
        "labels": open_labels(request.center.pk),
        "now": timezone.now(),
        "may_set": request.user.may(Permission.MANAGE_RESOURCES, request.center.pk),
    }
    return render(request, "manufacturing/labels/center.html", context)


@page(Permission.MANAGE_RESOURCES)
def settings(request: PersonRequest) -> HttpResponse:
    """What stands on every label of the center, and its product codes in words."""
    row = LabelSetting.objects.filter(center=request.center).first()
    known = {"fin": row.fin, "facility": row.facility, "address": row.address} if row else {}
    is_words = "product_code" in request.POST
    form = SettingForm(None if is_words else posted(request), initial=known)
    words = ProductWordsForm(posted(request) if is_words else None)
    if _saved(request, form, words):
        messages.success(request, _("Saved."))
        return redirect("manufacturing:label_settings")
    context = {
        "form": form,
        "words_form": words,
        "words": ProductWords.objects.filter(center=request.center).order_by("product_code"),
    }
    shown = words if words.is_bound else form
    return render(request, "manufacturing/labels/settings.html", context, status=form_status(shown))


def _saved(request: PersonRequest, form: SettingForm, words: ProductWordsForm) -> bool:
    now, actor = timezone.now(), request.user.actor
    if words.is_bound and words.is_valid():
        services.product_words_save(center=request.center, **words.cleaned_data, by=actor, at=now)
        return True
    if form.is_bound and form.is_valid():
        services.label_setting_save(center=request.center, details=form.details(), by=actor, at=now)
        return True
    return False
