"""Addresses of hand-over sheets and discharge summaries, part of those of the toxicity room."""

from typing import Final

from django.urls import URLPattern, path

from toxicity.sheets import discharge_views, views

_JOURNEY: Final = "journeys/<uuid:journey_id>"
_SHEET: Final = f"{_JOURNEY}/hand-over-sheet"
_DISCHARGE: Final = f"{_JOURNEY}/discharge/<uuid:summary_id>"
sheet_patterns: Final[list[URLPattern]] = [
    path("ward/hand-over/", views.ward_sheet, name="ward_sheet"),
    path(f"{_SHEET}/", views.sheet, name="sheet"),
    path(f"{_SHEET}/write/", views.sheet_write, name="sheet_write"),
    path(f"{_SHEET}/<uuid:sheet_id>/", views.sheet, name="sheet_at"),
    path(f"{_SHEET}/<uuid:sheet_id>/strike/", views.sheet_strike, name="sheet_strike"),
    path(f"{_JOURNEY}/discharge/", discharge_views.summary_list, name="discharges"),
    path(f"{_JOURNEY}/discharge/new/", discharge_views.summary_new, name="discharge_new"),
    path(f"{_DISCHARGE}/", discharge_views.summary, name="discharge"),
    path(f"{_DISCHARGE}/paper/", discharge_views.summary_paper, name="discharge_paper"),
    path(f"{_DISCHARGE}/sign/", discharge_views.summary_sign, name="discharge_sign"),
    path(f"{_DISCHARGE}/drop/", discharge_views.summary_drop, name="discharge_drop"),
    path(f"{_DISCHARGE}/strike/", discharge_views.summary_strike, name="discharge_strike"),
]
