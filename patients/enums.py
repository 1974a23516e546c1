"""Words of the patients room."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(models.TextChoices):
    """Where a journey is now, in the order of the way."""

    REFERRED = "referred", _("Referred")
    ACCEPTED = "accepted", _("Accepted")
    APHERESIS_PLANNED = "apheresis_planned", _("Apheresis planned")
    COLLECTED = "collected", _("Collected")
    MANUFACTURING = "manufacturing", _("Manufacturing")
    RELEASED = "released", _("Released")
    LYMPHODEPLETION = "lymphodepletion", _("Lymphodepletion")
    INFUSED = "infused", _("Acute monitoring")
    FOLLOW_UP = "follow_up", _("Follow-up")
    CLOSED = "closed", _("Closed")


class ClosingReason(models.TextChoices):
    """Why a journey ended."""

    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn by the family")
    DIED = "died", _("Died")
    LOST_TO_FOLLOW_UP = "lost_to_follow_up", _("Lost to follow-up")
    TRANSFERRED = "transferred", _("Transferred to another center")
    MANUFACTURING_FAILED = "manufacturing_failed", _("Manufacturing failed")
    COMPLETED = "completed", _("Completed")


class Sex(models.TextChoices):
    """Sex as needed by clinical rules."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    UNKNOWN = "unknown", _("Sex unknown")


class AllergyState(models.TextChoices):
    """Exactly one of four, so that silence is never read as none."""

    KNOWN = "known", _("Known allergies")
    NONE_KNOWN = "none_known", _("No known allergies")
    NOT_RECORDED = "not_recorded", _("Allergies not recorded")
    UNAVAILABLE = "unavailable", _("Allergies unavailable")


class Language(models.TextChoices):
    """Languages a family may speak with us; others are written out in the contact's note."""

    IT = "it", _("Italian")
    EN = "en", _("English")
    AR = "ar", _("Arabic")
    DE = "de", _("German")
    ES = "es", _("Spanish")
    FR = "fr", _("French")
    RO = "ro", _("Romanian")
    SQ = "sq", _("Albanian")
    UK = "uk", _("Ukrainian")
    ZH = "zh", _("Chinese")


class Urgency(models.TextChoices):
    """How soon the referral must be seen."""

    ROUTINE = "routine", _("Routine")
    URGENT = "urgent", _("Urgent")
    EMERGENCY = "emergency", _("Emergency")


class ReferralState(models.TextChoices):
    """The referral's own way to a decision."""

    SUBMITTED = "submitted", pgettext_lazy("referral", "Submitted")
    DEFERRED = "deferred", pgettext_lazy("referral", "Deferred")
    ACCEPTED = "accepted", pgettext_lazy("referral", "Accepted")
    DECLINED = "declined", pgettext_lazy("referral", "Declined")


class Diagnosis(models.TextChoices):
    """What the child is treated for."""

    B_ALL = "b_all", _("B-cell acute lymphoblastic leukemia")
    B_NHL = "b_nhl", _("B-cell non-Hodgkin lymphoma")
    T_ALL = "t_all", _("T-cell acute lymphoblastic leukemia")
    NEUROBLASTOMA = "neuroblastoma", _("Neuroblastoma")
    CNS_TUMOR = "cns_tumor", _("Central nervous system tumor")
    OTHER = "other", _("Other diagnosis")


class DiseaseStatus(models.TextChoices):
    """Why CAR T is considered."""

    PRIMARY_REFRACTORY = "primary_refractory", _("Primary refractory")
    CHEMOREFRACTORY = "chemorefractory", _("Chemorefractory relapse")
    FIRST_RELAPSE = "first_relapse", _("First relapse")
    SECOND_OR_LATER_RELAPSE = "second_or_later_relapse", _("Second or later relapse")
    RELAPSE_AFTER_HSCT = "relapse_after_hsct", _("Relapse after transplant")
    REMISSION = "remission", _("In remission")


