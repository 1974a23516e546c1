"""The mismatch set over REST: a program is stopped by the same codes as people are."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import time_machine

from cartpath.ledger.models import Event
from manufacturing.custody.breaks import quarantine_set
from manufacturing.models import ScanStop
from tests.api.program import Answer, Program
from tests.factories import Story
from tests.infusing import at_bedside, bags_added, code, thawed


def compare(program: Program, story: Story, body: dict[str, Any], **headers: str) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            f"journeys/{story.journey_id}/bag-comparisons/",
            body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def test_the_right_bag_matches_and_nothing_is_kept(program: Program, story: Story) -> None:
    one, _two = at_bedside(story)
    answer = compare(program, story, {"wristband": story.journey.patient.mrn, "bag": code(one)})
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "match": True,
        "item": one.number,
        "reasons": [],
        "unknown": ["expires_at"],
        "stop": None,
    }
    assert not ScanStop.objects.exists()


def test_the_mismatch_set_is_stopped_and_kept(program: Program, story: Story) -> None:
    one, two = at_bedside(story)
    other = replace(story, at=story.at + timedelta(days=1))
    other.released()
    (foreign,) = bags_added(other, ["A0"], din="A999926777777")
    thawed(story, two)
    mrn = story.journey.patient.mrn
    wrong = [
        ("wrong_patient", other.journey.patient.mrn, code(one)),
        ("wrong_patient", mrn, code(foreign)),
        ("wrong_bag", mrn, code(one).replace("123456", "123465")),
        ("wrong_division", mrn, code(one).replace("A0", "C0")),
        ("wrong_check", mrn, "A999926123456B"),
        ("unreadable", mrn, "=?"),
    ]
    quarantine_set(
        journey_id=story.journey_id,
        item_ids=[two.pk],
        reason="damage",
        note="Leaking port",
        by=story.lab.actor,
        at=story.later(minutes=1),
    )
    wrong.append(("quarantined", mrn, code(two)))
    for number, (reason, wristband, bag) in enumerate(wrong, start=1):
        answer = compare(program, story, {"wristband": wristband, "bag": bag})
        assert answer.status_code == 200, answer.content
        told = answer.json()
        assert (told["match"], told["reasons"][0], told["stop"]) == (False, reason, number), reason
    kept = Event.objects.of(story.journey_id).filter(kind="scan_stopped")
    assert kept.count() == len(wrong)


def test_the_same_comparison_sent_twice_is_one_stop(program: Program, story: Story) -> None:
    at_bedside(story)
    body = {"wristband": story.journey.patient.mrn, "bag": "=?"}
    first, second = (compare(program, story, body, Idempotency_Key="k1") for _time in range(2))
    assert first.json() == second.json()
    assert ScanStop.objects.count() == 1


def test_a_program_of_another_center_finds_nothing(outsider: Program, story: Story) -> None:
    at_bedside(story)
    body = {"wristband": story.journey.patient.mrn, "bag": "=?"}
    assert compare(outsider, story, body).status_code == 404
