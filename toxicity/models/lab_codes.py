"""What the codes and names of a center's own laboratory mean."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from toxicity.laboratory.catalog import AnalyteCode


class LabCode(UuidModel):
    """A code or a name that a center's laboratory writes, and the analyte it means.

    `written_unit` is the unit as the laboratory writes it, and `unit` what it means in UCUM. Without
    a written unit the row holds for every unit, and `unit`, when given, for values reported without one.
    `key` and `unit_key` are both as compared: small letters, single spaces. A row is never changed: another
    meaning ends it and adds a new one, so that it stays known how values were read, and by whose word.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    name = models.CharField(_("code or name"), max_length=60)
    key = models.CharField(max_length=60)
    written_unit = models.CharField(_("unit as written"), max_length=30, blank=True)
    unit_key = models.CharField(max_length=30, blank=True)
    analyte = models.CharField(_("analyte"), max_length=30, choices=AnalyteCode.choices)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    entered_by = models.CharField(_("entered by"), max_length=120)
    entered_at = models.DateTimeField(_("entered"))
    ended_by = models.CharField(_("ended by"), max_length=120, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("laboratory code")
        verbose_name_plural = _("laboratory codes")
        constraints: ClassVar = [
            one_of("analyte", AnalyteCode, name="lab_code_analyte_known"),
            models.UniqueConstraint(
                fields=["center", "key", "unit_key"],
                condition=models.Q(ended_at__isnull=True),
                name="lab_code_once",
                violation_error_message=_("There is a meaning of this code already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(key=""),
                name="lab_code_named",
                violation_error_message=_("A code or name is needed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.written_unit} = {self.analyte}"
