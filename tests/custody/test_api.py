"""Custody by program: read in order, recorded once, stopped as people are, never signed for anybody."""

from datetime import timedelta
from typing import Any

import time_machine

from manufacturing.custody.breaks import quarantine_set
from manufacturing.models import CustodyEntry, CustodyItem
from tests.api.program import Answer, Program
from tests.custody.conftest import DIN, again
from tests.factories import Story


def send(program: Program, story: Story, body: dict[str, Any], **headers: str) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            f"journeys/{story.journey_id}/custody/entries/",
            body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def listed(program: Program, story: Story, what: str, **query: Any) -> list[dict[str, Any]]:
    with time_machine.travel(story.at, tick=False):
        response = program.get(f"journeys/{story.journey_id}/custody/{what}/", **query)
    assert response.status_code == 200, response.content
    return list(response.json()["results"])


def stored(items: list[CustodyItem], **more: Any) -> dict[str, Any]:
    return {"step": "product_stored", "items": [str(item.pk) for item in items], "position": "A1"} | more


def test_a_freezer_records_where_bags_lie_once(
    program: Program, bags: list[CustodyItem], story: Story
) -> None:
    story.later(hours=1)
    body = stored(bags, temp_min_c=-180.0, temp_max_c=-150.0, logger="L-9")
    key = {"Idempotency_Key": "freezer-1"}
    first, second = send(program, story, body, **key), send(program, story, body, **key)
    assert (first.status_code, second.status_code) == (201, 201), first.content
    assert first.json() == second.json()
    assert CustodyEntry.objects.filter(step="product_stored").count() == 2
    items = listed(program, story, "items")
    assert [(each["number"], each["kind"], each["position"]) for each in items] == [
        (1, "collection", None),
        (2, "product_bag", "A1"),
        (3, "product_bag", "A1"),
    ]
    entries = listed(program, story, "entries")
    assert [each["step"] for each in entries][-2:] == ["product_stored", "product_stored"]
    assert (entries[-1]["is_temp_in_range"], entries[-1]["logger"]) == (True, "L-9")


def test_pages_of_items_leave_none_out(program: Program, bags: list[CustodyItem], story: Story) -> None:
    with time_machine.travel(story.at, tick=False):
        page = program.get(f"journeys/{story.journey_id}/custody/items/", page_size=2).json()
        rest = program.http.get(page["next"], headers=program._headers(None)).json()
    assert [each["number"] for each in page["results"] + rest["results"]] == [1, 2, 3]


def test_what_stops_people_stops_programs(program: Program, bags: list[CustodyItem], story: Story) -> None:
    story.later(hours=1)
    for body, status, code in (
        (stored(bags[:1], reads=[{"din": DIN, "division": "B0"}]), 422, "identifiers_mismatch"),
        (stored(bags[:1], reads=[{"din": "G999626123465", "division": "A0"}]), 422, "identifiers_mismatch"),
        (stored(bags[:1], coi="COI-other"), 422, "identifiers_mismatch"),
        ({"step": "hospital_receipt", "items": [str(bags[0].pk)]}, 422, "signatures_missing"),
        ({"step": "infusion_started", "items": [str(bags[0].pk)]}, 422, "wrong_step"),
    ):
        response = send(program, story, body)
        assert response.status_code == status, (body, response.content)
        assert response.json()["code"] == code, body
    assert send(program, story, stored(bags[:1])).status_code == 201
    before = (story.at - timedelta(minutes=1)).isoformat()
    early = send(program, story, stored(bags[:1], at=before))
    assert (early.status_code, early.json()["code"]) == (409, "time_backwards")
    quarantine_set(
        journey_id=story.journey_id,
        item_ids=[bags[1].pk],
        reason="damage",
        note="",
        by=story.lab.actor,
        at=story.at,
    )
    issued = send(program, story, {"step": "issued_to_ward", "items": [str(bags[1].pk)]})
    assert (issued.status_code, issued.json()["code"]) == (409, "item_quarantined")
    story.released()
    wrong = send(program, story, stored(bags[:1]))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_item")


def test_a_warm_bag_is_recorded_and_held(program: Program, bags: list[CustodyItem], story: Story) -> None:
    story.later(hours=1)
    response = send(program, story, stored(bags[:1], temp_min_c=-150.0, temp_max_c=-80.0))
    assert response.status_code == 201
    assert again(story)[0].is_quarantined
    items = listed(program, story, "items")
    assert (items[1]["is_quarantined"], items[1]["quarantine_reason"]) == (True, "temperature")
