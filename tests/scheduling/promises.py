"""What must be true whatever clients do: of the tables, and of what each of them was told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from leukapheresis.models import Booking
from leukapheresis.scheduling.expiry import holds_sweep
from tests.scheduling.clients import Client

# Each finds rows that break a promise; all must come back empty. `%(at)s` is the end of the race.
BROKEN: Final = {
    "two live uses of one unit overlap": """
        SELECT a.id, b.id FROM leukapheresis_allocation a JOIN leukapheresis_allocation b
        ON a.id < b.id AND a.resource_id = b.resource_id AND a.unit = b.unit AND a.period && b.period
        WHERE a.is_live AND b.is_live""",
    "a unit beyond the capacity": """
        SELECT a.id FROM leukapheresis_allocation a JOIN leukapheresis_resource r ON r.id = a.resource_id
        WHERE a.is_live AND a.unit > r.capacity""",
    "half a bundle: a planned day of a live booking without one of its parts": """
        SELECT d.id, part ->> 'part' FROM leukapheresis_bookingday d
        JOIN leukapheresis_booking b ON b.id = d.booking_id
        CROSS JOIN jsonb_array_elements(b.bundle) AS part
        WHERE d.state = 'planned' AND part ->> 'state' = 'claimed'
        AND (b.state = 'booked' OR (b.state = 'held' AND b.hold_expires_at > %(at)s))
        AND NOT EXISTS (SELECT FROM leukapheresis_allocation a
            WHERE a.day_id = d.id AND a.kind = part ->> 'part' AND a.is_live)""",
    "a lost hold: live, with its time not over, but without a day": """
        SELECT b.id FROM leukapheresis_booking b
        WHERE (b.state = 'booked' OR (b.state = 'held' AND b.hold_expires_at > %(at)s))
        AND NOT EXISTS (SELECT FROM leukapheresis_bookingday d
            WHERE d.booking_id = b.id AND d.state = 'planned')""",
    "a part that outlived its booking": """
        SELECT a.id FROM leukapheresis_allocation a
        JOIN leukapheresis_booking b ON b.id = a.booking_id JOIN leukapheresis_bookingday d ON d.id = a.day_id
        WHERE a.is_live AND (b.state NOT IN ('held', 'booked') OR d.state <> 'planned')""",
    "a machine's use that isn't its slot's": """
        SELECT a.id FROM leukapheresis_allocation a JOIN leukapheresis_bookingday d ON d.id = a.day_id
        JOIN leukapheresis_slot s ON s.id = d.slot_id
        WHERE a.is_live AND a.kind = 'machine'
        AND (a.resource_id <> s.resource_id OR a.period <> tstzrange(s.starts_at, s.ends_at))""",
    "a booked slot that nobody has": """
        SELECT s.id FROM leukapheresis_slot s WHERE s.state = 'booked' AND NOT EXISTS (
            SELECT FROM leukapheresis_bookingday d WHERE d.slot_id = s.id AND d.state <> 'released')""",
    "an open slot that somebody has": """
        SELECT s.id FROM leukapheresis_slot s JOIN leukapheresis_bookingday d ON d.slot_id = s.id
        WHERE s.state = 'open' AND d.state <> 'released'""",
    "a booking whose first day is another slot's": """
        SELECT b.id FROM leukapheresis_booking b WHERE b.state = 'booked' AND b.slot_id <> (
            SELECT d.slot_id FROM leukapheresis_bookingday d JOIN leukapheresis_slot s ON s.id = d.slot_id
            WHERE d.booking_id = b.id AND d.state = 'planned' ORDER BY s.starts_at LIMIT 1)""",
    "a journey in the wrong stage": """
        SELECT j.id FROM patients_journey j WHERE (j.stage = 'apheresis_planned') <> EXISTS (
            SELECT FROM leukapheresis_booking b WHERE b.journey_id = j.id AND b.state = 'booked')""",
    "a journey whose ledger tells another booking than there is": """
        SELECT j.id FROM patients_journey j JOIN LATERAL (
            SELECT e.kind FROM ledger_event e WHERE e.journey_id = j.id
            AND e.kind IN ('apheresis_held', 'apheresis_booked', 'apheresis_canceled',
                'apheresis_hold_released') ORDER BY e.seq DESC LIMIT 1) last ON true
        WHERE (CASE last.kind WHEN 'apheresis_held' THEN 'held' WHEN 'apheresis_booked' THEN 'booked'
            ELSE 'none' END) <> coalesce((SELECT b.state FROM leukapheresis_booking b
            WHERE b.journey_id = j.id AND b.state IN ('held', 'booked')), 'none')""",
}


def forgotten(clients: Sequence[Client], *, at: datetime) -> list[str]:
    """What clients were told that they have, and don't: only a hold's own end takes anything from anybody."""
    states = {
        pk: "over" if expires_at is not None and expires_at <= at else state
        for pk, state, expires_at in Booking.objects.values_list("pk", "state", "hold_expires_at")
    }
    found = []
    for client in clients:
        state = states.get(client.booking_id, "gone") if client.booking_id else ""
        if state != client.told and (client.told, state) != ("held", "over"):
            found.append(f"{client.booking_id}: told {client.told or 'nothing'}, but it is {state}")
    return found


def broken(at: datetime) -> dict[str, list[Any]]:
    """What is wrong in the database, by promise; holds that are over are swept first."""
    holds_sweep(at=at)
    found = {}
    with connection.cursor() as cursor:
        for promise, question in BROKEN.items():
            cursor.execute(question, {"at": at})
            rows = cursor.fetchall()
            if rows:
                found[promise] = rows
    return found
