"""What every message on its way has in common, whatever it is about."""

from datetime import datetime
from typing import Any, ClassVar, Final, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.core.models import code_field, one_of
from cartpath.reminders.enums import DeliveryState, Obstacle

_PENDING: Final = models.Q(state=DeliveryState.INTENDED)


class OutgoingQuerySet(models.QuerySet[Any]):
    """Reads of messages on their way."""

    def claimable(self, at: datetime) -> Self:
        """Those whose turn has come and that no living worker holds."""
        free = models.Q(lease_until=None) | models.Q(lease_until__lte=at)
        return self.filter(_PENDING, free, next_try_at__lte=at)

    def failed(self) -> Self:
        """Those that were set aside and wait for a person."""
        return self.filter(state=DeliveryState.FAILED)


class Outgoing(models.Model):
    """One message to one person: written before it is sent, settled after.

    A worker that holds it has a lease and changes nothing else: no index knows of leases, so taking one is
    cheap.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    # Nobody is ever deleted, and whoever looks for somebody's messages has a smaller index.
    recipient = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    state = code_field(DeliveryState, default=DeliveryState.INTENDED)
    planned_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, help_text=_("Until then one worker holds it."))
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(
        max_length=80, blank=True, help_text=_("Why it was skipped, or the class of the last error.")
    )

    class Meta:
        abstract = True
        constraints: ClassVar = [
            one_of("state", DeliveryState, name="%(class)s_state_known"),
            models.CheckConstraint(
                condition=_PENDING | models.Q(lease_until=None), name="%(class)s_lease_while_intended"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[DeliveryState.SKIPPED, DeliveryState.FAILED])
                | ~models.Q(problem=""),
                name="%(class)s_not_made_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], name="%(class)s_pending_idx", condition=_PENDING),
            models.Index(
                fields=["planned_at"],
                name="%(class)s_failed_idx",
                condition=models.Q(state=DeliveryState.FAILED),
            ),
        ]

    @property
    def problem_text(self) -> str:
        """Why it was not made, in words where there are some, else the class of the error."""
        return str(Obstacle(self.problem).label) if self.problem in Obstacle.values else self.problem
