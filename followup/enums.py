"""Words of the follow-up room."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Response(models.TextChoices):
    """Response of the disease."""

    CR = "CR", _("Complete remission")
    CRI = "CRi", _("Complete remission, incomplete counts")
    NR = "NR", _("No response")
    RELAPSE = "relapse", _("Relapse")


class MrdResult(models.TextChoices):
    """Measurable residual disease."""

    NEGATIVE = "negative", pgettext_lazy("MRD", "Negative")
    POSITIVE = "positive", pgettext_lazy("MRD", "Positive")


class MrdMethod(models.TextChoices):
    """How residual disease was looked for."""

    FLOW = "flow", _("Flow cytometry")
    PCR = "pcr", "PCR"
    NGS = "ngs", "NGS"


class SkipReason(models.TextChoices):
    """Why a visit is left out."""

    FAMILY = "family", _("Family's request")
    ELSEWHERE = "elsewhere", _("Done elsewhere")
    CLINICAL = "clinical", _("Child not fit")
    LOST = "lost", _("Child not reached")
    NOT_NEEDED = "not_needed", _("No longer needed")
    NOT_ON_RECORD = "not_on_record", _("Not on record")


class UnplanReason(models.TextChoices):
    """Why an arranged day no longer holds."""

    MOVED = "moved", _("Moved to another day")
    FAMILY = "family", _("Family's request")
    CLINICAL = "clinical", _("Child not fit")
    CENTER = "center", _("No room at the center")
    IN_ERROR = "in_error", pgettext_lazy("arranged visit", "Entered in error")


class BCellState(models.TextChoices):
    """B-cell aplasia as far as it is known."""

    ONGOING = "ongoing", pgettext_lazy("B-cell aplasia", "Ongoing")
    SUSPECTED_LOSS = "suspected_loss", pgettext_lazy("B-cell aplasia", "Suspected loss")
    LOST = "lost", pgettext_lazy("B-cell aplasia", "Lost")
    NOT_APPLICABLE = "not_applicable", pgettext_lazy("B-cell aplasia", "Not applicable")
