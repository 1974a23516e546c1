"""The morning digest: one e-mail a day to one person about one center."""

from datetime import date
from typing import ClassVar, Final
from uuid import UUID, uuid5

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.reminders.enums import DeliveryState
from cartpath.reminders.models.outgoing import Outgoing, OutgoingQuerySet

_NAMESPACE: Final = UUID("c1f0a2de-5b64-4b0e-8b07-0d4e9a6f1c53")


class DigestRound(models.Model):
    """Proof that the digests of a center and a local day were planned; its key lets it happen once."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    on = models.DateField()
    planned_at = models.DateTimeField()

    class Meta:
        verbose_name = _("round of digests")
        verbose_name_plural = _("rounds of digests")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["center", "on"], name="digestround_once"),
        ]

    def __str__(self) -> str:
        return f"{self.center_id} {self.on}"


class Digest(Outgoing):
    """One digest to one person. The deliveries it carries name it; they are sent when it is."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    on = models.DateField()

    objects = OutgoingQuerySet.as_manager()

    class Meta(Outgoing.Meta):
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        constraints: ClassVar = [
            *Outgoing.Meta.constraints,
            models.CheckConstraint(condition=models.Q(recipient__isnull=False), name="digest_has_recipient"),
            models.UniqueConstraint(fields=["recipient", "center", "on"], name="digest_once"),
            models.CheckConstraint(
                condition=models.Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~models.Q(state=DeliveryState.SENT) & models.Q(sent_at=None)),
                name="digest_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} · {self.get_state_display()}"


def digest_key(recipient_id: int, center_id: int, on: date) -> UUID:
    """The id of a digest; its Message-ID is made of it."""
    return uuid5(_NAMESPACE, f"{recipient_id}/{center_id}/{on.isoformat()}")
