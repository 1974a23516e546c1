"""Episodes of CRS and ICANS."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from patients.models import Journey


class Scale(models.TextChoices):
    """The two scales that have episodes."""

    CRS = "crs", "CRS"
    ICANS = "icans", "ICANS"


class Episode(UuidModel):
    """One course of CRS or ICANS, from the first grade above 0 until the child was free of signs.

    `resolved_at` is the first assessment without a sign, `settled_at` the one that showed it had stayed so
    long enough; both are NULL while the episode is open. `peak_at_least` says that something was missing when
    the highest grade was given. `previous` is the episode of which this one is a recurrence. An episode whose
    facts were entered in error is withdrawn and stays.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="episodes")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    scale = models.CharField(_("scale"), max_length=5, choices=Scale.choices)
    number = models.PositiveSmallIntegerField(_("number"))
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="recurrences")
    onset_at = models.DateTimeField(_("onset"))
    onset_grade = models.PositiveSmallIntegerField(_("grade at onset"))
    peak_at = models.DateTimeField(_("peak"))
    peak_grade = models.PositiveSmallIntegerField(_("highest grade"))
    peak_at_least = models.BooleanField(_("at least"), default=False)
    last_sign_at = models.DateTimeField(_("last sign"))
    resolved_at = models.DateTimeField(_("resolved"), null=True)
    settled_at = models.DateTimeField(_("resolution shown"), null=True)
    event_id = models.BigIntegerField(unique=True)
    resolved_event_id = models.BigIntegerField(unique=True, null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("episode")
        verbose_name_plural = _("episodes")
        constraints: ClassVar = [
            one_of("scale", Scale, name="episode_scale_known"),
            models.UniqueConstraint(
                fields=["journey", "scale", "number"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="episode_once",
                violation_error_message=_("There is such an episode already."),
            ),
            models.CheckConstraint(
                condition=models.Q(onset_grade__range=(1, 5), peak_grade__range=(1, 5))
                & models.Q(peak_grade__gte=models.F("onset_grade")),
                name="episode_grades_possible",
                violation_error_message=_("A grade of an episode lies between 1 and 5."),
            ),
            models.CheckConstraint(
                condition=models.Q(peak_at__gte=models.F("onset_at"))
                & models.Q(last_sign_at__gte=models.F("peak_at")),
                name="episode_times_in_order",
                violation_error_message=_("An episode has its peak between its onset and its last sign."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    resolved_at__isnull=True, settled_at__isnull=True, resolved_event_id__isnull=True
                )
                | models.Q(
                    resolved_at__gte=models.F("last_sign_at"),
                    settled_at__gte=models.F("resolved_at"),
                    resolved_event_id__isnull=False,
                ),
                name="episode_resolved_after_last_sign",
                violation_error_message=_("An episode resolves after its last sign."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "scale", "number"], name="episode_order_idx")]

    def __str__(self) -> str:
        return f"{self.scale} {self.number} {self.onset_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether the child isn't yet known to be free of it."""
        return self.resolved_at is None and self.withdrawn_at is None
