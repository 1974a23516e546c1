"""Who confirmed that this is the right person, before a day of collection begins."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from patients.models import Journey


class CollectionIdentityCheck(models.Model):
    """Two different people confirm who is about to be collected, before the day begins."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="collection_identity_checks")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField(_("day"))
    first = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("first person"))
    second = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("second person"))
    # Words of IdentifierChecked.
    identifiers = models.JSONField(_("identifiers checked"), default=list)
    verified_at = models.DateTimeField(_("verified"))
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("identity check before a collection")
        verbose_name_plural = _("identity checks before a collection")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(first=models.F("second")),
                name="collection_identity_two_people",
                violation_error_message=_("Identity is confirmed by two different people."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first} + {self.second}"
