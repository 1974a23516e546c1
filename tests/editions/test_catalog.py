"""Which protocol counts where and when, and how often the database is asked."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from cartpath.protocols import catalog, registry
from cartpath.protocols.editions import edition_approve, edition_forget, edition_publish
from tests.editions.conftest import DRAFT, EU, OTHER_DRAFT, Desk, Ship

pytestmark = pytest.mark.django_db


def test_a_shipped_version_costs_no_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert catalog.get(EU, "1") is registry.get(EU, "1")


@pytest.mark.parametrize("version", ["1-a-1", "99", "", "latest"])
def test_a_version_that_nobody_has_is_a_key_error(version: str) -> None:
    with pytest.raises(KeyError):
        catalog.get(EU, version)


def test_a_working_copy_can_not_be_asked_for(desk: Desk) -> None:
    desk.started()
    with pytest.raises(KeyError):
        catalog.get(EU, "")


def test_another_center_s_edition_is_not_the_center_s(desk: Desk, cleos_desk: Desk) -> None:
    desk.published(DRAFT)
    assert catalog.of_center(EU, "1-a-1", desk.center).version == "1-a-1"
    assert catalog.of_center(EU, "1", cleos_desk.center).version == "1"
    with pytest.raises(KeyError):
        catalog.of_center(EU, "1-a-1", cleos_desk.center)
    assert catalog.for_center(cleos_desk.center, "tisagenlecleucel") is registry.latest(EU)
    assert [each.protocol.version for each in catalog.versions(EU, cleos_desk.center)] == ["1"]


def test_versions_are_told_oldest_first_and_the_last_is_current(desk: Desk, ship: Ship) -> None:
    first, second = desk.published(DRAFT), desk.published(OTHER_DRAFT)
    ship(replace(registry.latest(EU), version="2"))
    told = catalog.versions(EU, desk.center)
    assert [(each.protocol.version, each.edition) for each in told] == [
        ("1", None),
        ("2", None),
        ("1-a-1", first),
        ("1-a-2", second),
    ]
    assert [each.is_current for each in told] == [False, False, False, True]
    assert catalog.versions("nobody", desk.center) == ()


def test_all_products_of_a_center_cost_one_query(desk: Desk, django_assert_num_queries: Any) -> None:
    desk.published(DRAFT)
    desk.published(DRAFT, protocol_id="brexucabtagene-eu")
    with django_assert_num_queries(1):
        found = catalog.currents(desk.center)
    assert found["tisagenlecleucel"].version == "1-a-1"
    assert found["brexucabtagene"].version == "1-a-1"
    assert found["obecabtagene"] is registry.latest("obecabtagene-eu")
    assert {protocol.product.region for protocol in found.values()} == {"EU"}
    assert set(found) == {product for product, region in registry.products() if region == "EU"}


def test_an_earlier_moment_finds_what_was_current_then(desk: Desk) -> None:
    first = desk.published(DRAFT)
    second = desk.published(OTHER_DRAFT)
    assert first.recorded_at
    assert second.recorded_at
    moments = [datetime(2020, 1, 1, tzinfo=UTC), first.recorded_at, second.recorded_at]
    found = [catalog.for_center(desk.center, "tisagenlecleucel", at=at).version for at in moments]
    assert found == ["1", "1-a-1", "1-a-2"]
    assert catalog.currents(desk.center, at=moments[1])["tisagenlecleucel"].version == "1-a-1"


def test_a_product_without_a_protocol_in_the_region_is_a_key_error(desk: Desk) -> None:
    with pytest.raises(KeyError):
        catalog.for_center(desk.center, "placebo")


def test_a_publication_that_was_rolled_back_leaves_no_trace(desk: Desk) -> None:
    edition = desk.started()
    edition_approve(edition_id=edition.pk, row_id=DRAFT, reason="x", **desk.act)
    with transaction.atomic():
        edition_publish(edition_id=edition.pk, reason="x", **desk.act)
        assert DRAFT in {item.id for item in catalog.get(EU, "1-a-1").checklist_items()}
        transaction.set_rollback(True)
    edition_forget(edition_id=edition.pk, row_id=DRAFT, **desk.act)
    edition_approve(edition_id=edition.pk, row_id=OTHER_DRAFT, reason="x", **desk.act)
    edition_publish(edition_id=edition.pk, reason="x", **desk.act)
    held = {item.id for item in catalog.get(EU, "1-a-1").checklist_items()}
    assert (DRAFT in held, OTHER_DRAFT in held) == (False, True)


@pytest.mark.django_db(transaction=True)
def test_a_committed_edition_is_read_once(desk: Desk, django_assert_num_queries: Any) -> None:
    desk.published(DRAFT)
    catalog.forget()
    with django_assert_num_queries(1):
        first = catalog.get(EU, "1-a-1")
    with django_assert_num_queries(0):
        assert catalog.get(EU, "1-a-1") is first
