"""Words of what a visit finds, of infections, and of the case of a new malignancy."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Material(models.TextChoices):
    """Where a sample was taken."""

    MARROW = "marrow", _("Marrow")
    BLOOD = "blood", _("Blood")


class CarMethod(models.TextChoices):
    """How CAR T cells were looked for."""

    QPCR = "qpcr", "qPCR"
    FLOW = "flow", _("Flow cytometry")


class CarResult(models.TextChoices):
    """Whether CAR T cells were found at all; below the limit is an answer of its own."""

    DETECTED = "detected", pgettext_lazy("CAR T cells", "Detected")
    BELOW_LIMIT = "below_limit", _("Below the limit of detection")


class VirusResult(models.TextChoices):
    """Replication-competent virus: tested, or the sample kept."""

    NEGATIVE = "negative", pgettext_lazy("virus test", "Negative")
    POSITIVE = "positive", pgettext_lazy("virus test", "Positive")
    ARCHIVED = "archived", _("Sample kept, not tested")


class EcgResult(models.TextChoices):
    """How an ECG or an echocardiogram looked."""

    NORMAL = "normal", pgettext_lazy("ECG", "Normal")
    ABNORMAL = "abnormal", pgettext_lazy("ECG", "Abnormal")


class Schooling(models.TextChoices):
    """Whether a child goes to school."""

    FULL = "full", _("Full-time")
    PART = "part", _("Part-time")
    NO = "no", pgettext_lazy("goes to school", "Not at all")
    NOT_OF_AGE = "not_of_age", _("Not of school age")


class Respondent(models.TextChoices):
    """Who answered a questionnaire."""

    SELF = "self", pgettext_lazy("questionnaire", "The child")
    PARENT = "parent", pgettext_lazy("questionnaire", "A parent")


class PregnancyTest(models.TextChoices):
    """Result of a pregnancy test."""

    NEGATIVE = "negative", pgettext_lazy("pregnancy test", "Negative")
    POSITIVE = "positive", pgettext_lazy("pregnancy test", "Positive")


class PregnancyOutcome(models.TextChoices):
    """What became of a pregnancy, of the patient or of a partner."""

    ONGOING = "ongoing", pgettext_lazy("pregnancy", "Ongoing")
    LIVE_BIRTH = "live_birth", _("Live birth")
    LOSS = "loss", _("Miscarriage or stillbirth")
    TERMINATED = "terminated", pgettext_lazy("pregnancy", "Terminated")


class MalignancyScreen(models.TextChoices):
    """What the search for a new malignancy found."""

    NONE = "none", _("None found")
    SUSPECTED = "suspected", _("Suspected")


class InfectionKind(models.TextChoices):
    """What sort of germ."""

    BACTERIAL = "bacterial", _("Bacterial")
    VIRAL = "viral", _("Viral")
    FUNGAL = "fungal", _("Fungal")
    PARASITIC = "parasitic", _("Parasitic")
    NO_GERM = "no_germ", _("No germ found")


class InfectionSeverity(models.TextChoices):
    """How bad an infection was; from severe on it counts as serious."""

    MILD = "mild", pgettext_lazy("infection", "Mild")
    MODERATE = "moderate", pgettext_lazy("infection", "Moderate")
    SEVERE = "severe", pgettext_lazy("infection", "Severe")
    LIFE_THREATENING = "life_threatening", _("Life-threatening")


class InfectionSite(models.TextChoices):
    """Where an infection sat."""

    BLOODSTREAM = "bloodstream", _("Bloodstream")
    LUNG = "lung", _("Lung")
    UPPER_AIRWAY = "upper_airway", _("Ear, nose, throat, sinuses")
    GUT = "gut", _("Gut")
    URINARY = "urinary", _("Urinary tract")
    SKIN = "skin", _("Skin and soft tissue")
    NERVOUS_SYSTEM = "nervous_system", _("Central nervous system")
    LIVER = "liver", _("Liver")
    OTHER = "other", pgettext_lazy("site of infection", "Elsewhere")


class MalignancyKind(models.TextChoices):
    """What sort of new malignancy is thought of."""

    T_CELL = "t_cell", _("T-cell malignancy")
    MYELOID = "myeloid", _("Myeloid neoplasm")
    B_CELL_OTHER = "b_cell_other", _("Another B-cell malignancy")
    SOLID = "solid", _("Solid tumor")
    OTHER = "other", pgettext_lazy("malignancy", "Other or not known yet")


class MalignancyStep(models.TextChoices):
    """What a case of a new malignancy asks for, in order."""

    MANUFACTURER_NOTIFIED = "manufacturer_notified", _("Manufacturer notified")
    KIT_REQUESTED = "kit_requested", _("Sample kit asked for")
    KIT_RECEIVED = "kit_received", _("Sample kit received")
    SAMPLE_SENT = "sample_sent", _("Sample sent")
    TRANSGENE_RESULT = "transgene_result", _("Result of the CAR transgene test")
    REGULATOR_INFORMED = "regulator_informed", _("Regulator informed")
    REGISTRY_ENTERED = "registry_entered", _("Entered in the registry")


class StepState(models.TextChoices):
    """What became of a step."""

    DONE = "done", pgettext_lazy("step of a case", "Done")
    NOT_NEEDED = "not_needed", _("Not needed")


class TransgeneResult(models.TextChoices):
    """Whether the CAR transgene was found in the malignancy."""

    NEGATIVE = "negative", pgettext_lazy("CAR transgene", "Negative")
    POSITIVE = "positive", pgettext_lazy("CAR transgene", "Positive")
    INCONCLUSIVE = "inconclusive", _("Inconclusive")


class SampleSent(models.TextChoices):
    """What was sent for the transgene test."""

    TISSUE = "tissue", _("Tissue")
    BLOOD = "blood", _("Blood")
    BOTH = "both", _("Tissue and blood")


class CaseOutcome(models.TextChoices):
    """How a case ended."""

    EXCLUDED = "excluded", _("No new malignancy")
    CONFIRMED = "confirmed", _("New malignancy, without the CAR transgene")
    CAR_POSITIVE = "car_positive", _("New malignancy with the CAR transgene")
    NOT_TESTED = "not_tested", _("New malignancy, CAR transgene unknown")
