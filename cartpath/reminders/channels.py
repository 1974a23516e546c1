"""How a person is told. A channel knows nothing of leases and retries; the engine knows nothing of SMTP."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cache, lru_cache
from types import TracebackType
from typing import Final, Protocol, Self
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import pgettext

from cartpath.accounts.enums import Role
from cartpath.reminders.enums import Channel
from cartpath.reminders.webhooks import Call, post


class ChannelDown(Exception):
    """The channel itself can't be reached: no message is at fault, and all of them wait."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What a person is told. Nothing in it is about a patient.

    `role` is the role the reminder is for; `waiting` counts what is due or overdue for it in the center.
    `rung` is that of the ladder, 0 for the people whose task it is. `is_fallback` says that an administrator
    is told because nobody else is there, `stands_in` that the person is told for an absent colleague.
    `meant_at` is when it should have been told; people read it in the center's `timezone`. A webhook has a
    `call` instead of an address.
    """

    delivery_id: UUID
    reminder_id: UUID
    address: str
    language: str
    role: str
    waiting: int
    rung: int
    is_fallback: bool
    stands_in: bool
    meant_at: datetime
    timezone: str
    is_late: bool
    call: Call | None

    def email(self) -> EmailMessage:
        """The notice as an e-mail."""
        return email_of(self)


class Message(Protocol):
    """Something to be told."""

    def email(self) -> EmailMessage:
        """It as an e-mail, in the recipient's language."""


class NoticeChannel(Protocol):
    """One way to tell somebody by wire."""

    def send(self, notice: Message) -> None:
        """Return once it is told. Raises `ChannelDown`, or any other error that is about this message."""

    def close(self) -> None:
        """Give back what the channel holds open."""


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


class WebhookChannel:
    """HTTPS to programs of the house. One that doesn't answer is asked once in a run and then left alone."""

    def __init__(self) -> None:
        self._silent: set[str] = set()

    def send(self, notice: Message) -> None:
        """Send one message; returns when the listener has taken it."""
        call = notice.call if isinstance(notice, Notice) else None
        if call is None:
            raise TypeError("only a notice for a webhook can be posted")
        if call.url in self._silent:
            raise ChannelDown
        try:
            post(call)
        except OSError:
            self._silent.add(call.url)
            raise

    def close(self) -> None:
        """Nothing is held open."""


class Channels:
    """The channels of one run of the engine; closes them at its end."""

    def __init__(self) -> None:
        self._by_name: dict[str, NoticeChannel] = {
            Channel.EMAIL: EmailChannel(),
            Channel.WEBHOOK: WebhookChannel(),
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
    late_since = _moment(notice.meant_at, notice.timezone, notice.language) if notice.is_late else ""
    subject, body = _texts(
        notice.language,
        notice.role,
        notice.waiting,
        notice.rung,
        is_fallback=notice.is_fallback,
        stands_in=notice.stands_in,
        late_since=late_since,
    )
    return EmailMessage(
        subject=subject,
        body=body.replace(_LINK, reminder_url(notice.reminder_id)),
        to=[notice.address],
        # The same delivery always carries the same id, so a server that gets it twice can drop the second.
        headers={"Message-ID": message_id(notice.delivery_id), "Auto-Submitted": "auto-generated"},
    )


# Stands for the link in a text that many messages share.
_LINK: Final = "{link}"


@lru_cache(maxsize=256)
def _texts(
    language: str,
    role: str,
    waiting: int,
    rung: int,
    *,
    is_fallback: bool,
    stands_in: bool,
    late_since: str,
) -> tuple[str, str]:
    """Subject and body but for the link: of many messages at a time most say the same."""
    with translation.override(language):
        context = {
            "role": Role(role).label,
            "waiting": waiting,
            "rung": rung,
            "is_fallback": is_fallback,
            "stands_in": stands_in,
            "late_since": late_since,
            "url": _LINK,
        }
        subject = render_to_string("reminders/email_subject.txt", context).strip()
        return subject, render_to_string("reminders/email.txt", context)


@lru_cache(maxsize=256)
def _moment(at: datetime, timezone: str, language: str) -> str:
    local = at.astimezone(ZoneInfo(timezone))
    with translation.override(language):
        day = formats.date_format(local, pgettext("date format, Django's letters", "d-M-Y"))
    return f"{day} {local:%H:%M}"


def message_id(delivery_id: UUID) -> str:
    """The Message-ID (RFC 5322) of a delivery's e-mail."""
    return f"<{delivery_id}@{_domain_of(settings.DEFAULT_FROM_EMAIL, settings.SITE_URL)}>"


@cache
def _domain_of(sender: str, site: str) -> str:
    _name, address = parseaddr(sender)
    return address.rpartition("@")[2] or urlsplit(site).hostname or "localhost"


def reminder_url(reminder_id: UUID) -> str:
    """The page of a reminder, as a link that works outside the house."""
    return settings.SITE_URL + _page_of_any().replace(_ANY, str(reminder_id))


_ANY: Final = str(UUID(int=0))


@cache
def _page_of_any() -> str:
    """The address that all reminders' pages share; to look it up anew takes longer than to send."""
    return reverse("web:reminder", args=[_ANY])
