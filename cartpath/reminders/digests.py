"""The morning digest: what is routine is not mailed one by one, but once a morning in figures.

At its hour each center has a round. A digest goes to everybody for whom something new was gathered or whose
role has something overdue; what is merely still due was in an earlier one. The deliveries a digest carries
are settled in the transaction that sends it. One that failed for good leaves them to the next round.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership
from cartpath.reminders.audience import House, houses
from cartpath.reminders.channels import message_id
from cartpath.reminders.choices import language_for
from cartpath.reminders.enums import Channel, DeliveryState, Obstacle
from cartpath.reminders.models import Delivery, DeliveryQuerySet, Digest, DigestRound, Reminder, digest_key
from cartpath.reminders.obstacles import obstacles
from cartpath.reminders.planning import hand_on
from cartpath.reminders.sending import CheckedOutbox, Tally

# A round waits so long for reminders of before its hour that another worker is still planning.
PATIENCE: Final = timedelta(hours=1)

logger = logging.getLogger(__name__)


def gather(*, at: datetime, tally: Tally) -> int:
    """Plan the digests of centers whose hour has come and return of how many; never in quiet hours."""
    ids = list(Center.objects.order_by("pk").values_list("pk", flat=True))
    day = timedelta(days=1)
    held = DigestRound.objects.filter(on__range=(at.date() - day, at.date() + day))
    done = set(held.values_list("center_id", "on"))
    planned = 0
    for center_id, house in houses(ids, at).items():
        try:
            on = house.hours.local_day(at)
            if (center_id, on) not in done and _is_ripe(house, on, at):
                planned += plan_round(house, on, at, tally=tally)
        except (KeyError, ValueError) as error:  # a center whose zone does not exist must not stop the others
            logger.warning("no digests for center %s: %s", center_id, type(error).__name__)
    return planned


def _is_ripe(house: House, on: date, at: datetime) -> bool:
    moment = house.hours.digest_moment(on)
    if at < moment or house.hours.quiet_end(at) is not None:
        return False
    unplanned = Reminder.objects.to_tell(moment).filter(center=house.center)
    return at >= moment + PATIENCE or not unplanned.exists()


@transaction.atomic
def plan_round(house: House, on: date, at: datetime, *, tally: Tally) -> int:
    """Write the digests of one center and day; 1, or 0 when another worker did."""
    try:
        with transaction.atomic():
            DigestRound.objects.create(center=house.center, on=on, planned_at=at)
    except IntegrityError:
        return 0
    gathered = _gathered(house.center).select_related("reminder")
    for row in gathered.filter(recipient__in=house.away()):
        hand_on(row, house, at)
        Delivery.objects.filter(pk=row.pk).update(state=DeliveryState.SKIPPED, problem=Obstacle.ABSENT)
    lines: dict[int, list[UUID]] = {}
    for pk, recipient_id in _gathered(house.center).values_list("pk", "recipient_id"):
        lines.setdefault(recipient_id, []).append(pk)
    figures = figures_of(house.center.pk, at)
    overdue = {person.user_id for role in figures.overdue for person in house.told(role)}
    people = sorted({*lines, *overdue})
    Digest.objects.bulk_create(
        Digest(
            id=digest_key(user_id, house.center.pk, on),
            recipient_id=user_id,
            center=house.center,
            on=on,
            planned_at=at,
            next_try_at=at,
        )
        for user_id in people
    )
    for user_id, pks in lines.items():
        Delivery.objects.filter(pk__in=pks).update(digest=digest_key(user_id, house.center.pk, on))
    if people:
        tally["digests"] += len(people)
    return 1


def _gathered(center: Center) -> DeliveryQuerySet:
    """What waits for a digest of a center, and what a digest that failed left behind."""
    left = Q(digest=None) | Q(digest__state__in=[DeliveryState.FAILED, DeliveryState.SKIPPED])
    return Delivery.objects.filter(left, state=DeliveryState.GATHERED, reminder__center=center)


@dataclass(frozen=True, slots=True)
class Figures:
    """How much is overdue and due in a center, by role; of a series only the last that has opened counts."""

    overdue: Mapping[str, int]
    due: Mapping[str, int]


def figures_of(center_id: int, at: datetime) -> Figures:
    """The figures of a center at a moment, without what is snoozed. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES_SQL, {"center": center_id, "at": at})
        rows = cursor.fetchall()
    return Figures(
        overdue={role: overdue for role, overdue, _due in rows if overdue},
        due={role: due for role, _overdue, due in rows if due},
    )


_FIGURES_SQL: Final = """
SELECT role, count(*) FILTER (WHERE closes_at <= %(at)s), count(*) FILTER (WHERE closes_at > %(at)s)
FROM (
    SELECT DISTINCT ON (journey_id, item) role, closes_at, snoozed_until
    FROM reminders_reminder
    WHERE state = 'open' AND center_id = %(center)s AND opens_at <= %(at)s
    ORDER BY journey_id, item, occurrence DESC
) AS last_of_series
WHERE snoozed_until IS NULL OR snoozed_until <= %(at)s
GROUP BY role
"""


