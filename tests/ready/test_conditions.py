"""What the infusion waits for, who goes on against it, and whether identifiers agree."""

from datetime import timedelta

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from infusion.inputs import ChecklistAnswer, FindingDetails, InfusionDetails
from infusion.models import ChecklistItem, Infusion, LymphodepletionDose
from infusion.services import (
    checklist_item_record,
    finding_record,
    infusion_record,
    thaw_start,
)
from manufacturing.custody.inputs import ItemDetails
from manufacturing.custody.services import items_add
from manufacturing.models import CustodyItem
from tests.factories import Story, patient_details
from tests.ready.conftest import (
    condition,
    facts,
    held,
    overridden,
    picture,
    today,
)


def test_the_page_says_in_one_sentence_what_stands_in_the_way(child: Story) -> None:
    held(child)
    sentence = picture(child).sentence
    assert sentence.startswith("The infusion waits. Not met or unknown: No open hold;")
    assert "more." in sentence


def test_a_child_that_is_ready_has_nothing_in_the_way(story: Story) -> None:
    story.ready()
    found = picture(story)
    assert [each.name for each in found.waiting] == []
    assert found.sentence == "Nothing stands in the way of the infusion."
    assert "match" in [each.name for each in found.looked_at]


def test_a_nurse_cannot_go_on_against_a_hard_stop_and_a_clinician_needs_a_reason(child: Story) -> None:
    with pytest.raises(Invalid) as refused:
        overridden(child, "check_line", by=child.nurse)
    assert refused.value.code == "not_entitled"
    with pytest.raises(Invalid):
        overridden(child, "check_line", reason=" ")
    assert overridden(child, "check_line").verdict == "overridden"


@pytest.mark.parametrize("stop", ["match", "bag", "hold", "product", "identity"])
def test_nobody_goes_on_against_identity_or_a_hold(child: Story, stop: str) -> None:
    with pytest.raises(Invalid) as refused:
        overridden(child, stop)
    assert refused.value.code == "not_overridable"
    assert not ChecklistItem.objects.exists()


def test_an_override_of_a_condition_can_be_taken_back_but_not_ticked_as_met(story: Story) -> None:
    story.released(car_positive_viable_cells=500_000_000)
    assert condition(story, "dose").state == "open"
    overridden(story, "dose", reason="No other product.")
    assert (condition(story, "dose").state, condition(story, "dose").by) == ("overridden", "Ben")
    with pytest.raises(Invalid):
        checklist_item_record(
            journey_id=story.journey_id,
            answer=ChecklistAnswer(item="dose", verdict="met"),
            by=story.clinician.actor,
            at=story.at,
        )
    checklist_item_record(
        journey_id=story.journey_id,
        answer=ChecklistAnswer(item="dose", verdict="not_met"),
        by=story.clinician.actor,
        at=story.at,
    )
    assert condition(story, "dose").state == "open"


def test_a_dose_decided_before_needs_no_second_reason_at_the_bedside(story: Story) -> None:
    story.ready()
    overridden(story, "dose", reason="No other product.")
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(dose_cells=500_000_000),
        by=story.clinician.actor,
        at=story.later(minutes=10),
    )
    assert Infusion.objects.get().override_reason == "No other product."
    assert facts(EventKind.INFUSED)["override_reason"] == "No other product."


@pytest.mark.parametrize(("now_kg", "state"), [(20.2, "met"), (20.3, "open"), (16.5, "open")])
def test_a_change_of_more_than_ten_percent_since_the_order_is_shown(
    child: Story, now_kg: float, state: str
) -> None:
    child.measured(weight_kg=now_kg)
    assert condition(child, "weight").state == state
    assert picture(child).weights.percent == pytest.approx((now_kg - 18.4) / 18.4 * 100)


def test_a_hold_beyond_day_14_after_lymphodepletion_asks_about_a_second_one(story: Story) -> None:
    story.lymphodepleted()
    held(story, review_at=story.at + timedelta(days=30))
    last = LymphodepletionDose.objects.order_by("-given_at")[0].given_at
    story.at = last + timedelta(days=13)
    assert picture(story).held_too_long is None
    story.at = last + timedelta(days=14)
    assert picture(story).held_too_long is not None


