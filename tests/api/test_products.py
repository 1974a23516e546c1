"""What programs read of the product: orders with quality and decision, and what the infusion waits for."""

from datetime import timedelta
from typing import Any

import time_machine

from infusion.ready.holding import infusion_hold
from infusion.ready.inputs import HoldDetails
from manufacturing.inputs import BatchDetails, Deviation, DeviationDecision
from manufacturing.services import out_of_specification_decide, out_of_specification_report
from tests.api.program import Program
from tests.conftest import ROME
from tests.factories import Story
from tests.infusing import at_bedside


def got(program: Program, story: Story, name: str, **asked: str) -> Any:
    with time_machine.travel(story.at, tick=False):
        answer = program.get(f"journeys/{story.journey_id}/{name}/", **asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_an_order_is_told_with_its_milestones_and_what_quality_knows(program: Program, story: Story) -> None:
    story.wanted = {"product": "varnimcabtagene"}
    story.manufacturing()
    story.later(days=8)
    (order,) = got(program, story, "orders")["results"]
    assert (order["product"], order["state"], order["batch"], order["deviation"]) == (
        "varnimcabtagene",
        "active",
        None,
        None,
    )
    assert "manufacturing_started" in {each["milestone"] for each in order["milestones"]}
    unknown = {each["parameter"]: each for each in order["specification"]}
    viability = unknown["release_viability"]
    assert (viability["value"], viability["verdict"], viability["decides"]) == (None, "unknown", True)
    assert (viability["operator"], viability["unit"]) == (">=", "%")

    story.tested(release_viability=64.0)
    (order,) = got(program, story, "orders")["results"]
    missed = [each for each in order["specification"] if each["verdict"] == "not_met"]
    assert [(each["parameter"], each["value"]) for each in missed] == [("release_viability", 64.0)]
    assert {each["status"] for each in order["results"]} == {"final"}


def test_a_release_is_told_with_the_figures_of_the_batch(program: Program, story: Story) -> None:
    story.released()
    (order,) = got(program, story, "orders")["results"]
    batch = story.journey.batches.get()
    assert batch.released_at is not None
    assert (order["batch"]["state"], order["batch"]["lot"]) == ("released", batch.lot)
    assert order["batch"]["released_at"] == batch.released_at.astimezone(ROME).isoformat()
    assert order["chain_of_identity"] == batch.order.chain_of_identity


def test_a_deviation_is_told_with_the_physicians_decision(program: Program, story: Story) -> None:
    story.manufacturing()
    act: dict[str, Any] = {"journey_id": story.journey_id, "at": story.later(days=20)}
    missed = Deviation(parameter="Viability", limit="80 %", value="71 %", risk_statement="Less effect.")
    out_of_specification_report(batch=BatchDetails(lot="L1"), deviation=missed, by=story.lab.actor, **act)
    (order,) = got(program, story, "orders")["results"]
    assert (order["batch"]["state"], order["deviation"]["decision"]) == ("out_of_specification", None)
    decision = DeviationDecision(decision="use", reason="No alternative", consent_on=story.at.date())
    out_of_specification_decide(decision=decision, by=story.clinician.actor, **act)
    (order,) = got(program, story, "orders")["results"]
    told = order["deviation"]
    assert (told["limit"], told["value"], told["decision"], told["decided_by"]) == (
        "80 %",
        "71 %",
        "use",
        story.clinician.name,
    )
    assert told["consent_on"] == story.at.date().isoformat()


def test_readiness_names_what_is_unknown_and_the_holds(program: Program, story: Story) -> None:
    story.released()
    story.later(days=1)
    shown = got(program, story, "readiness")
    states = {each["name"]: each["state"] for each in shown["conditions"]}
    assert (shown["state"], shown["part"], shown["holds"]) == ("waits", 1, [])
    assert states["identity"] != "met"
    assert states["hold"] == "met"
    infusion_hold(
        journey_id=story.journey_id,
        hold=HoldDetails(reason="hold_infection", review_at=story.at + timedelta(days=1)),
        by=story.clinician.actor,
        at=story.at,
    )
    shown = got(program, story, "readiness")
    (hold,) = shown["holds"]
    assert (hold["reason"], hold["ended_at"]) == ("hold_infection", None)
    assert {each["name"]: each["state"] for each in shown["conditions"]}["hold"] == "open"


def test_only_what_two_people_do_is_left_at_the_bedside(program: Program, story: Story) -> None:
    at_bedside(story)
    shown = got(program, story, "readiness")
    waiting = [
        each["name"]
        for each in shown["conditions"]
        if each["severity"] == "block" and each["state"] in ("open", "unknown")
    ]
    assert waiting == ["identity"]
    assert shown["first_on"] <= story.center.local_day(story.at).isoformat()
