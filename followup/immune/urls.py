"""Addresses of the immune system, inside those of follow-up."""

from typing import Final

from django.urls import URLPattern, path

from followup.immune import views

_IMMUNE = "journeys/<uuid:journey_id>/immune"
immune_patterns: Final[list[URLPattern]] = [
    path(f"{_IMMUNE}/", views.overview, name="immune"),
    path(f"{_IMMUNE}/sample/", views.sample, name="immune_sample"),
    path(f"{_IMMUNE}/drug/", views.drug, name="immune_drug"),
    path(f"{_IMMUNE}/drug/<uuid:course_id>/end/", views.drug_end, name="immune_drug_end"),
    path(f"{_IMMUNE}/immunoglobulin/", views.immunoglobulin, name="immune_immunoglobulin"),
    path(f"{_IMMUNE}/vaccine/", views.vaccine, name="immune_vaccine"),
    path(f"{_IMMUNE}/<slug:what>/<uuid:row_id>/strike/", views.strike, name="immune_strike"),
]
