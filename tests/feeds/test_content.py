"""What a calendar program reads is what is booked: nothing lost, nothing left behind, no child's name."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from cartpath.accounts.models import Center, Membership, User
from leukapheresis.enums import ClosureKind
from leukapheresis.feeds.entries import content_of
from leukapheresis.feeds.services import feed_make
from leukapheresis.models import CalendarFeed, Closure, OpenDay, Resource, Slot
from leukapheresis.scheduling.booking import booking_cancel, booking_confirm, booking_hold
from leukapheresis.scheduling.moving import booking_move, day_release
from leukapheresis.services import slot_open
from patients.services import journey_close
from tests.equipment import unit_of
from tests.factories import Story
from tests.feeds.conftest import Program, book, program_of, ready

ROME = ZoneInfo("Europe/Rome")


@pytest.fixture
def unit(story: Story) -> dict[str, Resource]:
    """Two machines and everything else a collection takes."""
    machines = {
        name: Resource.objects.create(center=story.center, name=name) for name in ("Machine 1", "Machine 2")
    }
    return machines | unit_of(story.center)


def days(story: Story, *in_days: int) -> list[Slot]:
    return [story.slot(in_days=each) for each in in_days]


def texts(program: Program) -> list[str]:
    return [str(event["summary"]) for event in program.events()]


def test_every_day_of_a_booking_stands_in_the_feed_at_its_time(
    story: Story, unit: dict[str, Resource], program: Program
) -> None:
    ready(story)
    slots = days(story, 5, 6, 8)
    book(story, slots)
    assert program.times() == [(slot.starts_at, slot.ends_at) for slot in slots]
    assert texts(program)[1] == (
        "Apheresis day 2 of 3, Machine 1, Chair 1, Apheresis nurse, Blood bank, Cell laboratory"
    )
    assert {str(event["status"]) for event in program.events()} == {"CONFIRMED"}


def test_a_single_day_is_not_counted(story: Story, program: Program) -> None:
    story.booked()
    assert texts(program) == ["Apheresis, Machine 1"]


def test_a_hold_is_tentative_and_gone_when_its_time_is_over(story: Story, program: Program) -> None:
    story.accepted()
    held = booking_hold(
        journey_id=story.journey_id,
        times=[story.slot().pk],
        by=story.coordinator.actor,
        at=story.at,
        minutes=60,
    )
    (event,) = program.events()
    assert (str(event["status"]), str(event["summary"])) == ("TENTATIVE", "Apheresis, Machine 1 (held)")
    story.later(hours=1)
    assert program.events() == []
    assert held.state == "held"  # the sweep has not come yet


def test_a_confirmed_hold_keeps_its_id_and_gets_a_higher_sequence(story: Story, program: Program) -> None:
    story.accepted()
    held = booking_hold(
        journey_id=story.journey_id, times=[story.slot().pk], by=story.coordinator.actor, at=story.at
    )
    (before,) = program.events()
    booking_confirm(booking_id=held.pk, by=story.coordinator.actor, at=story.at)
    (after,) = program.events()
    assert after["uid"] == before["uid"]
    assert (before["sequence"], after["sequence"]) == (1, 2)
    assert str(after["status"]) == "CONFIRMED"


def test_a_moved_day_keeps_its_id(story: Story, program: Program) -> None:
    booking = story.booked()
    (before,) = program.events()
    to = story.slot(in_days=9)
    booking_move(
        booking_id=booking.pk,
        day=1,
        to=to.pk,
        reason_code="family",
        by=story.coordinator.actor,
        at=story.later(hours=1),
    )
    (after,) = program.events()
    assert after["uid"] == before["uid"]
    assert after.start == to.starts_at
    assert after["sequence"] > before["sequence"]
    assert after["last-modified"].dt >= before["last-modified"].dt


def test_what_is_canceled_or_released_vanishes(story: Story, program: Program) -> None:
    ready(story)
    booking = book(story, days(story, 5, 6, 8))
    day_release(
        booking_id=booking.pk, day=2, reason_code="cells", by=story.coordinator.actor, at=story.later(hours=1)
    )
    assert texts(program) == ["Apheresis day 1 of 2, Machine 1", "Apheresis day 2 of 2, Machine 1"]
    booking_cancel(
        booking_id=booking.pk, reason_code="family", by=story.coordinator.actor, at=story.later(hours=1)
    )
    assert program.events() == []


def test_a_closed_journey_leaves_nothing(story: Story, program: Program) -> None:
    story.booked()
    journey_close(
        journey_id=story.journey_id,
        reason_code="withdrawn",
        note="The family decided otherwise.",
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    assert program.events() == []


def test_what_was_collected_stays_for_three_months(story: Story, program: Program) -> None:
    story.collected()
    story.later(days=80)
    assert len(program.events()) == 1
    story.later(days=20)
    assert program.events() == []


def test_no_word_of_the_feed_is_about_the_child(
    story: Story, unit: dict[str, Resource], program: Program
) -> None:
    ready(story)
    booking = book(story, days(story, 5))
    child = story.journey.patient
    for each in (program, program_of(story, unit["Nurse 1"])):
        text = each.get().content.decode()
        for secret in (
            *(child.family_name, child.given_name, child.mrn, child.birth_date.isoformat()),
            *(str(story.journey_id), str(child.pk), str(booking.pk), "tisagenlecleucel", "18.4"),
        ):
            assert secret.lower() not in text.lower()


def test_no_name_of_the_staff_stands_in_a_feed(
    story: Story, unit: dict[str, Resource], program: Program
) -> None:
    """A center may call its nurses and anesthetists by their names."""
    nurse = unit["Nurse 1"]
    Resource.objects.filter(pk=nurse.pk).update(name="Amelia Bianchi")
    ready(story)
    book(story, days(story, 5))
    theirs = program_of(story, nurse)
    assert len(theirs.events()) == 1
    assert str(theirs.calendar()["name"]) == "CARTPath · Apheresis nurse"
    for each in (program, theirs):
        assert "Amelia" not in each.get().content.decode()


def test_the_description_is_a_link_to_a_page_behind_the_sign_in(story: Story, program: Program) -> None:
    booking = story.booked()
    (event,) = program.events()
    day = booking.slot.starts_at.astimezone(ROME).date()
    assert str(event["description"]) == f"http://localhost:8000/apheresis/?day={day}" == str(event["url"])


def slot_at(story: Story, day: date, hour: int = 8, *, hours: int = 6) -> Slot:
    """A slot by the center's clock."""
    machine, _made = Resource.objects.get_or_create(center=story.center, name="Machine 1")
    starts_at = datetime(day.year, day.month, day.day, hour, tzinfo=ROME)
    return slot_open(
        resource=machine, starts_at=starts_at, ends_at=starts_at.astimezone(UTC) + timedelta(hours=hours)
    )


