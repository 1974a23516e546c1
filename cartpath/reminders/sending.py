"""From a message that is written down to a person who was told: claim, check again, send, record.

Nothing is kept in memory or in the broker: two workers, or one that was killed, find in the tables what is
left to do.

* **Claim.** A batch of messages gets a lease. When it runs out, the messages are anybody's again; the worker
  that lost them notices, because every later update names the lease it was claimed with.
* **Send.** One transaction for each: the reasons not to send are checked once more, the row is marked sent,
  the message leaves, and the commit follows the server's "accepted" at once. An error takes the mark back. A
  worker killed in between takes it back too, and the message may leave a second time: under the same
  Message-ID (see ADR 0006).
* **Failure.** One message's failure is postponed, then set aside where people see it; it never holds up the
  others. When the mail server can't be reached at all, everything waits and nothing counts as an attempt.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final, Generic, TypeVar
from uuid import UUID

from django.db import DatabaseError, transaction

from cartpath.reminders.channels import ChannelDown, Channels, Message
from cartpath.reminders.enums import Channel, DeliveryState, Obstacle
from cartpath.reminders.models import Outgoing, OutgoingQuerySet

Clock = Callable[[], datetime]
# What a run did: how many messages (and, under "announced", reminders) came to which end.
Tally = Counter[str]
GoOn = Callable[[], bool]

SEND_BATCH: Final = 50
# Longer than a mail server may take for one message (EMAIL_TIMEOUT), short enough that what a killed worker
# held is sent within a beat or two. A slow batch loses its lease harmlessly: another worker helps.
LEASE: Final = timedelta(seconds=15)
DOWN_PAUSE: Final = timedelta(minutes=1)
# Waiting times after the first, second, … failure of one message; after the last it is set aside.
BACKOFF: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
MAX_ATTEMPTS: Final = len(BACKOFF) + 1

Row = TypeVar("Row", bound=Outgoing)


class Outbox(ABC, Generic[Row]):
    """One table of messages on their way, and what each says."""

    model: type[Row]
    # What comes with a claimed row, as the model names it.
    related: ClassVar[tuple[str, ...]]

    @abstractmethod
    def messages(self, claimed: Sequence[Row], *, at: datetime) -> Mapping[UUID, Message]:
        """What each claimed row says, by the row's id."""

    @abstractmethod
    def obstacle(self, row: Row, *, at: datetime) -> Obstacle | None:
        """Why the person must not be told now, if so; asked in the transaction that sends."""

    def channel(self, row: Row) -> str:
        """Through which channel a row goes."""
        return Channel.EMAIL

    def rows(self) -> OutgoingQuerySet:
        """All rows of the table."""
        return OutgoingQuerySet(self.model)

    @transaction.atomic
    def claim(self, *, at: datetime) -> list[Row]:
        """Take a lease on messages whose turn has come and that no living worker holds."""
        keys = list(
            self.rows()
            .claimable(at)
            .select_for_update(skip_locked=True, no_key=True)
            .order_by("next_try_at")
            .values_list("pk", flat=True)[:SEND_BATCH]
        )
        if not keys:
            return []
        claimed = self.rows().filter(pk__in=keys)
        claimed.update(state=DeliveryState.SENDING, lease_until=at + LEASE)
        return list(claimed.select_related(*self.related).order_by("next_try_at"))

    def deliver_batch(
        self, *, now: Clock, channels: Channels, tally: Tally, go_on: GoOn = lambda: True
    ) -> int:
        """Claim up to `SEND_BATCH` messages and settle them one by one; returns how many were claimed."""
        claimed = self.claim(at=now())
        said = self.messages(claimed, at=now()) if claimed else {}
        for row in claimed:
            if not go_on() or now() >= _lease(row):
                break
            tally[self.deliver(row, said[row.pk], channels=channels, now=now)] += 1
        return len(claimed)

    def deliver(self, row: Row, message: Message, *, channels: Channels, now: Clock) -> str:
        """Settle one message; returns the word under which it is counted."""
        try:
            with transaction.atomic():
                obstacle = self.obstacle(row, at=now())
                if obstacle is not None:
                    mine = self._settle(row, state=DeliveryState.SKIPPED, problem=obstacle)
                    return "skipped" if mine else "lost"
                if not self._settle(row, state=DeliveryState.SENT, sent_at=now(), problem=""):
                    return "lost"
                channels[self.channel(row)].send(message)
        except ChannelDown:
            later = now() + DOWN_PAUSE
            self._settle(row, state=DeliveryState.INTENDED, next_try_at=later, problem=ChannelDown.__name__)
            return "postponed"
        except DatabaseError:
            raise  # Nothing can be recorded now; the lease runs out and the message is tried again.
        except Exception as error:
            return self._record_failure(row, error, at=now())
        return "sent"

    def _record_failure(self, row: Row, error: Exception, *, at: datetime) -> str:
        """Postpone a message that failed, or set it aside when it did so too often."""
        attempts = row.attempts + 1
        problem = _class_of(error)
        if attempts >= MAX_ATTEMPTS:
            self._settle(row, state=DeliveryState.FAILED, attempts=attempts, problem=problem)
            return "failed"
        later = at + BACKOFF[attempts - 1]
        self._settle(row, state=DeliveryState.INTENDED, attempts=attempts, next_try_at=later, problem=problem)
        return "postponed"

    def _settle(self, row: Row, **changes: object) -> bool:
        """Change a claimed row and end its lease; False when the lease had passed to another worker."""
        mine = self.rows().filter(pk=row.pk, state=DeliveryState.SENDING, lease_until=_lease(row))
        return bool(mine.update(lease_until=None, **changes))


def _class_of(error: Exception) -> str:
    """The error without its text, which may name people: its class, and the mail server's code."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _lease(row: Outgoing) -> datetime:
    if row.lease_until is None:
        raise ValueError("only a claimed message can be settled")
    return row.lease_until
