"""Growing up and staying found: hand-over to adult care, attempts to reach a family, losses, letters."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from followup.growing.enums import (
    ContactOutcome,
    ContactWay,
    HandOverStepKind,
    LetterKind,
    SafetyKeeper,
)
from patients.models import Journey
from patients.papers import LetterLanguage, LetterState


class HandOver(models.Model):
    """The way of one child to adult care. The 15-year safety follow-up stays ours until it is confirmed away.

    `handed_over_on` is the day from which the adult center cares for the patient; NULL until then.
    """

    journey = models.OneToOneField(Journey, models.PROTECT, primary_key=True, related_name="hand_over")
    adult_center = models.CharField(_("adult center"), max_length=160, blank=True)
    physician = models.CharField(_("physician"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    handed_over_on = models.DateField(_("handed over"), null=True, blank=True)
    reason = models.CharField(_("reason for what was left out"), max_length=400, blank=True)
    safety_keeper = models.CharField(
        _("who keeps the safety follow-up"),
        max_length=10,
        choices=SafetyKeeper.choices,
        default=SafetyKeeper.US,
    )
    safety_confirmed_by = models.CharField(_("confirmed by"), max_length=120, blank=True)
    safety_confirmed_on = models.DateField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    safety_keeper=SafetyKeeper.US, safety_confirmed_on__isnull=True, safety_confirmed_by=""
                )
                | (
                    models.Q(safety_keeper=SafetyKeeper.THEM, safety_confirmed_on__isnull=False)
                    & ~models.Q(safety_confirmed_by="")
                ),
                name="hand_over_safety_confirmed",
                violation_error_message=_("The adult center keeps the safety follow-up once it said so."),
            ),
            models.CheckConstraint(
                condition=models.Q(handed_over_on__isnull=True) | ~models.Q(adult_center=""),
                name="hand_over_names_center",
                violation_error_message=_("Name the adult center."),
            ),
        ]

    def __str__(self) -> str:
        return self.adult_center


class HandOverStep(models.Model):
    """One step of a hand-over as it was done last; earlier times are in the ledger."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="hand_over_steps")
    step = models.CharField(_("step"), max_length=20, choices=HandOverStepKind.choices)
    done_on = models.DateField(_("done"))
    note = models.CharField(_("note"), max_length=400, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=120)

    class Meta:
        verbose_name = _("step of the hand-over")
        verbose_name_plural = _("steps of the hand-over")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "step"], name="hand_over_step_once"),
            one_of("step", HandOverStepKind, name="hand_over_step_known"),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.done_on}"


class ContactAttempt(models.Model):
    """Somebody tried to reach the family; `next_on` is the day to try again."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="contact_attempts")
    attempted_at = models.DateTimeField(_("tried"))
    how = models.CharField(_("how"), max_length=20, choices=ContactWay.choices)
    whom = models.CharField(_("whom"), max_length=120, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=ContactOutcome.choices)
    note = models.CharField(_("note"), max_length=400, blank=True)
    next_on = models.DateField(_("try again on"), null=True, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("attempt to reach the family")
        verbose_name_plural = _("attempts to reach the family")
        constraints: ClassVar = [
            one_of("how", ContactWay, name="contact_attempt_how_known"),
            one_of("outcome", ContactOutcome, name="contact_attempt_outcome_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["journey", "attempted_at"], name="contact_attempt_latest_idx")
        ]

    def __str__(self) -> str:
        return f"{self.how} {self.outcome}"


class Loss(models.Model):
    """A time in which nobody knew where the child was; open until `found_on`."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="losses")
    since_on = models.DateField(_("not found since"))
    last_known = models.CharField(_("last known address or place"), max_length=400, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    found_on = models.DateField(_("found"), null=True, blank=True)
    found_where = models.CharField(_("where"), max_length=400, blank=True)
    found_note = models.CharField(_("note"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("loss of contact")
        verbose_name_plural = _("losses of contact")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey"],
                condition=models.Q(found_on__isnull=True),
                name="loss_open_once",
                violation_error_message=_("This patient is already being looked for as lost."),
            ),
            models.CheckConstraint(
                condition=models.Q(found_on__isnull=True) | models.Q(found_on__gte=models.F("since_on")),
                name="loss_found_after_since",
                violation_error_message=_("A patient can't be found before being lost."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since_on}"


class Letter(UuidModel):
    """A letter about one child: a draft that may be edited, then final and never changed again.

    `digest` is the SHA-256 of the text in hexadecimal, as the ledger keeps it. A letter that came with a
    journey from elsewhere has its digest alone: the text stayed where it was written. The database refuses
    any change of a final letter.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="letters")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    addressee = models.CharField(_("to"), max_length=400)
    language = models.CharField(_("language"), max_length=5, choices=LetterLanguage.choices)
    body = models.TextField(_("text"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=LetterState.choices, default=LetterState.DRAFT
    )
    begun_by = models.CharField(_("begun by"), max_length=120)
    begun_at = models.DateTimeField(_("begun"))
    signed_by = models.CharField(_("signed by"), max_length=120, blank=True)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    event_id = models.BigIntegerField(null=True, unique=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints: ClassVar = [
            one_of("kind", LetterKind, name="letter_kind_known"),
            one_of("language", LetterLanguage, name="letter_language_known"),
            models.CheckConstraint(
                condition=models.Q(
                    state=LetterState.DRAFT, signed_at__isnull=True, digest="", event_id__isnull=True
                )
                | models.Q(
                    state=LetterState.FINAL,
                    signed_at__isnull=False,
                    event_id__isnull=False,
                    digest__regex=r"^[0-9a-f]{64}$",
                ),
                name="letter_final_is_signed",
                violation_error_message=_("A final letter is signed and has its digest, a draft neither."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "begun_at"], name="letter_of_journey_idx")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
