"""Addresses of visits, findings over time, infections, and cases of a new malignancy."""

from typing import Final

from django.urls import URLPattern, path

from followup import case_views, visit_views

_JOURNEY: Final = "journeys/<uuid:journey_id>"
_VISIT: Final = f"{_JOURNEY}/follow-up/visits/<uuid:visit_id>"
_CASE: Final = f"{_JOURNEY}/new-malignancy/<uuid:case_id>"

# Before the plan's own addresses, whose visits are named by any word.
visit_patterns: Final[list[URLPattern]] = [
    path(f"{_JOURNEY}/follow-up/over-time/", visit_views.course, name="course"),
    path(f"{_VISIT}/", visit_views.visit_page, name="visit_page"),
    path(f"{_VISIT}/add/", visit_views.add, name="findings_add"),
    path(f"{_VISIT}/strike/", visit_views.strike, name="visit_strike"),
    path(
        f"{_JOURNEY}/follow-up/findings/<uuid:addition_id>/strike/",
        visit_views.strike_added,
        name="findings_strike",
    ),
    path(f"{_JOURNEY}/infections/", case_views.infection_log, name="infections"),
    path(f"{_JOURNEY}/infections/add/", case_views.infection, name="infection"),
    path(
        f"{_JOURNEY}/infections/<uuid:infection_id>/strike/",
        case_views.infection_in_error,
        name="infection_strike",
    ),
    path("follow-up/new-malignancies/", case_views.open_cases_page, name="open_cases"),
    path(f"{_JOURNEY}/new-malignancy/", case_views.cases, name="cases"),
    path(f"{_JOURNEY}/new-malignancy/add/", case_views.suspect, name="suspect"),
    path(f"{_CASE}/steps/<slug:step>/", case_views.case_step, name="case_step"),
    path(f"{_CASE}/close/", case_views.case_end, name="case_close"),
    path(f"{_CASE}/strike/", case_views.case_in_error, name="case_strike"),
]
