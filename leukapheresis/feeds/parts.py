"""What else stands in a person's calendar: rooms above this one give their parts in `CALENDAR_PARTS`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from icalendar import Event

from cartpath.accounts.models import User


class Part(Protocol):
    """One further part of a person's calendar."""

    def read(self, user: User, *, at: datetime) -> Sequence[Any]:
        """What the person is told, in values whose `repr` changes with anything that is said."""

    def write(self, told: Sequence[Any]) -> Iterable[Event]:
        """It as events, in the language that is active. The same values give the same events."""


@lru_cache(maxsize=1)
def parts() -> tuple[Part, ...]:
    """The parts of `settings.CALENDAR_PARTS`, in their order."""
    return tuple(import_string(path)() for path in settings.CALENDAR_PARTS)
