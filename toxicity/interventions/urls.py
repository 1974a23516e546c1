"""Addresses of interventions and of the dosing weight."""

from typing import Final

from django.urls import URLPattern, path

from toxicity.interventions import views

_JOURNEY: Final = "journeys/<uuid:journey_id>"
_ONE: Final = f"{_JOURNEY}/interventions/<uuid:intervention_id>"
urlpatterns: list[URLPattern] = [
    path(f"{_JOURNEY}/interventions/", views.overview, name="interventions"),
    path(f"{_JOURNEY}/interventions/new/", views.intervene, name="intervene"),
    path(f"{_ONE}/correct/", views.correct, name="intervention_correct"),
    path(f"{_ONE}/stop/", views.stop, name="intervention_stop"),
    path(f"{_ONE}/stop/strike/", views.strike_stop, name="intervention_stop_strike"),
    path(f"{_ONE}/strike/", views.strike, name="intervention_strike"),
    path(f"{_JOURNEY}/dosing-weight/", views.dosing_weight, name="dosing_weight"),
    path(
        f"{_JOURNEY}/dosing-weight/<uuid:dosing_weight_id>/strike/",
        views.strike_dosing_weight,
        name="dosing_weight_strike",
    ),
]
