"""Addresses of the API, below `/api/v1/`."""

from django.urls import path, re_path

from cartpath.api.schema import description
from cartpath.api.views.alerts import AlertAnswerView, AlertsView
from cartpath.api.views.bags import BagComparisonView
from cartpath.api.views.bedside import ChecksView, EpisodesView, HandOverSheetsView
from cartpath.api.views.bookings import (
    BookingCancelView,
    BookingConfirmView,
    BookingMoveView,
    BookingReleaseView,
    BookingsView,
    BookingView,
)
from cartpath.api.views.calculators import CALCULATOR_VIEWS, CalculatorsView, no_calculator
from cartpath.api.views.changes import ChangesView
from cartpath.api.views.custody import CustodyEntriesView, CustodyItemsView
from cartpath.api.views.description import DocsView
from cartpath.api.views.dosing_weights import DosingWeightsView
from cartpath.api.views.interventions import InterventionStopView, InterventionsView
from cartpath.api.views.journeys import EventsView, JourneysView, JourneyView
from cartpath.api.views.laboratory import LaboratoryView
from cartpath.api.views.leukapheresis import SlotsView
from cartpath.api.views.observations import ObservationsView
from cartpath.api.views.patients import PatientsView, PatientView
from cartpath.api.views.products import OrdersView, ReadinessView
from cartpath.api.views.referrals import ReferralsView
from cartpath.api.views.reminders import AcknowledgeView, CompleteView, RemindersView, ReminderView
from cartpath.api.views.toxicity import AssessmentsView
from cartpath.api.views.unknown import unknown

app_name = "api"

urlpatterns = [
    path("journeys/<uuid:journey_id>/", JourneyView.as_view(), name="journey"),
    path("journeys/", JourneysView.as_view(), name="journeys"),
    path("journeys/<uuid:journey_id>/events/", EventsView.as_view(), name="journey_events"),
    path(
        "journeys/<uuid:journey_id>/toxicity-assessments/",
        AssessmentsView.as_view(),
        name="toxicity_assessments",
    ),
    path("journeys/<uuid:journey_id>/interventions/", InterventionsView.as_view(), name="interventions"),
    path(
        "journeys/<uuid:journey_id>/interventions/<uuid:intervention_id>/stop/",
        InterventionStopView.as_view(),
        name="intervention_stop",
    ),
    path("journeys/<uuid:journey_id>/bag-comparisons/", BagComparisonView.as_view(), name="bag_comparisons"),
    path("journeys/<uuid:journey_id>/custody/items/", CustodyItemsView.as_view(), name="custody_items"),
    path("journeys/<uuid:journey_id>/custody/entries/", CustodyEntriesView.as_view(), name="custody_entries"),
    path("journeys/<uuid:journey_id>/dosing-weights/", DosingWeightsView.as_view(), name="dosing_weights"),
    path("journeys/<uuid:journey_id>/alerts/", AlertsView.as_view(), name="alerts"),
    path(
        "journeys/<uuid:journey_id>/alerts/acknowledge/",
        AlertAnswerView.as_view(),
        name="alerts_acknowledge",
    ),
    path("journeys/<uuid:journey_id>/episodes/", EpisodesView.as_view(), name="episodes"),
    path("journeys/<uuid:journey_id>/checks/", ChecksView.as_view(), name="checks"),
    path(
        "journeys/<uuid:journey_id>/hand-over-sheets/",
        HandOverSheetsView.as_view(),
        name="hand_over_sheets",
    ),
    path("journeys/<uuid:journey_id>/orders/", OrdersView.as_view(), name="orders"),
    path("journeys/<uuid:journey_id>/readiness/", ReadinessView.as_view(), name="readiness"),
    path("journeys/<uuid:journey_id>/laboratory/", LaboratoryView.as_view(), name="laboratory"),
    path("journeys/<uuid:journey_id>/observations/", ObservationsView.as_view(), name="observations"),
    path("patients/", PatientsView.as_view(), name="patients"),
    path("patients/<uuid:patient_id>/", PatientView.as_view(), name="patient"),
    path("referrals/", ReferralsView.as_view(), name="referrals"),
    path("changes/", ChangesView.as_view(), name="changes"),
    path("leukapheresis/slots/", SlotsView.as_view(), name="slots"),
    path("leukapheresis/bookings/", BookingsView.as_view(), name="bookings"),
    path("leukapheresis/bookings/<uuid:booking_id>/", BookingView.as_view(), name="booking"),
    path(
        "leukapheresis/bookings/<uuid:booking_id>/confirm/",
        BookingConfirmView.as_view(),
        name="booking_confirm",
    ),
    path(
        "leukapheresis/bookings/<uuid:booking_id>/release/",
        BookingReleaseView.as_view(),
        name="booking_release",
    ),
    path("leukapheresis/bookings/<uuid:booking_id>/move/", BookingMoveView.as_view(), name="booking_move"),
    path(
        "leukapheresis/bookings/<uuid:booking_id>/cancel/", BookingCancelView.as_view(), name="booking_cancel"
    ),
    path("reminders/", RemindersView.as_view(), name="reminders"),
    path("reminders/<uuid:reminder_id>/", ReminderView.as_view(), name="reminder"),
    path("reminders/<uuid:reminder_id>/acknowledge/", AcknowledgeView.as_view(), name="reminder_acknowledge"),
    path("reminders/<uuid:reminder_id>/complete/", CompleteView.as_view(), name="reminder_complete"),
    path("calculators/", CalculatorsView.as_view(), name="calculators"),
    *(
        path(f"calculators/{name}/", view.as_view(), name=f"calculator_{name}")
        for name, view in CALCULATOR_VIEWS.items()
    ),
    path("calculators/<str:name>/", no_calculator, name="no_calculator"),
    path("schema/", description, name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    re_path("", unknown, name="unknown"),
]
