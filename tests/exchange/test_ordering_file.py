"""Orders, portals and quality travel in a journey file, and nothing of them is lost."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center
from cartpath.exchange.exporting import journey_export
from leukapheresis.models import Resource
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
from manufacturing.models import PortalEntry, QualityResult, SecondStage
from manufacturing.portals.services import (
    milestone_expect,
    order_change,
    portal_entry_record,
    portal_entry_strike,
)
from manufacturing.quality.services import (
    product_recall,
    quality_record,
    quality_strike,
    release_complete,
)
from manufacturing.services import (
    manufacturing_fail,
    milestone_record,
    out_of_specification_decide,
    product_order,
    product_release,
)
from tests.conftest import person
from tests.exchange.test_round_trip import carried_over
from tests.factories import Story


@pytest.fixture
def elsewhere(db: None) -> Center:
    """Another installation with the people who sign."""
    center = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    person("ben@c.example", "Ben", Role.CLINICIAN, center)
    person("nina@c.example", "Nina", Role.APHERESIS_NURSE, center)
    Resource.objects.create(center=center, name="Machine 1")
    return center


def told(story: Story) -> None:
    """A product made twice, released in two stages, completed, withdrawn, and decided about."""
    story.wanted = {"product": "varnimcabtagene"}
    story.manufacturing()

    def act(user: str = "coordinator", **span: float) -> dict[str, Any]:
        at = story.later(**span)
        return {"journey_id": story.journey_id, "by": getattr(story, user).actor, "at": at}

    manufacturing_fail(reason="Contaminated", collect_again=False, **act(days=3))
    product_order(order=OrderDetails(slot_on=date(2026, 5, 4)), **act(hours=1))
    entry = portal_entry_record(
        entry=PortalPageTyped(page="order", asked=("portal_order_mrn",), minutes=3), **act(minutes=5)
    )
    portal_entry_strike(entry_id=entry.pk, reason="Other child", by=story.coordinator.actor, at=story.at)
    portal_entry_record(
        entry=PortalPageTyped(page="order", asked=("portal_order_product",), note="Slow"), **act(minutes=5)
    )
    order_change(
        changes={"slot_on": None, "apheresis_id": "APH-1"}, reason_code="manufacturer_changed", **act(hours=1)
    )
    expected = MilestoneDate(milestone="released", expected_on=date(2026, 5, 20), reason_code="capacity")
    milestone_expect(told=expected, **act(hours=1))
    milestone_record(milestone="manufacturing_started", **act(days=2))
    story.later(days=8)
    story.tested(release_viability=60.0)
    wrong = QualityResult.objects.values_list("event_id", flat=True)[0]
    quality_strike(event_id=wrong, reason="Other batch", by=story.lab.actor, at=story.later(hours=1))
    story.tested(release_endotoxin=0.1)
    story.later(hours=1)
    sterile = QualityResult.objects.filter(parameter="release_sterility", struck_at=None).get()
    quality_strike(event_id=sterile.event_id, reason="Too early", by=story.lab.actor, at=story.at)
    results = tuple(
        QualityEntry(parameter=row.parameter, value=row.value, finding=row.finding or None)  # type: ignore[arg-type]
        for row in QualityResult.objects.filter(event_id=sterile.event_id).order_by("parameter")
        if row.parameter != "release_sterility"
    )
    quality_record(report=QualityReport(results=results, certificate="C-1"), **act("lab", hours=1))
    pending = (PendingTest(parameter="release_sterility", expected_on=date(2026, 5, 30)),)
    batch = BatchDetails(lot="L-1", bags=3, car_positive_viable_cells=50_000_000, certificate="C-1")
    product_release(batch=batch, terms=ReleaseTerms(pending=pending, reason="Fresh"), **act("lab", hours=1))
    good = QualityReport(results=(QualityEntry(parameter="release_sterility", finding="met"),))
    quality_record(report=good, **act("lab", days=9))
    release_complete(note="Day 14 culture.", **act("lab", hours=1))
    recall = Recall(parameter="Sterility", reason="Late growth", what_to_do="Inform the ward.")
    product_recall(recall=recall, **act("lab", days=1))
    decision = DeviationDecision(
        decision="use",
        reason="Nothing else left.",
        reference="MAP-7",
        reference_kind="program",
        consent_on=story.at.date(),
        consent_by="guardian",
    )
    out_of_specification_decide(decision=decision, **act("clinician", hours=3))


def test_orders_portals_and_quality_come_back_as_they_were(story: Story, elsewhere: Center) -> None:
    told(story)
    before, after = carried_over(story.journey_id, elsewhere)
    assert after == before
    kinds = {event["kind"] for event in before["events"]}
    assert kinds >= {
        *("order_changed", "portal_entry_recorded", "milestone_expected", "quality_result_recorded"),
        *("release_completed", "product_recalled", "entered_in_error"),
    }
    for table in (PortalEntry, QualityResult):
        own = table.objects.filter(center=story.center)
        copied = table.objects.filter(center=elsewhere)
        assert copied.count() == own.count() > 0
        assert copied.filter(struck_at=None).count() == own.filter(struck_at=None).count()
    stage = SecondStage.objects.get(center=elsewhere)
    assert (stage.state, stage.pending[0]["expected_on"]) == ("recalled", "2026-05-30")
    assert PortalEntry.objects.filter(center=elsewhere, struck_at=None).get().known == 1


def test_an_exported_file_holds_nothing_that_only_this_database_knows(story: Story) -> None:
    told(story)
    for event in journey_export(story.journey_id)["events"]:
        for value in event["data"].values():
            with pytest.raises((ValueError, AttributeError, TypeError)):
                UUID(value)
