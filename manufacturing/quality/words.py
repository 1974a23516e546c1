"""Words about quality."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Finding(models.TextChoices):
    """What quality control found of a parameter that is no number."""

    MET = "met", _("Conforms")
    NOT_MET = "not_met", _("Doesn't conform")


class SecondStageState(models.TextChoices):
    """What became of a release after its first stage."""

    OPEN = "open", pgettext_lazy("release", "Conditional")
    COMPLETED = "completed", pgettext_lazy("release", "Completed")
    RECALLED = "recalled", pgettext_lazy("release", "Withdrawn")


class ReferenceKind(models.TextChoices):
    """On whose permission an out-of-specification product is used."""

    REGULATOR = "regulator", _("Regulator")
    PROGRAM = "program", _("Managed access program")
    TRIAL = "trial", _("Single-patient or trial permission")
    ETHICS = "ethics", _("Ethics committee")


class ConsentBy(models.TextChoices):
    """Who consented."""

    PARENTS = "parents", _("Both parents")
    PARENT = "parent", _("One parent")
    GUARDIAN = "guardian", _("Guardian")
    PATIENT = "patient", _("The patient")
