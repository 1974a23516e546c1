"""Bookings of before become bookings with one day, and can go back; on a copy of the tests' database."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg
import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F
from psycopg import sql

BEFORE: Final = [("leukapheresis", "0002_collection_source")]
AFTER: Final = [("leukapheresis", "0004_calendar")]
START: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
LONG: Final = timedelta(hours=6)
PATIENCE_SECONDS: Final = 30


@pytest.fixture
def empty_copy(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The connection works in a copy of the test's database, so that no other test sees its tables change."""
    original = connection.settings_dict["NAME"]
    copy = f"{original}_migrated"
    with django_db_blocker.unblock():
        connection.close()
        _on_server("CREATE DATABASE {copy} TEMPLATE {original}", copy=copy, original=original)
        connection.settings_dict["NAME"] = copy
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = original
            _on_server("DROP DATABASE {copy} WITH (FORCE)", copy=copy)


def _on_server(statement: str, **names: str) -> None:
    """Run a statement about databases; one that is still being left is waited for."""
    given = connection.settings_dict
    address = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"]}
    password = {"password": given["PASSWORD"]} if given["PASSWORD"] else {}
    named = sql.SQL(statement).format(**{name: sql.Identifier(value) for name, value in names.items()})
    deadline = time.monotonic() + PATIENCE_SECONDS
    with psycopg.connect(dbname="postgres", autocommit=True, **address, **password) as server:
        while True:
            try:
                server.execute(named)
            except psycopg.errors.ObjectInUse:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return


def migrated(to: list[tuple[str, str]]) -> Apps:
    """Go to these migrations; the models as they were then."""
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


def child(apps: Apps, number: int) -> Any:
    center, _made = apps.get_model("accounts", "Center").objects.get_or_create(
        code="M", defaults={"name": "Migrated", "timezone": "Europe/Rome", "region": "EU"}
    )
    patient = apps.get_model("patients", "Patient").objects.create(
        center=center,
        mrn=f"M-{number}",
        family_name="F",
        given_name="G",
        birth_date=date(2020, 1, 1),
        sex="female",
    )
    return apps.get_model("patients", "Journey").objects.create(
        patient=patient,
        center=center,
        product="tisagenlecleucel",
        protocol_id="tisagenlecleucel-eu",
        protocol_version="1",
        stage="referred",
        stage_since=START,
    )


def slot(apps: Apps, center: Any, days: int, state: str) -> Any:
    machine, _made = apps.get_model("leukapheresis", "Resource").objects.get_or_create(
        center=center, name="Optia", defaults={"kind": "machine"}
    )
    starts_at = START + timedelta(days=days)
    return apps.get_model("leukapheresis", "Slot").objects.create(
        center=center, resource=machine, starts_at=starts_at, ends_at=starts_at + LONG, state=state
    )


def booked(apps: Apps, number: int, state: str, **more: Any) -> Any:
    """A booking with its machine; live while it is booked or held."""
    journey = child(apps, number)
    is_live = state in ("booked", "held")
    place = slot(apps, journey.center, number, "booked" if is_live or state == "done" else "open")
    booking = apps.get_model("leukapheresis", "Booking").objects.create(
        journey=journey,
        center=journey.center,
        slot=place,
        state=state,
        booked_by="A",
        booked_at=START,
        **more,
    )
    use = {"booking": booking, "resource": place.resource, "is_live": is_live}
    if hasattr(booking, "days"):
        use["day"] = booking.days.create(number=1, slot=place, state="planned" if is_live else "released")
    booking.allocations.create(period=DateTimeTZRange(place.starts_at, place.ends_at), **use)
    return booking


def test_bookings_of_before_get_one_day_and_go_back_without_what_had_no_place_there(empty_copy: None) -> None:
    apps = migrated(BEFORE)
    live = booked(apps, 0, "booked")
    canceled = booked(apps, 1, "canceled", cancel_reason="family")
    done = booked(apps, 2, "done")

    apps = migrated(AFTER)
    days = apps.get_model("leukapheresis", "BookingDay").objects.order_by("slot__starts_at")
    assert list(days.values_list("booking", "number", "state")) == [
        (live.pk, 1, "planned"),
        (canceled.pk, 1, "released"),
        (done.pk, 1, "done"),
    ]
    assert not days.exclude(slot=F("booking__slot")).exists()
    uses = apps.get_model("leukapheresis", "Allocation").objects.order_by("pk")
    assert list(uses.values_list("day__booking", "kind", "unit", "is_live")) == [
        (live.pk, "machine", 1, True),
        (canceled.pk, "machine", 1, False),
        (done.pk, "machine", 1, False),
    ]

    held = booked(apps, 3, "held", hold_expires_at=START)
    expired = booked(apps, 4, "expired", hold_expires_at=START)
    further_day(apps, live.pk, in_days=5)
    apps = migrated(BEFORE)
    states = apps.get_model("leukapheresis", "Booking").objects.values_list("pk", "state")
    assert dict(states) == {
        live.pk: "booked",
        canceled.pk: "canceled",
        done.pk: "done",
        held.pk: "canceled",
        expired.pk: "canceled",
    }
    uses = apps.get_model("leukapheresis", "Allocation").objects.filter(is_live=True)
    assert list(uses.values_list("booking", "period__startswith")) == [(live.pk, START)]
    taken = apps.get_model("leukapheresis", "Slot").objects.filter(state="booked")
    assert set(taken.values_list("pk", flat=True)) == {live.slot_id, done.slot_id}


def further_day(apps: Apps, booking_id: Any, *, in_days: int) -> None:
    """A second day with its machine and a nurse, of whom nothing was known before."""
    booking = apps.get_model("leukapheresis", "Booking").objects.get(pk=booking_id)
    place = slot(apps, booking.center, in_days, "booked")
    day = booking.days.create(number=2, slot=place)
    resources = apps.get_model("leukapheresis", "Resource").objects
    for resource in (place.resource, resources.create(center=booking.center, kind="nurse", name="Nurse")):
        period = DateTimeTZRange(place.starts_at, place.ends_at)
        booking.allocations.create(day=day, resource=resource, kind=resource.kind, period=period)
