"""The weight that doses are counted from."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel
from patients.models import Journey


class DosingWeight(UuidModel):
    """The weight fixed at admission: from `set_at` on every dose is counted from it, whatever scales say.

    A row is never changed. A later one takes its place, with a reason; one entered in error is struck and the
    one before counts again.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="dosing_weights")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    weight_kg = models.DecimalField(_("dosing weight"), max_digits=5, decimal_places=2)
    set_at = models.DateTimeField(_("set"))
    measured_on = models.DateField(_("measured"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    set_by = models.CharField(max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("dosing weight")
        verbose_name_plural = _("dosing weights")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(weight_kg__gte=1, weight_kg__lte=300),
                name="dosing_weight_possible",
                violation_error_message=_("A dosing weight lies between 1 and 300 kg."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "-set_at"], name="dosing_weight_latest_idx")]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.weight_kg} kg"