@dataclass(frozen=True, slots=True)
class RoleLine:
    """What waits for one role."""

    role: str
    stands_in: bool
    overdue: int
    due: int
    new: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Morning:
    """What a digest says. Nothing in it is about a patient."""

    digest_id: UUID
    address: str
    language: str
    center: str
    lines: tuple[RoleLine, ...]

    def email(self) -> EmailMessage:
        """The digest in the person's language: roles, figures, link."""
        with translation.override(self.language):
            lines = [
                {
                    "role": Role(line.role).label,
                    "stands_in": line.stands_in,
                    "overdue": line.overdue,
                    "due": line.due,
                    "new": line.new,
                }
                for line in self.lines
            ]
            context = {
                "center": self.center,
                "lines": lines,
                "overdue": sum(line.overdue for line in self.lines),
                "due": sum(line.due for line in self.lines),
                "new": sum(line.new for line in self.lines),
                "url": settings.SITE_URL + reverse("web:today"),
            }
            subject = render_to_string("reminders/digest_subject.txt", context).strip()
            body = render_to_string("reminders/digest.txt", context)
        return EmailMessage(
            subject=subject,
            body=body,
            to=[self.address],
            headers={"Message-ID": message_id(self.digest_id), "Auto-Submitted": "auto-generated"},
        )


class Digests(CheckedOutbox[Digest]):
    """Morning digests on their way."""

    model = Digest
    related = ("center", "recipient__mail_choice")

    def messages(self, claimed: Sequence[Digest], *, at: datetime) -> Mapping[UUID, Morning]:
        """Each with the figures of the moment; a few queries for each center."""
        centers = {row.center_id for row in claimed}
        there = houses(centers, at)
        figures = {center_id: figures_of(center_id, at) for center_id in centers}
        new = _new_lines([row.pk for row in claimed], at)
        return {
            row.pk: _morning(row, there[row.center_id], figures[row.center_id], new.get(row.pk, Counter()))
            for row in claimed
        }

    def obstacle(self, row: Digest, *, at: datetime) -> Obstacle | None:
        """Why it must not go, if so. Settles the deliveries it carries, which stand or fall with it."""
        if not self._is_mine(row):
            return None  # another worker has it; what follows finds that out and sends nothing
        center_id, recipient_id = row.center_id, row.recipient_id
        if recipient_id is None or not _works_there(recipient_id, center_id):
            self._skip_lines(row, Obstacle.NO_LONGER_ENTITLED)
            return Obstacle.NO_LONGER_ENTITLED
        house = houses([center_id], at)[center_id]
        if house.is_away(recipient_id):
            return Obstacle.ABSENT  # the next round hands on what it carries
        told = self._settle_lines(row, on=house.hours.local_day(at), at=at)
        overdue = figures_of(center_id, at).overdue
        if told or any(role in overdue for role in house.roles_told(recipient_id)):
            return None
        return Obstacle.NOTHING_LEFT

    def _is_mine(self, row: Digest) -> bool:
        mine = self.rows().filter(pk=row.pk, state=DeliveryState.INTENDED, lease_until=row.lease_until)
        return mine.select_for_update(no_key=True).exists()

    def _lines(self, row: Digest) -> DeliveryQuerySet:
        return Delivery.objects.filter(digest=row, state=DeliveryState.GATHERED)

    def _skip_lines(self, row: Digest, obstacle: Obstacle) -> None:
        self._lines(row).update(state=DeliveryState.SKIPPED, problem=obstacle)

    def _settle_lines(self, row: Digest, *, on: date, at: datetime) -> int:
        """Mark each delivery as sent with the digest, or skipped; returns how many are sent."""
        found = obstacles(list(self._lines(row).values_list("pk", flat=True)), on=on, at=at)
        by_obstacle: dict[Obstacle | None, list[UUID]] = {}
        for pk, obstacle in found.items():
            by_obstacle.setdefault(obstacle, []).append(pk)
        sent = by_obstacle.pop(None, [])
        Delivery.objects.filter(pk__in=sent).update(state=DeliveryState.SENT, sent_at=at)
        for obstacle, pks in by_obstacle.items():
            Delivery.objects.filter(pk__in=pks).update(state=DeliveryState.SKIPPED, problem=obstacle)
        return len(sent)


def _works_there(user_id: int, center_id: int) -> bool:
    return Membership.objects.filter(user=user_id, center=center_id, user__is_active=True).exists()


def _new_lines(digest_ids: Iterable[UUID], at: datetime) -> dict[UUID, Counter[str]]:
    """How many new reminders each digest carries, by the role in which they are told. One query."""
    rows = Delivery.objects.filter(
        channel=Channel.DIGEST,
        state=DeliveryState.GATHERED,
        digest__in=list(digest_ids),
        reminder__in=Reminder.objects.open().awake(at),
    )
    found: dict[UUID, Counter[str]] = {}
    for digest_id, role in rows.values_list("digest_id", "role"):
        if digest_id is not None:
            found.setdefault(digest_id, Counter())[role] += 1
    return found


def _morning(row: Digest, house: House, figures: Figures, new: Mapping[str, int]) -> Morning:
    person, user_id = row.recipient, row.recipient_id or 0
    roles = dict.fromkeys([*house.roles_told(user_id), *new])
    lines = (
        RoleLine(
            role=role,
            stands_in=role != Role.ADMINISTRATOR and user_id not in house.holders.get(role, []),
            overdue=figures.overdue.get(role, 0),
            due=figures.due.get(role, 0),
            new=new.get(role, 0),
        )
        for role in roles
    )
    return Morning(
        digest_id=row.pk,
        address=person.email if person else "",
        language=language_for(person, row.center),
        center=row.center.name,
        lines=tuple(line for line in lines if line.overdue or line.due or line.new),
    )
