"""Words of the infusion room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChecklistVerdict(models.TextChoices):
    """What is known of one item of the pre-infusion checklist."""

    MET = "met", _("Met")
    NOT_MET = "not_met", _("Not met")
    OVERRIDDEN = "overridden", _("Overridden")


class Quantity(models.TextChoices):
    """A laboratory value that a rule of this room asks for; its unit is part of its name."""

    WHITE_CELLS = "white_cells", _("White cells, per µL")
    MARROW_BLASTS = "marrow_blasts", _("Blasts in the marrow, %")


class GateState(models.TextChoices):
    """What the protocol says of giving the next part of a dose."""

    ALLOWED = "allowed", _("May be given")
    WAIT = "wait", _("Wait")
    STOP = "stop", _("No further part")
    UNKNOWN = "unknown", _("Unknown")
