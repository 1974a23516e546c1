"""From a message that is written down to a person who was told: claim, check again, send, record.

Nothing is kept in memory or in the broker: two workers, or one that was killed, find in the tables what is
left to do.

* **Claim.** A batch of messages gets a lease. When it runs out, the messages are anybody's again; the worker
  that lost them notices, because every later update names the lease it was claimed with.
* **Send.** What goes by wire has one transaction for each message: the reasons not to send are checked once
  more, the row is marked sent, the message leaves, and the commit follows the other server's "accepted" at
  once, in one trip with the next message's check. An error takes the mark back. A worker killed in between
  takes it back too, and the message may leave a second time: one message, under the same Message-ID (see ADR
  0006). What the commit itself tells needs no lease and goes by the hundred.
* **Failure.** One message's failure is postponed, then set aside where people see it; it never holds up the
  others. When the other server can't be reached at all, everything waits and nothing counts as an attempt.
  When the database goes away just before the commit, the sender remembers what left and notes it as soon as
  the database is back.
"""

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Final, Generic, Literal, TypeVar
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction

from cartpath.reminders.channels import ChannelDown, Channels, Message
from cartpath.reminders.enums import Channel, DeliveryState, Obstacle
from cartpath.reminders.models import Outgoing, OutgoingQuerySet

Clock = Callable[[], datetime]
# What a run did: how many messages (and, under "announced", reminders) came to which end.
Tally = Counter[str]
GoOn = Callable[[], bool]
# What came of a last check: nothing is in the way, something is, or the lease has passed to another worker.
Settled = Obstacle | Literal["lost"] | None
LOST: Final = "lost"

SEND_BATCH: Final = 100
# Longer than a mail server may take for one message (EMAIL_TIMEOUT), short enough that what a killed worker
# held is sent within a beat or two. A slow batch loses its lease harmlessly: another worker helps.
LEASE: Final = timedelta(seconds=15)
DOWN_PAUSE: Final = timedelta(minutes=1)
# Waiting times after the first, second, … failure of one message; after the last it is set aside.
BACKOFF: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
MAX_ATTEMPTS: Final = len(BACKOFF) + 1
# How long a sender tries to note what left when the database went away; a restart takes a few seconds.
MEMORY_SECONDS: Final = 60.0
_ASK_AGAIN_SECONDS: Final = 0.05

Row = TypeVar("Row", bound=Outgoing)


