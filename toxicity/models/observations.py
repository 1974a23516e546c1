"""What nurses see at the bedside."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel
from patients.models import Journey, Measurement
from toxicity.models.assessments import Assessment
from toxicity.observations.catalog import CATALOG, ObservationCode

_STANDING = models.Q(struck_at__isnull=True)
_STRUCK_WHOLE = models.Q(struck_at__isnull=True, struck_by="", struck_reason="") | (
    models.Q(struck_at__isnull=False) & ~models.Q(struck_by="") & ~models.Q(struck_reason="")
)


def _possible() -> models.Q:
    """No number outside what its kind of observation allows."""
    possible = models.Q(value__isnull=True)
    for code, kind in CATALOG.items():
        if kind.low is not None and kind.high is not None:
            possible |= models.Q(code=code.value, value__range=(kind.low, kind.high))
    return possible


class ObservationSet(UuidModel):
    """What one person saw of one child at one time, with the grades it gave.

    `circumstances` holds what changes the grading and is no observation of its own. The three booleans say
    which checks the set completes. `ungraded` names for a scale the domains that were not looked at and were
    worse before: without them the set can't lower the grade, and none was given.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="observation_sets")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    observed_at = models.DateTimeField(_("observed"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    circumstances = models.JSONField(default=dict, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    completes_vitals = models.BooleanField(_("complete vital signs"))
    completes_neuro = models.BooleanField(_("complete neurological check"))
    completes_weight = models.BooleanField(_("weighed"))
    assessment = models.OneToOneField(
        Assessment, models.PROTECT, null=True, blank=True, related_name="observation_set"
    )
    ungraded = models.JSONField(default=dict, blank=True)
    measurement = models.OneToOneField(
        Measurement, models.SET_NULL, null=True, blank=True, related_name="observation_set"
    )
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_by = models.CharField(max_length=120, blank=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("set of observations")
        verbose_name_plural = _("sets of observations")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=_STRUCK_WHOLE,
                name="observation_set_struck_whole",
                violation_error_message=_("A strike names who and why."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["journey", "-observed_at"], name="observation_set_latest_idx"),
            models.Index(
                fields=["journey", "observed_at"],
                condition=models.Q(circumstances__developmental_delay=True),
                name="observation_set_delay_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.observed_at:%Y-%m-%d %H:%M}"


class Observation(UuidModel):
    """One observation of a set. A correction strikes the row and adds another; nothing is overwritten.

    A number is in `value`, a word from a list in `word`, points, answers or agents in `parts` with their
    total in `value` where there is one. `loinc` and `unit` (UCUM) are those it was recorded with.
    """

    observation_set = models.ForeignKey(ObservationSet, models.PROTECT, related_name="observations")
    code = models.CharField(_("observation"), max_length=20)
    value = models.DecimalField(_("value"), max_digits=7, decimal_places=2, null=True, blank=True)
    word = models.CharField(_("word"), max_length=40, blank=True)
    parts = models.JSONField(_("parts"), null=True, blank=True)
    loinc = models.CharField(max_length=20, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    event_id = models.BigIntegerField()
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    struck_at = models.DateTimeField(null=True)
    struck_by = models.CharField(max_length=120, blank=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["observation_set", "code"],
                condition=_STANDING,
                name="observation_once_in_a_set",
                violation_error_message=_("This was observed already at that time."),
            ),
            models.CheckConstraint(
                condition=models.Q(code__in=[code.value for code in ObservationCode]),
                name="observation_code_known",
                violation_error_message=_("Not one of the known observations."),
            ),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False) | ~models.Q(word="") | models.Q(parts__isnull=False),
                name="observation_says_something",
                violation_error_message=_("An observation has a value."),
            ),
            models.CheckConstraint(
                condition=_possible(),
                name="observation_value_possible",
                violation_error_message=_("This value is not possible."),
            ),
            models.CheckConstraint(
                condition=_STRUCK_WHOLE,
                name="observation_struck_whole",
                violation_error_message=_("A strike names who and why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.word or self.value}"
