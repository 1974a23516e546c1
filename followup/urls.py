"""Addresses of the follow-up room."""

from django.urls import path

from followup import plan_views, views, visit_views
from followup.growing.urls import growing_patterns
from followup.immune.urls import immune_patterns
from followup.visit_urls import visit_patterns

app_name = "followup"
_JOURNEY = "journeys/<uuid:journey_id>"
urlpatterns = [
    path(f"{_JOURNEY}/follow-up/", plan_views.plan_page, name="plan"),
    *visit_patterns,
    *immune_patterns,
    *growing_patterns,
    path(f"{_JOURNEY}/follow-up/<slug:item>/", visit_views.visit, name="visit"),
    path(f"{_JOURNEY}/follow-up/<slug:item>/skip/", views.visit_skip, name="visit_skip"),
    path(f"{_JOURNEY}/follow-up/<slug:item>/arrange/", plan_views.arrange, name="arrange"),
    path(f"{_JOURNEY}/follow-up/<slug:item>/unarrange/", plan_views.unarrange, name="unarrange"),
    path(f"{_JOURNEY}/resets/<uuid:row_id>/strike/", plan_views.reset_strike, name="reset_strike"),
    path(f"{_JOURNEY}/transplant/", views.transplant, name="transplant"),
    path(f"{_JOURNEY}/relapse/", views.relapse, name="relapse"),
]