def test_the_rule_about_tocilizumab_is_that_of_the_region_on_the_day(story: Story) -> None:
    story.released()
    found = picture(story).tocilizumab
    assert found.region == "EU"
    assert [line.item for line in found.lines] == ["check_tocilizumab"]
    assert {row.id for row in found.figures} == {
        "tocilizumab_doses_on_site",
        "tocilizumab_next_dose_hours",
    }


def test_a_product_in_parts_waits_for_its_gate_and_counts_from_the_maker_s_day_one(story: Story) -> None:
    story.wanted = {"product": "obecabtagene"}
    story.child = patient_details(birth_date=today(story).replace(year=2003))
    story.ready()
    first = LymphodepletionDose.objects.order_by("given_at")[0].given_at
    finding_record(
        journey_id=story.journey_id,
        finding=FindingDetails(
            quantity="marrow_blasts", value=10, found_on=story.center.local_day(first) - timedelta(days=1)
        ),
        by=story.nurse.actor,
        at=story.at,
    )
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(dose_cells=100_000_000),
        by=story.clinician.actor,
        at=story.later(minutes=10),
    )
    story.later(days=5)
    found = picture(story)
    assert (found.fraction, found.first_day) == (2, 1)
    gate = condition(story, "gate")
    assert gate.stands_in_the_way and not gate.roles
    assert "check_line" not in {each.name for each in found.conditions}
    with pytest.raises(Conflict):
        thaw_start(journey_id=story.journey_id, by=story.lab.actor, at=story.at)


def bag(story: Story, **told: object) -> CustodyItem:
    """A bag of the product, registered when it came."""
    (item,) = items_add(
        journey_id=story.journey_id,
        kind="product_bag",
        items=[ItemDetails(text="BAG-1", **told)],  # type: ignore[arg-type]
        by=story.lab.actor,
        at=story.at,
    )
    return item


def test_bags_that_carry_the_lot_of_the_certificate_match_though_the_wristband_waits(child: Story) -> None:
    item = bag(child)
    lot = child.journey.batches.get().lot
    CustodyItem.objects.filter(pk=item.pk).update(lot=lot)
    assert condition(child, "match").state == "met"
    assert condition(child, "bag").state == "met"
    assert condition(child, "identity").stands_in_the_way


@pytest.mark.parametrize(
    "changed", [{"lot": "LOT-OF-ANOTHER-CHILD"}, {"coi": "COI-OF-ANOTHER-CHILD"}], ids=["lot", "identity"]
)
def test_a_bag_with_another_identifier_is_neither_thawed_nor_given(
    story: Story, changed: dict[str, str]
) -> None:
    story.ready()
    CustodyItem.objects.filter(pk=bag(story).pk).update(**changed)
    assert condition(story, "match").stands_in_the_way
    with pytest.raises(Conflict) as refused:
        infusion_record(
            journey_id=story.journey_id,
            infusion=InfusionDetails(dose_cells=50_000_000),
            by=story.clinician.actor,
            at=story.later(minutes=5),
        )
    assert refused.value.code == "identifiers_differ"


def test_a_quarantined_and_an_expired_bag_stand_in_the_way_by_name(child: Story) -> None:
    item = bag(child, expires_at=child.at + timedelta(days=2))
    assert condition(child, "bag").state == "met"
    child.later(days=2)
    found = condition(child, "bag")
    assert found.stands_in_the_way
    assert "BAG-1: expired" in found.said[0]
    CustodyItem.objects.filter(pk=item.pk).update(is_quarantined=True, quarantine_reason="damage")
    assert "in quarantine" in condition(child, "bag").said[0]


def test_without_registered_bags_nothing_is_compared_and_nothing_waits_for_it(child: Story) -> None:
    found = condition(child, "match")
    assert (found.state, found.stands_in_the_way) == ("unknown", False)
