"""Addresses of growing up, part of those of the follow-up room."""

from typing import Final

from django.urls import URLPattern, path

from followup.growing import letter_views, views

_JOURNEY: Final = "journeys/<uuid:journey_id>"
_LETTER: Final = f"{_JOURNEY}/letters/<uuid:letter_id>"
growing_patterns: Final[list[URLPattern]] = [
    path("follow-up/where/", views.tracing, name="tracing"),
    path(f"{_JOURNEY}/attempts/new/", views.attempt, name="attempt"),
    path(f"{_JOURNEY}/lost/", views.lost, name="lost"),
    path(f"{_JOURNEY}/found/", views.found, name="found"),
    path(f"{_JOURNEY}/hand-over/", views.hand_over, name="hand_over"),
    path(f"{_JOURNEY}/hand-over/care/", views.hand_over_care, name="hand_over_care"),
    path(f"{_JOURNEY}/hand-over/steps/<slug:name>/", views.hand_over_step, name="hand_over_step"),
    path(f"{_JOURNEY}/letters/", letter_views.letter_list, name="letters"),
    path(f"{_JOURNEY}/letters/new/", letter_views.letter_new, name="letter_new"),
    path(f"{_LETTER}/", letter_views.letter, name="letter"),
    path(f"{_LETTER}/paper/", letter_views.letter_print, name="letter_print"),
    path(f"{_LETTER}/sign/", letter_views.letter_sign, name="letter_sign"),
    path(f"{_LETTER}/drop/", letter_views.letter_drop, name="letter_drop"),
    path(f"{_JOURNEY}/family/", letter_views.family_sheet_page, name="family_sheet"),
]