@pytest.mark.parametrize(
    ("first", "offsets"),
    [
        (date(2026, 3, 28), ["+01:00", "+02:00", "+02:00"]),
        (date(2026, 10, 24), ["+02:00", "+01:00", "+01:00"]),
        (date(2027, 3, 27), ["+01:00", "+02:00", "+02:00"]),
    ],
)
def test_a_calendar_program_shows_the_right_hour_across_a_clock_change(
    story: Story, program: Program, first: date, offsets: list[str]
) -> None:
    ready(story)
    slots = [slot_at(story, first + timedelta(days=number)) for number in range(3)]
    book(story, slots)
    shown = program.times()
    assert shown == [(slot.starts_at, slot.ends_at) for slot in slots]
    assert [f"{start:%H:%M}" for start, _end in shown] == ["08:00"] * 3
    assert [start.isoformat()[-6:] for start, _end in shown] == offsets


@pytest.mark.parametrize(
    ("day", "hour", "hours"),
    [
        (date(2026, 3, 29), 0, 6),  # over the hour that is left out
        (date(2026, 10, 25), 0, 6),  # over the hour that comes twice
        (date(2026, 10, 25), 2, 4),  # begins in it, the first time round
    ],
)
def test_a_night_over_the_clock_change_has_its_true_length(
    story: Story, program: Program, day: date, hour: int, hours: int
) -> None:
    ready(story)
    slot = slot_at(story, day, hour, hours=hours)
    book(story, [slot])
    ((start, end),) = program.times()
    assert (start, end) == (slot.starts_at, slot.ends_at)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)


