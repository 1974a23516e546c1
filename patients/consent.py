"""Agreements as signed: of the family, of the child, and of a donor."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.core.models import one_of
from patients.enums import ConsentKind, ConsentSigner


class Consent(models.Model):
    """An agreement, its document version, who gave it, and the day from which it no longer holds."""

    journey = models.ForeignKey("patients.Journey", models.CASCADE, related_name="consents")
    kind = models.CharField(_("kind"), max_length=20, choices=ConsentKind.choices)
    given_by = models.CharField(_("given by"), max_length=120)
    signer = models.CharField(
        _("signed by"), max_length=10, choices=ConsentSigner.choices, blank=True, default=""
    )
    document_version = models.CharField(_("document version"), max_length=40)
    signed_on = models.DateField(_("signed"))
    withdrawn_on = models.DateField(_("withdrawn"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("reason of the withdrawal"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints: ClassVar = [
            one_of("kind", ConsentKind, name="consent_kind_known"),
            models.CheckConstraint(
                condition=(models.Q(kind=ConsentKind.DONATION) & ~models.Q(signer=""))
                | (~models.Q(kind=ConsentKind.DONATION) & models.Q(signer="")),
                name="consent_donation_names_signer",
                violation_error_message=_("A consent to a donation says who signed it; no other does."),
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_on__isnull=True, withdrawn_reason="")
                | (models.Q(withdrawn_on__gte=models.F("signed_on")) & ~models.Q(withdrawn_reason="")),
                name="consent_withdrawn_with_reason",
                violation_error_message=_("A withdrawal has a day after the signature, and a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.signed_on}"
