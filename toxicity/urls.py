"""Addresses of the toxicity room."""

from django.urls import path

from toxicity import capd_views, views
from toxicity.alerts import views as alert_views
from toxicity.checks import views as check_views
from toxicity.course import views as course_views
from toxicity.episodes import views as episode_views
from toxicity.interventions import urls as interventions
from toxicity.laboratory import code_views
from toxicity.laboratory import urls as laboratory
from toxicity.observations import retiming_views
from toxicity.observations import views as sheet_views
from toxicity.sheets.urls import sheet_patterns

app_name = "toxicity"
_JOURNEY = "journeys/<uuid:journey_id>"
urlpatterns = [
    path("ward/", views.ward, name="ward"),
    path("center/capd/<slug:language>/", capd_views.wording, name="capd_wording"),
    path("center/capd/<slug:language>/end/", capd_views.end_wording, name="capd_wording_end"),
    path("center/laboratory-codes/", code_views.codes, name="laboratory_codes"),
    path("center/laboratory-codes/<uuid:code_id>/end/", code_views.end, name="laboratory_code_end"),
    path(f"{_JOURNEY}/toxicity/", views.assessment_list, name="list"),
    path(f"{_JOURNEY}/toxicity/new/", views.assess, name="assess"),
    path(f"{_JOURNEY}/toxicity/preview/", views.preview, name="preview"),
    path(f"{_JOURNEY}/toxicity/end/", views.end, name="end"),
    path(f"{_JOURNEY}/toxicity/<uuid:assessment_id>/strike/", views.strike, name="strike"),
    path(f"{_JOURNEY}/toxicity/<uuid:assessment_id>/sign/<slug:scale>/", views.sign, name="sign"),
    path(f"{_JOURNEY}/grades/", episode_views.grades, name="grades"),
    path(f"{_JOURNEY}/checks/", check_views.show, name="checks"),
    path(f"{_JOURNEY}/checks/<slug:check>/", check_views.change, name="checks_change"),
    path(f"{_JOURNEY}/course/", course_views.course, name="course"),
    path(f"{_JOURNEY}/flowsheet/", sheet_views.flowsheet, name="flowsheet"),
    path(f"{_JOURNEY}/observations/new/", sheet_views.observe, name="observe"),
    path(f"{_JOURNEY}/observations/preview/", sheet_views.observe_preview, name="observe_preview"),
    path(f"{_JOURNEY}/observations/<uuid:set_id>/", sheet_views.one_set, name="observation_set"),
    path(f"{_JOURNEY}/observations/<uuid:set_id>/correct/", sheet_views.correct, name="observation_correct"),
    path(f"{_JOURNEY}/observations/<uuid:set_id>/strike/", sheet_views.strike, name="observation_strike"),
    path(f"{_JOURNEY}/observations/<uuid:set_id>/time/", retiming_views.retime, name="observation_retime"),
    *interventions.urlpatterns,
    *laboratory.urlpatterns,
    path(f"{_JOURNEY}/alerts/", alert_views.show, name="alerts"),
    path(f"{_JOURNEY}/alerts/answer/", alert_views.acknowledge, name="alerts_answer"),
    *sheet_patterns,
]
