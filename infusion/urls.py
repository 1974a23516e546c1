"""Addresses of the infusion room."""

from django.urls import path

from infusion import part_views, views
from infusion.bedside import views as bedside_views
from infusion.bridging import views as bridging_views
from infusion.depletion import views as depletion_views
from infusion.ready import views as ready_views

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
    path(f"{_JOURNEY}/bedside/", bedside_views.bedside, name="bedside"),
    path(f"{_JOURNEY}/bedside/scan/", bedside_views.scan, name="bedside_scan"),
    path(f"{_JOURNEY}/bedside/bags/<uuid:item_id>/sign/", bedside_views.sign, name="bedside_sign"),
    path(f"{_JOURNEY}/bedside/bags/<uuid:item_id>/thaw/", bedside_views.thaw, name="bedside_thaw"),
    path(f"{_JOURNEY}/bedside/bags/<uuid:item_id>/start/", bedside_views.start, name="bedside_start"),
    path(f"{_JOURNEY}/bedside/bags/<uuid:item_id>/end/", bedside_views.end, name="bedside_end"),
    path(f"{_JOURNEY}/bedside/premedication/", bedside_views.premedication, name="bedside_premedication"),
    path(f"{_JOURNEY}/bedside/reaction/", bedside_views.reaction, name="bedside_reaction"),
    path(f"{_JOURNEY}/bedside/error/<slug:what>/<uuid:row_id>/", bedside_views.strike, name="bedside_strike"),
    path(f"{_JOURNEY}/ready/", ready_views.ready, name="ready"),
    path(f"{_JOURNEY}/ready/go-on/<slug:item>/", ready_views.override, name="override"),
    path(f"{_JOURNEY}/holds/", ready_views.holds, name="holds"),
    path(f"{_JOURNEY}/holds/new/", ready_views.hold_new, name="hold_new"),
    path(f"{_JOURNEY}/holds/<uuid:hold_id>/review/", ready_views.hold_review, name="hold_review"),
    path(f"{_JOURNEY}/holds/<uuid:hold_id>/end/", ready_views.hold_end, name="hold_end"),
    path(f"{_JOURNEY}/holds/<uuid:hold_id>/error/", ready_views.strike, name="hold_strike"),
    path(f"{_JOURNEY}/bridging/", bridging_views.courses, name="bridging"),
    path(f"{_JOURNEY}/bridging/new/", bridging_views.begin, name="bridging_new"),
    path(f"{_JOURNEY}/bridging/<uuid:course_id>/end/", bridging_views.end, name="bridging_end"),
    path(f"{_JOURNEY}/bridging/<uuid:course_id>/error/", bridging_views.strike, name="bridging_strike"),
    path(f"{_JOURNEY}/lymphodepletion/plan/", depletion_views.plan, name="depletion_plan"),
    path(
        f"{_JOURNEY}/lymphodepletion/plan/<uuid:plan_id>/error/",
        depletion_views.strike,
        name="depletion_plan_strike",
    ),
    path(f"{_JOURNEY}/part/", part_views.part, name="part"),
    path(f"{_JOURNEY}/part/stop/", part_views.parts_stop, name="parts_stop"),
    path(f"{_JOURNEY}/finding/", part_views.finding, name="finding"),
]
