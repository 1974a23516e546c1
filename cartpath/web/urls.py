"""Addresses of the pages that span the stages."""

from django.urls import path

from cartpath.web.views import (
    absences,
    board,
    centers,
    follow_up,
    journey,
    mine,
    reminder_ledger,
    reminders,
    search,
    telling,
    today,
    week,
    why,
)
from cartpath.web.views.protocols import comparing, editing, moving, reading, rows, rule_list

app_name = "web"
_JOURNEY = "journeys/<uuid:journey_id>"
_REMINDER = "reminders/<uuid:reminder_id>"
_PROTOCOL = "protocols/<slug:protocol_id>"
_EDITION = f"{_PROTOCOL}/edition"
urlpatterns = [
    path("", today.today, name="today"),
    path("board/", board.show, name="board"),
    path("board/<slug:stage>/", board.stage, name="board_stage"),
    path("search/", search.search, name="search"),
    path("follow-up/", follow_up.show, name="follow_up"),
    path(f"{_JOURNEY}/", journey.show, name="journey"),
    path(f"{_JOURNEY}/timeline/", journey.show_timeline, name="journey_timeline"),
    path(f"{_JOURNEY}/ledger/", journey.show_ledger, name="journey_ledger"),
    path(f"{_JOURNEY}/reminders/", reminder_ledger.show, name="journey_reminders"),
    path(f"{_JOURNEY}/reminders/steps.csv", reminder_ledger.table, name="journey_reminders_csv"),
    path(f"{_JOURNEY}/why/<uuid:result_id>/", why.show, name="why"),
    path(f"{_REMINDER}/", reminders.reminder, name="reminder"),
    path(f"{_REMINDER}/acknowledge/", reminders.acknowledge, name="reminder_acknowledge"),
    path(f"{_REMINDER}/snooze/", reminders.snooze, name="reminder_snooze"),
    path(f"{_REMINDER}/complete/", reminders.complete, name="reminder_complete"),
    path("notices/", reminders.notices, name="notices"),
    path("notices/read/", reminders.notices_read, name="notices_read"),
    path("mine/", mine.show, name="mine"),
    path("mine/week/", week.show, name="week"),
    path("mine/absences/new/", absences.add, name="absence_new"),
    path("mine/absences/<uuid:absence_id>/end/", absences.end, name="absence_end"),
    path("rules/", rule_list.show, name="rules"),
    path("protocols/", reading.show_all, name="protocols"),
    path(f"{_PROTOCOL}/compare/", comparing.compare, name="protocol_compare"),
    path(f"{_PROTOCOL}/journeys/", reading.journeys, name="protocol_journeys"),
    path(f"{_EDITION}/", editing.show, name="edition"),
    path(f"{_EDITION}/start/", editing.start, name="edition_start"),
    path(f"{_EDITION}/approve/", editing.approve, name="edition_approve"),
    path(f"{_EDITION}/publish/", editing.publish, name="edition_publish"),
    path(f"{_EDITION}/discard/", editing.discard, name="edition_discard"),
    path(f"{_EDITION}/rules/", rows.show_all, name="edition_rows"),
    path(f"{_EDITION}/rules/<slug:row_id>/", rows.alter, name="edition_row"),
    path(f"{_EDITION}/rules/<slug:row_id>/retire/", rows.retire, name="edition_retire"),
    path(f"{_EDITION}/rules/<slug:row_id>/forget/", editing.forget, name="edition_forget"),
    path(f"{_EDITION}/add/<slug:kind>/", rows.add, name="edition_add"),
    # Last: any other word below a protocol is a version.
    path(f"{_PROTOCOL}/<slug:version>/", reading.show, name="protocol"),
    path(f"{_JOURNEY}/protocol/", moving.move, name="journey_protocol"),
    path("center/", centers.switch_center, name="switch_center"),
    path("center/telling/", telling.show, name="telling"),
    path("center/telling/webhooks/new/", telling.webhook_new, name="webhook_new"),
    path("center/telling/webhooks/<uuid:webhook_id>/revoke/", telling.webhook_end, name="webhook_revoke"),
    path("center/telling/retry/", telling.retry, name="deliveries_retry"),
    path("center/addresses/", telling.addresses, name="center_addresses"),
]
