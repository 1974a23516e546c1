"""What the watcher saw and told."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Silence(models.Model):
    """A part of the machinery fell silent after its last beat. People are told once, and once at its end.

    `last_beat_at` is None for a part that never beat. Its key lets several watchers, or one that is started
    again, share one row.
    """

    name = models.CharField(max_length=40)
    last_beat_at = models.DateTimeField(null=True)
    noticed_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("silence")
        verbose_name_plural = _("silences")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name", "last_beat_at"], name="silence_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(end_told_at=None)
                | models.Q(ended_at__isnull=False, told_at__isnull=False),
                name="silence_told_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["name"], name="silence_lasting_idx", condition=models.Q(end_told_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.noticed_at:%Y-%m-%d %H:%M}"
