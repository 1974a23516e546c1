"""Letters about changes of the apheresis calendar: gathered, so that an hour's work is one e-mail.

Once a center's calendar has been quiet for two minutes, or changed for ten, its news become one notice, and
everybody who wants it gets one letter, but for what they did themselves. What a letter says is read from the
ledger when it leaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cartpath.accounts.models import Center, Membership
from cartpath.ledger.models import Event
from cartpath.reminders.calendar_story import READ_KINDS, Change, Day, Standing, changes
from cartpath.reminders.channels import message_id
from cartpath.reminders.choices import language_for, wants_calendar_letters
from cartpath.reminders.enums import Obstacle
from cartpath.reminders.models import CalendarLetter, CalendarNews, CalendarNotice, MailChoice
from cartpath.reminders.models.changes import letter_key
from cartpath.reminders.sending import CheckedOutbox, Tally

QUIET: Final = timedelta(minutes=2)
LONGEST: Final = timedelta(minutes=10)
GATHER_BATCH: Final = 1000
# Nobody reads further; the calendar itself shows the rest.
MOST_CHANGES: Final = 30


@transaction.atomic
def gather(*, at: datetime, tally: Tally) -> int:
    """Make notices and letters of the news of centers that are quiet now; returns how many notices."""
    rows = CalendarNews.objects.filter(notice=None).select_related("event").order_by("event_id")
    locked = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
    by_center: dict[int, list[CalendarNews]] = {}
    for row in locked[:GATHER_BATCH]:
        by_center.setdefault(row.center_id, []).append(row)
    ripe = {center_id: news for center_id, news in by_center.items() if _is_ripe(news, at)}
    for center_id, news in ripe.items():
        notice = CalendarNotice.objects.create(center_id=center_id, gathered_at=at)
        CalendarNews.objects.filter(pk__in=[row.pk for row in news]).update(notice=notice)
        letters = _letters(notice, _changes_of(news), at)
        CalendarLetter.objects.bulk_create(letters)
        tally["gathered"] += 1
    return len(ripe)


def _is_ripe(news: Sequence[CalendarNews], at: datetime) -> bool:
    written = [row.event.recorded_at for row in news]
    return max(written) <= at - QUIET or min(written) <= at - LONGEST


def _changes_of(news: Iterable[CalendarNews]) -> list[Change]:
    """What the events of a notice changed; one query."""
    told = {row.event_id for row in news}
    journeys = Event.objects.filter(pk__in=told).values("journey_id")
    kinds = [kind.value for kind in READ_KINDS]
    events = Event.objects.filter(journey_id__in=journeys, kind__in=kinds, pk__lte=max(told, default=0))
    return changes(list(events.order_by("journey_id", "seq")), told)


def _letters(notice: CalendarNotice, told: Sequence[Change], at: datetime) -> list[CalendarLetter]:
    """One for each active person of the center who wants to know, unless it was all their own work."""
    members = Membership.objects.filter(center=notice.center_id, user__is_active=True)
    roles: dict[int, set[str]] = {}
    for user_id, role in members.values_list("user_id", "role"):
        roles.setdefault(user_id, set()).add(role)
    chosen: dict[int, bool | None] = dict(
        MailChoice.objects.filter(user__in=list(roles)).values_list("user_id", "calendar_changes")
    )
    return [
        CalendarLetter(
            id=letter_key(notice.pk, user_id),
            notice=notice,
            recipient_id=user_id,
            planned_at=at,
            next_try_at=at,
        )
        for user_id, held in sorted(roles.items())
        if wants_calendar_letters(held, chosen.get(user_id))
        and any(change.by_another_than(user_id) for change in told)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a person is told of the calendar. Nothing in it is about a patient."""

    letter_id: UUID
    address: str
    language: str
    center: Center
    changes: tuple[Change, ...]

    def email(self) -> EmailMessage:
        """The letter in the person's language: what changed, from when to when, and where to look."""
        with translation.override(self.language):
            context = {
                "center": self.center.name,
                "zone": self.center.timezone,
                "count": len(self.changes),
                "changes": [_told(change, self.center.zone) for change in self.changes[:MOST_CHANGES]],
                "more": max(0, len(self.changes) - MOST_CHANGES),
                "choices_url": settings.SITE_URL + reverse("web:mine"),
            }
            subject = render_to_string("reminders/calendar_subject.txt", context).strip()
            body = render_to_string("reminders/calendar.txt", context)
        return EmailMessage(
            subject=subject,
            body=body,
            to=[self.address],
            headers={"Message-ID": message_id(self.letter_id), "Auto-Submitted": "auto-generated"},
        )


