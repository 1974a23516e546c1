"""Whatever somebody else is just writing: a rival is told so within a second, and nothing is half done."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pytest
from django.db import connection, transaction

from cartpath.core.errors import Conflict
from cartpath.ledger.models import Chain
from leukapheresis.enums import ResourceKind
from leukapheresis.models import Allocation, Booking, Quota, Resource, Slot
from leukapheresis.scheduling.booking import booking_confirm, booking_create
from leukapheresis.scheduling.expiry import holds_sweep
from leukapheresis.scheduling.moving import booking_move
from leukapheresis.scheduling.patience import PATIENCE_SECONDS, Crowded
from leukapheresis.scheduling.waiting import offers_make
from patients.models import Journey
from tests.equipment import unit_of
from tests.factories import Story
from tests.holding import act, freed, hold, waits

# A busy machine makes every refusal slower now and then; one that waits too long always does.
TRIES: Final = 3

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Elsewhere:
    """A transaction of another connection that stays open until it is told to end."""

    begun: threading.Event
    go: threading.Event
    failed: list[BaseException]


@contextmanager
def elsewhere(write: Any) -> Iterator[Elsewhere]:
    """Write in another connection's transaction, which is committed when the block ends."""
    other = Elsewhere(threading.Event(), threading.Event(), [])

    def run() -> None:
        try:
            with transaction.atomic():
                write()
                other.begun.set()
                other.go.wait(60)
        except BaseException as error:
            other.failed.append(error)
        finally:
            other.begun.set()
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    other.begun.wait(60)
    try:
        yield other
    finally:
        other.go.set()
        thread.join()


def locked(rows: Any) -> Any:
    return lambda: list(rows.select_for_update(no_key=True))


def said_by(story: Story) -> dict[str, Any]:
    return {"by": story.nurse.actor, "at": story.at}


LOCKS: Final[dict[str, tuple[Callable[[], Any], str]]] = {
    "journey": (lambda: Journey.objects.all(), "patient_busy"),
    "slot": (lambda: Slot.objects.all(), "slot_taken"),
    "quota": (lambda: Quota.objects.all(), "resource_busy"),
    "ledger": (lambda: Chain.objects.all(), "patient_busy"),
    "resource": (lambda: Resource.objects.filter(kind="cryopreservation"), "resource_busy"),
}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_that_is_not_let_go_refuses_within_a_second(story: Story, name: str) -> None:
    unit_of(story.center, ResourceKind.CRYOPRESERVATION)
    Quota.objects.create(center=story.center, per_week=9, valid_from=date(2020, 1, 1))
    story.accepted()
    slot = story.slot(in_days=5)
    rows, said = LOCKS[name]
    took = []
    with elsewhere(locked(rows())):
        for _try in range(TRIES):
            began = time.perf_counter()
            with pytest.raises(Crowded) as refused:
                booking_create(
                    journey_id=story.journey_id, slot_id=slot.pk, by=story.nurse.actor, at=story.at
                )
            took.append(time.perf_counter() - began)
            assert refused.value.code == said
            if took[-1] < 1.0:
                break
    assert PATIENCE_SECONDS <= min(took) < 1.0
    assert not Booking.objects.exists()
    assert not Allocation.objects.exists()
    booking_create(journey_id=story.journey_id, slot_id=slot.pk, by=story.nurse.actor, at=story.at)


def test_several_locks_share_one_patience(story: Story) -> None:
    """The journey is let go half-way, the slot never: together it takes no longer than one wait."""
    story.accepted()
    slot = story.slot(in_days=5)
    took = []
    for _try in range(TRIES):
        with (
            elsewhere(locked(Journey.objects.all())) as journey,
            elsewhere(locked(Slot.objects.all())),
        ):
            threading.Timer(PATIENCE_SECONDS / 2, journey.go.set).start()
            began = time.perf_counter()
            with pytest.raises(Crowded) as refused:
                booking_create(
                    journey_id=story.journey_id, slot_id=slot.pk, by=story.nurse.actor, at=story.at
                )
            took.append(time.perf_counter() - began)
        assert refused.value.code == "slot_taken"
    assert min(took) < 1.0


