"""Addresses of the pages that span the stages."""

from django.urls import path

from cartpath.web.views import board, centers, journey, protocols, reminders, search, today

app_name = "web"
_JOURNEY = "journeys/<uuid:journey_id>"
_REMINDER = "reminders/<uuid:reminder_id>"
urlpatterns = [
    path("", today.today, name="today"),
    path("board/", board.show, name="board"),
    path("board/<slug:stage>/", board.stage, name="board_stage"),
    path("search/", search.search, name="search"),
    path(f"{_JOURNEY}/", journey.show, name="journey"),
    path(f"{_JOURNEY}/timeline/", journey.show_timeline, name="journey_timeline"),
    path(f"{_JOURNEY}/ledger/", journey.show_ledger, name="journey_ledger"),
    path(f"{_REMINDER}/", reminders.reminder, name="reminder"),
    path(f"{_REMINDER}/acknowledge/", reminders.acknowledge, name="reminder_acknowledge"),
    path(f"{_REMINDER}/complete/", reminders.complete, name="reminder_complete"),
    path("notices/", reminders.notices, name="notices"),
    path("notices/read/", reminders.notices_read, name="notices_read"),
    path("protocols/", protocols.show_all, name="protocols"),
    path("protocols/<slug:protocol_id>/<slug:version>/", protocols.show, name="protocol"),
    path("center/", centers.switch_center, name="switch_center"),
]
