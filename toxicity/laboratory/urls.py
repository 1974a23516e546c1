"""Addresses of the laboratory, below a journey."""

from django.urls import path

from toxicity.laboratory import views

_LABORATORY = "journeys/<uuid:journey_id>/laboratory"
urlpatterns = [
    path(f"{_LABORATORY}/", views.show, name="laboratory"),
    path(f"{_LABORATORY}/new/", views.record, name="laboratory_new"),
    path(f"{_LABORATORY}/import/", views.import_page, name="laboratory_import"),
    path(f"{_LABORATORY}/sets/", views.sets, name="laboratory_sets"),
    path(f"{_LABORATORY}/sets/<uuid:set_id>/correct/", views.correct, name="laboratory_correct"),
    path(f"{_LABORATORY}/sets/<uuid:set_id>/strike/", views.strike, name="laboratory_strike"),
    path(f"{_LABORATORY}/iec-hs/", views.consider, name="hyperinflammation"),
    path(f"{_LABORATORY}/values/<slug:code>/", views.analyte, name="laboratory_analyte"),
]
