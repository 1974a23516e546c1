"""Addresses of papers, replays and packs."""

from django.urls import path

from cartpath.papers import pack_views, verify_views, views

app_name = "papers"
_JOURNEY = "journeys/<uuid:journey_id>"
urlpatterns = [
    path(f"{_JOURNEY}/papers/", views.papers, name="papers"),
    path(f"{_JOURNEY}/papers/card/", views.card, name="card"),
    path(f"{_JOURNEY}/papers/product/", views.product, name="product"),
    path(f"{_JOURNEY}/papers/custody/", views.report, name="report"),
    path(f"{_JOURNEY}/verify/", verify_views.verify_journey, name="verify"),
    path("day-sheet/", views.day, name="day"),
    path("center/verify/", verify_views.verify_center, name="verify_center"),
    path("center/downtime/", pack_views.packs, name="packs"),
    path("center/downtime/make/", pack_views.make, name="pack_make"),
    path("center/downtime/passphrase/", pack_views.passphrase, name="passphrase"),
    path("center/downtime/<uuid:pack_id>/take/", pack_views.take, name="pack_take"),
]
