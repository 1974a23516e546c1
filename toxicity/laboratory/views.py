"""Pages of the laboratory: the sheet, one analyte, entry, import with its preview, correction, IEC-HS."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, posted
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, form_page, journey_context
from patients.striking import strike_page
from toxicity.laboratory import services
from toxicity.laboratory.catalog import CATALOG
from toxicity.laboratory.code_forms import LabCodeForm
from toxicity.laboratory.code_offers import kept_of, offers
from toxicity.laboratory.facts import facts_of
from toxicity.laboratory.forms import (
    HyperinflammationForm,
    LabCorrectForm,
    LabEntryForm,
    LabImportForm,
    unit_text,
)
from toxicity.laboratory.importing import Imported, Preview, import_values, preview
from toxicity.laboratory.pictures import course, lysis, running, sheet
from toxicity.laboratory.prompting import Prompt, prompt_of
from toxicity.laboratory.selectors import hyperinflammation_reviews, lab_sets, results_told
from toxicity.laboratory.words import item_lines, trigger_words
from toxicity.models import LabSet
from toxicity.panels import ANCHOR

RECORDING = FormPage(
    title=gettext_lazy("Record laboratory values"),
    submit=gettext_lazy("Save"),
    anchor=ANCHOR,
    done=gettext_lazy("Laboratory values saved."),
    intro=gettext_lazy("What you leave empty was not measured."),
    template="toxicity/laboratory/entry.html",
)
CORRECTING = FormPage(
    title=gettext_lazy("Correct laboratory values"),
    submit=gettext_lazy("Save the correction"),
    anchor=ANCHOR,
    done=gettext_lazy("Laboratory values corrected."),
    consequence=gettext_lazy("The values as they were stay visible, struck through."),
    template="toxicity/laboratory/entry.html",
)
STRIKING = FormPage(
    title=gettext_lazy("Mark laboratory values as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor=ANCHOR,
    done=gettext_lazy("Laboratory values marked as entered in error."),
    consequence=gettext_lazy("They stay visible, struck through, and no longer count."),
    danger=True,
    template="toxicity/laboratory/strike.html",
)
IMPORTING = FormPage(
    title=gettext_lazy("Import laboratory values"),
    submit=gettext_lazy("Preview"),
    anchor=ANCHOR,
    done="",
    intro=gettext_lazy("Nothing is stored before you have seen what was understood."),
    template="toxicity/laboratory/import.html",
)
CONSIDERING = FormPage(
    title=gettext_lazy("Consider IEC-HS"),
    submit=gettext_lazy("Save"),
    anchor=ANCHOR,
    done=gettext_lazy("Your conclusion about IEC-HS is kept."),
    intro=gettext_lazy(
        "There is no score: you decide, and you grade. The criteria are a draft until compared."
    ),
    template="toxicity/laboratory/consider.html",
)


@journey_page(Permission.VIEW_PATIENTS)
def show(request: PersonRequest, journey: Journey) -> HttpResponse:
    """All values, the scales that run over them, and whether IEC-HS is to be considered."""
    now = timezone.now()
    facts = facts_of(journey, at=now)
    reviews = hyperinflammation_reviews(journey.pk)
    found = prompt_of(facts, reviews)
    context = journey_context(journey, now) | {
        "sheet": sheet(facts, all_columns="all" in request.GET),
        "running": running(facts),
        "tls": lysis(facts),
        "prompt": found,
        "trigger": trigger_words(found.trigger),
        "reviews": reviews,
        "version": facts.ctcae_version,
        "may_record": request.user.may(Permission.RECORD_LABORATORY, journey.center_id),
        "may_consider": request.user.may(Permission.SIGN_GRADE, journey.center_id),
    }
    return render(request, "toxicity/laboratory/show.html", context)


@journey_page(Permission.VIEW_PATIENTS)
def analyte(request: PersonRequest, journey: Journey, code: str) -> HttpResponse:
    """One analyte: its course, drawn and as a table."""
    if code not in CATALOG:
        raise NotFound
    now = timezone.now()
    facts = facts_of(journey, at=now)
    cells, chart = course(facts, CATALOG[code])
    context = journey_context(journey, now) | {
        "analyte": CATALOG[code],
        "unit": unit_text(CATALOG[code].unit),
        "cells": cells,
        "chart": chart,
        "version": facts.ctcae_version,
    }
    return render(request, "toxicity/laboratory/analyte.html", context)


@journey_page(Permission.VIEW_PATIENTS)
def sets(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Every set as it came in, those entered in error struck through."""
    context = journey_context(journey, timezone.now()) | {
        "sets": lab_sets(journey.pk, struck=True),
        "may_record": request.user.may(Permission.RECORD_LABORATORY, journey.center_id),
    }
    return render(request, "toxicity/laboratory/sets.html", context)