def test_a_hold_that_is_just_confirmed_is_not_taken_by_who_thinks_it_has_ended(story: Story) -> None:
    story.accepted()
    slot = story.slot(in_days=5)
    held = hold(story, slot, minutes=60)
    confirm = act(story, held) | {"at": story.at + timedelta(minutes=60, microseconds=-1)}
    story.accepted()
    story.later(hours=1)
    rival: dict[str, Any] = {"journey_id": story.journey_id, "slot_id": slot.pk, **said_by(story)}
    with elsewhere(lambda: booking_confirm(**confirm)) as other:
        with pytest.raises(Conflict):
            booking_create(**rival)
        assert holds_sweep(at=story.at) == 0
    assert other.failed == []
    with pytest.raises(Conflict) as refused:
        booking_create(**rival)
    assert refused.value.code == "slot_taken"
    assert holds_sweep(at=story.at) == 0
    assert Booking.objects.get(state="booked").pk == held.pk
    assert Allocation.objects.get(is_live=True).booking_id == held.pk


def test_a_hold_that_is_just_taken_over_is_not_confirmed(story: Story) -> None:
    story.accepted()
    slot = story.slot(in_days=5)
    held = hold(story, slot, minutes=60)
    confirm = act(story, held) | {"at": story.at + timedelta(minutes=60, microseconds=-1)}
    story.accepted()
    story.later(hours=1)
    rival: dict[str, Any] = {"journey_id": story.journey_id, "slot_id": slot.pk, **said_by(story)}
    with elsewhere(lambda: booking_create(**rival)) as other, pytest.raises(Conflict) as refused:
        booking_confirm(**confirm)
    assert refused.value.code == "patient_busy"
    assert other.failed == []
    with pytest.raises(Conflict) as refused:
        booking_confirm(**confirm)
    assert refused.value.code == "hold_expired"
    assert Allocation.objects.get(is_live=True).booking.journey_id == story.journey_id


def test_a_child_whom_many_book_at_once_is_booked_once(story: Story) -> None:
    story.accepted()
    slots = [story.slot(in_days=3 + number).pk for number in range(8)]
    said: list[str] = []

    def book(slot: Any) -> None:
        try:
            booking_create(journey_id=story.journey_id, slot_id=slot, **said_by(story))
            said.append("booked")
        except Exception as error:
            said.append(getattr(error, "code", repr(error)))
        finally:
            connection.close()

    threads = [threading.Thread(target=book, args=(slot,)) for slot in slots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["booked"] + 7 * ["patient_busy"]
    assert Slot.objects.filter(state="booked").count() == 1


def test_two_moves_of_one_version_are_one_move(story: Story) -> None:
    """The second one is refused as stale instead of overwriting the first."""
    story.accepted()
    booking = booking_create(
        journey_id=story.journey_id, slot_id=story.slot().pk, by=story.nurse.actor, at=story.at
    )
    targets = [story.slot(in_days=days).pk for days in (5, 6)]
    refused: list[str] = []

    def move(target: Any) -> None:
        try:
            booking_move(day=1, to=target, reason_code="family", version=1, **act(story, booking))
        except Exception as error:
            refused.append(getattr(error, "code", repr(error)))
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=(target,)) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    booking.refresh_from_db()
    assert (refused, booking.version) == (["stale"], 2)


def test_workers_that_offer_at_the_same_time_offer_each_slot_once_and_to_the_most_urgent(
    story: Story,
) -> None:
    slots = [freed(story, in_days=days) for days in (5, 6, 7)]
    Slot.objects.update(freed_at=None)
    families = [waits(story, priority) for priority in (4, 3, 2, 1, 1)]
    Slot.objects.filter(pk__in=[slot.pk for slot in slots]).update(freed_at=story.at)

    def offer() -> None:
        try:
            offers_make(at=story.at)
        finally:
            connection.close()

    threads = [threading.Thread(target=offer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    offers_make(at=story.at)
    held = Booking.objects.filter(state="held").select_related("offer__entry")
    assert {each.slot_id for each in held} == {slot.pk for slot in slots}
    assert sorted(each.offer.entry.priority for each in held) == [1, 1, 2]
    assert {each.offer.entry_id for each in held} <= {each.pk for each in families}