def always() -> bool:
    """Go on until nothing is left."""
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What every message of one run needs: the hour, the ways out, whether to go on, and the count so far."""

    now: Clock
    channels: Channels
    go_on: GoOn = always
    tally: Tally = field(default_factory=Tally)

    def has_time_for(self, row: Outgoing) -> bool:
        """Whether a claimed message may still be sent under its lease."""
        return self.go_on() and self.now() < lease_of(row)


class Outbox(ABC, Generic[Row]):
    """One table of messages on their way, and what each says."""

    model: type[Row]
    # What comes with a claimed row, as the model names it.
    related: ClassVar[tuple[str, ...]]

    @abstractmethod
    def messages(self, claimed: Sequence[Row], *, at: datetime) -> Mapping[UUID, Message]:
        """What each claimed row says, by the row's id."""

    @abstractmethod
    def settle(self, row: Row, *, at: datetime) -> Settled:
        """Check once more and mark the row sent, or skipped for what stands in the way.

        Happens in the transaction that sends: what was found to be so can't change before it ends.
        """

    def channel(self, row: Row) -> str:
        """Through which channel a row goes."""
        return Channel.EMAIL

    def rows(self) -> OutgoingQuerySet:
        """All rows of the table."""
        return OutgoingQuerySet(self.model)

    def by_wire(self) -> OutgoingQuerySet:
        """Those rows that are told out of the database's reach."""
        return self.rows()

    def tell_at_once(self, *, at: datetime, tally: Tally) -> int:
        """Settle what the commit itself tells, many in one statement; returns how many."""
        return 0

    @transaction.atomic
    def claim(self, *, at: datetime) -> list[Row]:
        """Take a lease on messages whose turn has come and that no living worker holds."""
        keys = list(
            self.by_wire()
            .claimable(at)
            .select_for_update(skip_locked=True, no_key=True)
            .order_by("next_try_at")
            .values_list("pk", flat=True)[:SEND_BATCH]
        )
        if not keys:
            return []
        claimed = self.rows().filter(pk__in=keys)
        claimed.update(lease_until=at + LEASE)
        return list(claimed.select_related(*self.related).order_by("next_try_at"))

    def deliver_batch(self, run: Run) -> int:
        """Settle what is told at once, then up to `SEND_BATCH` others; returns how many there were."""
        told = self.tell_at_once(at=run.now(), tally=run.tally)
        claimed = self.claim(at=run.now())
        said = self.messages(claimed, at=run.now()) if claimed else {}
        self.deliver_all(claimed, said, run)
        return told + len(claimed)

    def deliver_all(self, claimed: Sequence[Row], said: Mapping[UUID, Message], run: Run) -> None:
        """Settle claimed messages one by one, as long as their lease lasts."""
        for row in claimed:
            if not run.has_time_for(row):
                break
            run.tally[self.deliver(row, said[row.pk], run)] += 1

    def deliver(self, row: Row, message: Message, run: Run) -> str:
        """Settle one message; returns the word under which it is counted."""
        has_left = False
        try:
            with transaction.atomic():
                settled = self.settle(row, at=run.now())
                if settled is not None:
                    return "skipped" if isinstance(settled, Obstacle) else settled
                run.channels[self.channel(row)].send(message)
                has_left = True
        except (DatabaseError, InterfaceError):
            if not has_left:
                raise  # Nothing can be recorded now; the lease runs out and the message is tried again.
            self.note_when_possible(row, at=run.now())
        except Exception as error:
            return self.record_failure(row, error, at=run.now())
        return "sent"

    def note_sent(self, row: Row, *, at: datetime) -> None:
        """Mark a message as sent that has left, whatever has become of its reasons."""
        self._change(row, state=DeliveryState.SENT, sent_at=at, problem="")

    def note_when_possible(self, row: Row, *, at: datetime) -> None:
        """Note a message that left while its commit failed; nobody else sends it before the lease is over.

        When the commit had come through after all, this finds nothing to change.
        """
        deadline = time.monotonic() + MEMORY_SECONDS
        while True:
            connection.close()
            try:
                with transaction.atomic():
                    self.note_sent(row, at=at)
            except (DatabaseError, InterfaceError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(_ASK_AGAIN_SECONDS)
            else:
                return

    def record_failure(self, row: Row, error: Exception, *, at: datetime) -> str:
        """Postpone a message that failed, or set it aside when it did so too often."""
        if isinstance(error, ChannelDown):
            self._change(row, next_try_at=at + DOWN_PAUSE, problem=ChannelDown.__name__)
            return "postponed"
        attempts = row.attempts + 1
        problem = _class_of(error)
        if attempts >= MAX_ATTEMPTS:
            self._change(row, state=DeliveryState.FAILED, attempts=attempts, problem=problem)
            return "failed"
        later = at + BACKOFF[attempts - 1]
        self._change(row, attempts=attempts, next_try_at=later, problem=problem)
        return "postponed"

    def _change(self, row: Row, **changes: object) -> bool:
        """Change a claimed row and end its lease; False when the lease had passed to another worker."""
        mine = self.rows().filter(pk=row.pk, state=DeliveryState.INTENDED, lease_until=lease_of(row))
        return bool(mine.update(lease_until=None, **changes))


class CheckedOutbox(Outbox[Row]):
    """An outbox whose messages are checked one by one, for those that are few."""

    @abstractmethod
    def obstacle(self, row: Row, *, at: datetime) -> Obstacle | None:
        """Why the person must not be told now, if so; asked in the transaction that sends."""

    def settle(self, row: Row, *, at: datetime) -> Settled:
        """Ask, then mark."""
        obstacle = self.obstacle(row, at=at)
        if obstacle is not None:
            mine = self._change(row, state=DeliveryState.SKIPPED, problem=obstacle)
        else:
            mine = self._change(row, state=DeliveryState.SENT, sent_at=at, problem="")
        return obstacle if mine else LOST

    def note_sent(self, row: Row, *, at: datetime) -> None:
        """What the check settles along with the message is settled again."""
        self.obstacle(row, at=at)
        super().note_sent(row, at=at)


def _class_of(error: Exception) -> str:
    """The error without its text, which may name people: its class, and the other server's code."""
    code = getattr(error, "smtp_code", None) or getattr(error, "code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def lease_of(row: Outgoing) -> datetime:
    """Until when a claimed message is this worker's; every update of it names this."""
    if row.lease_until is None:
        raise ValueError("only a claimed message can be settled")
    return row.lease_until
