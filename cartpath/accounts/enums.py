"""Words of the accounts room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is in one center."""

    COORDINATOR = "coordinator", _("Coordinator")
    CLINICIAN = "clinician", _("Clinician")
    APHERESIS_NURSE = "apheresis_nurse", _("Apheresis nurse")
    WARD_NURSE = "ward_nurse", _("Ward nurse")
    CHARGE_NURSE = "charge_nurse", _("Charge nurse")
    REGISTRAR = "registrar", _("Registrar on call")
    ATTENDING = "attending", _("Attending physician")
    CELL_LAB = "cell_lab", _("Cell laboratory")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class Scope(models.TextChoices):
    """What a program may do over REST."""

    JOURNEYS_READ = "journeys:read", _("Read journeys, patients and their ledger")
    REFERRALS_WRITE = "referrals:write", _("Create referrals")
    SLOTS_READ = "slots:read", _("Read apheresis slots")
    BOOKINGS_WRITE = "bookings:write", _("Book and cancel apheresis slots")
    TOXICITY_WRITE = "toxicity:write", _("Record toxicity assessments")
    OBSERVATIONS_READ = "observations:read", _("Read observations, laboratory values and assessments")
    OBSERVATIONS_WRITE = "observations:write", _("Record observations and laboratory values")
    CUSTODY_WRITE = "custody:write", _("Record hand-overs of cells and products")
    REMINDERS_READ = "reminders:read", _("Read reminders")
    REMINDERS_WRITE = "reminders:write", _("Acknowledge and complete reminders")