class Letters(CheckedOutbox[CalendarLetter]):
    """Letters about changes of the calendar."""

    model = CalendarLetter
    related = ("notice__center", "recipient__mail_choice")

    def messages(self, claimed: Sequence[CalendarLetter], *, at: datetime) -> Mapping[UUID, Letter]:
        """Each with the changes in which somebody else had a hand; two queries for each notice."""
        notices = {row.notice_id for row in claimed}
        told = {pk: _changes_of(CalendarNews.objects.filter(notice=pk)) for pk in notices}
        return {row.pk: _letter(row, told[row.notice_id]) for row in claimed}

    def obstacle(self, row: CalendarLetter, *, at: datetime) -> Obstacle | None:
        """Whether the person still is there, may still see the calendar, and still wants to be told."""
        held = Membership.objects.filter(
            center=row.notice.center_id, user=row.recipient_id, user__is_active=True
        )
        roles = list(held.values_list("role", flat=True))
        if not wants_calendar_letters(roles, True):
            return Obstacle.NO_LONGER_ENTITLED
        choice = MailChoice.objects.filter(user=row.recipient_id)
        chosen = choice.values_list("calendar_changes", flat=True).first()
        return None if wants_calendar_letters(roles, chosen) else Obstacle.NOT_WANTED


def _letter(row: CalendarLetter, told: Sequence[Change]) -> Letter:
    person = row.recipient
    return Letter(
        letter_id=row.pk,
        address=person.email if person else "",
        language=language_for(person, row.notice.center),
        center=row.notice.center,
        changes=tuple(change for change in told if person and change.by_another_than(person.pk)),
    )


def _told(change: Change, zone: tzinfo) -> dict[str, Any]:
    """One change in words: what happened, the days before and now, and the day's page."""
    before, after = _days(change.before, zone), _days(change.after, zone)
    days = change.after.days or change.before.days
    return {
        "what": ", ".join(str(word.label) for word in change.words),
        "before": [] if before == after else before,
        "now": after,
        "until": _until(change.after, zone),
        "url": _day_url(days[0].starts_at.astimezone(zone).date()),
    }


def _days(standing: Standing, zone: tzinfo) -> list[str]:
    several = len(standing.days) > 1
    return [_day(place, day, zone, several) for place, day in enumerate(standing.days, start=1)]


def _day(place: int, day: Day, zone: tzinfo, several: bool) -> str:
    starts_at, ends_at = day.starts_at.astimezone(zone), day.ends_at.astimezone(zone)
    said = f"{_date(starts_at)} {starts_at:%H:%M}–"
    said += f"{ends_at:%H:%M}" if starts_at.date() == ends_at.date() else f"{_date(ends_at)} {ends_at:%H:%M}"
    if day.machine:
        said = f"{said}, {day.machine}"
    return _("day %(number)d: %(when)s") % {"number": place, "when": said} if several else said


def _until(standing: Standing, zone: tzinfo) -> str:
    if standing.held_until is None:
        return ""
    local = standing.held_until.astimezone(zone)
    return f"{_date(local)} {local:%H:%M}"


def _date(day: date) -> str:
    return formats.date_format(day, pgettext("date format, Django's letters", "d-M-Y"))


def _day_url(day: date) -> str:
    return f"{settings.SITE_URL}{reverse('leukapheresis:calendar')}?day={day.isoformat()}"
