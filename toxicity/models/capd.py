"""A center's own wording of CAPD."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel


class CapdWording(UuidModel):
    """One of the eight questions of CAPD in the words a center has a license for, in one language.

    The wording is copyright of Cornell University and never shipped. A row is never changed: another wording
    ends the old rows and adds new ones, so that it stays known what was asked, and who entered it.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    topic = models.PositiveSmallIntegerField(_("topic"))
    text = models.CharField(_("wording"), max_length=300)
    license_statement = models.CharField(_("license"), max_length=300)
    entered_by = models.CharField(_("entered by"), max_length=120)
    entered_at = models.DateTimeField(_("entered"))
    ended_by = models.CharField(_("ended by"), max_length=120, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("CAPD wording")
        verbose_name_plural = _("CAPD wordings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["center", "language", "topic"],
                condition=models.Q(ended_at__isnull=True),
                name="capd_wording_once",
                violation_error_message=_("There is a wording of this topic already."),
            ),
            models.CheckConstraint(
                condition=models.Q(topic__range=(1, 8)),
                name="capd_wording_topic_known",
                violation_error_message=_("CAPD has eight topics."),
            ),
            models.CheckConstraint(
                condition=~models.Q(text="") & ~models.Q(license_statement=""),
                name="capd_wording_is_licensed",
                violation_error_message=_("A wording needs its text and its license."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.center_id} {self.language} {self.topic}"