@journey_page(Permission.RECORD_LABORATORY)
def record(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Type values of one specimen."""
    now = timezone.now()
    form = LabEntryForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.laboratory_record(
            journey_id=journey.pk,
            taken_at=form.moment(),
            entry=form.entry(),
            by=request.user.actor,
            at=now,
        ),
        page=RECORDING,
        at=now,
    )


@journey_page(Permission.RECORD_LABORATORY)
def correct(request: PersonRequest, journey: Journey, set_id: UUID) -> HttpResponse:
    """Put a set right: the old one is struck, the new one recorded."""
    now = timezone.now()
    found = _standing(journey, set_id)
    form = LabCorrectForm(posted(request), now=now, wrong=found, was=results_told(found.event_id))
    return answer(
        request,
        journey,
        form,
        lambda: services.laboratory_correct(
            set_id=found.pk,
            taken_at=form.cleaned_data["at"] or found.taken_at,
            entry=form.entry(),
            reason=form.cleaned_data["reason"],
            by=request.user.actor,
            at=now,
        ),
        page=CORRECTING,
        at=now,
    )


@journey_page(Permission.RECORD_LABORATORY)
def strike(request: PersonRequest, journey: Journey, set_id: UUID) -> HttpResponse:
    """Mark a set as entered in error."""
    found = _standing(journey, set_id)
    strike_one = partial(services.laboratory_strike, set_id=found.pk)
    return strike_page(request, journey, strike_one, page=STRIKING, found=found)


@journey_page(Permission.RECORD_LABORATORY)
def import_page(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Read a paste or a file, show what was understood, store it when the person agrees."""
    now = timezone.now()
    form = LabImportForm(posted(request), request.FILES or None, now=now)
    if not (form.is_bound and form.is_valid()):
        return form_page(request, journey, form, page=IMPORTING, at=now)
    refused = kept_of(request, journey, at=now)
    if "save" in request.POST:
        stored = attempt(form, lambda: _import(request, journey, form, now))
        if stored is not None:
            return _imported(request, journey, stored)
    read = preview(
        journey,
        form.cleaned_data["text"],
        at=now,
        usual_at=form.cleaned_data["at"],
        is_file=form.cleaned_data["is_file"],
    )
    return _previewed(request, journey, form, read, now, refused)


@journey_page(Permission.SIGN_GRADE)
def consider(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Say what you conclude about IEC-HS, beside what the values say."""
    now = timezone.now()
    form = HyperinflammationForm(posted(request), now=now)
    found: Prompt = prompt_of(facts_of(journey, at=now), hyperinflammation_reviews(journey.pk))
    return answer(
        request,
        journey,
        form,
        lambda: services.hyperinflammation_consider(
            journey_id=journey.pk,
            details=form.details(),
            by=request.user.actor,
            at=form.cleaned_data["at"] or now,
        ),
        page=CONSIDERING,
        at=now,
        prompt=found,
        trigger=trigger_words(found.trigger),
        items=item_lines(found.answer),
    )


def _standing(journey: Journey, set_id: UUID) -> LabSet:
    """A set of this child that is not struck."""
    return get_object_or_404(
        LabSet.objects.prefetch_related("values"), pk=set_id, journey=journey, struck_at=None
    )


def _import(request: PersonRequest, journey: Journey, form: LabImportForm, now: datetime) -> Imported:
    given = form.cleaned_data
    return import_values(
        journey_id=journey.pk,
        text=given["text"],
        replaces=given["replaces"],
        usual_at=given["at"],
        is_file=given["is_file"],
        by=request.user.actor,
        at=now,
    )


def _imported(request: PersonRequest, journey: Journey, stored: Imported) -> HttpResponse:
    count = stored.stored + stored.replaced
    said = ngettext("%(count)d value imported.", "%(count)d values imported.", count)
    messages.success(request, said % {"count": count})
    return redirect(reverse("toxicity:laboratory", args=[journey.pk]))


def _previewed(
    request: PersonRequest,
    journey: Journey,
    form: LabImportForm,
    read: Preview,
    now: datetime,
    refused: LabCodeForm | None,
) -> HttpResponse:
    """The preview with the text in a hidden field: nothing is kept on the server before it's stored."""
    given = form.cleaned_data
    again = LabImportForm(
        initial={"text": given["text"], "is_file": given["is_file"], "at": given["at"]}, now=now
    )
    context = journey_context(journey, now) | {
        "page": IMPORTING,
        "form": form,
        "again": again,
        "read": read,
        "offers": offers(read, refused),
        "may_keep_codes": request.user.may(Permission.KEEP_LABORATORY_CODES, journey.center_id),
        "cancel_url": reverse("toxicity:laboratory", args=[journey.pk]),
    }
    status = 422 if form.errors or read.problems or refused else 200
    return render(request, "toxicity/laboratory/preview.html", context, status=status)
