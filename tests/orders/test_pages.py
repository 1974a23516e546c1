"""Portals, orders and quality at the screen."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from manufacturing.enums import BatchState
from manufacturing.inputs import PortalPageTyped, QualityEntry, QualityReport
from manufacturing.models import Batch, Order, PortalEntry, ProductQuota, QualityResult, SecondStage
from manufacturing.portals.selectors import pages_of
from manufacturing.portals.services import portal_entry_record
from manufacturing.quality.services import quality_record
from patients.enums import Stage
from tests.factories import Story
from tests.pages.conftest import Desk, panel_of, text_of

Sit = Callable[[User], Desk]
Act = Callable[..., dict[str, Any]]


def asked_on(story: Story, page: str) -> tuple[str, ...]:
    shown = next(each for each in pages_of(story.journey, at=story.at) if each.page == page)
    return tuple(line.row.id for line in shown.lines)


def test_a_page_of_the_portal_shows_what_is_known_ready_to_copy(story: Story, desk: Sit, ada: User) -> None:
    story.manufacturing()
    page = text_of(desk(ada).get(desk(ada).path("manufacturing:portal", "order")))
    assert 'id="copy-portal_order_mrn"' in page
    assert f">{story.journey.patient.mrn}</span>" in page
    assert 'data-copy="copy-portal_order_mrn"' in page
    assert 'data-copy="copy-portal_order_purchase_order_number"' not in page
    assert "not kept here" in page
    assert desk(ada).get(desk(ada).path("manufacturing:portal", "nowhere")).status_code == 404


def test_a_typed_page_is_recorded_and_struck(story: Story, desk: Sit, ada: User) -> None:
    story.manufacturing()
    path = desk(ada).path("manufacturing:portal", "order")
    refused = desk(ada).post(path, {"minutes": "12"})
    assert refused.status_code == 422
    typed = {"asked": list(asked_on(story, "order"))[:3], "minutes": "12"}
    assert desk(ada).post(path, typed).status_code == 302
    entry = PortalEntry.objects.get()
    assert (len(entry.asked), entry.minutes, entry.typed_by) == (3, 12, "Ada")
    assert "12" in text_of(desk(ada).get(path))
    strike = desk(ada).path("manufacturing:portal_strike", entry.pk)
    assert desk(ada).post(strike, {"reason": ""}).status_code == 422
    assert desk(ada).post(strike, {"reason": "Twice"}).status_code == 302
    assert "entered in error: Twice" in text_of(desk(ada).get(path))


def test_the_portal_load_stands_on_a_page_and_in_a_table_without_any_child(
    story: Story, desk: Sit, ada: User, cleo: User, act: Act
) -> None:
    story.manufacturing()
    asked = asked_on(story, "enrollment")
    portal_entry_record(entry=PortalPageTyped(page="enrollment", asked=asked, minutes=9), **act())
    page = text_of(desk(ada).get(reverse("manufacturing:portal_load")))
    assert f'<td class="num">{len(asked)}</td>' in page
    table = desk(ada).get(reverse("manufacturing:portal_load_csv")).content.decode()
    (row,) = list(csv.DictReader(io.StringIO(table)))
    assert (row["fields"], row["minutes"], row["minutes_per_child"]) == (str(len(asked)), "9", "9")
    patient = story.journey.patient
    for told in (page, table):
        assert patient.mrn not in told and patient.family_name not in told
    assert "Nothing typed yet" in text_of(desk(cleo).get(reverse("manufacturing:portal_load")))


def test_a_quota_is_set_and_holds_up_an_order(story: Story, desk: Sit, ada: User) -> None:
    path = reverse("manufacturing:quotas")
    typed = {"product": "tisagenlecleucel", "month": "2026-04-09", "most": "0", "source": "Mail"}
    assert desk(ada).post(path, typed | {"source": ""}).status_code == 422
    assert desk(ada).post(path, typed).status_code == 302
    assert ProductQuota.objects.get().month == date(2026, 4, 1)
    assert "0 of 0" in text_of(desk(ada).get(path))
    story.collected()
    order = desk(ada).path("manufacturing:order")
    page = desk(ada).post(order, {"slot_on": "2026-04-10"})
    assert page.status_code == 422
    assert 'id="id_quota_reason_error"' in text_of(page)
    assert (
        desk(ada).post(order, {"slot_on": "2026-04-10", "quota_reason": "Told by phone"}).status_code == 302
    )


def test_an_order_is_changed_with_a_reason_and_its_identity_is_not_offered(
    story: Story, desk: Sit, ada: User
) -> None:
    story.manufacturing()
    path = desk(ada).path("manufacturing:order_change")
    page = text_of(desk(ada).get(path))
    order = Order.objects.get()
    assert f'value="{order.manufacturer_order_id}"' in page
    assert 'name="chain_of_identity"' not in page
    typed = {"manufacturer_order_id": order.manufacturer_order_id, "apheresis_id": "APH-1"}
    assert desk(ada).post(path, typed).status_code == 422, "no reason"
    same = {"manufacturer_order_id": order.manufacturer_order_id, "reason_code": "told_later"}
    assert "Nothing is changed" in text_of(desk(ada).post(path, same))
    response = desk(ada).post(path, typed | {"reason_code": "told_later"})
    assert (response.status_code, response["Location"]) == (302, panel_of(story, "manufacturing"))
    assert "APH-1" in text_of(desk(ada).get(reverse("web:journey", args=[story.journey_id])))


def test_another_expected_day_shows_its_effect_on_the_child(story: Story, desk: Sit, ada: User) -> None:
    story.manufacturing()
    path = desk(ada).path("manufacturing:expected")
    later = (story.at + timedelta(days=60)).date().isoformat()
    typed = {
        "milestone": "received",
        "expected_on": later,
        "reason_code": "retest",
        "note": "Viability again",
    }
    assert desk(ada).post(path, typed | {"reason_code": ""}).status_code == 422
    assert desk(ada).post(path, typed).status_code == 302
    for shown in (path, desk(ada).path("manufacturing:milestones")):
        page = text_of(desk(ada).get(shown))
        assert "Bridging has to hold" in page
        assert "Quality test repeated" in page
    home = text_of(desk(ada).get(reverse("web:journey", args=[story.journey_id])))
    assert "Bridging has to hold" in home


def test_results_are_typed_from_a_certificate_and_judged(specified: Story, desk: Sit, luca: User) -> None:
    path = desk(luca).path("manufacturing:quality")
    assert desk(luca).post(path, {"certificate": "C-1"}).status_code == 422, "nothing told"
    typed = {"release_viability": "69,5", "release_sterility": "met", "certificate": "C-1"}
    assert desk(luca).post(path, typed).status_code == 302
    assert {(row.parameter, row.value, row.finding) for row in QualityResult.objects.all()} == {
        ("release_viability", 69.5, ""),
        ("release_sterility", None, "met"),
    }
    page = text_of(desk(luca).get(path))
    assert "69.5" in page and "C-1" in page
    report = text_of(desk(luca).get(desk(luca).path("manufacturing:out_of_specification")))
    assert 'value="Viability"' in report and 'value="69.5 %"' in report
    strike = desk(luca).path("manufacturing:quality_strike", QualityResult.objects.all()[0].pk)
    assert desk(luca).post(strike, {"reason": "Wrong child"}).status_code == 302
    assert QualityResult.objects.filter(struck_at=None).count() == 0


def test_a_release_in_two_stages_goes_from_page_to_page(specified: Story, desk: Sit, luca: User) -> None:
    specified.tested()
    QualityResult.objects.filter(parameter="release_sterility").update(finding="")
    path = desk(luca).path("manufacturing:release")
    typed = {"lot": "L-1", "bags": "3", "car_positive_viable_cells": "50"}
    refused = desk(luca).post(path, typed)
    assert refused.status_code == 422
    assert "Unknown, so not met: Sterile" in text_of(refused)
    assert desk(luca).post(path, typed | {"conditional": "on"}).status_code == 422, "no reason"
    conditional = typed | {"conditional": "on", "reason": "Fresh", "expected_on": "2026-05-01"}
    assert desk(luca).post(path, conditional).status_code == 302
    home = reverse("web:journey", args=[specified.journey_id])
    assert "Released conditionally" in text_of(desk(luca).get(home))
    complete = desk(luca).path("manufacturing:completion")
    assert desk(luca).post(complete, {}).status_code == 422
    specified.later(days=10)
    report = QualityReport(results=(QualityEntry(parameter="release_sterility", finding="met"),))
    quality_record(journey_id=specified.journey_id, report=report, by=specified.lab.actor, at=specified.at)
    assert desk(luca).post(complete, {}).status_code == 302
    assert SecondStage.objects.get().state == "completed"
    assert desk(luca).get(complete).status_code == 409


def test_a_withdrawal_leads_back_to_a_decision_with_consent_and_permission(
    specified: Story, desk: Sit, luca: User, ben: User
) -> None:
    specified.tested()
    typed = {"lot": "L-1", "bags": "3", "car_positive_viable_cells": "50"}
    assert desk(luca).post(desk(luca).path("manufacturing:release"), typed).status_code == 302
    path = desk(luca).path("manufacturing:recall")
    assert "waits until a physician decides" in text_of(desk(luca).get(path))
    told = {"parameter": "Sterility", "value": "growth", "reason": "Culture positive"}
    assert desk(luca).post(path, told).status_code == 422, "nothing is said of what is to be done"
    assert desk(luca).post(path, told | {"what_to_do": "Inform the ward."}).status_code == 302
    assert specified.journey.stage == Stage.MANUFACTURING
    decision = {
        "decision": "use",
        "reason": "Nothing else left",
        "consent_on": specified.at.date().isoformat(),
        "consent_by": "parents",
        "reference_kind": "program",
        "reference": "MAP-7",
        "certificate": "C-9",
    }
    assert desk(ben).post(desk(ben).path("manufacturing:decision"), decision).status_code == 302
    batch = Batch.objects.get()
    assert (batch.state, batch.certificate) == (BatchState.ACCEPTED_OUT_OF_SPECIFICATION, "C-9")
    home = text_of(desk(ben).get(reverse("web:journey", args=[specified.journey_id])))
    for word in ("Managed access program: MAP-7", "Both parents", "Inform the ward."):
        assert word in home


@pytest.mark.parametrize(
    ("name", "args"),
    [("order_change", ()), ("portal", ("order",)), ("expected", ()), ("quality", ()), ("recall", ())],
)
def test_roles_without_the_right_and_outsiders_dont_get_in(
    story: Story, desk: Sit, dana: User, cleo: User, name: str, args: tuple[str, ...]
) -> None:
    story.released()
    assert desk(dana).get(desk(dana).path(f"manufacturing:{name}", *args)).status_code == 403
    assert desk(cleo).get(desk(cleo).path(f"manufacturing:{name}", *args)).status_code == 404
