"""Holds, several days, moves and their refusals, by program."""

from datetime import timedelta
from typing import Any

import time_machine

from leukapheresis.enums import ResourceKind
from leukapheresis.models import Allocation, Booking, Closure, Resource, Slot
from tests.api.program import Answer, Program
from tests.equipment import unit_of
from tests.factories import Story

BOOKINGS = "leukapheresis/bookings/"


def post(program: Program, story: Story, path: str, body: Any, **headers: str) -> Answer:
    with time_machine.travel(story.at, tick=False):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return program.post(f"{BOOKINGS}{path}", body, headers=named)


def code(response: Answer) -> tuple[int, str | None]:
    return response.status_code, response.json().get("code")


def held(program: Program, story: Story, *slots: Slot, **more: Any) -> dict[str, Any]:
    first, *others = (str(slot.pk) for slot in slots)
    body = {"journey": str(story.journey_id), "slot": first, "days": others, "hold_minutes": 30, **more}
    answer = post(program, story, "", body)
    assert answer.status_code == 201, answer.content
    document: dict[str, Any] = answer.json()
    return document


def test_a_hold_is_made_confirmed_and_then_a_booking(program: Program, story: Story) -> None:
    story.accepted()
    made = held(program, story, story.slot())
    assert made["state"] == "held"
    assert made["hold_expires_at"] == (story.at + timedelta(minutes=30)).isoformat()
    confirmed = post(program, story, f"{made['id']}/confirm/", {})
    assert confirmed.status_code == 200
    assert confirmed.json()["state"] == "booked"
    assert "hold_expires_at" not in confirmed.json()
    assert code(post(program, story, f"{made['id']}/confirm/", {})) == (409, "not_held")


def test_a_hold_that_is_over_is_not_confirmed(program: Program, story: Story) -> None:
    story.accepted()
    made = held(program, story, story.slot())
    story.later(minutes=30)
    assert code(post(program, story, f"{made['id']}/confirm/", {})) == (409, "hold_expired")
    assert code(post(program, story, f"{made['id']}/release/", {})) == (409, "hold_expired")


def test_a_released_hold_gives_its_slot_back(program: Program, story: Story) -> None:
    story.accepted()
    slot = story.slot()
    made = held(program, story, slot)
    assert post(program, story, f"{made['id']}/release/", {}).json()["state"] == "expired"
    slot.refresh_from_db()
    assert slot.state == "open"


def test_several_days_are_one_booking(program: Program, story: Story) -> None:
    story.accepted()
    slots = [story.slot(in_days=number) for number in (4, 5, 6)]
    made = held(program, story, *slots)
    assert [day["slot"] for day in made["days"]] == [str(slot.pk) for slot in slots]
    assert Booking.objects.count() == 1


def test_the_parts_that_are_taken_are_named(program: Program, story: Story) -> None:
    unit_of(story.center, ResourceKind.NURSE)
    story.accepted()
    made = held(program, story, story.slot())
    assert made["days"][0]["resources"] == {"nurse": "Nurse 1"}


def test_a_retry_with_its_key_holds_once(program: Program, story: Story) -> None:
    story.accepted()
    body = {"journey": str(story.journey_id), "slot": str(story.slot().pk), "hold_minutes": 30}
    first = post(program, story, "", body, Idempotency_Key="h-1")
    again = post(program, story, "", body, Idempotency_Key="h-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert Allocation.objects.count() == 1


def test_a_booking_moves_in_place(program: Program, story: Story) -> None:
    story.accepted()
    made = held(program, story, story.slot(in_days=4))
    new = story.slot(in_days=6)
    body = {"slot": str(new.pk), "reason_code": "family", "note": "A wedding."}
    moved = post(program, story, f"{made['id']}/move/", body).json()
    assert (moved["id"], moved["slot"], moved["state"]) == (made["id"], str(new.pk), "held")
    assert code(post(program, story, f"{made['id']}/move/", body)) == (409, "slot_taken")
    unknown = post(program, story, f"{made['id']}/move/", {**body, "reason_code": "whim"})
    assert list(unknown.json()["errors"]) == ["reason_code"]


def test_a_move_of_what_changed_meanwhile_is_refused(program: Program, story: Story) -> None:
    story.accepted()
    made = held(program, story, story.slot(in_days=4))
    with time_machine.travel(story.at, tick=False):
        tag = program.get(f"{BOOKINGS}{made['id']}/")["ETag"]
    post(program, story, f"{made['id']}/confirm/", {})
    body = {"slot": str(story.slot(in_days=6).pk), "reason_code": "family"}
    assert code(post(program, story, f"{made['id']}/move/", body, If_Match=tag)) == (412, "stale")


def test_a_refusal_names_the_part(program: Program, story: Story) -> None:
    (lab,) = unit_of(story.center, ResourceKind.CRYOPRESERVATION).values()
    story.accepted()
    slot = story.slot()
    day = slot.starts_at.date()
    Closure.objects.create(center=story.center, resource=lab, first_on=day, last_on=day, kind="staff")
    refused = post(program, story, "", {"journey": str(story.journey_id), "slot": str(slot.pk)})
    assert code(refused) == (409, "closed")
    assert refused.json()["errors"] == {"part": "cryopreservation"}
    assert not Booking.objects.exists()


def test_what_is_unknown_is_a_persons_decision(program: Program, story: Story) -> None:
    unit_of(story.center, ResourceKind.LINE_PLACEMENT)
    story.accepted()
    body = {"journey": str(story.journey_id), "slot": str(story.slot().pk)}
    assert code(post(program, story, "", body)) == (409, "parts_undecided")


def test_a_hold_needs_sensible_minutes_and_days(program: Program, story: Story) -> None:
    story.accepted()
    slot = str(story.slot().pk)
    body = {"journey": str(story.journey_id), "slot": slot}
    assert list(post(program, story, "", {**body, "hold_minutes": 0}).json()["errors"]) == ["hold_minutes"]
    assert post(program, story, "", {**body, "days": [slot]}).status_code == 422
    assert Resource.objects.get().kind == "machine"
