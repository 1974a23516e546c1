"""Addresses of the patients room."""

from django.urls import path

from patients import donor_views, family_views, views

app_name = "patients"
_JOURNEY = "journeys/<uuid:journey_id>"
urlpatterns = [
    path("referrals/new/", views.referral_new, name="referral_new"),
    path(f"{_JOURNEY}/treatments/new/", views.treatment_new, name="treatment_new"),
    path(f"{_JOURNEY}/patient/", views.patient_change, name="patient_change"),
    path(f"{_JOURNEY}/measurements/new/", views.measurement_new, name="measurement_new"),
    path(f"{_JOURNEY}/contacts/new/", views.contact_new, name="contact_new"),
    path(f"{_JOURNEY}/consents/new/", family_views.consent_new, name="consent_new"),
    path(f"{_JOURNEY}/consents/withdraw/", family_views.consent_withdraw, name="consent_withdraw"),
    path(f"{_JOURNEY}/guardians/new/", family_views.guardian_new, name="guardian_new"),
    path(f"{_JOURNEY}/guardians/<int:guardian_id>/", family_views.guardian_change, name="guardian_change"),
    path(f"{_JOURNEY}/home-hospital/", family_views.home_hospital, name="home_hospital"),
    path(f"{_JOURNEY}/donor/", donor_views.donor, name="donor"),
    path(f"{_JOURNEY}/donor/consent/", donor_views.donor_consent, name="donor_consent"),
    path(f"{_JOURNEY}/eligibility/", views.eligibility, name="eligibility"),
    path(f"{_JOURNEY}/eligibility/<slug:criterion>/", views.criterion_assess, name="criterion"),
    path(f"{_JOURNEY}/accept/", views.referral_accept, name="accept"),
    path(f"{_JOURNEY}/defer/", views.referral_defer, name="defer"),
    path(f"{_JOURNEY}/decline/", views.referral_decline, name="decline"),
    path(f"{_JOURNEY}/close/", views.journey_close, name="close"),
]
