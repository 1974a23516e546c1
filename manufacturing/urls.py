"""Addresses of the manufacturing room."""

from django.urls import path

from manufacturing import views

app_name = "manufacturing"
_JOURNEY = "journeys/<uuid:journey_id>"
urlpatterns = [
    path("products/", views.products, name="products"),
    path(f"{_JOURNEY}/order/", views.order, name="order"),
    path(f"{_JOURNEY}/manufacturing/", views.milestones, name="milestones"),
    path(f"{_JOURNEY}/manufacturing/failed/", views.failure, name="failure"),
    path(f"{_JOURNEY}/release/", views.release, name="release"),
    path(f"{_JOURNEY}/out-of-specification/", views.out_of_specification, name="out_of_specification"),
    path(f"{_JOURNEY}/out-of-specification/decision/", views.decision, name="decision"),
    path(f"{_JOURNEY}/receipt/", views.receipt, name="receipt"),
]
