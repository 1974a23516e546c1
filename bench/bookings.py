"""The working side of `bench.scheduling`: `python -m bench.bookings`, a process of its own with Django.

The plan comes as JSON on standard input: `seed` fills the database and prints journeys and slots, `book`
books each pair over so many threads, `cancel` gives everything back. `book` says "ready" first, begins with
the next line of input, and prints how many bookings it made, how many times it was told to try again because
others were faster, and when it began and ended.
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

START: Final = datetime(2030, 1, 7, 8, tzinfo=UTC)
MACHINES: Final = 16
LONG: Final = timedelta(hours=3)


def main() -> None:
    """Do what the plan says."""
    import django

    django.setup()
    plan = json.loads(sys.stdin.readline())
    acts: dict[str, Callable[..., dict[str, Any]]] = {"seed": seed, "book": book, "cancel": cancel}
    answer = acts[plan.pop("act")](**plan)
    sys.stdout.write(json.dumps(answer) + "\n")


def seed(journeys: int) -> dict[str, Any]:
    """A center with room for so many bookings, each on a slot of its own, with all that it takes."""
    from django.core.management import call_command

    from cartpath.accounts.models import Center
    from leukapheresis.enums import ResourceKind
    from leukapheresis.models import Resource, Slot

    call_command("migrate", verbosity=0)
    center = Center.objects.create(code="BENCH", name="Bench", timezone="Europe/Rome", region="EU")
    kinds = (ResourceKind.MACHINE, ResourceKind.CHAIR, ResourceKind.NURSE)
    units = {
        kind: [
            Resource.objects.create(center=center, kind=kind, name=f"{kind} {number:02d}")
            for number in range(MACHINES)
        ]
        for kind in kinds
    }
    Resource.objects.create(
        center=center, kind=ResourceKind.CRYOPRESERVATION, name="Laboratory", capacity=2 * MACHINES
    )
    slots = [
        Slot(
            center=center,
            resource=units[ResourceKind.MACHINE][number % MACHINES],
            starts_at=START + timedelta(days=number // MACHINES),
            ends_at=START + timedelta(days=number // MACHINES) + LONG,
        )
        for number in range(journeys)
    ]
    Slot.objects.bulk_create(slots)
    return {
        "pairs": [(str(_child(center, number)), str(slot.pk)) for number, slot in enumerate(slots)],
        "machines": [str(machine.pk) for machine in units[ResourceKind.MACHINE]],
    }


def _child(center: Any, number: int) -> Any:
    from cartpath.core.actor import Actor
    from leukapheresis.inputs import PreparationDetails
    from leukapheresis.scheduling.preparing import preparation_record
    from patients.inputs import BodyMeasurement, PatientDetails, ReferralDetails
    from patients.referrals import referral_accept, referral_register
    from patients.services import measurement_record

    act: dict[str, Any] = {"by": Actor.system("bench"), "at": START - timedelta(days=30)}
    journey = referral_register(
        center=center,
        patient=PatientDetails(
            mrn=f"B-{number}",
            family_name="Bench",
            given_name=str(number),
            birth_date=START.date() - timedelta(days=3000),
            sex="female",
        ),
        referral=ReferralDetails(referring_center="Elsewhere", product="tisagenlecleucel", diagnosis="b_all"),
        **act,
    )
    referral_accept(journey_id=journey.pk, override_reason="For the benchmark.", **act)
    body = BodyMeasurement(weight_kg=30, height_cm=130)
    measurement_record(journey_id=journey.pk, measurement=body, **act)
    details = PreparationDetails(vascular_access="central_present", sedation="no")
    preparation_record(journey_id=journey.pk, details=details, **act)
    return journey.pk


def book(pairs: list[tuple[str, str]], threads: int) -> dict[str, Any]:
    """Book each journey on its slot."""
    from uuid import UUID

    from django.db import connection

    from cartpath.core.actor import Actor
    from leukapheresis.scheduling.booking import booking_create
    from leukapheresis.scheduling.patience import Crowded

    by, at = Actor.system("bench"), START - timedelta(days=20)
    again: list[tuple[str, str]] = []

    def one(pair: tuple[str, str]) -> None:
        while True:
            try:
                booking_create(journey_id=UUID(pair[0]), slot_id=UUID(pair[1]), by=by, at=at)
            except Crowded:
                again.append(pair)
            else:
                return

    with ThreadPoolExecutor(threads, initializer=lambda: connection.ensure_connection()) as pool:
        list(pool.map(time.sleep, [0.05] * threads))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        began = time.time()
        list(pool.map(one, pairs))
        return {"count": len(pairs), "again": len(again), "began": began, "ended": time.time()}


def cancel() -> dict[str, Any]:
    """Give every booking back, so that the next turn finds the same."""
    from cartpath.core.actor import Actor
    from leukapheresis.models import Booking
    from leukapheresis.scheduling.booking import booking_cancel

    by, at = Actor.system("bench"), START - timedelta(days=20)
    for booking in Booking.objects.filter(state="booked"):
        booking_cancel(booking_id=booking.pk, reason_code="center", by=by, at=at)
    return {}


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartpath.settings")
    main()
