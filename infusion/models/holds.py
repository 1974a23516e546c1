"""Holds of the infusion."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel
from infusion.ready.words import HoldEnd
from patients.models import Journey


class InfusionHold(UuidModel):
    """A reason to wait with the infusion, and when it is looked at again. While it is open nobody infuses.

    `number` counts the holds of a journey: ledger events name a hold by it. `reason` is the id of a row of
    the protocol. Each review that keeps the hold moves `review_at` and counts in `reviews`.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="infusion_holds")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(_("reason"), max_length=60)
    note = models.CharField(_("what was found"), max_length=400, blank=True)
    held_at = models.DateTimeField(_("on hold since"))
    held_by = models.CharField(_("put on hold by"), max_length=120)
    review_at = models.DateTimeField(_("to be looked at again"))
    reviews = models.PositiveSmallIntegerField(_("times looked at"), default=0)
    reviewed_at = models.DateTimeField(_("last looked at"), null=True)
    reviewed_by = models.CharField(max_length=120, blank=True)
    event_id = models.BigIntegerField(unique=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.CharField(_("ended by"), max_length=120, blank=True)
    outcome = models.CharField(_("how it ended"), max_length=20, choices=HoldEnd.choices, blank=True)
    end_note = models.CharField(_("why"), max_length=400, blank=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("hold of the infusion")
        verbose_name_plural = _("holds of the infusion")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "number"], name="infusion_hold_number_once"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, outcome="")
                | models.Q(ended_at__isnull=False, outcome__in=HoldEnd.values),
                name="infusion_hold_ends_with_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(review_at__gt=models.F("held_at")),
                name="infusion_hold_review_later",
                violation_error_message=_("A hold is looked at again after it began."),
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome=HoldEnd.DECIDED) | ~models.Q(end_note=""),
                name="infusion_hold_decision_reasoned",
                violation_error_message=_("Going on against a hold needs a reason."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["center", "review_at"],
                condition=models.Q(ended_at__isnull=True, struck_at__isnull=True),
                name="infusion_hold_open_idx",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.held_at:%Y-%m-%d}"

    @property
    def stands(self) -> bool:
        """Whether nobody infuses because of it: while it is open, and once the infusion is given up."""
        if self.struck_at is not None:
            return False
        return self.ended_at is None or self.outcome == HoldEnd.GIVEN_UP
