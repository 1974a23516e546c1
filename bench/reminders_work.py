"""The working side of `bench.reminders`: `python -m bench.reminders_work`, a process of its own with Django.

Each line of JSON on standard input is something to do; its answer is a line on standard output. `send` says
"ready" first and begins with the next line of input, so that several workers begin together.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any, Final

# The bench's own clock: reminders are due at this moment or after it.
NOW: Final = datetime(2030, 1, 7, 8, tzinfo=UTC)
JOURNEYS: Final = 1_000
TICKS: Final = 40
# Ticks before those that count: they read into memory what filling pushed out of it.
FIRST_TICKS: Final = 5
PLANS: Final = 30


def main() -> None:
    """Do one after another what is asked for."""
    import django

    django.setup()
    acts: dict[str, Callable[..., dict[str, Any]]] = {
        "seed": seed, "fill": fill, "announce": announce, "send": send, "clear": clear,
        "ticks": ticks, "plan": plan,
    }  # fmt: skip
    while line := sys.stdin.readline():
        asked = json.loads(line)
        answer = acts[asked.pop("act")](**asked)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def seed() -> dict[str, Any]:
    """A center with a clinician, who is told of everything, and children who were referred."""
    from django.core.management import call_command

    from cartpath.accounts.models import Center, Membership, User
    from patients.models import Journey, Patient

    call_command("migrate", verbosity=0)
    center = Center.objects.create(code="BENCH", name="Bench", timezone="Europe/Rome", region="EU")
    person = User.objects.create_user("ben@bench.example", name="Ben")
    Membership.objects.create(user=person, center=center, role="clinician")
    patients = [
        Patient(
            center=center,
            mrn=f"R{number}",
            family_name=f"Family{number}",
            given_name="Given",
            birth_date=date(2024, 1, 1),
            sex="female",
        )
        for number in range(JOURNEYS)
    ]
    Patient.objects.bulk_create(patients)
    Journey.objects.bulk_create(
        Journey(
            patient=patient,
            center=center,
            product="tisagenlecleucel",
            protocol_id="tisagenlecleucel-eu",
            protocol_version="1",
            stage="referred",
            stage_since=NOW,
        )
        for patient in patients
    )
    return {}


def fill(count: int, from_day: int, days: int) -> dict[str, Any]:
    """So many open reminders more, due over so many days from a day after `NOW` on.

    Every journey has each item once, numbered, so that none is an older one of a series.
    """
    from django.db import connection, transaction

    from cartpath.reminders.models import Reminder
    from patients.models import Journey

    journey = Journey.objects.earliest("pk")
    sample = Reminder(
        journey=journey,
        patient_id=journey.patient_id,
        center_id=journey.center_id,
        label="Bench",
        occurrence=1,
        role="clinician",
        priority=2,  # Routine waits for the morning's digest; this has an e-mail of its own.
        anchor_event_id=1,
    )
    given = {
        "id": "gen_random_uuid()",
        "journey_id": "journey.id",
        "patient_id": "journey.patient_id",
        "item": f"'from_{from_day}_{count}_' || number",
        "opens_at": "due_at",
        "due_at": "due_at",
        "closes_at": "due_at + interval '30 days'",
        "notify_at": "due_at",
    }
    columns, values = [], []
    parameters: dict[str, Any] = {"count": count, "each": -(-count // JOURNEYS), "days": days}
    for column in Reminder._meta.concrete_fields:
        if column.generated:
            continue
        name = str(column.column)
        columns.append(name)
        values.append(given.get(name, f"%({name})s"))
        parameters[name] = column.get_db_prep_save(getattr(sample, column.attname), connection)
    parameters["first"] = NOW + timedelta(days=from_day)
    with transaction.atomic(), connection.cursor() as cursor:
        # Each row names three others that are there; asking three times for each would take minutes.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO reminders_reminder ({', '.join(columns)}) SELECT {', '.join(values)}"
            "  FROM (SELECT id, patient_id, row_number() OVER () AS place FROM patients_journey) AS journey,"
            "       generate_series(1, %(each)s) AS number,"
            "       LATERAL (SELECT %(first)s + %(days)s * interval '1 day'"
            "                       * (number + place / 1000.0) / (%(each)s + 1) AS due_at) AS due"
            " LIMIT %(count)s",
            parameters,
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")  # else what was filled in is written out while something is measured
    return {}


def announce() -> dict[str, Any]:
    """Plan what is due and show it in the app, so that only the e-mails are left."""
    from cartpath.reminders import engine
    from cartpath.reminders.planning import plan_batch

    tally: Counter[str] = Counter()
    while plan_batch(at=NOW, tally=tally):
        engine.Deliveries().tell_at_once(at=NOW, tally=tally)
    return {"tally": tally}


def clear() -> dict[str, Any]:
    """No reminders and nobody told."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reminders_reminder CASCADE")
    return {}


