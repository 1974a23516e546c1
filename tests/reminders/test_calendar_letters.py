"""E-mail about changes of the apheresis calendar: gathered, one for each, never about one's own acts."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from cartpath.reminders import calendar_letters
from cartpath.reminders.channels import message_id
from cartpath.reminders.choices import mail_choice_set
from cartpath.reminders.models import CalendarLetter, CalendarNews, CalendarNotice
from cartpath.reminders.sending import Tally
from cartpath.reminders.services import letters_retry
from leukapheresis.models import Booking, Slot
from leukapheresis.scheduling.booking import (
    booking_cancel,
    booking_confirm,
    booking_create,
    booking_hold,
    hold_release,
)
from leukapheresis.scheduling.moving import booking_move, day_add, day_release
from patients.services import journey_close
from tests.conftest import person
from tests.factories import Story
from tests.reminders.conftest import Clock
from tests.reminders.smtp_sink import SmtpSink
from tests.reminders.test_engine import in_threads

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")


@pytest.fixture
def now(story: Story) -> Story:
    """The story happens today: what is written down later is no news."""
    story.at = timezone.now().astimezone(ROME)
    story.accepted()
    story.at = timezone.now().astimezone(ROME)
    return story


@pytest.fixture
def quiet(now: Story) -> Clock:
    """A clock that shows the time at which the calendar has been quiet for long enough."""
    return Clock(timezone.now() + timedelta(minutes=3))


def act(story: Story) -> dict[str, Any]:
    return {"by": story.coordinator.actor, "at": story.at}


def book(story: Story, *slots: Slot) -> Booking:
    return booking_create(journey_id=story.journey_id, times=[slot.pk for slot in slots], **act(story))


def told() -> list[str]:
    """To whom mail about the calendar went."""
    return sorted(message.to[0] for message in mail.outbox if "apheresis calendar" in message.subject)


def letter() -> str:
    """The one letter that left."""
    (body,) = {str(message.body) for message in mail.outbox if "apheresis calendar" in message.subject}
    return body


def line(slot: Slot) -> str:
    starts, ends = slot.starts_at.astimezone(ROME), slot.ends_at.astimezone(ROME)
    return f"{starts:%d-%b-%Y %H:%M}–{ends:%H:%M}, {slot.resource.name}"


def test_a_booking_is_told_to_coordinators_and_nurses_but_not_to_who_made_it(
    now: Story, quiet: Clock, omar: User, dana: User, cleo: User
) -> None:
    slot = now.slot()
    book(now, slot)
    quiet.run()
    assert told() == ["nina@a.example"]
    assert "Booked" in letter()
    assert f"now {line(slot)}" in letter()
    day = slot.starts_at.astimezone(ROME).date()
    assert f"http://localhost:8000/apheresis/?day={day}" in letter()
    assert "Europe/Rome" in letter()


def test_a_letter_holds_nothing_about_the_child(now: Story, quiet: Clock) -> None:
    booking = book(now, now.slot())
    quiet.run()
    (message,) = [each for each in mail.outbox if "calendar" in each.subject]
    text = message.message().as_string()
    child = now.journey.patient
    for secret in (
        *(child.family_name, child.given_name, child.mrn, child.birth_date.isoformat()),
        *(str(now.journey_id), str(child.pk), str(booking.pk), "tisagenlecleucel"),
    ):
        assert secret.lower() not in text.lower()


def test_a_move_tells_the_time_before_and_after(now: Story, quiet: Clock) -> None:
    old, new = now.slot(in_days=3), now.slot(in_days=5)
    booking = book(now, old)
    quiet.run()
    mail.outbox.clear()
    booking_move(booking_id=booking.pk, day=1, to=new.pk, reason_code="family", **act(now))
    quiet.run()
    assert told() == ["nina@a.example"]
    assert f"Moved\n  before {line(old)}\n  now {line(new)}" in letter()


def test_days_that_are_added_and_released_are_told_with_all_days(now: Story, quiet: Clock) -> None:
    slots = [now.slot(in_days=each) for each in (3, 4)]
    booking = book(now, slots[0])
    quiet.run()
    mail.outbox.clear()
    day_add(booking_id=booking.pk, time=slots[1].pk, reason_code="cells", **act(now))
    quiet.run()
    assert f"Day added\n  before {line(slots[0])}\n  now day 1: {line(slots[0])}" in letter()
    mail.outbox.clear()
    day_release(booking_id=booking.pk, day=1, reason_code="cells", **act(now))
    quiet.run()
    assert f"  now {line(slots[1])}" in letter()
    assert "Day released" in letter()


def test_a_cancellation_tells_what_is_free_again(now: Story, quiet: Clock) -> None:
    slot = now.slot()
    booking = book(now, slot)
    quiet.run()
    mail.outbox.clear()
    booking_cancel(booking_id=booking.pk, reason_code="family", **act(now))
    quiet.run()
    assert f"Canceled\n  before {line(slot)}" in letter()


def test_the_end_of_a_journey_cancels_its_booking(now: Story, quiet: Clock) -> None:
    book(now, now.slot())
    quiet.run()
    mail.outbox.clear()
    journey_close(
        journey_id=now.journey_id,
        reason_code="withdrawn",
        note="Moved away.",
        by=now.clinician.actor,
        at=now.at,
    )
    quiet.run()
    assert told() == ["ada@a.example", "nina@a.example"]
    assert "Canceled" in letter()


def test_a_hold_is_told_with_its_end(now: Story, quiet: Clock) -> None:
    held = booking_hold(journey_id=now.journey_id, times=[now.slot().pk], **act(now))
    quiet.run()
    assert held.hold_expires_at is not None
    assert f"Held (held until {held.hold_expires_at.astimezone(ROME):%d-%b-%Y %H:%M})" in letter()


def test_what_happens_within_minutes_is_one_letter(now: Story, quiet: Clock) -> None:
    """Held, confirmed, moved; and another child booked: two changes, one e-mail."""
    first, second, third = (now.slot(in_days=each) for each in (3, 5, 6))
    held = booking_hold(journey_id=now.journey_id, times=[first.pk], **act(now))
    booking_confirm(booking_id=held.pk, **act(now))
    booking_move(booking_id=held.pk, day=1, to=second.pk, reason_code="family", **act(now))
    now.at = timezone.now().astimezone(ROME)
    now.accepted()
    now.at = timezone.now().astimezone(ROME)
    book(now, third)
    quiet.run()
    assert told() == ["nina@a.example"]
    assert f"Booked\n  now {line(second)}" in letter()
    assert f"Booked\n  now {line(third)}" in letter()
    assert line(first) not in letter()
    assert "CARTPath: 2 changes of the apheresis calendar" in {message.subject for message in mail.outbox}


def test_steps_that_took_each_other_back_are_not_told(now: Story, quiet: Clock) -> None:
    held = booking_hold(journey_id=now.journey_id, times=[now.slot().pk], **act(now))
    hold_release(booking_id=held.pk, **act(now))
    quiet.run()
    assert told() == []
    assert not CalendarNews.objects.filter(notice=None).exists()


def test_nothing_leaves_before_the_calendar_is_quiet(now: Story) -> None:
    book(now, now.slot())
    clock = Clock(timezone.now() + timedelta(minutes=1))
    clock.run()
    assert told() == []
    clock.later(minutes=1)
    clock.run()
    assert told() == ["nina@a.example"]


def test_a_calendar_that_is_never_quiet_is_told_after_ten_minutes(now: Story) -> None:
    slots = [now.slot(in_days=each) for each in (3, 4)]
    booking = book(now, slots[0])
    events = list(CalendarNews.objects.select_related("event"))
    events[0].event.recorded_at -= timedelta(minutes=11)
    day_add(booking_id=booking.pk, time=slots[1].pk, reason_code="cells", **act(now))
    fresh = list(CalendarNews.objects.exclude(pk=events[0].pk).select_related("event"))
    assert calendar_letters._is_ripe([*events, *fresh], timezone.now())
    assert not calendar_letters._is_ripe(fresh, timezone.now())


def test_who_had_a_hand_in_it_is_told_of_what_others_did(now: Story, quiet: Clock) -> None:
    booking = book(now, now.slot(in_days=3))
    booking_move(
        booking_id=booking.pk,
        day=1,
        to=now.slot(in_days=5).pk,
        reason_code="center",
        by=now.nurse.actor,
        at=now.at,
    )
    quiet.run()
    assert told() == ["ada@a.example", "nina@a.example"]


def test_a_person_may_want_more_or_less_than_the_role(now: Story, quiet: Clock, omar: User) -> None:
    for user, wanted in ((now.nurse, False), (now.clinician, True), (omar, True)):
        mail_choice_set(user=user, calendar_changes=wanted, language="")
    book(now, now.slot())
    quiet.run()
    assert told() == ["ben@a.example"]


def test_a_letter_is_written_in_the_persons_language(now: Story, quiet: Clock, center: Center) -> None:
    mail_choice_set(user=now.nurse, calendar_changes=None, language="it")
    assert center.language == "en"
    book(now, now.slot())
    calendar_letters.gather(at=quiet.at, tally=Tally())
    letters = calendar_letters.Letters()
    claimed = letters.claim(at=quiet.at)
    assert [each.language for each in letters.messages(claimed, at=quiet.at).values()] == ["it"]


def test_somebody_who_left_or_changed_their_mind_meanwhile_is_not_told(now: Story, quiet: Clock) -> None:
    mail_choice_set(user=now.clinician, calendar_changes=True, language="")
    book(now, now.slot())
    calendar_letters.gather(at=quiet.at, tally=Tally())
    Membership.objects.filter(user=now.nurse).update(role="administrator")
    mail_choice_set(user=now.clinician, calendar_changes=False, language="")
    quiet.run()
    assert told() == []
    assert dict(CalendarLetter.objects.values_list("recipient__name", "problem")) == {
        "Nina": "no_longer_entitled",
        "Ben": "not_wanted",
    }


def test_history_that_is_written_down_later_tells_nobody(story: Story) -> None:
    story.booked()
    assert not CalendarNews.objects.exists()


def test_a_crash_between_gathering_and_sending_loses_nothing(now: Story, quiet: Clock) -> None:
    book(now, now.slot())

    def crash() -> None:
        with transaction.atomic():
            calendar_letters.gather(at=quiet.at, tally=Tally())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert (CalendarNotice.objects.count(), CalendarLetter.objects.count()) == (0, 0)
    tally = quiet.run()
    assert (tally["gathered"], len(told())) == (1, 1)
    assert quiet.run() == {}


def test_an_event_and_its_news_are_written_together_or_not_at_all(now: Story) -> None:
    slot = now.slot()
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        book(now, slot)
        assert CalendarNews.objects.count() == 1
        raise KeyboardInterrupt
    assert not CalendarNews.objects.exists()


def test_a_replay_tells_nothing_twice(now: Story, quiet: Clock) -> None:
    book(now, now.slot())
    quiet.run()
    call_command("replay", "calendar_news")
    quiet.later(hours=1)
    quiet.run()
    assert told() == ["nina@a.example"]


def test_a_letter_that_was_set_aside_starts_anew(now: Story, quiet: Clock) -> None:
    book(now, now.slot())
    calendar_letters.gather(at=quiet.at, tally=Tally())
    CalendarLetter.objects.update(state="failed", problem="SMTPDataError 550", attempts=5)
    quiet.run()
    assert told() == []
    assert letters_retry(letter_ids=CalendarLetter.objects.values_list("pk", flat=True), at=quiet.at) == 1
    quiet.run()
    assert told() == ["nina@a.example"]


def test_a_real_mail_server_gets_each_letter_once_under_its_own_id(
    now: Story, quiet: Clock, settings: Any
) -> None:
    mail_choice_set(user=now.clinician, calendar_changes=True, language="")
    book(now, now.slot())
    with SmtpSink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = int(sink.environment["EMAIL_PORT"])
        quiet.run()
        quiet.later(hours=1)
        quiet.run()
    letters = {message_id(pk) for pk in CalendarLetter.objects.values_list("pk", flat=True)}
    assert {key: sink.accepted[key] for key in letters} == dict.fromkeys(letters, 1)
    assert len(letters) == 2


def test_a_hold_that_ended_is_told(now: Story, quiet: Clock) -> None:
    slot = now.slot()
    held = booking_hold(journey_id=now.journey_id, times=[slot.pk], **act(now))
    quiet.run()
    mail.outbox.clear()
    hold_release(booking_id=held.pk, **act(now))
    quiet.run()
    assert f"Hold ended\n  before {line(slot)}" in letter()


@pytest.mark.django_db(transaction=True)
def test_racing_workers_write_to_everybody_once(now: Story, quiet: Clock) -> None:
    for number in range(10):
        person(f"nurse{number}@a.example", f"Nurse {number}", Role.APHERESIS_NURSE, now.center)
    book(now, now.slot())
    in_threads(4, lambda: quiet.run() and None)
    assert told() == sorted(["nina@a.example", *(f"nurse{number}@a.example" for number in range(10))])
    assert CalendarNotice.objects.count() == 1
