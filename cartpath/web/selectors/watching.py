"""Whether people are being told at all: for everybody in a word, for administrators in figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from cartpath.accounts.models import Center
from cartpath.core.dates import local_midnight
from cartpath.reminders.enums import DeliveryState
from cartpath.reminders.models import Delivery, Heartbeat, Reminder
from cartpath.reminders.selectors import SILENT_AFTER_MINUTES
from cartpath.reminders.services import SCHEDULER


@dataclass(frozen=True, slots=True)
class Pulse:
    """The scheduler's last sign of life; None when there never was one."""

    beat_at: datetime | None
    at: datetime

    @property
    def is_silent(self) -> bool:
        """Whether it has been silent for five minutes."""
        return self.beat_at is None or self.at - self.beat_at >= timedelta(minutes=SILENT_AFTER_MINUTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The machinery of one center in figures.

    `untold` reminders have come to their hour and nobody was told yet, `oldest_at` since when. `waiting`
    messages are on their way, `retrying` of them not at the first attempt. `failed` and `stuck` (reminders
    that could not even be planned) are set aside for a person.
    """

    untold: int
    oldest_at: datetime | None
    sent_today: int
    waiting: int
    retrying: int
    failed: int
    stuck: int


def pulse(*, at: datetime) -> Pulse:
    """The scheduler's pulse. One query."""
    beat = Heartbeat.objects.filter(pk=SCHEDULER).values_list("beat_at", flat=True).first()
    return Pulse(beat, at)


def watch(center: Center, *, at: datetime) -> Watch:
    """The figures of a center. Three queries."""
    mine = Reminder.objects.in_centers([center.pk])
    told: Mapping[str, object] = mine.to_tell(at).aggregate(untold=Count("pk"), oldest_at=Min("wake_at"))
    today = local_midnight(center.local_day(at), center.zone)
    deliveries: Mapping[str, object] = (
        Delivery.objects.in_centers([center.pk])
        .filter(Q(sent_at__gte=today) | Q(state__in=[DeliveryState.INTENDED, DeliveryState.FAILED]))
        .aggregate(
            sent_today=Count("pk", filter=Q(sent_at__gte=today)),
            waiting=Count("pk", filter=Q(state=DeliveryState.INTENDED)),
            retrying=Count("pk", filter=Q(state=DeliveryState.INTENDED, attempts__gt=0)),
            failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
        )
    )
    return Watch(**told, **deliveries, stuck=mine.set_aside().count())  # type: ignore[arg-type]
