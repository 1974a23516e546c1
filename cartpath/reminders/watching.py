"""Watching the watcher: e-mails when the scheduler is silent, without Celery and without the broker.

Heartbeats are rows. One that is five minutes old is a silence, which is a row too: its key and its lock let
several watchers, or one that was started again, tell of it once, and once more when it ends. While the
database itself can't be reached there is no row; then the watcher remembers, and tells whom it last knew.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import InterfaceError, OperationalError, connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Membership
from cartpath.reminders.channels import message_id
from cartpath.reminders.choices import language_for
from cartpath.reminders.models import Heartbeat, Silence
from cartpath.reminders.services import ENGINE, SCHEDULER, heartbeat_record

SILENT_AFTER: Final = timedelta(minutes=5)
WATCHER: Final = "watcher"
# A watcher that looked within this time is alive.
ALIVE_WITHIN: Final = timedelta(minutes=2)
_NAMESPACE: Final = UUID("7d7c9b52-8f0e-4a6c-a3b5-2f4b9d2e6a10")

logger = logging.getLogger(__name__)


class Word(StrEnum):
    """What administrators are told."""

    SILENT = "silent"
    BEATS_AGAIN = "beats_again"
    UNREACHABLE = "unreachable"
    REACHABLE_AGAIN = "reachable_again"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where an administrator gets mail, and in which language."""

    address: str
    language: str


@dataclass
class Watcher:
    """What one watcher remembers between two looks."""

    started_at: datetime
    recipients: Sequence[Recipient] = ()
    unreachable_since: datetime | None = None
    told_of_it: bool = False
    # Beats are counted from here after the database was away, for then nothing could beat.
    reachable_since: datetime | None = None

    def look(self, at: datetime) -> None:
        """Look once, and tell of what is new."""
        try:
            heartbeat_record(name=WATCHER, at=at)
            self.recipients = recipients()
            self._reached(at)
            for name in (SCHEDULER, ENGINE):
                self._look_at(name, at)
        except (OperationalError, InterfaceError) as error:
            logger.warning("the watcher's database connection failed: %s", type(error).__name__)
            if not connection.in_atomic_block:
                connection.close()  # the next look begins a new one
            self._missed(at)

    def _look_at(self, name: str, at: datetime) -> None:
        beat_at = Heartbeat.objects.filter(pk=name).values_list("beat_at", flat=True).first()
        if beat_at is None and name != SCHEDULER:
            return
        heard_at = beat_at or self.started_at
        if self.reachable_since is not None:
            heard_at = max(heard_at, self.reachable_since)
        if at - heard_at >= SILENT_AFTER:
            _tell_of_silence(name, beat_at, at, self.recipients)
        elif beat_at is not None and at - beat_at < SILENT_AFTER:
            _tell_of_ends(name, at, self.recipients)

    def _missed(self, at: datetime) -> None:
        self.unreachable_since = self.unreachable_since or at
        if not self.told_of_it and at - self.unreachable_since >= SILENT_AFTER:
            key = self.unreachable_since.isoformat()
            known = self.recipients or _addresses_of_the_house()
            self.told_of_it = _mail(Word.UNREACHABLE, known, since=self.unreachable_since, key=key)

    def _reached(self, at: datetime) -> None:
        if self.unreachable_since is None:
            return
        since, self.unreachable_since, self.reachable_since = self.unreachable_since, None, at
        if self.told_of_it:
            _mail(Word.REACHABLE_AGAIN, self.recipients, since=since, key=since.isoformat())
            self.told_of_it = False


def is_alive(at: datetime) -> bool:
    """Whether a watcher looked lately."""
    return Heartbeat.objects.filter(pk=WATCHER, beat_at__gt=at - ALIVE_WITHIN).exists()


def recipients() -> list[Recipient]:
    """Every active administrator once, and the addresses of the house."""
    members = (
        Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True)
        .select_related("center", "user__mail_choice")
        .order_by("user_id", "center_id")
    )
    found = {
        member.user.email: Recipient(member.user.email, language_for(member.user, member.center))
        for member in members
    }
    return [*found.values(), *(each for each in _addresses_of_the_house() if each.address not in found)]


def _addresses_of_the_house() -> list[Recipient]:
    return [Recipient(address, settings.LANGUAGE_CODE) for address in settings.WATCH_EMAILS]


@transaction.atomic
def _tell_of_silence(name: str, beat_at: datetime | None, at: datetime, to: Sequence[Recipient]) -> None:
    Silence.objects.bulk_create(
        [Silence(name=name, last_beat_at=beat_at, noticed_at=at)], ignore_conflicts=True
    )
    untold = Silence.objects.select_for_update(skip_locked=True).filter(
        name=name, last_beat_at=beat_at, told_at=None, ended_at=None
    )
    for silence in untold:
        if _mail(Word.SILENT, to, since=beat_at, key=str(silence.pk), part=name):
            Silence.objects.filter(pk=silence.pk).update(told_at=at)


@transaction.atomic
def _tell_of_ends(name: str, at: datetime, to: Sequence[Recipient]) -> None:
    Silence.objects.filter(name=name, ended_at=None).update(ended_at=at)
    untold = Silence.objects.select_for_update(skip_locked=True).filter(
        name=name, told_at__isnull=False, end_told_at=None
    )
    for silence in untold:
        if _mail(Word.BEATS_AGAIN, to, since=silence.last_beat_at, key=str(silence.pk), part=name):
            Silence.objects.filter(pk=silence.pk).update(end_told_at=at)


def _mail(word: Word, to: Sequence[Recipient], *, since: datetime | None, key: str, part: str = "") -> bool:
    """Tell everybody; whether the mail server took at least one message."""
    if not to:
        logger.error("there is no administrator to tell: %s %s", word, part)
    accepted = 0
    for recipient in to:
        message = _message(word, recipient, since=since, key=key, part=part)
        try:
            accepted += get_connection().send_messages([message]) or 0
        except OSError as error:  # smtplib's errors are OSErrors too
            logger.warning("a message of the watcher failed: %s", type(error).__name__)
    return accepted > 0


def _message(
    word: Word, recipient: Recipient, *, since: datetime | None, key: str, part: str
) -> EmailMessage:
    """Role, state, link; nothing else."""
    with translation.override(recipient.language):
        context = {
            "word": word.value,
            "is_engine": part == ENGINE,
            "since": f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if since else "",
            "minutes": int(SILENT_AFTER.total_seconds() // 60),
            "url": settings.SITE_URL + reverse("web:today"),
        }
        subject = render_to_string("reminders/watch_subject.txt", context).strip()
        body = render_to_string("reminders/watch.txt", context)
    about = uuid5(_NAMESPACE, f"{word}/{part}/{key}/{recipient.address}")
    return EmailMessage(
        subject=subject,
        body=body,
        to=[recipient.address],
        headers={"Message-ID": message_id(about), "Auto-Submitted": "auto-generated"},
    )