class Cd19Status(models.TextChoices):
    """CD19 on the leukemic cells."""

    POSITIVE = "positive", pgettext_lazy("CD19", "Positive")
    NEGATIVE = "negative", pgettext_lazy("CD19", "Negative")
    DIM = "dim", pgettext_lazy("CD19", "Dim")


class PerformanceScale(models.TextChoices):
    """Which scale a performance score was taken on; the switch age differs by protocol."""

    LANSKY = "lansky", "Lansky"
    KARNOFSKY = "karnofsky", "Karnofsky"


class DrugClass(models.TextChoices):
    """Classes the washout rules know, and those they don't: unknown then, never clear."""

    CORTICOSTEROID = "corticosteroid", _("Corticosteroid")
    CYTOTOXIC = "cytotoxic", _("Cytotoxic chemotherapy")
    IMMUNOSUPPRESSION = "immunosuppression", _("Immunosuppression")
    CHECKPOINT_INHIBITOR = "checkpoint_inhibitor", _("Checkpoint inhibitor")
    HSCT = "hsct", _("Stem-cell transplant")
    TKI = "tki", _("Tyrosine kinase inhibitor")
    INTRATHECAL = "intrathecal", _("Intrathecal chemotherapy")
    ASPARAGINASE = "asparaginase", _("Asparaginase")
    BLINATUMOMAB = "blinatumomab", _("Blinatumomab")
    INOTUZUMAB = "inotuzumab", _("Inotuzumab ozogamicin")
    ANTI_T_CELL_ANTIBODY = "anti_t_cell_antibody", _("Alemtuzumab or ATG")
    DLI = "dli", _("Donor lymphocytes")
    RADIOTHERAPY = "radiotherapy", _("Radiotherapy")
    CAR_T = "car_t", _("CAR T cells")
    ANTI_GD2_ANTIBODY = "anti_gd2_antibody", _("Antibody against GD2")
    SYSTEMIC_THERAPY = "systemic_therapy", _("Other systemic drug")
    OTHER = "other", _("Other treatment")


class CriterionVerdict(models.TextChoices):
    """What is known of one eligibility criterion."""

    MET = "met", _("Met")
    NOT_MET = "not_met", _("Not met")
    WAIVED = "waived", _("Waived")
    UNKNOWN = "unknown", _("Unknown")


class ConsentKind(models.TextChoices):
    """Whose agreement it is."""

    CONSENT = "consent", _("Guardian's consent")
    ASSENT = "assent", _("Child's assent")
    OWN_CONSENT = "own_consent", _("Patient's own consent")
    DONATION = "donation", _("Consent to the donation")


class ConsentSigner(models.TextChoices):
    """Who signed the consent to a donation; empty for every other agreement."""

    DONOR = "donor", _("The donor")
    GUARDIAN = "guardian", _("The donor's guardian")


class DonorRelation(models.TextChoices):
    """Who the donor is to the child."""

    MOTHER = "mother", _("Mother")
    FATHER = "father", _("Father")
    SIBLING = "sibling", _("Brother or sister")
    OTHER_RELATIVE = "other_relative", _("Another relative")
    UNRELATED = "unrelated", _("Not related")


class SerologyResult(models.TextChoices):
    """What a test for an infection showed."""

    NEGATIVE = "negative", pgettext_lazy("serology", "Negative")
    POSITIVE = "positive", pgettext_lazy("serology", "Positive")


class ContactRelation(models.TextChoices):
    """Who the contact is to the child."""

    MOTHER = "mother", _("Mother")
    FATHER = "father", _("Father")
    GUARDIAN = "guardian", _("Guardian")
    PATIENT = "patient", _("The patient")
    OTHER = "other", pgettext_lazy("relation", "Other")


class GuardianRelation(models.TextChoices):
    """Who decides for the child by law."""

    MOTHER = "mother", _("Mother")
    FATHER = "father", _("Father")
    RELATIVE = "relative", _("Another relative")
    APPOINTED = "appointed", _("Guardian appointed by a court")
    INSTITUTION = "institution", _("Institution")
