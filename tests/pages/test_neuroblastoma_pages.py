"""A product that doesn't act on B cells, without an approved dose or regimen: the pages say so and work."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from cartpath.accounts.models import User
from followup.models import Visit
from infusion.inputs import ChecklistAnswer, InfusionDetails
from infusion.models import LymphodepletionDose
from infusion.selectors import checklist
from infusion.services import checklist_item_record, identity_verify, infusion_record, thaw_start
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.services import booking_create, collection_complete, collection_day_record
from manufacturing.inputs import BatchDetails, OrderDetails
from manufacturing.services import milestone_record, product_order, product_receive, product_release
from tests.factories import Story
from tests.pages.conftest import Desk, panel_of, text_of
from toxicity.services import acute_monitoring_end

Sit = Callable[[User], Desk]


@pytest.fixture
def released(story: Story) -> Story:
    """A child with neuroblastoma whose cells are on site."""
    story.accepted(
        product="gd2_cart01",
        diagnosis="neuroblastoma",
        disease_status="chemorefractory",
        cd19_status=None,
        cd19_tested_on=None,
    )
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": story.coordinator.actor}
    slot = story.slot()
    booking_create(slot_id=slot.pk, at=story.at, **act)
    story.at = slot.starts_at
    collection_day_record(
        day=CollectionDayDetails(
            identity_missing_reason="A test.", decision="enough", tnc=5 * 10**9, cd3=2 * 10**9
        ),
        at=story.at,
        **act,
    )
    collection_complete(reason="The protocol states no target.", at=story.later(hours=6), **act)
    order = OrderDetails(manufacturer_order_id="ORD-NB", chain_of_identity="COI-NB")
    product_order(order=order, at=story.later(hours=1), **act)
    milestone_record(milestone="manufacturing_started", at=story.later(days=2), **act)
    batch = BatchDetails(lot="LOT-NB", bags=1, car_positive_viable_cells=55_000_000)
    product_release(batch=batch, at=story.later(days=12), **act)
    product_receive(at=story.later(days=1), **act)
    story.later(days=1)
    story.measured()
    return story


def shown(desk: Desk, path: str) -> str:
    return unescape(text_of(desk.get(path)))


def home(story: Story) -> str:
    return f"/journeys/{story.journey_id}/"


def infused(story: Story, nurse: User) -> None:
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": story.clinician.actor}
    for line in checklist(story.journey, on=story.at.date()):
        checklist_item_record(answer=ChecklistAnswer(item=line.item, verdict="met"), at=story.at, **act)
    identity_verify(journey_id=story.journey_id, first=story.clinician, second=nurse, at=story.at)
    thaw_start(at=story.later(minutes=5), **act)
    reason = "Dose level 1 of the trial, prescribed by the principal investigator."
    infusion = InfusionDetails(dose_cells=55_000_000, override_reason=reason)
    infusion_record(infusion=infusion, at=story.later(minutes=10), **act)


def test_cd19_is_not_asked_of_a_product_against_gd2(story: Story, desk: Sit, ben: User) -> None:
    story.referred(product="gd2_cart01", diagnosis="neuroblastoma", cd19_status=None, cd19_tested_on=None)
    page = shown(desk(ben), home(story))
    assert "Neuroblastoma" in page
    assert "CD19" not in page
    assert "CD19" not in shown(desk(ben), f"{home(story)}eligibility/")


def test_no_approved_dose_rule_is_said_in_words(released: Story, desk: Sit, ben: User) -> None:
    path = desk(ben).path("infusion:infusion")
    page = shown(desk(ben), path)
    assert "The dose range is unknown: no dose rule of this protocol is approved." in page
    assert "Within the rule" not in page and "Outside the rule" not in page


def test_lymphodepletion_without_an_approved_regimen_is_recorded_as_given(
    released: Story, desk: Sit, nina: User
) -> None:
    path = desk(nina).path("infusion:lymphodepletion")
    page = shown(desk(nina), path)
    assert "No regimen of this protocol is approved" in page
    response = desk(nina).post(path, {"drug": "fludarabine", "dose_mg": "22,5"})
    assert response.status_code == 302
    dose = LymphodepletionDose.objects.get()
    assert (dose.drug, float(dose.dose_mg or 0), dose.expected_mg) == ("fludarabine", 22.5, None)
    assert "fludarabine" in shown(desk(nina), path).casefold()


def test_a_child_is_followed_without_a_word_about_b_cells(
    released: Story, desk: Sit, ben: User, nina: User
) -> None:
    desk(nina).post(desk(nina).path("infusion:lymphodepletion"), {"drug": "fludarabine", "dose_mg": "22,5"})
    released.later(days=3)
    infused(released, nina)
    acute_monitoring_end(journey_id=released.journey_id, by=ben.actor, at=released.later(days=14))
    released.later(days=14)
    path = desk(ben).path("followup:visit", "visit_day_28")
    form = shown(desk(ben), path)
    assert "123-I-mMIBG" in form
    assert "B cells" not in form and "CD19" not in form
    typed = {"visited_on": f"{released.at:%Y-%m-%d}", "response": "CR"}
    response = desk(ben).post(path, typed)
    assert (response.status_code, response["Location"]) == (302, panel_of(released, "follow-up"))
    visit = Visit.objects.get()
    assert (visit.b_cells_per_ul, visit.b_cells_percent) == (None, None)
    assert released.journey.status.b_cell_aplasia == "not_applicable"
    page = shown(desk(ben), home(released))
    assert "Month 1 visit" in page
    assert "B-cell" not in page and "CD19" not in page
