"""When and through what people of a center are told: its hours, who is away, and programs that listen."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.core.models import UuidModel
from cartpath.reminders.hours import DIGEST_AT, QUIET_FROM, QUIET_UNTIL


class CenterTelling(models.Model):
    """The quiet hours of a center and the hour of its digest, in its local time. Without a row: the defaults.

    Without quiet hours both ends are None. They may span midnight; the end doesn't belong to them.
    """

    center = models.OneToOneField(Center, models.CASCADE, primary_key=True, related_name="telling")
    quiet_from = models.TimeField(_("quiet from"), null=True, default=QUIET_FROM)
    quiet_until = models.TimeField(_("quiet until"), null=True, default=QUIET_UNTIL)
    digest_at = models.TimeField(_("morning digest at"), default=DIGEST_AT)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("hours of a center")
        verbose_name_plural = _("hours of the centers")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="telling_quiet_hours_have_two_ends",
                violation_error_message=_("Quiet hours have a beginning and another end, or neither."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.center_id} {self.quiet_from}–{self.quiet_until}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Reads of absences."""

    def standing(self) -> "AbsenceQuerySet":
        """Those nobody took back."""
        return self.filter(ended_at=None)


class Absence(UuidModel):
    """A person is away from a center on these local days, both included; a substitute may be told instead."""

    user = models.ForeignKey(User, models.PROTECT, related_name="absences")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    substitute = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("substitute")
    )
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True, help_text=_("When it was taken back."))
    ended_by = models.CharField(max_length=120, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(first_on__lte=F("last_on")),
                name="absence_days_in_order",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(substitute=None) | ~Q(substitute=F("user")),
                name="absence_substitute_is_another",
                violation_error_message=_("Nobody stands in for themselves."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["center", "last_on"], name="absence_standing_idx", condition=Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first_on}–{self.last_on}"


class WebhookTarget(UuidModel):
    """A program of the house that is told of reminders over HTTPS. It learns ids and counts, never a name.

    `secret` signs what it is sent, so it is kept as it is; no page and no log shows it after it was made.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="webhooks")
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=500)
    secret = models.CharField(max_length=80, editable=False)
    up_to_priority = models.PositiveSmallIntegerField(_("up to priority"))
    is_active = models.BooleanField(_("active"), default=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(up_to_priority__range=(1, 4)), name="webhook_priority_possible"
            ),
            models.CheckConstraint(
                condition=Q(is_active=True, revoked_at=None) | Q(is_active=False, revoked_at__isnull=False),
                name="webhook_active_until_revoked",
            ),
        ]

    def __str__(self) -> str:
        return self.name
