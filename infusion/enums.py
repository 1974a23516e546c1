"""Words of the infusion room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChecklistVerdict(models.TextChoices):
    """What is known of one item of the pre-infusion checklist."""

    MET = "met", _("Met")
    NOT_MET = "not_met", _("Not met")
    OVERRIDDEN = "overridden", _("Overridden")
