"""How often a child is looked at, and when next."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel
from cartpath.protocols.bedside_rows import CHECK_WORDS
from patients.models import Journey


def _known_check(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(check_kind__in=CHECK_WORDS),
        name=name,
        violation_error_message=_("Not one of the checks."),
    )


class CheckPlan(UuidModel):
    """The next check of one kind of one child: what the last `check_planned` event says.

    `because` holds the words of `toxicity.checks.rules`, `rule` the row of the protocol that decides, empty
    for an interval that a person set. `done_at` is the last time it was done, NULL when it never was.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="check_plans")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    check_kind = models.CharField(_("check"), max_length=12)
    every_minutes = models.PositiveIntegerField(_("every"))
    due_at = models.DateTimeField(_("due"))
    because = models.JSONField(default=list)
    rule = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(_("last done"), null=True)
    planned_at = models.DateTimeField(_("planned"))
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("planned check")
        verbose_name_plural = _("planned checks")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "check_kind"], name="check_plan_once"),
            _known_check("check_plan_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.check_kind} {self.due_at:%Y-%m-%d %H:%M}"


class CheckSetting(UuidModel):
    """The interval that a person set for one child, with the reason; it is ended, never changed.

    `overrules` are the rows of the protocol that held when it was set: they count no longer, others do.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="check_settings")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    check_kind = models.CharField(_("check"), max_length=12)
    every_minutes = models.PositiveIntegerField(_("every"))
    overrules = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=400)
    set_by = models.CharField(_("set by"), max_length=120)
    set_at = models.DateTimeField(_("set"))
    ended_at = models.DateTimeField(null=True)
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("interval of a check")
        verbose_name_plural = _("intervals of checks")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey", "check_kind"],
                condition=models.Q(ended_at__isnull=True),
                name="check_setting_once",
                violation_error_message=_("This check has an interval of its own already."),
            ),
            _known_check("check_setting_kind_known"),
            models.CheckConstraint(
                condition=~models.Q(reason=""),
                name="check_setting_has_a_reason",
                violation_error_message=_("Say why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_kind} {self.every_minutes} min"
