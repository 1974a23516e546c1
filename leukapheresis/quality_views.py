"""The quality page of the apheresis unit, and its points as a table for other programs."""

import csv
from collections.abc import Iterator
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.spreadsheets import harmless
from leukapheresis.quality.cases import Case, cases_of
from leukapheresis.quality.drawing import drawing
from leukapheresis.quality.measures import PERIODS, UNKNOWN, Filters, Measure
from leukapheresis.quality.picture import Picture, picture
from leukapheresis.quality.words import band_choices
from leukapheresis.rules import charts, weight_bands

_COLUMNS: Final = (
    *("date", "journey", "round", "day", "device", "weight_kg", "weight_band", "measure", "value", "unit"),
)


@page(Permission.VIEW_PATIENTS)
@require_GET
def quality(request: PersonRequest) -> HttpResponse:
    """One measure over time, by weight band, device and period."""
    filters, drawn = _asked(request)
    context = {
        "filters": filters,
        "picture": drawn,
        "drawing": drawing(drawn),
        "measures": [
            (measure.label, filters.but(measure=measure).query, measure == filters.measure)
            for measure in Measure
        ],
        "bands": band_choices(),
        "band_label": dict(band_choices()).get(filters.band, ""),
        "devices": drawn.device_choices,
        "periods": PERIODS.items(),
        "period_label": PERIODS[filters.period],
        "fewest": charts.FEWEST,
        "firm_from": charts.FIRM_FROM,
        "sources": (charts.SOURCE, weight_bands.SOURCE),
        "all_query": Filters(measure=filters.measure, period="all").query,
        "center": request.center,
    }
    return render(request, "leukapheresis/quality.html", context)


@page(Permission.VIEW_PATIENTS)
@require_GET
def quality_csv(request: PersonRequest) -> HttpResponse:
    """The cases of the page as CSV: journeys by their number, no names, no free text."""
    filters, drawn = _asked(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    today = timezone.localtime(timezone.now()).date()
    response["Content-Disposition"] = (
        f'attachment; filename="apheresis-{filters.measure}-{today:%Y-%m-%d}.csv"'
    )
    response["Cache-Control"] = "no-store"
    table = csv.writer(response)
    table.writerow(_COLUMNS)
    for row in drawn.rows:
        for case in row.cases:
            table.writerow(list(_cells(case, filters.measure)))
    return response


def _asked(request: PersonRequest) -> tuple[Filters, Picture]:
    filters = Filters.read(request.GET)
    today = timezone.localtime(timezone.now()).date()
    cases = cases_of(request.user, request.center, filters.measure)
    return filters, picture(cases, filters, today=today)


def _cells(case: Case, measure: Measure) -> Iterator[str]:
    """One line. What is unknown is the word, never an empty cell that a program would take for 0."""
    yield case.on.isoformat()
    yield str(case.journey_id)
    yield str(case.round)
    yield "all" if case.day is None else str(case.day)
    yield harmless("; ".join(case.devices)) or UNKNOWN
    yield UNKNOWN if case.weight_kg is None else f"{case.weight_kg:g}"
    yield case.band_key
    yield measure.value
    yield UNKNOWN if case.value is None else f"{case.value:.6g}"
    yield "1 = yes, 0 = no" if measure.is_counted else _unit(measure)


def _unit(measure: Measure) -> str:
    return "1e6/kg" if measure is Measure.CD3_PER_KG else measure.unit
