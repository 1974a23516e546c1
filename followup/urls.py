"""Addresses of the follow-up room."""

from django.urls import path

from followup import views

app_name = "followup"
_JOURNEY = "journeys/<uuid:journey_id>"
urlpatterns = [
    path("follow-up/", views.overview_page, name="overview"),
    path(f"{_JOURNEY}/follow-up/", views.plan_page, name="plan"),
    path(f"{_JOURNEY}/follow-up/visits/<uuid:visit_id>/strike/", views.visit_strike, name="visit_strike"),
    path(f"{_JOURNEY}/follow-up/<slug:item>/", views.visit, name="visit"),
    path(f"{_JOURNEY}/follow-up/<slug:item>/skip/", views.visit_skip, name="visit_skip"),
    path(f"{_JOURNEY}/transplant/", views.transplant, name="transplant"),
    path(f"{_JOURNEY}/relapse/", views.relapse, name="relapse"),
]
