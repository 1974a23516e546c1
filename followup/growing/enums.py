"""Words of growing up."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class HandOverStepKind(models.TextChoices):
    """The steps to adult care, in their order."""

    READINESS = "readiness", _("Readiness talked over with the patient")
    CENTER_AGREED = "center_agreed", _("Adult center named and agreed")
    SUMMARY_LETTER = "summary_letter", _("Summary letter made")
    FIRST_VISIT = "first_visit", _("First visit at the adult center held")
    SAFETY_ACCEPTED = "safety_accepted", _("Adult center keeps the 15-year safety follow-up")


class SafetyKeeper(models.TextChoices):
    """Who keeps the 15-year safety follow-up."""

    US = "us", _("Our center")
    THEM = "them", _("The adult center")


class ContactWay(models.TextChoices):
    """How somebody tried to reach a family."""

    PHONE = "phone", _("Phone")
    LETTER = "letter", _("Letter")
    E_MAIL = "e_mail", _("E-mail")
    HOME_HOSPITAL = "home_hospital", _("Home hospital")
    REGISTRY_OFFICE = "registry_office", _("Registry office")


class ContactOutcome(models.TextChoices):
    """What came of it."""

    REACHED = "reached", pgettext_lazy("attempt", "Reached")
    NO_ANSWER = "no_answer", _("No answer")
    LEFT_MESSAGE = "left_message", _("Message left")
    WRONG_NUMBER = "wrong_number", _("Wrong number or address")
    MOVED = "moved", _("Moved away")


class TraceState(models.TextChoices):
    """Whether we know where a child is."""

    LOST = "lost", pgettext_lazy("contact", "Lost")
    NOT_SEEN = "not_seen", _("Not seen, nobody has asked yet")
    LOOKED_FOR = "looked_for", _("Being looked for")
    FOUND = "found", _("Found again")
    IN_CONTACT = "in_contact", _("In contact")


class LetterKind(models.TextChoices):
    """What a letter is for."""

    SHARED_CARE = "shared_care", _("Shared care")
    HAND_OVER = "hand_over", _("Hand-over to adult care")
    FAMILY_SUMMARY = "family_summary", _("Summary for the family")
    SCHOOL = "school", _("For the school")
