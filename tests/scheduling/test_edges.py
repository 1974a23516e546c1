"""Where scheduling could go wrong at an edge: the end of a hold, a clock change, a week's border, a rival."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cartpath.core.errors import Conflict, Stale
from leukapheresis.enums import ResourceKind
from leukapheresis.models import Allocation, Booking, Quota, Resource, ResourceHours, Slot
from leukapheresis.plan import ResourceDetails, resource_change
from leukapheresis.scheduling.booking import booking_confirm, booking_create, booking_hold
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.cascading import move_preview
from leukapheresis.scheduling.finding import Wish, found_for
from leukapheresis.scheduling.moving import booking_move
from leukapheresis.scheduling.parts import parts_change
from leukapheresis.scheduling.times import MachineTime, Time
from leukapheresis.services import booking_cancel
from leukapheresis.slots import slot_block
from patients.referrals import referral_accept
from tests.equipment import unit_of
from tests.factories import Story
from tests.holding import act, book, code, hold

ROME = ZoneInfo("Europe/Rome")
LONG = timedelta(hours=6)


def book_at(story: Story, *times: Time, **more: Any) -> Booking:
    return booking_create(
        journey_id=story.journey_id, times=times, by=story.coordinator.actor, at=story.at, **more
    )


def machine_time(machine: Resource, starts_at: datetime, length: timedelta = LONG) -> MachineTime:
    return MachineTime(machine.pk, starts_at, starts_at.astimezone(UTC) + length)


def machine(story: Story, **changes: Any) -> Resource:
    return Resource.objects.create(center=story.center, name="Optia", **changes)


# --- the end of a hold


def test_a_hold_ends_when_its_slot_begins(story: Story) -> None:
    story.accepted()
    slot = story.slot(in_days=1)
    held = hold(story, slot, minutes=14 * 24 * 60)
    assert held.hold_expires_at == slot.starts_at
    story.at = slot.starts_at
    with pytest.raises(Conflict) as refused:
        booking_confirm(**act(story, held))
    assert code(refused) == "hold_expired"


def test_a_hold_ends_before_the_red_cells_would_come_too_late(story: Story) -> None:
    unit_of(story.center, ResourceKind.RED_CELL_PRIME)
    story.accepted()
    slot = story.slot(in_days=5)
    held = hold(story, slot, minutes=14 * 24 * 60)
    needed_from = Allocation.objects.get(kind="red_cell_prime").period.lower
    assert held.hold_expires_at == needed_from - timedelta(hours=72)
    assert needed_from <= slot.starts_at


def test_a_part_taken_in_addition_shortens_a_hold(story: Story) -> None:
    unit_of(story.center, ResourceKind.COURIER, lead_time_hours=48)
    story.accepted()
    slot = story.slot(in_days=5)
    held = hold(story, slot, minutes=14 * 24 * 60)
    courier = PartChoice(part="courier", wanted=True, reason="The maker comes early.")
    parts_change(choices=[courier], **act(story, held))
    held.refresh_from_db()
    ordered_by = Allocation.objects.get(kind="courier", is_live=True).period.lower - timedelta(hours=48)
    assert held.hold_expires_at == min(slot.starts_at, ordered_by)


def test_a_hold_moved_to_an_earlier_time_ends_earlier(story: Story) -> None:
    story.accepted()
    held = hold(story, story.slot(in_days=6), minutes=14 * 24 * 60)
    sooner = story.slot(in_days=2)
    booking_move(day=1, to=sooner.pk, reason_code="family", **act(story, held))
    held.refresh_from_db()
    assert held.hold_expires_at == sooner.starts_at


def test_a_hold_that_could_never_be_confirmed_is_refused(story: Story) -> None:
    unit_of(story.center, ResourceKind.RED_CELL_PRIME)
    story.accepted()
    slot = story.slot(in_days=5)
    ends_at = hold(story, slot, minutes=14 * 24 * 60).hold_expires_at
    story.accepted()
    assert ends_at is not None
    story.at = ends_at
    with pytest.raises(Conflict) as refused:
        hold(story, slot)
    assert code(refused) == "lead_time"
    assert book(story, slot).state == "booked"


# --- what is stale, what is kept back


def test_a_stale_move_to_a_taken_slot_is_told_what_changed(story: Story) -> None:
    story.accepted()
    booking = book(story, story.slot())
    target = story.slot(in_days=5)
    booking_move(day=1, to=target.pk, reason_code="family", **act(story, booking))
    with pytest.raises(Stale):
        booking_move(day=1, to=target.pk, reason_code="family", version=1, **act(story, booking))


def test_a_machine_that_is_kept_back_is_not_booked_beside_its_slots(story: Story) -> None:
    story.accepted()
    blocked = story.slot(in_days=4)
    slot_block(slot_id=blocked.pk, center_id=story.center.pk, by=story.coordinator.actor, at=story.at)
    beside = machine_time(blocked.resource, blocked.starts_at + timedelta(hours=1))
    with pytest.raises(Conflict) as refused:
        book_at(story, beside)
    assert (code(refused), refused.value.fields) == ("resource_busy", {"part": "machine"})
    booking = book_at(story, machine_time(blocked.resource, blocked.ends_at))
    whole = Booking.objects.select_related(
        "journey__patient", "journey__center", "journey__referral", "center"
    ).get(pk=booking.pk)
    preview = move_preview(whole, day=1, to=beside, at=story.at)
    assert preview.is_blocked


# --- quotas at their borders


def quota(story: Story, **changes: Any) -> Quota:
    given = {"per_week": 1, "valid_from": date(2020, 1, 1), **changes}
    return Quota.objects.create(center=story.center, **given)


def monday(story: Story) -> date:
    """The Monday after next, in the center."""
    today = story.center.local_day(story.at)
    return today + timedelta(days=14 - today.weekday())


def at_clock(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=ROME)


def is_full(story: Story, starts_at: datetime, optia: Resource) -> bool:
    """Whether the quota refuses a new child, by the booking and by the finder."""
    story.accepted()
    is_refused = False
    try:
        made = book_at(story, machine_time(optia, starts_at, timedelta(minutes=20)))
    except Conflict as refused:
        assert refused.code == "quota_full"
        is_refused = True
    else:
        booking_cancel(reason_code="center", **act(story, made))
    day = story.center.local_day(starts_at)
    found = found_for(story.journey, Wish(from_on=day, last_on=day, minutes=20), at=story.at)
    full = any(reason.code == "quota_full" for reason in found.answers[0].reasons)
    assert full == is_refused, "the finder and the booking disagree"
    return full


def test_a_week_ends_at_midnight_of_the_centers_sunday(story: Story) -> None:
    optia, first = machine(story), monday(story)
    quota(story)
    story.accepted()
    book_at(story, machine_time(optia, at_clock(first, time(0, 0)), timedelta(minutes=20)))
    eve = at_clock(first - timedelta(days=1), time(23, 30))
    assert not is_full(story, eve, optia)
    assert is_full(story, at_clock(first + timedelta(days=6), time(23, 30)), optia)
    assert not is_full(story, at_clock(first + timedelta(days=7), time(0, 0)), optia)


def test_a_quota_counts_only_the_days_on_which_it_holds(story: Story) -> None:
    optia, first = machine(story), monday(story)
    quota(story, valid_from=first + timedelta(days=2), valid_to=first + timedelta(days=4))
    story.accepted()
    book_at(story, machine_time(optia, at_clock(first, time(8))))
    assert not is_full(story, at_clock(first + timedelta(days=2), time(8)), optia)
    story.accepted()
    book_at(story, machine_time(optia, at_clock(first + timedelta(days=3), time(8))))
    assert is_full(story, at_clock(first + timedelta(days=2), time(8)), optia)
    assert not is_full(story, at_clock(first + timedelta(days=4), time(8)), optia)


def test_a_move_within_the_week_keeps_its_place_and_one_into_a_full_week_has_none(story: Story) -> None:
    optia, first = machine(story), monday(story)
    story.accepted()
    booking = book_at(story, machine_time(optia, at_clock(first, time(8))))
    story.accepted()
    book_at(story, machine_time(optia, at_clock(first + timedelta(days=7), time(8))))
    quota(story, per_week=0, valid_from=first, valid_to=first + timedelta(days=5))
    quota(story, per_week=1, valid_from=first + timedelta(days=7))

    def moved_to(days: int) -> None:
        to = machine_time(optia, at_clock(first + timedelta(days=days), time(8)))
        booking_move(day=1, to=to, reason_code="family", **act(story, booking))

    moved_to(1)
    moved_to(5)
    for days in (2, 8):
        with pytest.raises(Conflict) as refused:
            moved_to(days)
        assert code(refused) == "quota_full"


# --- buffers and clocks


def test_a_buffer_across_midnight_keeps_the_night_free(story: Story) -> None:
    optia, first = machine(story, buffer_after_minutes=120), monday(story)
    story.accepted()
    book_at(story, machine_time(optia, at_clock(first, time(17))))
    story.accepted()
    with pytest.raises(Conflict) as refused:
        book_at(story, machine_time(optia, at_clock(first + timedelta(days=1), time(0, 30))))
    assert code(refused) == "resource_busy"
    book_at(story, machine_time(optia, at_clock(first + timedelta(days=1), time(1))))


def test_a_buffer_of_days_is_seen_from_both_sides(story: Story) -> None:
    optia, first = machine(story, buffer_before_minutes=3 * 24 * 60), monday(story)
    story.accepted()
    book_at(story, machine_time(optia, at_clock(first, time(8))))
    story.accepted()
    third = first + timedelta(days=3)
    ResourceHours.objects.create(resource=optia, weekday=3, opens=time(6), closes=time(22))
    ResourceHours.objects.create(resource=optia, weekday=0, opens=time(6), closes=time(22))
    with pytest.raises(Conflict) as refused:
        book_at(story, machine_time(optia, at_clock(third, time(8))))
    assert (code(refused), refused.value.fields) == ("resource_busy", {"part": "machine"})
    (answer,) = found_for(story.journey, Wish(from_on=third, last_on=third), at=story.at).answers
    earliest = min(offer.days[0].time.start for offer in answer.offers)
    assert datetime.fromtimestamp(earliest, tz=UTC) == at_clock(third, time(14)).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 7), 24)]
)
def test_a_day_is_as_long_as_it_is(story: Story, day: date, hours: int) -> None:
    """The whole day is booked hour by hour; not one hour more fits, and none overlaps."""
    story.at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    optia = machine(story)
    ResourceHours.objects.create(resource=optia, weekday=day.weekday(), opens=time(0), closes=time(0))
    midnight = at_clock(day, time(0)).astimezone(UTC)
    for number in range(hours):
        story.referred()
        _accept(story)
        book_at(story, machine_time(optia, midnight + timedelta(hours=number), timedelta(hours=1)))
    story.referred()
    _accept(story)
    for outside in (midnight - timedelta(hours=1), midnight + timedelta(hours=hours)):
        with pytest.raises(Conflict) as refused:
            book_at(story, machine_time(optia, outside, timedelta(hours=1)))
        assert code(refused) == "closed"
    assert Slot.objects.count() == hours


def test_a_hold_over_a_clock_change_lasts_its_minutes(story: Story) -> None:
    story.at = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    story.referred()
    _accept(story)
    held = hold(story, story.slot(in_days=4), minutes=120)
    assert held.hold_expires_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def _accept(story: Story) -> None:
    referral_accept(
        journey_id=story.journey_id, override_reason="The clock.", by=story.clinician.actor, at=story.at
    )


# --- a capacity that falls


def laboratory_changed(story: Story, lab: Resource, capacity: int) -> None:
    details = ResourceDetails(kind=lab.kind, name=lab.name, capacity=capacity)
    resource_change(
        resource_id=lab.pk,
        center_id=story.center.pk,
        details=details,
        by=story.coordinator.actor,
        at=story.at,
    )


def test_a_capacity_falls_when_what_is_booked_still_fits(story: Story) -> None:
    """The second of two units is taken alone, after the first one was given back."""
    (lab,) = unit_of(story.center, ResourceKind.CRYOPRESERVATION, capacity=2).values()
    story.accepted()
    first = book(story, story.slot(in_days=4))
    by_first = act(story, first)
    story.accepted()
    second = book(story, story.slot(in_days=4, machine="Machine 2"))
    with pytest.raises(Conflict) as refused:
        laboratory_changed(story, lab, 1)
    assert code(refused) == "in_use"
    booking_cancel(reason_code="family", **by_first)
    laboratory_changed(story, lab, 1)
    use = Allocation.objects.get(booking=second, kind="cryopreservation")
    assert (use.unit, use.is_live) == (1, True)


def test_a_smaller_capacity_counts_for_the_next_booking(story: Story) -> None:
    (lab,) = unit_of(story.center, ResourceKind.CRYOPRESERVATION, capacity=2).values()
    story.accepted()
    book(story, story.slot(in_days=4))
    lab.capacity = 1
    lab.save(update_fields=["capacity"])
    story.accepted()
    with pytest.raises(Conflict) as refused:
        booking_hold(
            journey_id=story.journey_id,
            times=[story.slot(in_days=4, machine="Machine 2").pk],
            by=story.coordinator.actor,
            at=story.at,
        )
    assert (code(refused), refused.value.fields) == ("resource_busy", {"part": "cryopreservation"})
