"""Bookings, holds and the waiting list beside a simple model of them that lives in memory.

Three machines, two nurses, two times of one day: two children at a time, whatever machines are free.
`RACE_EXAMPLES=500` looks at more than every commit does.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict
from leukapheresis.enums import ResourceKind
from leukapheresis.inputs import WaitingDetails
from leukapheresis.models import Allocation, Booking, Resource, Slot, SlotOffer, WaitingEntry
from leukapheresis.scheduling.booking import (
    booking_cancel,
    booking_confirm,
    booking_create,
    booking_hold,
    hold_release,
)
from leukapheresis.scheduling.expiry import holds_sweep
from leukapheresis.scheduling.moving import booking_move
from leukapheresis.scheduling.waiting import (
    offer_accept,
    offer_decline,
    offers_make,
    waiting_join,
    waiting_leave,
)
from leukapheresis.services import slot_open
from patients.referrals import referral_accept, referral_register
from tests.factories import patient_details, referral_details
from tests.scheduling.model import NURSES, START, Model, Refused, Waits

BY = Actor.system("model")
CHILDREN, MACHINES, TIMES = 4, 3, 2
EXAMPLES = int(os.environ.get("RACE_EXAMPLES", "20"))
STEPS = 25

children = st.integers(0, CHILDREN - 1)
places = st.integers(0, MACHINES * TIMES - 1)


@dataclass
class Place:
    """The database's side: a center with its children and slots."""

    children: list[UUID]
    slots: list[Slot]


