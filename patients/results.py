"""Stored results of rules: what was computed from what, by which rule, and what a person made of it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center


class RuleResultQuerySet(models.QuerySet["RuleResult"]):
    """Reads of stored results."""

    def counting(self) -> "RuleResultQuerySet":
        """Without the results of facts that were entered in error."""
        return self.filter(struck_at=None)


class RuleResult(models.Model):
    """One computed value, kept by `ResultReader` from the `computed` records of the ledger.

    `value` and `confirmed` are the value as text, NULL when unknown or not confirmed; `result` is the rule's
    whole answer. `explanation` holds sentences with template and values, so that they can be said in any
    language. Nothing here is written by anybody but the reader.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    journey = models.ForeignKey("patients.Journey", models.CASCADE, related_name="rule_results")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    event_id = models.BigIntegerField()
    position = models.PositiveSmallIntegerField()
    rule = models.CharField(_("rule"), max_length=60)
    rule_version = models.CharField(_("version of the rule"), max_length=80)
    software = models.CharField(_("version of CARTPath"), max_length=40)
    protocol_id = models.CharField(_("protocol"), max_length=60, blank=True)
    protocol_version = models.CharField(_("protocol version"), max_length=40, blank=True)
    rows = models.JSONField(default=list)
    inputs = models.JSONField(default=dict)
    value = models.TextField(_("computed value"), null=True)  # noqa: DJ001 (null is "unknown")
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    result = models.JSONField(default=dict)
    source = models.TextField(_("source"), blank=True)
    explanation = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    flags = models.JSONField(default=list)
    computed_at = models.DateTimeField(_("computed"))
    computed_by = models.CharField(_("recorded by"), max_length=120)
    confirmed = models.TextField(_("confirmed value"), null=True)  # noqa: DJ001
    confirmed_by = models.CharField(_("confirmed by"), max_length=120, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    reason = models.TextField(_("why they differ"), blank=True)
    struck_at = models.DateTimeField(null=True)
    struck_by = models.CharField(max_length=120, blank=True)
    struck_reason = models.TextField(blank=True)

    objects = RuleResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("result of a rule")
        verbose_name_plural = _("results of rules")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_id", "position"], name="rule_result_once"),
            models.CheckConstraint(
                condition=models.Q(confirmed__isnull=True)
                | models.Q(value__isnull=False, confirmed=models.F("value"))
                | ~models.Q(reason=""),
                name="rule_result_difference_reasoned",
                violation_error_message=_(
                    "A confirmed value that differs from the computed one needs a reason."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed__isnull=True)
                | (models.Q(confirmed_at__isnull=False) & ~models.Q(confirmed_by="")),
                name="rule_result_confirmed_by_somebody",
                violation_error_message=_("A confirmed value names who confirmed it and when."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["journey", "rule", "-computed_at"], name="rule_result_latest_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.value} {self.unit}".rstrip()

    @property
    def final(self) -> str | None:
        """The confirmed value, else the computed one."""
        return self.value if self.confirmed is None else self.confirmed

    @property
    def is_overridden(self) -> bool:
        """Whether a person's value differs from the rule's."""
        return self.confirmed is not None and self.confirmed != self.value
