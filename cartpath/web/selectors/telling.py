"""Who is away, which programs listen, what could not be told, and whom the ladder reaches: read for pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, User
from cartpath.protocols import catalog
from cartpath.protocols.sections import EscalationStep
from cartpath.reminders.enums import DeliveryState
from cartpath.reminders.models import Absence, CalendarLetter, Delivery, Digest, Reminder, WebhookTarget

_FAILURES_OF_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday around a day."""

    first: date
    last: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week a day lies in."""
        monday = day - timedelta(days=day.weekday())
        return cls(monday, monday + timedelta(days=6))

    @property
    def days(self) -> list[date]:
        """The seven days in order."""
        return [self.first + timedelta(days=number) for number in range(7)]


def away_in(center: Center, week: Week) -> Sequence[Absence]:
    """Who is away from a center on some day of a week, the first to leave first."""
    standing = Absence.objects.standing().filter(center=center)
    meets = standing.filter(first_on__lte=week.last, last_on__gte=week.first)
    return list(meets.select_related("user", "substitute").order_by("first_on", "user__name"))


def absences_of(user: User, *, today: date) -> Sequence[Absence]:
    """A person's own absences that are not over, in every center."""
    mine = Absence.objects.standing().filter(user=user, last_on__gte=today)
    return list(mine.select_related("center", "substitute").order_by("first_on"))


def webhooks_of(center: Center, *, at: datetime) -> QuerySet[WebhookTarget]:
    """The programs that listen, with what became of their last message and how many failed in a week."""
    last = Delivery.objects.filter(webhook=OuterRef("pk")).exclude(state=DeliveryState.INTENDED)
    last = last.order_by("-next_try_at")
    week = Q(
        deliveries__state=DeliveryState.FAILED,
        deliveries__planned_at__gte=at - timedelta(days=_FAILURES_OF_DAYS),
    )
    return (
        WebhookTarget.objects.filter(center=center, is_active=True)
        .annotate(
            last_state=Subquery(last.values("state")[:1]),
            last_at=Subquery(last.values(moment=Coalesce("sent_at", "next_try_at"))[:1]),
            last_problem=Subquery(last.values("problem")[:1]),
            failures=Count("deliveries", filter=week),
        )
        .order_by("name")
    )


def set_aside(center: Center) -> QuerySet[Delivery]:
    """Deliveries of a center that failed for good, the latest first."""
    failed = Delivery.objects.failed().in_centers([center.pk])
    return failed.select_related("recipient", "webhook", "reminder").order_by("-planned_at", "pk")


@dataclass(frozen=True, slots=True)
class OthersSetAside:
    """What else of a center was set aside: digests and letters that failed, reminders that met an error."""

    digests: Sequence[UUID]
    letters: Sequence[UUID]
    reminders: Sequence[UUID]

    @property
    def count(self) -> int:
        """All of them together."""
        return len(self.digests) + len(self.letters) + len(self.reminders)


def others_set_aside(center: Center) -> OthersSetAside:
    """Their ids. Three queries."""
    return OthersSetAside(
        digests=list(Digest.objects.failed().filter(center=center).values_list("pk", flat=True)),
        letters=list(
            CalendarLetter.objects.failed().filter(notice__center=center).values_list("pk", flat=True)
        ),
        reminders=list(Reminder.objects.set_aside().in_centers([center.pk]).values_list("pk", flat=True)),
    )


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder as the protocols of a center have it, and where that is written.

    `products` is empty for a rung that all of them share.
    """

    row: EscalationStep
    products: Sequence[str]
    sources: str

    @property
    def role(self) -> str:
        """Who hears of it, in words."""
        return str(Role(self.row.role).label)


def ladder_of(center: Center) -> list[Rung]:
    """The rungs that new acceptances would follow, each once however many products have it. One query."""
    found: dict[tuple[EscalationStep, str], list[str]] = {}
    currents = catalog.currents(center)
    for product, protocol in currents.items():
        for row in protocol.pathway.escalation:
            found.setdefault((row, protocol.cite(row)), []).append(product)
    rungs = [
        Rung(row, products if len(products) < len(currents) else (), sources)
        for (row, sources), products in found.items()
    ]
    return sorted(rungs, key=lambda rung: (rung.row.up_to_priority, rung.row.after_hours, rung.row.id))
