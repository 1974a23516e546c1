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
    OTHER_STEROID = "other_steroid", _("Other corticosteroid")
    OTHER_ANTI_CYTOKINE = "other_anti_cytokine", _("Other anti-cytokine drug")
    FLUID_BOLUS = "fluid_bolus", _("Fluid bolus")
    PLATELETS = "platelets", _("Platelet transfusion")
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
        Agent.OTHER_STEROID,
        Agent.OTHER_ANTI_CYTOKINE,
    }
)

# What runs from its start until it is stopped. Everything else is one dose, or a course when it is given
# every so many hours.
COURSES = frozenset({Agent.VASOPRESSOR, Agent.OXYGEN})


class Vasopressor(models.TextChoices):
    """What runs to keep the pressure, by the names that the grading of CRS counts."""

    NOREPINEPHRINE = "norepinephrine", _("Norepinephrine")
    EPINEPHRINE = "epinephrine", _("Epinephrine")
    DOPAMINE = "dopamine", _("Dopamine")
    PHENYLEPHRINE = "phenylephrine", _("Phenylephrine")
    VASOPRESSIN = "vasopressin", _("Vasopressin")
    ANGIOTENSIN = "angiotensin", _("Angiotensin II")
    MILRINONE = "milrinone", _("Milrinone (inotrope)")
    DOBUTAMINE = "dobutamine", _("Dobutamine (inotrope)")
    LEVOSIMENDAN = "levosimendan", _("Levosimendan (inotrope)")


class RateUnit(models.TextChoices):
    """Units of rates, in UCUM."""

    MICROGRAMS = "ug/kg/min", "µg/kg/min"
    MILLIUNITS = "mU/kg/min", "mU/kg/min"
    NANOGRAMS = "ng/kg/min", "ng/kg/min"
    LITERS = "L/min", "L/min"


class Route(models.TextChoices):
    """How a drug gets into the child."""

    INTRAVENOUS = "iv", _("intravenous")
    SUBCUTANEOUS = "sc", _("subcutaneous")
    ORAL = "oral", _("by mouth or tube")
    RECTAL = "rectal", _("rectal")
    INTRATHECAL = "intrathecal", _("intrathecal")


class AlertUrgency(models.TextChoices):
    """How loud an alert is: a notice is only shown, anything else is told to people."""

    EMERGENCY = "emergency", _("Emergency")
    URGENT = "urgent", _("Urgent")
    NOTICE = "notice", _("Notice")


class AlertAnswer(models.TextChoices):
    """What somebody who acknowledges an alert does about it."""

    WITH_THE_CHILD = "with_the_child", _("I am with the child")
    HELP_CALLED = "help_called", _("Senior or intensive care called")
    TREATED = "treated", _("Treatment started")
    WATCHED = "watched", _("Seen; watched more closely")
    EXPLAINED = "explained", _("Has another cause")
    OTHER = "other", _("Something else")


class AlertEnd(models.TextChoices):
    """Why an alert no longer stands."""

    EASED = "eased", _("The sign is gone")
    WORSE = "worse", _("A worse state raised it anew")
    ENTERED_IN_ERROR = "entered_in_error", _("What raised it was entered in error")
    MONITORING_ENDED = "monitoring_ended", _("Acute monitoring ended")
