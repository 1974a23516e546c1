"""Orders, portals, expected dates and quality, as the services keep them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.reminders.models import Reminder
from manufacturing.delays import delay_of
from manufacturing.enums import BatchState, OrderState
from manufacturing.inputs import (
    BatchDetails,
    DeviationDecision,
    MilestoneDate,
    OrderDetails,
    PendingTest,
    PortalPageTyped,
    QualityEntry,
    QualityReport,
    Recall,
    ReleaseTerms,
)
from manufacturing.models import Batch, Order, PortalEntry, QualityResult, SecondStage
from manufacturing.portals.selectors import load_of, pages_of
from manufacturing.portals.services import (
    milestone_expect,
    order_change,
    portal_entry_record,
    portal_entry_strike,
    quota_set,
)
from manufacturing.quality.selectors import current_specification, quality_story
from manufacturing.quality.services import (
    product_recall,
    quality_record,
    quality_strike,
    release_complete,
)
from manufacturing.selectors import usable_batch
from manufacturing.services import (
    manufacturing_fail,
    milestone_record,
    out_of_specification_decide,
    product_order,
    product_receive,
    product_release,
)
from manufacturing.track import track_of
from patients.enums import Stage
from tests.factories import Story

Act = Callable[..., dict[str, Any]]
BATCH = BatchDetails(lot="L-1", bags=3, car_positive_viable_cells=50_000_000)
RECALL = Recall(parameter="Sterility", value="growth", reason="Culture positive", what_to_do="Take cultures.")
USE = DeviationDecision(decision="use", reason="Nothing else left.", consent_on=date(2026, 3, 1))


def latest(story: Story, kind: EventKind) -> dict[str, Any]:
    return Event.objects.filter(journey_id=story.journey_id, kind=kind).order_by("-seq")[0].data


def test_an_order_keeps_region_rules_and_the_manufacturers_own_numbers(story: Story, act: Act) -> None:
    story.collected()
    details = OrderDetails(apheresis_id="APH-7", slot_on=date(2026, 3, 20), slot_number="S-1")
    order = product_order(order=details, **act())
    assert (order.region, order.protocol_version) == ("EU", "tisagenlecleucel-eu 1")
    assert (order.apheresis_id, order.slot_on) == ("APH-7", date(2026, 3, 20))
    assert latest(story, EventKind.PRODUCT_ORDERED)["slot_on"] == "2026-03-20"


def test_a_slot_beyond_the_quota_needs_a_reason(story: Story, act: Act, omar: User) -> None:
    quota = {"center": story.center, "product": "tisagenlecleucel", "most": 1, "source": "Mail of March 1"}
    quota_set(month=date(2026, 4, 9), by=omar, at=story.at, **quota)  # type: ignore[arg-type]
    story.collected()
    product_order(order=OrderDetails(slot_on=date(2026, 4, 1)), **act())
    story.collected()
    with pytest.raises(Invalid) as refused:
        product_order(order=OrderDetails(slot_on=date(2026, 4, 30)), **act())
    assert refused.value.code == "quota_full"
    assert {"slot_on", "quota_reason"} <= set(refused.value.fields)
    product_order(order=OrderDetails(slot_on=date(2026, 5, 1)), **act())
    order_change(
        changes={"slot_on": date(2026, 4, 30)},
        reason_code="slot_moved",
        quota_reason="A slot came back.",
        **act(),
    )
    assert Order.objects.filter(quota_reason="A slot came back.").count() == 1


def test_cells_made_again_keep_their_identity_and_no_other_child_gets_it(story: Story, act: Act) -> None:
    story.manufacturing()
    first = Order.objects.get()
    manufacturing_fail(reason="Contaminated", collect_again=False, **act())
    with pytest.raises(Invalid) as refused:
        product_order(order=OrderDetails(chain_of_identity="COI-OTHER"), **act())
    assert "chain_of_identity" in refused.value.fields
    again = product_order(order=OrderDetails(), **act())
    assert (again.chain_of_identity, again.remakes_id) == (first.chain_of_identity, first.pk)
    story.collected()
    with transaction.atomic(), pytest.raises(IntegrityError):
        Order.objects.create(
            journey=story.journey,
            center=story.center,
            product="tisagenlecleucel",
            chain_of_identity=first.chain_of_identity,
            ordered_at=story.at,
            event_id=10**12,
        )


def test_a_change_of_the_order_keeps_both_values_and_the_reason(story: Story, act: Act) -> None:
    story.manufacturing()
    order_change(changes={"apheresis_id": "APH-1"}, reason_code="told_later", **act())
    order_change(changes={"apheresis_id": " APH-2 "}, reason_code="typing_error", note="7 for 2", **act())
    told = latest(story, EventKind.ORDER_CHANGED)
    assert told["changes"] == {"apheresis_id": {"from": "APH-1", "to": "APH-2"}}
    assert (told["reason_code"], told["note"]) == ("typing_error", "7 for 2")
    assert Order.objects.get().apheresis_id == "APH-2"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"chain_of_identity": "COI-NEW"}, "typing_error", "chain_of_identity"),
        ({"lot": "L-9"}, "typing_error", "lot"),
        ({"apheresis_id": "x" * 61}, "typing_error", "apheresis_id"),
        ({"state": "failed"}, "typing_error", "state"),
        ({"apheresis_id": ""}, "typing_error", None),
        ({"apheresis_id": "APH-1"}, "because", "reason_code"),
        ({"apheresis_id": "APH-1"}, "other", "note"),
    ],
)
def test_a_change_that_cant_be_is_refused(
    story: Story, act: Act, changes: dict[str, Any], code: str, field: str | None
) -> None:
    story.manufacturing()
    with pytest.raises(Invalid) as refused:
        order_change(changes=changes, reason_code=code, **act())
    assert list(refused.value.fields)[:1] == ([field] if field else [])
    assert not Event.objects.filter(kind=EventKind.ORDER_CHANGED).exists()


def test_the_lot_can_be_corrected_until_the_product_is_received(story: Story, act: Act) -> None:
    story.manufacturing()
    product_release(batch=BATCH, **act("lab"))
    order_change(changes={"lot": "L-2"}, reason_code="typing_error", **act())
    assert Batch.objects.get().lot == "L-2"
    product_receive(**act("lab"))
    with pytest.raises(Invalid):
        order_change(changes={"lot": "L-3"}, reason_code="typing_error", **act())


def test_what_is_typed_into_a_portal_counts_what_was_known_here(story: Story, act: Act) -> None:
    story.manufacturing()
    page = next(each for each in pages_of(story.journey, at=story.at) if each.page == "order")
    known = {line.row.known_as: line.fact for line in page.lines}
    assert known["mrn"] is not None and known["weight_kg"] is not None and known["slot_on"] is None
    asked = tuple(line.row.id for line in page.lines)
    entry = portal_entry_record(entry=PortalPageTyped(page="order", asked=asked, minutes=14), **act())
    assert (entry.known, len(entry.asked), entry.typed_by) == (page.known, len(asked), "Ada")
    assert 0 < entry.known < len(asked)
    (load,) = load_of(story.center.pk)
    assert (load.asked, load.known, load.minutes) == (len(asked), entry.known, 14)
    portal_entry_strike(entry_id=entry.pk, reason="Twice", by=story.coordinator.actor, at=story.at)
    assert load_of(story.center.pk) == ()
    with pytest.raises(Conflict):
        portal_entry_strike(entry_id=entry.pk, reason="Twice", by=story.coordinator.actor, at=story.at)


def test_a_field_of_another_page_or_none_at_all_is_refused(story: Story, act: Act) -> None:
    story.accepted()
    for asked in (("portal_receipt_lot",), ("no_such",), ()):
        with pytest.raises(Invalid):
            portal_entry_record(entry=PortalPageTyped(page="order", asked=asked), **act())
    assert not PortalEntry.objects.exists()


def test_a_later_milestone_is_told_as_its_effect_on_the_childs_plan(story: Story, act: Act) -> None:
    story.manufacturing()
    today = story.center.local_day(story.at)
    order = Order.objects.get()
    planned = track_of(order, today=today).step("received").planned_on  # type: ignore[union-attr]
    assert planned is not None
    told = MilestoneDate(
        milestone="released", expected_on=planned + timedelta(days=5), reason_code="cell_growth"
    )
    row = milestone_expect(told=told, **act())
    assert row.before_on == planned - timedelta(days=7)
    track = track_of(Order.objects.get(), today=today)
    released, received = track.step("released"), track.step("received")
    assert released is not None and received is not None and received.forecast is not None
    assert released.moves == (row,)
    assert received.forecast.delay_days == 12
    found = delay_of(story.journey, track, today=today)
    assert found.days == 12
    assert [effect.code for effect in found.effects] == ["bridging", "lymphodepletion", "infusion"]


def test_a_reached_milestone_isnt_expected_any_longer(story: Story, act: Act) -> None:
    story.manufacturing()
    told = MilestoneDate(
        milestone="manufacturing_started", expected_on=date(2026, 4, 1), reason_code="capacity"
    )
    with pytest.raises(Invalid) as refused:
        milestone_expect(told=told, **act())
    assert "milestone" in refused.value.fields
    with pytest.raises(Invalid):
        milestone_expect(
            told=MilestoneDate(milestone="no_such", expected_on=date(2026, 4, 1), reason_code="capacity"),
            **act(),
        )


def test_new_milestones_of_the_way_are_recorded(story: Story, act: Act) -> None:
    story.manufacturing()
    for milestone in ("material_accepted", "transduced"):
        milestone_record(milestone=milestone, **act())
    steps = track_of(Order.objects.get(), today=story.center.local_day(story.at)).steps
    assert [step.id for step in steps if step.state == "done"] == [
        "material_accepted",
        "manufacturing_started",
        "transduced",
    ]


def test_unknown_results_stop_a_release(specified: Story, act: Act) -> None:
    with pytest.raises(Conflict) as refused:
        product_release(batch=BATCH, **act("lab"))
    assert refused.value.code == "results_missing"
    assert "Sterile" in refused.value.message
    assert specified.journey.stage == Stage.MANUFACTURING


def test_a_missed_result_stops_a_release_and_nothing_goes_on_by_itself(specified: Story, act: Act) -> None:
    specified.tested(release_viability=69.9)
    assert specified.journey.stage == Stage.MANUFACTURING
    assert usable_batch(specified.journey_id) is None
    with pytest.raises(Conflict) as refused:
        product_release(batch=BATCH, **act("lab"))
    assert refused.value.code == "out_of_specification"
    assert "Viability" in refused.value.message


def test_the_latest_result_counts_and_one_in_error_counts_no_longer(specified: Story, act: Act) -> None:
    specified.tested(release_viability=69.9)
    specified.later(hours=1)
    retest = QualityReport(results=(QualityEntry(parameter="release_viability", value=72.0),))
    (row,) = quality_record(report=retest, **act("lab"))
    found = current_specification(specified.journey, at=specified.at)
    assert found is not None and found.judged.verdict == "met"
    quality_strike(event_id=row.event_id, reason="Another batch", by=specified.lab.actor, at=specified.at)
    found = current_specification(specified.journey, at=specified.at)
    assert found is not None and found.judged.verdict == "not_met"


@pytest.mark.parametrize(
    "told",
    [
        QualityEntry(parameter="no_such", value=1.0),
        QualityEntry(parameter="release_viability", finding="met"),
        QualityEntry(parameter="release_sterility", value=1.0),
        QualityEntry(parameter="release_sterility"),
    ],
)
def test_a_result_that_doesnt_fit_its_parameter_is_refused(
    specified: Story, act: Act, told: QualityEntry
) -> None:
    with pytest.raises(Invalid) as refused:
        quality_record(report=QualityReport(results=(told,)), **act("lab"))
    assert list(refused.value.fields) == [told.parameter]
    assert not QualityResult.objects.exists()


def test_a_parameter_told_twice_or_nothing_told_is_refused(specified: Story, act: Act) -> None:
    once = QualityEntry(parameter="release_sterility", finding="met")
    for results in ((once, once), ()):
        with pytest.raises(Invalid):
            quality_record(report=QualityReport(results=results), **act("lab"))


def conditionally(story: Story, act: Act) -> None:
    """Released before sterility is known."""
    story.tested()
    sterility = QualityResult.objects.filter(parameter="release_sterility")
    sterility.update(finding="")
    terms = ReleaseTerms(
        pending=(PendingTest(parameter="release_sterility", expected_on=date(2026, 4, 20)),),
        reason="Fresh product; the culture takes 14 days.",
    )
    product_release(batch=BATCH, terms=terms, **act("lab"))


def test_a_conditional_release_names_just_what_is_out_and_why(specified: Story, act: Act) -> None:
    pending = PendingTest(parameter="release_viability")
    for terms in (ReleaseTerms(pending=(pending,)), ReleaseTerms(pending=(pending,), reason="Soon")):
        with pytest.raises((Conflict, Invalid)):
            product_release(batch=BATCH, terms=terms, **act("lab"))
    conditionally(specified, act)
    stage = SecondStage.objects.get()
    assert (stage.state, stage.pending[0]["parameter"]) == ("open", "release_sterility")
    assert specified.journey.stage == Stage.RELEASED
    told = latest(specified, EventKind.PRODUCT_RELEASED)
    assert told["pending"][0]["expected_on"] == "2026-04-20"
    assert told["results_due_at"] == "2026-04-20T22:00:00+00:00", "the end of that day in Rome"
    due = Reminder.objects.get(journey_id=specified.journey_id, item="release_completion")
    assert due.due_at.isoformat() == told["results_due_at"]


def test_a_conditional_release_is_completed_only_when_everything_conforms(specified: Story, act: Act) -> None:
    conditionally(specified, act)
    with pytest.raises(Conflict) as refused:
        release_complete(**act("lab"))
    assert refused.value.code == "results_missing"
    specified.later(days=14)
    bad = QualityReport(results=(QualityEntry(parameter="release_sterility", finding="not_met"),))
    (row,) = quality_record(report=bad, **act("lab"))
    with pytest.raises(Conflict) as refused:
        release_complete(**act("lab"))
    assert refused.value.code == "out_of_specification"
    quality_strike(event_id=row.event_id, reason="Other tube", by=specified.lab.actor, at=specified.at)
    good = QualityReport(results=(QualityEntry(parameter="release_sterility", finding="met"),))
    quality_record(report=good, **act("lab"))
    stage = release_complete(**act("lab"))
    assert (stage.state, stage.settled_by) == ("completed", "Luca")
    with pytest.raises(Conflict):
        release_complete(**act("lab"))


def test_a_withdrawn_product_waits_for_a_physician_and_is_never_usable_meanwhile(
    specified: Story, act: Act
) -> None:
    conditionally(specified, act)
    product_receive(**act("lab"))
    specified.later(days=3)
    stage = product_recall(recall=RECALL, **act("lab"))
    assert (stage.state, stage.was_given) == ("recalled", False)
    assert specified.journey.stage == Stage.MANUFACTURING
    assert specified.journey.status.released_at is None
    assert usable_batch(specified.journey_id) is None
    assert Batch.objects.get().out_of_specification.parameter == "Sterility"
    out_of_specification_decide(decision=USE, **act("clinician"))
    assert specified.journey.stage == Stage.RELEASED
    batch = usable_batch(specified.journey_id)
    assert batch is not None and batch.state == BatchState.ACCEPTED_OUT_OF_SPECIFICATION
    specified.later(days=1)
    product_recall(recall=RECALL, **act("lab"))
    (kept,) = Batch.objects.get().out_of_specification.earlier
    assert (kept["decision"], kept["reason"]) == ("use", USE.reason)


def test_a_withdrawn_product_can_be_made_again_although_it_was_received(specified: Story, act: Act) -> None:
    specified.tested()
    product_release(batch=BATCH, **act("lab"))
    product_receive(**act("lab"))
    product_recall(recall=RECALL, **act("lab"))
    decision = DeviationDecision(decision="remanufacture", reason="Enough cells are left.")
    out_of_specification_decide(decision=decision, **act("clinician"))
    assert specified.journey.stage == Stage.COLLECTED
    assert Order.objects.get().state == OrderState.FAILED
    assert product_order(order=OrderDetails(), **act()).remakes is not None


def test_a_release_withdrawn_after_the_infusion_says_what_is_to_be_done(story: Story, act: Act) -> None:
    story.infused()
    stage = product_recall(recall=RECALL, **act("lab"))
    assert (stage.was_given, stage.what_to_do) == (True, "Take cultures.")
    assert story.journey.stage == Stage.INFUSED
    assert usable_batch(story.journey_id) is not None, "what was given stays what was given"
    with pytest.raises(Conflict):
        product_recall(recall=RECALL, **act("lab"))


def test_the_story_of_quality_names_every_order_its_results_and_the_decision(
    specified: Story, act: Act
) -> None:
    specified.tested(release_viability=64.0)
    conditional = QualityResult.objects.filter(parameter="release_viability").get()
    assert conditional.value == 64.0
    (told,) = quality_story(specified.journey, at=specified.at)
    assert told.specification.judged.verdict == "not_met"
    assert [line.parameter.id for line in told.specification.lines if line.is_missed] == ["release_viability"]
    assert len(told.results) == 12
