"""How the toxicity room writes about one child."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from cartpath.ledger.services import readers_once
from patients.models import Journey
from patients.services import journey_locked


@contextmanager
def bedside_write(journey_id: UUID) -> Iterator[Journey]:
    """The journey, locked for one write; what the write and its reviews append is read once, at the end.

    No write of this room goes by the status, the reminders or the stored results, which the readers keep.
    """
    with journey_locked(journey_id) as journey, readers_once(journey_id):
        yield journey
