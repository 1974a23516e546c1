"""News of the apheresis calendar, gathered into notices, and the letter of each to each person."""

from typing import ClassVar, Final
from uuid import UUID, uuid5

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.core.models import UuidModel
from cartpath.ledger.models import Event
from cartpath.reminders.enums import DeliveryState
from cartpath.reminders.models.outgoing import Outgoing, OutgoingQuerySet

_NAMESPACE: Final = UUID("0a9f6d7e-2c55-4c1b-9a54-6f3f2f7b1d90")


class CalendarNotice(UuidModel):
    """Changes of one center's calendar that are told together."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    gathered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("notice of calendar changes")
        verbose_name_plural = _("notices of calendar changes")

    def __str__(self) -> str:
        return f"{self.center_id} {self.gathered_at:%Y-%m-%d %H:%M}"


class CalendarNews(models.Model):
    """An event that people may have to be told of. Without a notice it still waits to be gathered."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="+")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    notice = models.ForeignKey(CalendarNotice, models.PROTECT, null=True, related_name="news")

    class Meta:
        verbose_name = _("news of the calendar")
        verbose_name_plural = _("news of the calendar")
        indexes: ClassVar = [
            models.Index(fields=["event"], name="calendar_news_idx", condition=models.Q(notice=None)),
        ]

    def __str__(self) -> str:
        return str(self.event_id)


class CalendarLetter(Outgoing):
    """One e-mail about one notice to one person."""

    notice = models.ForeignKey(CalendarNotice, models.PROTECT, related_name="letters")

    objects = OutgoingQuerySet.as_manager()

    class Meta(Outgoing.Meta):
        verbose_name = _("letter about calendar changes")
        verbose_name_plural = _("letters about calendar changes")
        constraints: ClassVar = [
            *Outgoing.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False) | models.Q(state=DeliveryState.FAILED),
                name="calendarletter_has_recipient",
            ),
            models.UniqueConstraint(fields=["notice", "recipient"], name="calendarletter_once"),
            models.CheckConstraint(
                condition=models.Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~models.Q(state=DeliveryState.SENT) & models.Q(sent_at=None)),
                name="calendarletter_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} · {self.get_state_display()}"


class MailChoice(models.Model):
    """What a person wants by e-mail. Without a row, or with None, their role decides."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="mail_choice")
    calendar_changes = models.BooleanField(_("changes of the apheresis calendar"), null=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, blank=True)

    class Meta:
        verbose_name = _("choice of e-mails")
        verbose_name_plural = _("choices of e-mails")

    def __str__(self) -> str:
        return f"{self.user_id} {self.calendar_changes}"


def letter_key(notice_id: UUID, recipient_id: int) -> UUID:
    """The id of a letter; its Message-ID is made of it."""
    return uuid5(_NAMESPACE, f"{notice_id}/{recipient_id}")
