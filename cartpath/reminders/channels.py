"""How a person is told. A channel knows nothing of leases and retries; the engine knows nothing of SMTP."""

import contextlib
from dataclasses import dataclass
from email.utils import parseaddr
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from cartpath.accounts.enums import Role
from cartpath.reminders.enums import Channel


class ChannelDown(Exception):
    """The channel itself can't be reached: no message is at fault, and all of them wait."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What a person is told. Nothing in it is about a patient.

    `role` is the role the reminder is for and `is_substitute` says that the person stands in for it;
    `waiting` counts what is due or overdue for that role in the center.
    """

    delivery_id: UUID
    reminder_id: UUID
    address: str
    language: str
    role: str
    is_substitute: bool
    waiting: int

    def email(self) -> EmailMessage:
        """The notice as an e-mail."""
        return email_of(self)


class Message(Protocol):
    """Something to be told."""

    def email(self) -> EmailMessage:
        """It as an e-mail, in the recipient's language."""


class NoticeChannel(Protocol):
    """One way to tell somebody."""

    def send(self, notice: Message) -> None:
        """Return once it is told. Raises `ChannelDown`, or any other error that is about this message."""

    def close(self) -> None:
        """Give back what the channel holds open."""


class InAppChannel:
    """The delivery row is the notice: marking it sent makes it appear."""

    def send(self, notice: Message) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing is held open."""


class EmailChannel:
    """E-mail over one connection, opened for the first message and kept for the ones after it."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._is_down = False

    def send(self, notice: Message) -> None:
        """Hand one message to the mail server; returns when the server has accepted it."""
        connection = self._connection or self._open()
        try:
            connection.send_messages([notice.email()])
        except Exception:
            # The dialogue may be broken off anywhere; the next message begins a new one.
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.close()

    def _open(self) -> BaseEmailBackend:
        if self._is_down:
            raise ChannelDown
        connection: BaseEmailBackend = get_connection()
        try:
            connection.open()
        except OSError as error:  # smtplib's errors are OSErrors too
            self._is_down = True
            raise ChannelDown from error
        self._connection = connection
        return connection


class Channels:
    """The channels of one run of the engine; closes them at its end."""

    def __init__(self) -> None:
        self._by_name: dict[str, NoticeChannel] = {
            Channel.IN_APP: InAppChannel(),
            Channel.EMAIL: EmailChannel(),
        }

    def __getitem__(self, name: str) -> NoticeChannel:
        return self._by_name[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._by_name.values():
            channel.close()


def email_of(notice: Notice) -> EmailMessage:
    """The message in the recipient's language: role, count, link, and nothing about a patient."""
    with translation.override(notice.language):
        context = {
            "role": Role(notice.role).label,
            "is_substitute": notice.is_substitute,
            "waiting": notice.waiting,
            "url": reminder_url(notice.reminder_id),
        }
        subject = render_to_string("reminders/email_subject.txt", context).strip()
        body = render_to_string("reminders/email.txt", context)
    return EmailMessage(
        subject=subject,
        body=body,
        to=[notice.address],
        # The same delivery always carries the same id, so a server that gets it twice can drop the second.
        headers={"Message-ID": message_id(notice.delivery_id), "Auto-Submitted": "auto-generated"},
    )


def message_id(delivery_id: UUID) -> str:
    """The Message-ID (RFC 5322) of a delivery's e-mail."""
    _name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    domain = sender.rpartition("@")[2] or urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{delivery_id}@{domain}>"


def reminder_url(reminder_id: UUID) -> str:
    """The page of a reminder, as a link that works outside the house."""
    path: str = reverse("web:reminder", args=[reminder_id])
    return settings.SITE_URL + path
