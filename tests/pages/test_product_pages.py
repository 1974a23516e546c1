"""Order, milestones, release, deviation and receipt, as the cell laboratory and the coordinator use them."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from cartpath.accounts.models import User
from manufacturing.enums import BatchState, OrderState
from manufacturing.models import Batch, Order, OrderMilestone
from patients.enums import Stage
from tests.factories import Story
from tests.pages.conftest import Desk, panel_of, text_of, typed_time

Sit = Callable[[User], Desk]
PRODUCTS = "/products/"


def test_an_order_is_placed_with_the_weight_in_sight(story: Story, desk: Sit, ada: User) -> None:
    story.collected()
    path = desk(ada).path("manufacturing:order")
    assert "18.4" in text_of(desk(ada).get(path))
    response = desk(ada).post(path, {"manufacturer_order_id": "N-1", "chain_of_identity": "COI-1"})
    assert (response.status_code, response["Location"]) == (302, panel_of(story, "manufacturing"))
    order = Order.objects.get()
    assert (order.chain_of_identity, order.ordered_at) == ("COI-1", story.at)


def test_an_identifier_of_another_child_is_refused_beside_its_field(
    story: Story, desk: Sit, ada: User
) -> None:
    story.collected()
    desk(ada).post(desk(ada).path("manufacturing:order"), {"chain_of_identity": "COI-1"})
    story.collected()
    page = desk(ada).post(desk(ada).path("manufacturing:order"), {"chain_of_identity": "COI-1"})
    assert page.status_code == 422
    assert 'id="id_chain_of_identity_error"' in text_of(page)


def test_a_milestone_is_recorded_in_the_centers_zone_and_no_longer_offered(
    story: Story, desk: Sit, ada: User
) -> None:
    story.manufacturing()
    story.later(days=3)
    path = desk(ada).path("manufacturing:milestones")
    reached = (story.at - timedelta(hours=5)).astimezone(story.center.zone)
    typed = {"milestone": "harvested", "reached_at": typed_time(reached), "expected_on": "2026-03-01"}
    assert desk(ada).post(path, typed).status_code == 302
    milestone = OrderMilestone.objects.get(milestone="harvested")
    assert (milestone.reached_at, milestone.expected_on) == (reached, date(2026, 3, 1))
    assert desk(ada).post(path, typed).status_code == 422
    page = text_of(desk(ada).get(path))
    assert 'value="harvested"' not in page
    assert "Not reported" in page


def test_milestones_without_an_order_say_so(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    page = desk(ada).get(desk(ada).path("manufacturing:milestones"))
    assert page.status_code == 409
    assert "Place the order first" in text_of(page)


def test_a_product_is_released_and_received(story: Story, desk: Sit, luca: User) -> None:
    story.manufacturing()
    story.later(days=20)
    typed = {"lot": "LOT-1", "bags": "2", "car_positive_viable_cells": "62,5", "expires_on": "2027-01-01"}
    assert desk(luca).post(desk(luca).path("manufacturing:release"), typed).status_code == 302
    batch = Batch.objects.get()
    assert (batch.car_positive_viable_cells, batch.bags, batch.viability_percent) == (62_500_000, 2, None)
    story.later(days=1)
    assert (
        desk(luca).post(desk(luca).path("manufacturing:receipt"), {"note": "Seals whole"}).status_code == 302
    )
    batch.refresh_from_db()
    assert (batch.received_at, batch.received_by) == (story.at, "Luca")


def test_impossible_cells_are_refused_with_the_range_that_would_be_right(
    story: Story, desk: Sit, luca: User
) -> None:
    story.manufacturing()
    page = desk(luca).post(desk(luca).path("manufacturing:release"), {"car_positive_viable_cells": "many"})
    assert page.status_code == 422
    assert "Give a number from 0.01 to 10000 ×10⁶." in text_of(page)


@pytest.fixture
def deviating(story: Story, desk: Sit, luca: User) -> Story:
    """A product that missed its specification."""
    story.manufacturing()
    story.later(days=20)
    typed = {"parameter": "Viability", "value": "64 %", "limit": "70 %", "lot": "LOT-1"}
    assert desk(luca).post(desk(luca).path("manufacturing:out_of_specification"), typed).status_code == 302
    return story


def test_using_a_deviating_product_needs_the_familys_consent(deviating: Story, desk: Sit, ben: User) -> None:
    path = desk(ben).path("manufacturing:decision")
    assert "Out of specification: Viability" in text_of(desk(ben).get(path))
    typed = {"decision": "use", "reason": "No time for another"}
    refused = desk(ben).post(path, typed)
    assert refused.status_code == 422
    assert "No time for another" in text_of(refused)
    tomorrow = (deviating.at + timedelta(days=1)).date().isoformat()
    assert desk(ben).post(path, typed | {"consent_on": tomorrow}).status_code == 422
    today = deviating.at.date().isoformat()
    assert desk(ben).post(path, typed | {"consent_on": today}).status_code == 302
    assert Batch.objects.get().state == BatchState.ACCEPTED_OUT_OF_SPECIFICATION
    assert desk(ben).get(path).status_code == 409


def test_only_a_physician_decides_about_a_deviating_product(
    deviating: Story, desk: Sit, luca: User, ada: User
) -> None:
    for user in (luca, ada):
        assert desk(user).post(desk(user).path("manufacturing:decision"), {}).status_code == 403


def test_a_failure_ends_the_order_and_says_what_comes_next(story: Story, desk: Sit, ada: User) -> None:
    story.manufacturing()
    path = desk(ada).path("manufacturing:failure")
    assert desk(ada).post(path, {"reason": "Contaminated"}).status_code == 422
    typed = {"reason": "Contaminated", "next_cells": "same_cells"}
    assert desk(ada).post(path, typed).status_code == 302
    assert (Order.objects.get().state, story.journey.stage) == (OrderState.FAILED, Stage.COLLECTED)


def test_the_list_of_products_says_what_is_late(story: Story, desk: Sit, dana: User) -> None:
    story.manufacturing()
    story.later(days=40)
    page = text_of(desk(dana).get(PRODUCTS))
    assert "ROSSI, Giulia" in page
    assert "Cells transduced" in page


def test_a_product_that_waits_for_a_decision_stands_first(deviating: Story, desk: Sit, ada: User) -> None:
    first = deviating.journey_id
    deviating.manufacturing()
    deviating.later(days=90)
    page = text_of(desk(ada).get(PRODUCTS))
    assert page.index(str(first)) < page.index(str(deviating.journey_id))


def test_the_list_of_products_costs_the_same_for_one_as_for_four(story: Story, desk: Sit, ada: User) -> None:
    story.manufacturing()
    for_one = desk(ada).queries(PRODUCTS)
    for _number in range(3):
        story.manufacturing()
    assert desk(ada).queries(PRODUCTS) == for_one


def test_an_outsider_sees_no_product_of_another_center(story: Story, desk: Sit, cleo: User) -> None:
    story.manufacturing()
    assert "ROSSI" not in text_of(desk(cleo).get(PRODUCTS))
