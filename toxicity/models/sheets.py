"""Papers of the ward: hand-over sheets and discharge summaries."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from patients.models import Journey
from patients.papers import LetterLanguage, LetterState

_DIGEST = r"^[0-9a-f]{64}$"
_GRADES = (0, 5)


class HandOverSheet(UuidModel):
    """What one shift told the next about a child: situation, background, assessment, recommendation (SBAR).

    It holds until `expires_at` (NULL: it doesn't expire) or until a later sheet takes its place. `crs_grade`
    and `icans_grade` are those that counted when it was written, NULL for unknown, so that a page can say
    what changed since. `digest` is the SHA-256 of the four texts, parted by form feeds. A sheet that came
    with a journey from elsewhere has its digest alone. The database refuses any change but a strike.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="hand_over_sheets")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=5, choices=LetterLanguage.choices)
    situation = models.TextField(_("situation"), blank=True)
    background = models.TextField(_("background"), blank=True)
    assessment = models.TextField(_("assessment"), blank=True)
    recommendation = models.TextField(_("recommendation"), blank=True)
    crs_grade = models.PositiveSmallIntegerField(_("CRS grade then"), null=True)
    icans_grade = models.PositiveSmallIntegerField(_("ICANS grade then"), null=True)
    written_by = models.CharField(_("written by"), max_length=120)
    written_at = models.DateTimeField(_("written"))
    expires_at = models.DateTimeField(_("expires"), null=True)
    digest = models.CharField(max_length=64)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("hand-over sheet")
        verbose_name_plural = _("hand-over sheets")
        constraints: ClassVar = [
            one_of("language", LetterLanguage, name="sheet_language_known"),
            models.CheckConstraint(
                condition=models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=models.F("written_at")),
                name="sheet_expires_after_written",
                violation_error_message=_("A sheet can't expire before it is written."),
            ),
            models.CheckConstraint(
                condition=models.Q(digest__regex=_DIGEST),
                name="sheet_has_digest",
                violation_error_message=_("A sheet has the digest of its text."),
            ),
            models.CheckConstraint(
                condition=(models.Q(crs_grade__isnull=True) | models.Q(crs_grade__range=_GRADES))
                & (models.Q(icans_grade__isnull=True) | models.Q(icans_grade__range=_GRADES)),
                name="sheet_grades_possible",
                violation_error_message=_("A grade lies between 0 and 5."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "-written_at"], name="sheet_latest_idx")]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.written_at:%Y-%m-%d %H:%M}"

    def holds(self, at: datetime) -> bool:
        """Whether it may still be handed on at a time: neither expired nor entered in error."""
        return self.struck_at is None and (self.expires_at is None or at < self.expires_at)


class DischargeSummary(UuidModel):
    """The summary of the stay for the referring center: a draft, then signed and never changed again.

    `version` counts the edits of a draft, so that nobody overwrites or signs what they have not seen.
    `known_to` is the number of the journey's last event when the text was made.
    `digest` is the SHA-256 of the text. A summary that came with a journey from elsewhere has its digest
    alone. The database refuses any change of a signed one but a strike.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="discharge_summaries")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    addressee = models.CharField(_("to"), max_length=400)
    language = models.CharField(_("language"), max_length=5, choices=LetterLanguage.choices)
    body = models.TextField(_("text"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=LetterState.choices, default=LetterState.DRAFT
    )
    version = models.PositiveIntegerField(default=1)
    known_to = models.PositiveIntegerField(null=True)
    begun_by = models.CharField(_("begun by"), max_length=120)
    begun_at = models.DateTimeField(_("begun"))
    signed_by = models.CharField(_("signed by"), max_length=120, blank=True)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    event_id = models.BigIntegerField(null=True, unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("discharge summary")
        verbose_name_plural = _("discharge summaries")
        constraints: ClassVar = [
            one_of("language", LetterLanguage, name="discharge_language_known"),
            models.CheckConstraint(
                condition=models.Q(
                    state=LetterState.DRAFT,
                    signed_at__isnull=True,
                    struck_at__isnull=True,
                    digest="",
                    event_id__isnull=True,
                )
                | models.Q(
                    state=LetterState.FINAL,
                    signed_at__isnull=False,
                    event_id__isnull=False,
                    digest__regex=_DIGEST,
                ),
                name="discharge_final_is_signed",
                violation_error_message=_("A final summary is signed and has its digest, a draft neither."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "-begun_at"], name="discharge_latest_idx")]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.state}"
