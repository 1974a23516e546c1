"""Booking by program: clean refusals, and one winner however many want the same slot."""

import http.client
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import repeat
from statistics import median
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from bench.servers import running_server
from cartpath.ledger.verify import verify
from leukapheresis.models import Allocation, Booking, Slot
from leukapheresis.services import booking_cancel, slot_open
from patients.inputs import TreatmentDetails
from patients.models import Journey
from patients.referrals import referral_accept
from patients.services import treatment_record
from tests.api.program import BASE, Answer, Program
from tests.factories import Story

RIVALS = 64
ROUNDS = 20
BOOKINGS = "leukapheresis/bookings/"


def code(response: Answer) -> tuple[int, str | None]:
    return response.status_code, response.json().get("code")


def book(program: Program, story: Story, slot: Slot, **headers: str) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            BOOKINGS,
            {"journey": str(story.journey_id), "slot": str(slot.pk)},
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def test_a_booking_is_made_and_can_be_read_where_it_says(program: Program, story: Story) -> None:
    story.accepted()
    slot = story.slot()
    made = book(program, story, slot)
    found = made.json()
    assert made.status_code == 201
    assert found == {
        "id": found["id"],
        "journey": str(story.journey_id),
        "slot": str(slot.pk),
        "center": "A",
        "machine": "Machine 1",
        "starts_at": "2026-03-05T08:00:00+01:00",
        "ends_at": "2026-03-05T14:00:00+01:00",
        "state": "booked",
        "booked_by": "Registry",
        "booked_at": story.at.isoformat(),
        "cancel_reason": None,
        "cancel_note": None,
    }
    read = program.get(made["Location"])
    assert read.json() == found
    assert program.get(made["Location"], headers={"If-None-Match": read["ETag"]}).status_code == 304


def test_each_refusal_has_its_own_code_and_changes_nothing(program: Program, story: Story) -> None:
    taken = story.slot()
    story.booked(taken)
    overlapping = slot_open(
        resource=taken.resource, starts_at=taken.starts_at + timedelta(hours=1), ends_at=taken.ends_at
    )
    other = story.slot(machine="Machine 2")
    assert code(book(program, story, other)) == (409, "patient_busy")
    rival = replace(story)
    rival.accepted()
    assert code(book(program, rival, taken)) == (409, "slot_taken")
    assert code(book(program, rival, overlapping)) == (409, "resource_busy")
    treatment_record(
        journey_id=rival.journey_id,
        treatment=TreatmentDetails(drug="Prednisone", drug_class="corticosteroid", last_dose=None),
        by=rival.clinician.actor,
        at=rival.at,
    )
    assert code(book(program, rival, other)) == (409, "washout_open")
    assert Booking.objects.count() == Allocation.objects.count() == 1


def test_a_program_can_not_override_a_washout(program: Program, story: Story) -> None:
    story.accepted()
    body = {"journey": str(story.journey_id), "slot": str(story.slot().pk), "override_reason": "Go on."}
    refused = program.post(BOOKINGS, body)
    assert list(refused.json()["errors"]) == ["override_reason"]


def test_what_is_not_there_is_not_found_and_what_is_no_id_is_bad_input(
    program: Program, story: Story
) -> None:
    story.accepted()
    journey, slot = str(story.journey_id), str(story.slot().pk)
    assert program.post(BOOKINGS, {"journey": str(uuid4()), "slot": slot}).status_code == 404
    assert program.post(BOOKINGS, {"journey": journey, "slot": str(uuid4())}).status_code == 404
    refused = program.post(BOOKINGS, {"journey": "7", "slot": 7})
    assert set(refused.json()["errors"]) == {"journey", "slot"}
    assert program.get(f"{BOOKINGS}{uuid4()}/").status_code == 404


def test_a_slot_of_another_center_is_not_found_even_when_it_is_taken(
    program: Program, story: Story, other_story: Story
) -> None:
    taken = other_story.booked().slot
    story.accepted()
    assert code(book(program, story, taken)) == (404, "not_found")


