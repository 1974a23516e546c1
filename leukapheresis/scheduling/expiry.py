"""What happens by itself: holds end, offers with them, and freed slots go to those who wait."""

import logging
from datetime import datetime
from typing import Final

from cartpath.core.actor import Actor
from cartpath.core.errors import DomainError
from leukapheresis.enums import BookingState, HoldEnd
from leukapheresis.models import Booking
from leukapheresis.scheduling.booking import hold_release
from leukapheresis.scheduling.waiting import offers_make

SWEEPER: Final = Actor.system("hold ended")

logger = logging.getLogger(__name__)


def holds_sweep(*, at: datetime) -> int:
    """Write the end of every hold whose time is over, each in its own transaction; returns how many.

    A hold that somebody is just working on is left for the next time.
    """
    over = Booking.objects.filter(state=BookingState.HELD, hold_expires_at__lte=at).order_by(
        "hold_expires_at"
    )
    ended = 0
    for booking_id in list(over.values_list("pk", flat=True)):
        try:
            hold_release(booking_id=booking_id, why=HoldEnd.EXPIRED, by=SWEEPER, at=at)
        except DomainError as refused:
            logger.info("a hold ends later: %s", refused.code)
        else:
            ended += 1
    return ended


def scheduling_sweep(*, at: datetime) -> tuple[int, int]:
    """End holds, then offer what is free; how many of each."""
    ended = holds_sweep(at=at)
    return ended, len(offers_make(at=at))
