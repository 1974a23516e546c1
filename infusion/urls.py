"""Addresses of the infusion room."""

from django.urls import path

from infusion import part_views, views

app_name = "infusion"
_JOURNEY = "journeys/<uuid:journey_id>"
urlpatterns = [
    path(f"{_JOURNEY}/lymphodepletion/", views.lymphodepletion, name="lymphodepletion"),
    path(f"{_JOURNEY}/lymphodepletion/waiver/", views.waiver, name="waiver"),
    path(f"{_JOURNEY}/checklist/", views.checklist_page, name="checklist"),
    path(f"{_JOURNEY}/checklist/<slug:item>/", views.checklist_item, name="checklist_item"),
    path(f"{_JOURNEY}/identity/", views.identity, name="identity"),
    path(f"{_JOURNEY}/thaw/", views.thaw, name="thaw"),
    path(f"{_JOURNEY}/thaw/timer/", views.timer, name="timer"),
    path(f"{_JOURNEY}/infusion/", views.infusion, name="infusion"),
    path(f"{_JOURNEY}/part/", part_views.part, name="part"),
    path(f"{_JOURNEY}/part/stop/", part_views.parts_stop, name="parts_stop"),
    path(f"{_JOURNEY}/finding/", part_views.finding, name="finding"),
]