def test_a_booking_tried_again_with_its_key_is_the_same_booking(program: Program, story: Story) -> None:
    story.accepted()
    slot = story.slot()
    first = book(program, story, slot, Idempotency_Key="k-1")
    again = book(program, story, slot, Idempotency_Key="k-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert code(book(program, story, slot)) == (409, "slot_taken")


def test_a_canceled_booking_frees_its_slot(program: Program, story: Story) -> None:
    booking = story.booked()
    path = f"{BOOKINGS}{booking.pk}/cancel/"
    with time_machine.travel(story.at, tick=False):
        refused = program.post(path, {"reason_code": "weather"})
        assert list(refused.json()["errors"]) == ["reason_code"]
        canceled = program.post(path, {"reason_code": "family", "note": "A cold."})
        assert canceled.status_code == 200
        found = canceled.json()
        assert (found["state"], found["cancel_reason"], found["cancel_note"]) == (
            "canceled",
            "family",
            "A cold.",
        )
        assert code(program.post(path, {"reason_code": "family"})) == (409, "not_booked")
    assert Slot.objects.get(pk=booking.slot_id).state == "open"


def test_a_write_on_what_changed_meanwhile_is_refused(program: Program, story: Story) -> None:
    booking = story.booked()
    path = f"{BOOKINGS}{booking.pk}/"
    with time_machine.travel(story.at, tick=False):
        tag = program.get(path)["ETag"]
        booking_cancel(booking_id=booking.pk, reason_code="center", by=story.coordinator.actor, at=story.at)
        stale = program.post(f"{path}cancel/", {"reason_code": "family"}, headers={"If-Match": tag})
    assert code(stale) == (412, "stale")


def test_a_booking_may_insist_on_the_journey_as_it_was_read(program: Program, story: Story) -> None:
    story.accepted()
    slot = story.slot()
    with time_machine.travel(story.at, tick=False):
        tag = program.get(f"journeys/{story.journey_id}/")["ETag"]
    assert code(book(program, story, slot, If_Match=f"W/{tag}")) == (412, "stale")
    assert code(book(program, story, slot, If_Match='"old"')) == (412, "stale")
    assert book(program, story, slot, If_Match=f'"old", {tag}').status_code == 201


@pytest.mark.django_db(transaction=True)
def test_sixty_four_programs_want_one_slot_and_one_gets_it(program: Program, story: Story) -> None:
    """Twenty rounds against the real server: one 201 and 63 clean refusals, usually within a second."""
    story.at = timezone.now() - timedelta(hours=1)
    children = [str(accepted(story).pk) for _ in range(RIVALS)]
    slots = [story.slot(in_days=2 + number) for number in range(ROUNDS)]
    slowest: list[float] = []
    # The server works in another process, so it is told which database the test has made.
    with running_server({"DATABASE_URL": database_url()}) as port, rivals(port, program) as race:
        for slot in slots:
            answers = race(children, slot)
            outcomes = Counter((status, problem) for status, problem, _seconds in answers)
            assert outcomes == {(201, None): 1, (409, "slot_taken"): RIVALS - 1}
            slowest.append(max(seconds for status, _problem, seconds in answers if status == 409))
            give_back(slot, story)
    # Other tests share the cores, so that single rounds may wait for them; what counts is the usual round.
    assert median(slowest) < 1.0
    assert Booking.objects.count() == ROUNDS
    assert verify().breaks == []


Outcome = tuple[int, str | None, float]


@contextmanager
def rivals(port: int, program: Program) -> Iterator[Callable[[list[str], Slot], list[Outcome]]]:
    """A race: every child in a thread with a connection of its own, all sent off at one moment."""
    line = threading.Barrier(RIVALS)
    mine = threading.local()
    headers = {"Authorization": f"Bearer {program.token}", "Content-Type": "application/json"}

    def get_ready(_number: int) -> None:
        mine.http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        mine.http.request("GET", f"{BASE}changes/?limit=1", headers=headers)
        assert mine.http.getresponse().read()
        line.wait()

    def run(child: str, slot: Slot) -> Outcome:
        body = json.dumps({"journey": child, "slot": str(slot.pk)})
        line.wait()
        started = time.perf_counter()
        mine.http.request("POST", f"{BASE}{BOOKINGS}", body, headers)
        response = mine.http.getresponse()
        document = json.loads(response.read())
        return response.status, document.get("code"), time.perf_counter() - started

    with ThreadPoolExecutor(RIVALS) as threads:
        list(threads.map(get_ready, range(RIVALS)))
        yield lambda children, slot: list(threads.map(run, children, repeat(slot)))


def database_url() -> str:
    """The address of the database that the tests use."""
    settings = connection.settings_dict
    address = urlsplit(os.environ["DATABASE_URL"])
    return address._replace(path=f"/{settings['NAME']}").geturl()


def accepted(story: Story) -> Journey:
    """A child accepted by override: the race is not about eligibility."""
    story.referred()
    return referral_accept(
        journey_id=story.journey_id, by=story.clinician.actor, at=story.at, override_reason="For the race."
    )


def give_back(slot: Slot, story: Story) -> None:
    """Cancel the round's booking, so that the winner can run again."""
    booking = Booking.objects.get(slot=slot, state="booked")
    booking_cancel(booking_id=booking.pk, reason_code="center", by=story.coordinator.actor, at=timezone.now())