def send() -> dict[str, Any]:
    """Work off what is due, as a tick does."""
    from django.db import connection

    from cartpath.celery import get_ready
    from cartpath.reminders import engine

    connection.ensure_connection()
    get_ready()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began = time.time()
    tally = engine.run(now=lambda: NOW + timedelta(seconds=time.time() - began), seconds=600)
    return {"tally": tally, "began": began, "ended": time.time()}


def ticks(due: int) -> dict[str, Any]:
    """The median milliseconds of a tick at which so many reminders have come due, and that others follow."""
    from cartpath.reminders import engine
    from cartpath.reminders.models import Reminder

    rounds = FIRST_TICKS + TICKS
    chosen = list(Reminder.objects.filter(told_at=None).values_list("pk", flat=True)[: due * rounds])
    took = []
    for number in range(rounds):
        some = chosen[number * due : (number + 1) * due]
        Reminder.objects.filter(pk__in=some).update(notify_at=NOW - timedelta(minutes=1))
        began = time.perf_counter()
        tally = engine.run(now=lambda: NOW, seconds=60)
        took.append((time.perf_counter() - began) * 1000)
        if tally["announced"] != due:
            raise RuntimeError(f"{due} reminders were due, and this became of them: {dict(tally)}")
    return {"milliseconds": median(took[FIRST_TICKS:])}


def plan() -> dict[str, Any]:
    """The median milliseconds to plan fifteen years, in memory and through the ledger's reader."""
    from cartpath.accounts.models import Center
    from cartpath.core.actor import Actor
    from cartpath.ledger.kinds import EventKind
    from cartpath.ledger.models import Event
    from cartpath.ledger.services import NewEvent, append, chain_open
    from cartpath.protocols import registry
    from cartpath.reminders.facts import FACT_COLUMNS, Fact
    from cartpath.reminders.models import Reminder
    from cartpath.reminders.planner import plan as planned
    from cartpath.reminders.readers import ReminderReader
    from patients.models import Journey

    center, protocol = Center.objects.get(), registry.get("tisagenlecleucel-eu", "1")
    pinned = {
        "product": "tisagenlecleucel",
        "protocol_id": protocol.id,
        "protocol_version": protocol.version,
    }
    pure, written = [], []
    for journey in Journey.objects.order_by("pk")[:PLANS]:
        Reminder.objects.filter(journey=journey).delete()
        chain = chain_open(journey_id=journey.pk, patient_id=journey.patient_id, center_id=center.pk)
        news = [(EventKind.REFERRED, pinned), (EventKind.ACCEPTED, pinned), (EventKind.INFUSED, {})]
        append(journey.pk, [NewEvent(kind, NOW, data) for kind, data in news], by=Actor.system("bench"))
        Reminder.objects.filter(journey=journey).delete()
        events = list(Event.objects.of(journey.pk))
        facts = [Fact(*(getattr(event, name) for name in FACT_COLUMNS)) for event in events]
        began = time.perf_counter()
        planned(facts, protocol, center.zone)
        pure.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        ReminderReader().rebuild(chain, events)
        written.append((time.perf_counter() - began) * 1000)
    rows = Reminder.objects.filter(journey=journey).count()
    return {"pure": median(pure), "written": median(written), "rows": rows}


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.reminders_settings"
    main()
