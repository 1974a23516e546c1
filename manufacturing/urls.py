"""Addresses of the manufacturing room."""

from django.urls import path

from manufacturing import views
from manufacturing.custody import doubt_views, setting_views
from manufacturing.custody import views as custody_views
from manufacturing.labels import views as label_views
from manufacturing.portals import views as portal_views
from manufacturing.quality import views as quality_views
from manufacturing.scanning import views as scan_views

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
    path("products/portal-load/", portal_views.load, name="portal_load"),
    path("products/portal-load.csv", portal_views.load_csv, name="portal_load_csv"),
    path("products/quotas/", portal_views.quotas, name="quotas"),
    path(f"{_JOURNEY}/order/change/", portal_views.change, name="order_change"),
    path(f"{_JOURNEY}/portal/<str:portal_page>/", portal_views.portal, name="portal"),
    path(f"{_JOURNEY}/portal/<uuid:entry_id>/strike/", portal_views.entry_strike, name="portal_strike"),
    path(f"{_JOURNEY}/manufacturing/expected/", portal_views.expected, name="expected"),
    path(f"{_JOURNEY}/quality/", quality_views.results, name="quality"),
    path(f"{_JOURNEY}/quality/<uuid:result_id>/strike/", quality_views.results_strike, name="quality_strike"),
    path(f"{_JOURNEY}/release/complete/", quality_views.completion, name="completion"),
    path(f"{_JOURNEY}/release/withdraw/", quality_views.recall, name="recall"),
    path("custody/breaks/", doubt_views.breaks, name="custody_breaks"),
    path("custody/storage/", doubt_views.storage, name="custody_storage"),
    path("custody/settings/", setting_views.settings, name="custody_settings"),
    path(f"{_JOURNEY}/custody/", custody_views.chain, name="custody"),
    path(f"{_JOURNEY}/custody/steps/<str:custody_step>/", custody_views.step, name="custody_step"),
    path(f"{_JOURNEY}/custody/bags/", custody_views.bags, name="custody_bags"),
    path(f"{_JOURNEY}/custody/identity/", custody_views.identity, name="custody_identity"),
    path(f"{_JOURNEY}/custody/events/<int:event_id>/strike/", custody_views.strike, name="custody_strike"),
    path(f"{_JOURNEY}/custody/breaks/new/", doubt_views.opening, name="custody_break"),
    path(f"{_JOURNEY}/custody/breaks/<int:number>/close/", doubt_views.closing, name="custody_break_close"),
    path(f"{_JOURNEY}/custody/items/<int:number>/quarantine/", doubt_views.quarantine, name="quarantine"),
    path(f"{_JOURNEY}/custody/items/<int:number>/lift/", doubt_views.lifting, name="quarantine_lift"),
    path("labels/", label_views.center_labels, name="center_labels"),
    path("labels/settings/", label_views.settings, name="label_settings"),
    path(f"{_JOURNEY}/labels/", label_views.labels, name="labels"),
    path(f"{_JOURNEY}/labels/print/", label_views.print_items, name="print_items"),
    path(f"{_JOURNEY}/labels/wristband/", label_views.print_wristband, name="print_wristband"),
    path(f"{_JOURNEY}/labels/print/<int:event_id>/", label_views.print_pdf, name="print_pdf"),
    path(f"{_JOURNEY}/labels/<uuid:label_id>/strike/", label_views.strike, name="label_strike"),
    path("scan/", scan_views.scan_any, name="scan"),
    path(f"{_JOURNEY}/scan/", scan_views.scan_child, name="scan_child"),
    path(f"{_JOURNEY}/scan/items/<int:number>/", scan_views.open_item, name="scan_item"),
    path(f"{_JOURNEY}/scan/stops/<int:number>/", scan_views.stop, name="scan_stop"),
]
