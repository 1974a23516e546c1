"""Words of holds and stops before the infusion."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HoldEnd(models.TextChoices):
    """How a hold ended."""

    RESOLVED = "resolved", _("The reason is gone")
    DECIDED = "decided", _("Going on all the same")
    GIVEN_UP = "given_up", _("The infusion is given up")
