"""Words of the bedside."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Premedicant(models.TextChoices):
    """What is given before the cells."""

    PARACETAMOL = "paracetamol", _("Paracetamol")
    CHLORPHENAMINE = "chlorphenamine", _("Chlorphenamine")
    DIPHENHYDRAMINE = "diphenhydramine", _("Diphenhydramine")
    CETIRIZINE = "cetirizine", _("Cetirizine")
    DIMETINDENE = "dimetindene", _("Dimetindene")
    ONDANSETRON = "ondansetron", _("Ondansetron")
    CORTICOSTEROID = "corticosteroid", _("Corticosteroid")
    OTHER = "other", _("Other drug")


class PremedicationRoute(models.TextChoices):
    """How it was given."""

    ORAL = "oral", _("By mouth")
    INTRAVENOUS = "intravenous", _("Intravenous")
    RECTAL = "rectal", _("Rectal")


class ReactionSign(models.TextChoices):
    """What was seen while the cells ran in, or shortly after."""

    FEVER = "fever", _("Fever")
    CHILLS = "chills", _("Chills")
    RASH = "rash", _("Rash or hives")
    FLUSHING = "flushing", _("Flushing")
    NAUSEA = "nausea", _("Nausea or vomiting")
    ABDOMINAL_PAIN = "abdominal_pain", _("Abdominal pain")
    COUGH = "cough", _("Cough")
    DYSPNEA = "dyspnea", _("Shortness of breath")
    WHEEZE = "wheeze", _("Wheeze or stridor")
    LOW_SATURATION = "low_saturation", _("Low oxygen saturation")
    CHEST_TIGHTNESS = "chest_tightness", _("Tight chest")
    SLOW_HEART = "slow_heart", _("Slow heart")
    FAST_HEART = "fast_heart", _("Fast heart")
    LOW_PRESSURE = "low_pressure", _("Low blood pressure")
    HIGH_PRESSURE = "high_pressure", _("High blood pressure")
    SWELLING = "swelling", _("Swelling of face or lips")
    HEADACHE = "headache", _("Headache")
    SEIZURE = "seizure", _("Seizure")
    RED_URINE = "red_urine", _("Red urine")
    LINE = "line", _("Trouble with the line")
    BAG = "bag", _("Bag damaged or leaking")
    OTHER = "other", _("Something else")


class AfterReaction(models.TextChoices):
    """What was done about the infusion."""

    CONTINUED = "continued", _("Goes on")
    SLOWED = "slowed", _("Slower")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped for good")


class BagState(models.TextChoices):
    """Where one bag stands at the bedside."""

    WAITING = "waiting", _("To be checked")
    SIGNED = "signed", _("Further signature missing")
    CHECKED = "checked", _("Checked")
    THAWED = "thawed", _("Thawed")
    RUNNING = "running", _("Running")
    GIVEN = "given", _("Given")
