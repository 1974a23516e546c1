"""Bridging, plans of lymphodepletion, holds and overrides come back from a journey file."""

from datetime import timedelta

import pytest

from cartpath.accounts.models import Center
from infusion.bridging.services import bridging_strike
from infusion.depletion.services import depletion_plan_strike
from infusion.inputs import ChecklistAnswer, DoseGiven
from infusion.models import BridgingCourse, ChecklistItem, InfusionHold, LymphodepletionPlan
from infusion.ready.holding import hold_strike, infusion_hold, infusion_hold_end
from infusion.ready.inputs import HoldDetails, HoldEnding
from infusion.services import checklist_item_record, lymphodepletion_record
from tests.exchange.test_round_trip import carried_over
from tests.exchange.test_round_trip import elsewhere as elsewhere
from tests.factories import Story
from tests.ready.conftest import begun, ended, held, planned, today

pytestmark = pytest.mark.django_db

COURSE = ("number", "bridging_class", "regimen", "started_on", "ended_on", "response", "complications")
PLAN = ("regimen", "infusion_on", "weight_kg", "weighed_on", "height_cm", "measured_on", "doses", "is_repeat")
HOLD = ("number", "reason", "note", "held_at", "review_at", "reviews", "outcome", "end_note")


def rows(table: type, columns: tuple[str, ...], center: Center) -> list[tuple[object, ...]]:
    """What a table holds of a center, in the order of the ledger."""
    found = table.objects.filter(center=center).order_by("event_id")  # type: ignore[attr-defined]
    return list(found.values_list(*columns, "struck_reason"))


def everything(story: Story) -> None:
    """Every kind of fact that comes before the infusion, and what was entered in error."""
    story.released()
    story.later(days=1)
    begun(story, with_intrathecal=True, is_cardiotoxic=False)
    wrong = begun(story, bridging_class="tki", regimen="Dasatinib")
    ended(story, complications=("infection",), staged_on=today(story), staging="pcr", note="Well.")
    bridging_strike(course_id=wrong.pk, reason="Another child.", by=story.nurse.actor, at=story.at)
    planned(story)
    second = planned(story, clearance_ml_min=70.0, clearance_on=today(story), flu_auc=15.5, is_repeat=True)
    depletion_plan_strike(plan_id=second.pk, reason="Wrong day.", by=story.clinician.actor, at=story.at)
    held(story, note="Fever.")
    infusion_hold(
        journey_id=story.journey_id,
        hold=HoldDetails(hold=1, reason="hold_infection", review_at=story.at + timedelta(days=2)),
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    infusion_hold_end(
        journey_id=story.journey_id,
        ending=HoldEnding(hold=1, outcome="decided", note="Controlled by the drug."),
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    other = held(story, "hold_bag", note="Drop at the port.")
    hold_strike(hold_id=other.pk, reason="Another bag.", by=story.clinician.actor, at=story.at)
    checklist_item_record(
        journey_id=story.journey_id,
        answer=ChecklistAnswer(item="weight", verdict="overridden", reason="Edema."),
        by=story.clinician.actor,
        at=story.at,
    )
    lymphodepletion_record(
        journey_id=story.journey_id,
        dose=DoseGiven(drug="fludarabine", dose_mg=22.5),
        by=story.nurse.actor,
        at=story.later(days=1),
    )


def test_all_of_it_comes_back_and_is_exported_as_it_was(story: Story, elsewhere: Center) -> None:
    everything(story)
    told, again = carried_over(story.journey_id, elsewhere)
    assert again == told
    for table, columns in ((BridgingCourse, COURSE), (LymphodepletionPlan, PLAN), (InfusionHold, HOLD)):
        assert rows(table, columns, elsewhere) == rows(table, columns, story.center)
        assert len(rows(table, columns, elsewhere)) == 2
    taken = ChecklistItem.objects.get(journey__center=elsewhere)
    assert (taken.item, taken.verdict, taken.reason) == ("weight", "overridden", "Edema.")
