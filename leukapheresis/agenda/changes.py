"""The version of a center's calendar by day: two people at one day see each other's changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max

from cartpath.core.actor import Actor
from leukapheresis.models import CalendarChange


@dataclass(frozen=True, slots=True)
class Version:
    """How many changes some days saw, and the key of the last one.

    Both are needed: keys are handed out before a transaction commits, so a later commit can carry an earlier
    key; the count then still grows.
    """

    count: int
    last: int

    @property
    def text(self) -> str:
        """The version as pages carry it."""
        return f"{self.count}-{self.last}"

    @classmethod
    def read(cls, text: str) -> "Version":
        """The version that a page carries; anything else is the version before all changes."""
        count, _hyphen, last = text.partition("-")
        return cls(int(count), int(last)) if count.isdecimal() and last.isdecimal() else cls(0, 0)


def calendar_touched(center_id: int, days: Iterable[date], *, by: Actor, at: datetime) -> None:
    """Note that days of a center's calendar look different; part of the transaction that changed them."""
    CalendarChange.objects.bulk_create(
        CalendarChange(
            center_id=center_id, on=day, at=at, actor_kind=by.kind, actor_id=by.id, actor_name=by.name
        )
        for day in sorted(set(days))
    )


def calendar_version(center_id: int, first: date, last: date) -> Version:
    """The version of the days from `first` to `last`, both included; one query over an index."""
    found = CalendarChange.objects.filter(center_id=center_id, on__range=(first, last)).aggregate(
        count=Count("pk"), last=Max("pk")
    )
    return Version(found["count"], found["last"] or 0)


def changed_by(center_id: int, first: date, last: date, *, since: Version, but: Actor) -> list[str]:
    """Who changed these days since a version, without the reader themselves, the latest first; one query."""
    rows = (
        CalendarChange.objects.filter(center_id=center_id, on__range=(first, last), pk__gt=since.last)
        .exclude(actor_kind=but.kind, actor_id=but.id)
        .order_by("-pk")
        .values_list("actor_name", flat=True)
    )
    return list(dict.fromkeys(rows[:50]))
