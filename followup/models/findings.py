"""What visits find: findings added later, and infections."""

from typing import ClassVar

from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, json_kind
from followup.finding_enums import InfectionKind, InfectionSeverity, InfectionSite
from followup.models.visits import Visit
from patients.models import Journey

SERIOUS = (InfectionSeverity.SEVERE, InfectionSeverity.LIFE_THREATENING)


class AddedFindings(UuidModel):
    """Results that came after a visit was recorded; `filled` names what was unknown before."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="additions")
    filled = models.JSONField(_("findings"))
    note = models.CharField(_("note"), max_length=800, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    recorded_at = models.DateTimeField(_("recorded"))
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("added findings")
        verbose_name_plural = _("added findings")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Exact(json_kind("filled"), models.Value("array")) & ~models.Q(filled=[]),
                name="added_findings_not_empty",
                violation_error_message=_("Nothing was added."),
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.filled)


class Infection(UuidModel):
    """One infection after the infusion, told at a visit or in between. Unknown is empty or NULL."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="infections")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    began_on = models.DateField(_("began"))
    ended_on = models.DateField(_("over since"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=InfectionKind.choices, blank=True)
    site = models.CharField(_("site"), max_length=20, choices=InfectionSite.choices, blank=True)
    organism = models.CharField(_("organism"), max_length=120, blank=True)
    severity = models.CharField(_("severity"), max_length=20, choices=InfectionSeverity.choices, blank=True)
    hospitalized = models.BooleanField(_("admitted to hospital"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("infection")
        verbose_name_plural = _("infections")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind="") | models.Q(kind__in=InfectionKind.values),
                name="infection_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(site="") | models.Q(site__in=InfectionSite.values),
                name="infection_site_known",
            ),
            models.CheckConstraint(
                condition=models.Q(severity="") | models.Q(severity__in=InfectionSeverity.values),
                name="infection_severity_known",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("began_on")),
                name="infection_ends_after_it_began",
                violation_error_message=_("An infection can't end before it began."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "began_on"], name="infection_journey_idx")]

    def __str__(self) -> str:
        return f"{self.organism or self.get_site_display()} {self.began_on}"

    @property
    def is_serious(self) -> bool:
        """Severe, life-threatening, or admitted to hospital."""
        return self.severity in SERIOUS or self.hospitalized is True
