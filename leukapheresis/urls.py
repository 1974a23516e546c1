"""Addresses of the leukapheresis room."""

from django.urls import path

from leukapheresis import views

app_name = "leukapheresis"
_JOURNEY = "journeys/<uuid:journey_id>"
urlpatterns = [
    path("apheresis/", views.calendar, name="calendar"),
    path("apheresis/slots/new/", views.slots_open, name="slots_open"),
    path("apheresis/slots/<uuid:slot_id>/", views.slot, name="slot"),
    path("apheresis/slots/<uuid:slot_id>/block/", views.slot_block, name="slot_block"),
    path("apheresis/slots/<uuid:slot_id>/unblock/", views.slot_unblock, name="slot_unblock"),
    path(f"{_JOURNEY}/apheresis/", views.booking, name="booking"),
    path(f"{_JOURNEY}/apheresis/cancel/", views.booking_cancel, name="booking_cancel"),
    path(f"{_JOURNEY}/collection/", views.collection_day, name="collection_day"),
    path(f"{_JOURNEY}/collection/complete/", views.collection_complete, name="collection_complete"),
]