def test_an_hour_that_comes_twice_is_told_in_utc_the_second_time(story: Story, program: Program) -> None:
    ready(story)
    machine = Resource.objects.create(center=story.center, name="Machine 1")
    starts_at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 in Rome, after the clock went back
    book(story, [slot_open(resource=machine, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))])
    (event,) = program.events()
    assert event["dtstart"].to_ical() == b"20261025T013000Z"
    assert event["dtend"].params["TZID"] == "Europe/Rome"
    assert program.times() == [(starts_at, starts_at + timedelta(hours=3))]


def test_each_center_keeps_its_own_clock(story: Story, program: Program, other_center: Center) -> None:
    Center.objects.filter(pk=other_center.pk).update(timezone="America/New_York")
    Membership.objects.create(user=story.coordinator, center=other_center, role="coordinator")
    story.booked()
    calendar = program.calendar()
    assert {str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")} == {"Europe/Rome", "America/New_York"}
    assert [str(event["location"]) for event in program.events()] == ["Center A"]


def test_an_outsider_reads_nothing_of_another_center(story: Story, cleo: User) -> None:
    story.booked()
    theirs = Program(story, feed_make(user=cleo, name="phone", at=story.at))
    assert theirs.events() == []


def test_a_resource_shows_what_it_is_taken_for_with_what_is_kept_free(
    story: Story, unit: dict[str, Resource]
) -> None:
    Resource.objects.filter(pk=unit["Machine 1"].pk).update(buffer_before_minutes=15, buffer_after_minutes=45)
    ready(story)
    (slot,) = days(story, 5)
    book(story, [slot])
    machine, nurse = program_of(story, unit["Machine 1"]), program_of(story, unit["Nurse 1"])
    assert machine.times() == [(slot.starts_at - timedelta(minutes=15), slot.ends_at + timedelta(minutes=45))]
    assert nurse.times()[0][0] == slot.starts_at - timedelta(minutes=30)
    assert program_of(story, unit["Machine 2"]).events() == []
    assert "kept free before and after" in str(machine.calendar()["description"])


def test_a_resource_shows_its_closed_and_exceptional_days(story: Story, unit: dict[str, Resource]) -> None:
    machine, first = unit["Machine 1"], date(2026, 4, 3)
    note = "Giulia Rossi is ill"  # whatever somebody types, it stays inside
    Closure.objects.create(
        center=story.center,
        first_on=first,
        last_on=first + timedelta(days=3),
        kind=ClosureKind.HOLIDAY,
        note=note,
    )
    Closure.objects.create(
        center=story.center, resource=unit["Machine 2"], first_on=first, last_on=first, kind=ClosureKind.OTHER
    )
    OpenDay.objects.create(resource=machine, on=first, opens="08:00", closes="14:30", note=note)
    program = program_of(story, machine)
    told = [(event.start, event.end, str(event["summary"])) for event in program.events()]
    assert told == [
        (first, first + timedelta(days=4), "Closed: Public holiday"),
        (first, first + timedelta(days=1), "Exceptional opening 08:00–14:30"),
    ]
    assert "Giulia" not in program.get().content.decode()
    assert len(program_of(story, unit["Machine 2"]).events()) == 2
    Closure.objects.all().delete()
    assert len(program.events()) == 1


def test_a_feed_speaks_the_language_it_was_made_in(story: Story) -> None:
    with translation.override("it"):
        made = feed_make(user=story.coordinator, name="telefono", at=story.at)
    assert made.feed.language == "it"


def test_a_feed_costs_the_same_number_of_queries_however_full_it_is(
    story: Story, unit: dict[str, Resource], django_assert_num_queries: Any
) -> None:
    for number in range(3):
        ready(story)
        book(story, days(story, 5 + number, 9 + number))
    made = feed_make(user=story.coordinator, name="phone", at=story.at)
    feed = CalendarFeed.objects.select_related("user").get(pk=made.feed.pk)
    with django_assert_num_queries(6):
        content = content_of(feed, at=story.at)
    assert content is not None
    assert len(content.collections) == 6