class Scheduling(RuleBasedStateMachine):
    """The same acts on both sides; they must agree on every refusal and on everything afterwards."""

    place: ClassVar[Place]

    def __init__(self) -> None:
        super().__init__()
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        self.slots = self.place.slots
        self.model = Model([slot.starts_at for slot in self.slots])
        in_order = sorted(self.slots, key=lambda slot: (slot.starts_at, slot.pk))
        self.in_order = [self.slots.index(slot) for slot in in_order]

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    def both(self, modeled: Callable[[], None], real: Callable[[], Any]) -> None:
        """Do it on both sides; the refusals must have the same code."""
        try:
            modeled()
        except Refused as expected:
            with pytest.raises(Conflict) as refused:
                real()
            assert refused.value.code == str(expected)
        else:
            real()

    def act(self, child: int) -> dict[str, Any]:
        """The child's latest booking, by us, now."""
        journey_id = self.place.children[child]
        booking = Booking.objects.filter(journey_id=journey_id, state__in=("held", "booked")).get()
        return {"booking_id": booking.pk, "by": BY, "at": self.model.now}

    def of(self, child: int) -> dict[str, Any]:
        return {"journey_id": self.place.children[child], "by": BY, "at": self.model.now}

    def child_with(self, child: int, table: dict[int, Any]) -> int:
        """One of those who have something."""
        return sorted(table)[child % len(table)]

    @initialize(priorities=st.lists(st.integers(1, 4), max_size=CHILDREN - 1), slot=places)
    def some_wait_already(self, priorities: list[int], slot: int) -> None:
        """Families in the waiting list, in any order, and a slot that was given back."""
        for child, priority in enumerate(priorities, start=1):
            self.join(child, priority)
        self.book(0, slot)
        self.cancel(0)

    @rule(child=children, slot=places, minutes=st.integers(1, 90))
    def hold(self, child: int, slot: int, minutes: int) -> None:
        expires_at = self.model.now + timedelta(minutes=minutes)
        self.both(
            lambda: self.model.take(child, slot, expires_at),
            lambda: booking_hold(times=[self.slots[slot].pk], minutes=minutes, **self.of(child)),
        )

    @rule(child=children, slot=places)
    def book(self, child: int, slot: int) -> None:
        self.both(
            lambda: self.model.take(child, slot, None),
            lambda: booking_create(slot_id=self.slots[slot].pk, **self.of(child)),
        )

    @precondition(lambda self: self.model.has)
    @rule(child=children)
    def confirm(self, child: int) -> None:
        child = self.child_with(child, self.model.has)
        act = self.act(child)
        self.both(lambda: self.model.confirm(child), lambda: booking_confirm(**act))

    @precondition(lambda self: self.model.has)
    @rule(child=children)
    def release(self, child: int) -> None:
        child = self.child_with(child, self.model.has)
        act = self.act(child)
        # A hold that a rival let go is over by the clock as well.
        self.both(lambda: self.model.release(child), lambda: hold_release(**act))

    @precondition(lambda self: self.model.has)
    @rule(child=children)
    def cancel(self, child: int) -> None:
        child = self.child_with(child, self.model.has)
        act = self.act(child)
        self.both(lambda: self.model.cancel(child), lambda: booking_cancel(reason_code="family", **act))

    @precondition(lambda self: self.model.has)
    @rule(child=children, slot=places)
    def move(self, child: int, slot: int) -> None:
        child = self.child_with(child, self.model.has)
        act = self.act(child)
        self.both(
            lambda: self.model.move(child, slot),
            lambda: booking_move(day=1, to=self.slots[slot].pk, reason_code="family", **act),
        )

    @rule(minutes=st.integers(1, 120))
    def time_passes(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        self.model.sweep()
        holds_sweep(at=self.model.now)

    @rule(child=children, priority=st.integers(1, 4))
    def join(self, child: int, priority: int) -> None:
        details = WaitingDetails(
            priority=priority, priority_reason="Blasts rising.", from_on=self.model.now.date()
        )
        self.model.now += timedelta(seconds=1)
        self.both(
            lambda: self.model.join(child, priority),
            lambda: waiting_join(details=details, **self.of(child)),
        )

    @precondition(lambda self: self.model.waits)
    @rule(child=children)
    def leave(self, child: int) -> None:
        child = self.child_with(child, self.model.waits)
        entry = WaitingEntry.objects.get(
            journey_id=self.place.children[child], state__in=("waiting", "offered")
        )
        self.both(
            lambda: self.model.leave(child),
            lambda: waiting_leave(entry_id=entry.pk, by=BY, at=self.model.now),
        )

    @rule()
    def offer(self) -> None:
        self.model.offer_all(self.in_order)
        offers_make(at=self.model.now)

    @precondition(lambda self: self.offered())
    @rule(child=children)
    def accept(self, child: int) -> None:
        child = self.child_with(child, self.offered())
        offer = self.open_offer(child)
        self.both(
            lambda: self.model.confirm(child),
            lambda: offer_accept(offer_id=offer.pk, by=BY, at=self.model.now),
        )

    @precondition(lambda self: self.offered())
    @rule(child=children)
    def decline(self, child: int) -> None:
        child = self.child_with(child, self.offered())
        offer = self.open_offer(child)
        self.both(
            lambda: self.model.release(child),
            lambda: offer_decline(offer_id=offer.pk, by=BY, at=self.model.now),
        )

    def offered(self) -> dict[int, Waits]:
        return {child: waits for child, waits in self.model.waits.items() if waits.offer is not None}

    def open_offer(self, child: int) -> SlotOffer:
        return SlotOffer.objects.get(entry__journey_id=self.place.children[child], state="open")

    @invariant()
    def slots_agree(self) -> None:
        rows = {slot.pk: slot for slot in Slot.objects.all()}
        states = [rows[slot.pk] for slot in self.slots]
        assert {n for n, slot in enumerate(states) if slot.state == "booked"} == self.model.taken
        assert {n for n, slot in enumerate(states) if slot.freed_at is not None} == self.model.freed

    @invariant()
    def bookings_agree(self) -> None:
        found = {}
        for booking in Booking.objects.filter(state__in=("held", "booked")):
            uses = dict(
                Allocation.objects.filter(booking=booking, is_live=True).values_list("kind", "resource__name")
            )
            assert set(uses) in (set(), {"machine", "nurse"}), "half a bundle"
            child = self.place.children.index(booking.journey_id)
            found[child] = (booking.state, booking.hold_expires_at, uses.get("nurse"))
        assert found == {
            child: (
                "held" if held.expires_at else "booked",
                held.expires_at,
                held.nurse if held.kept else None,
            )
            for child, held in self.model.has.items()
        }

    @invariant()
    def waiting_agrees(self) -> None:
        entries = WaitingEntry.objects.filter(state__in=("waiting", "offered"))
        found = {
            self.place.children.index(entry.journey_id): (entry.priority, entry.state) for entry in entries
        }
        assert found == {
            child: (waits.priority, "waiting" if waits.offer is None else "offered")
            for child, waits in self.model.waits.items()
        }
        assert SlotOffer.objects.filter(state="open").count() == len(self.offered())


@pytest.mark.django_db
def test_bookings_holds_and_the_waiting_list_do_what_a_simple_model_does() -> None:
    center = Center.objects.create(code="M", name="Model", timezone="Europe/Rome", region="EU")
    for name in NURSES:
        Resource.objects.create(center=center, kind=ResourceKind.NURSE, name=name)
    Scheduling.place = Place(
        children=[_child(center) for _ in range(CHILDREN)],
        slots=[
            slot_open(
                resource=machine,
                starts_at=START + timedelta(days=3, hours=4 * time),
                ends_at=START + timedelta(days=3, hours=4 * time + 3),
            )
            for machine in (
                Resource.objects.create(center=center, name=f"Machine {number}") for number in range(MACHINES)
            )
            for time in range(TIMES)
        ],
    )
    run_state_machine_as_test(
        Scheduling,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            # On every commit the same examples: what fails there fails for everybody.
            derandomize=EXAMPLES <= 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def _child(center: Center) -> UUID:
    journey = referral_register(
        center=center, patient=patient_details(), referral=referral_details(), by=BY, at=START
    )
    referral_accept(journey_id=journey.pk, override_reason="For the model.", by=BY, at=START)
    return journey.pk
