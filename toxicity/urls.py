"""Addresses of the toxicity room."""

from django.urls import path

from toxicity import capd_views, views

app_name = "toxicity"
_JOURNEY = "journeys/<uuid:journey_id>"
urlpatterns = [
    path("ward/", views.ward, name="ward"),
    path("center/capd/<slug:language>/", capd_views.wording, name="capd_wording"),
    path("center/capd/<slug:language>/end/", capd_views.end_wording, name="capd_wording_end"),
    path(f"{_JOURNEY}/toxicity/", views.assessment_list, name="list"),
    path(f"{_JOURNEY}/toxicity/new/", views.assess, name="assess"),
    path(f"{_JOURNEY}/toxicity/preview/", views.preview, name="preview"),
    path(f"{_JOURNEY}/toxicity/end/", views.end, name="end"),
    path(f"{_JOURNEY}/toxicity/<uuid:assessment_id>/strike/", views.strike, name="strike"),
    path(f"{_JOURNEY}/toxicity/<uuid:assessment_id>/sign/<slug:scale>/", views.sign, name="sign"),
    path(f"{_JOURNEY}/interventions/new/", views.intervene, name="intervene"),
]
