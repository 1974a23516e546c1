"""Quiet hours and the hour of the digest, also in the nights when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from cartpath.accounts.models import Center, User
from cartpath.core.errors import Invalid
from cartpath.reminders.enums import Channel
from cartpath.reminders.hours import Hours
from cartpath.reminders.models import Delivery, Reminder
from cartpath.reminders.telling import telling_of, telling_set
from tests.reminders.conftest import Clock, Refer

ROME = ZoneInfo("Europe/Rome")
HOURS = Hours(zone=ROME)


def rome(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=ROME, fold=fold).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("at", "end"),
    [
        (rome(2026, 3, 2, 20, 59), None),
        (rome(2026, 3, 2, 21, 0), rome(2026, 3, 3, 7, 0)),
        (rome(2026, 3, 3, 6, 59), rome(2026, 3, 3, 7, 0)),
        (rome(2026, 3, 3, 7, 0), None),
        (rome(2026, 3, 3, 12, 0), None),
    ],
)
def test_the_night_is_quiet(at: datetime, end: datetime | None) -> None:
    assert HOURS.quiet_end(at) == end


@pytest.mark.parametrize(
    ("evening", "morning", "hours"),
    [
        (rome(2026, 3, 28, 21), rome(2026, 3, 29, 7), 9),  # the clock goes forward
        (rome(2026, 10, 24, 21), rome(2026, 10, 25, 7), 11),  # the clock goes back
    ],
)
def test_the_night_of_a_clock_change_is_one_night(evening: datetime, morning: datetime, hours: int) -> None:
    assert morning - evening == timedelta(hours=hours)
    for passed in range(hours):
        assert HOURS.quiet_end(evening + timedelta(hours=passed)) == morning
    assert HOURS.quiet_end(morning) is None


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_once() -> None:
    hours = Hours(zone=ROME, quiet_from=time(23), quiet_until=time(2, 30))
    first, second = rome(2026, 10, 25, 2, 30), rome(2026, 10, 25, 2, 30, fold=1)
    assert second - first == timedelta(hours=1)
    assert hours.quiet_end(first - timedelta(minutes=1)) == first
    assert hours.quiet_end(first) is None
    assert hours.quiet_end(second - timedelta(minutes=1)) is None


def test_quiet_hours_can_lie_within_one_day() -> None:
    hours = Hours(zone=ROME, quiet_from=time(13), quiet_until=time(15))
    assert hours.quiet_end(rome(2026, 3, 2, 14)) == rome(2026, 3, 2, 15)
    assert hours.quiet_end(rome(2026, 3, 2, 22)) is None


def test_a_center_may_have_no_quiet_hours() -> None:
    hours = Hours(zone=ROME, quiet_from=None, quiet_until=None)
    assert hours.quiet_end(rome(2026, 3, 2, 3)) is None


def test_the_digest_goes_at_its_hour_on_the_clock_on_the_wall() -> None:
    assert HOURS.digest_moment(date(2026, 3, 28)).hour == 6
    assert HOURS.digest_moment(date(2026, 3, 29)).hour == 5
    assert HOURS.next_digest(rome(2026, 3, 28, 8)) == rome(2026, 3, 29, 7, 30)


def at_night(reminder: Reminder, clock: Clock) -> None:
    """Let it be due at this hour, as an item is that is counted in hours."""
    Reminder.objects.filter(pk=reminder.pk).update(notify_at=clock.at)


def sent_mail() -> int:
    return len(mail.outbox)


@pytest.mark.django_db
@pytest.mark.parametrize("morning", [rome(2026, 3, 29, 7), rome(2026, 10, 25, 7), rome(2026, 6, 2, 7)])
def test_a_treatment_date_that_falls_due_at_night_waits_for_the_morning(
    refer: Refer, clock: Clock, ben: User, morning: datetime
) -> None:
    clock.at = morning - timedelta(hours=6)
    at_night(refer(at=clock.at), clock)
    clock.run()
    assert Delivery.objects.unread_by(ben).count() == 1
    clock.at = morning - timedelta(minutes=1)
    clock.run()
    assert sent_mail() == 0
    clock.at = morning
    clock.run()
    (message,) = mail.outbox
    assert "This message is late" not in message.body


@pytest.mark.django_db
def test_harm_never_waits_for_the_morning(refer: Refer, clock: Clock) -> None:
    clock.at = clock.at.replace(hour=3)
    at_night(refer(at=clock.at, priority=1), clock)
    clock.run()
    assert sent_mail() == 1


@pytest.mark.django_db
def test_a_center_chooses_its_own_hours(refer: Refer, clock: Clock, center: Center, omar: User) -> None:
    telling_set(
        center_id=center.pk,
        quiet_from=time(11),
        quiet_until=time(14),
        digest_at=time(6),
        by=omar.actor,
        at=clock.at,
    )
    assert telling_of(center).digest_at == time(6)
    refer()
    clock.run()
    assert sent_mail() == 0
    clock.later(hours=2)
    clock.run()
    assert sent_mail() == 1


@pytest.mark.django_db
def test_without_a_choice_the_house_has_hours(center: Center) -> None:
    assert telling_of(center) == Hours(zone=center.zone)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "digest_at", "field"),
    [
        (time(21), None, time(8), "quiet_until"),
        (time(7), time(7), time(8), "quiet_until"),
        (time(21), time(7), time(6), "digest_at"),
        (time(1), time(7), time(6), "digest_at"),
    ],
)
def test_impossible_hours_are_refused(
    center: Center,
    omar: User,
    clock: Clock,
    quiet_from: time,
    quiet_until: time | None,
    digest_at: time,
    field: str,
) -> None:
    with pytest.raises(Invalid) as refused:
        telling_set(
            center_id=center.pk,
            quiet_from=quiet_from,
            quiet_until=quiet_until,
            digest_at=digest_at,
            by=omar.actor,
            at=clock.at,
        )
    assert set(refused.value.fields) == {field}


@pytest.mark.django_db
def test_what_an_outage_held_up_says_that_it_is_late(refer: Refer, clock: Clock) -> None:
    reminder = refer()
    clock.later(hours=3)
    clock.run()
    (message,) = mail.outbox
    assert "This message is late: it was meant for" in message.body
    sent = Delivery.objects.get(channel=Channel.EMAIL)
    assert (sent.meant_at, sent.is_late()) == (reminder.notify_at, True)
    clock.run()
    assert sent_mail() == 1


@pytest.mark.django_db
def test_what_is_sent_in_time_does_not_say_that_it_is_late(refer: Refer, clock: Clock) -> None:
    clock.at = refer().notify_at + timedelta(minutes=5)
    clock.run()
    assert "late" not in mail.outbox[0].body
