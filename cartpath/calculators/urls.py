"""Addresses of the calculators' pages."""

from django.urls import path

from cartpath.calculators import views

app_name = "calculators"
urlpatterns = [
    path("calculators/", views.show_all, name="all"),
    path("calculators/<slug:name>/", views.show, name="calculator"),
]
