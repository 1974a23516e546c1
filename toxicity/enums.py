"""Words of the toxicity room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Agent(models.TextChoices):
    """What is given against toxicity."""

    ANTIPYRETIC = "antipyretic", _("Antipyretic")
    TOCILIZUMAB = "tocilizumab", _("Tocilizumab")
    SILTUXIMAB = "siltuximab", _("Siltuximab")
    ANAKINRA = "anakinra", _("Anakinra")
    DEXAMETHASONE = "dexamethasone", _("Dexamethasone")
    METHYLPREDNISOLONE = "methylprednisolone", _("Methylprednisolone")
    FLUID_BOLUS = "fluid_bolus", _("Fluid bolus")
    VASOPRESSOR = "vasopressor", _("Vasopressor")
    OXYGEN = "oxygen", _("Oxygen")
    LEVETIRACETAM = "levetiracetam", _("Levetiracetam")
    ANTIMICROBIAL = "antimicrobial", _("Antimicrobial")
    OTHER = "other", _("Other intervention")


# Given after onset, these keep a child without fever inside the grading (ASTCT 2019).
FEVER_MODIFIERS = frozenset(
    {
        Agent.ANTIPYRETIC,
        Agent.TOCILIZUMAB,
        Agent.SILTUXIMAB,
        Agent.ANAKINRA,
        Agent.DEXAMETHASONE,
        Agent.METHYLPREDNISOLONE,
    }
)
