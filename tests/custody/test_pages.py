"""Pages of custody: the chain, signed hand-overs, bags by scanner, breaks, storage, settings."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from cartpath.ledger.models import Event
from manufacturing.custody.breaks import quarantine_set
from manufacturing.custody.selectors import open_breaks
from manufacturing.custody.services import custody_strike
from manufacturing.models import ChainOfIdentity, CustodyItem, SignatureRule, TemperatureLimit
from tests.conftest import person
from tests.custody.conftest import DIN, Sit, again, recorded
from tests.factories import PASSWORD, Story
from tests.pages.conftest import text_of, typed_time

CHAIN = "manufacturing:custody"


def chain_of_page(sit: Sit, story: Story, user: User) -> str:
    screen = sit(user)
    return text_of(screen.get(screen.path(CHAIN)))


def step(sit: Sit, story: Story, user: User, name: str, items: list[CustodyItem], **typed: Any) -> Any:
    screen = sit(user)
    return screen.post(
        screen.path("manufacturing:custody_step", name), {"items": [item.pk for item in items]} | typed
    )


def signer(user: User, number: int = 1) -> dict[str, str]:
    return {f"signer_{number}": user.email, f"password_{number}": PASSWORD, f"meaning_{number}": "received"}


def test_the_chain_names_each_bag_its_steps_and_what_is_missing(
    bags: list[CustodyItem], story: Story, desk: Sit
) -> None:
    recorded(story, "hospital_receipt", bags, signed=(story.lab,), seal="S-77", temp_max_c=-150.0)
    shown = chain_of_page(desk, story, story.lab)
    for said in (
        f"{DIN} A0",
        f"{DIN} B0",
        "S-77",
        "In range",
        "Not on record",
        "Samples for quality control",
    ):
        assert said in shown, said
    identity = ChainOfIdentity.objects.get(journey=story.journey_id)
    assert identity.identifier in shown


def test_the_receipt_is_signed_with_a_password_and_receives_the_bags(
    bags: list[CustodyItem], story: Story, desk: Sit
) -> None:
    story.later(hours=1)
    wrong = step(desk, story, story.lab, "hospital_receipt", bags, **signer(story.lab) | {"password_1": "x"})
    assert wrong.status_code == 422
    assert again(story)[0].last_step == ""
    done = step(
        desk,
        story,
        story.lab,
        "hospital_receipt",
        bags,
        seal="S-1",
        documents=["certificate"],
        **signer(story.nurse),
    )
    assert done.status_code == 302
    (event,) = Event.objects.filter(kind="custody_recorded")
    assert [each["name"] for each in event.data["signatures"]] == ["Nina"]
    assert PASSWORD not in str(event.data)


def test_the_same_person_can_not_sign_twice_on_the_page(
    bags: list[CustodyItem], story: Story, desk: Sit
) -> None:
    SignatureRule.objects.create(
        center=story.center, step="product_stored", people=2, reason="Ours", set_at=story.at, set_by="Luca"
    )
    story.later(hours=1)
    both = signer(story.nurse) | signer(story.nurse, 2)
    refused = step(desk, story, story.lab, "product_stored", bags, position="A1", **both)
    assert refused.status_code == 422
    assert "different person" in text_of(refused)
    fine = signer(story.nurse) | signer(story.lab, 2)
    assert step(desk, story, story.lab, "product_stored", bags, position="A1", **fine).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"scans": f"{DIN} S12341B0"}, "differs from this item (division): stop"),
        ({"scans": "G999626123465 S12341A0"}, "differs from this item (donation number): stop"),
        ({"scans": "BAG 7"}, "none of these items"),
        ({"coi": "COI-other"}, "identity on the papers"),
        ({"temp_min_c": "-100", "temp_max_c": "-150"}, "lie below the lowest"),
    ],
)
def test_what_does_not_fit_is_said_on_the_page_and_nothing_is_kept(
    typed: dict[str, str], said: str, bags: list[CustodyItem], story: Story, desk: Sit
) -> None:
    story.later(hours=1)
    refused = step(desk, story, story.lab, "product_stored", bags[:1], position="A1", **typed)
    assert refused.status_code == 422
    assert said in text_of(refused)
    assert again(story)[0].last_step == ""


def test_an_earlier_time_and_a_quarantined_bag_are_stopped_on_the_page(
    bags: list[CustodyItem], story: Story, desk: Sit
) -> None:
    recorded(story, "product_stored", bags, position="A1")
    early = typed_time(story.at - timedelta(hours=2))
    refused = step(desk, story, story.lab, "issued_to_ward", bags, at=early)
    assert refused.status_code == 422
    quarantine_set(
        journey_id=story.journey_id,
        item_ids=[bags[0].pk],
        reason="damage",
        note="Frost.",
        by=story.lab.actor,
        at=story.later(hours=1),
    )
    shown = chain_of_page(desk, story, story.lab)
    assert "In quarantine: not to be used" in shown
    assert step(desk, story, story.lab, "issued_to_ward", bags[:1]).status_code == 422


def test_a_scan_preselects_its_own_bag(bags: list[CustodyItem], story: Story, desk: Sit) -> None:
    screen = desk(story.lab)
    shown = screen.get(screen.path("manufacturing:custody_step", "product_stored") + "?item=3").content
    assert shown.decode().count("checked") == 1


def test_bags_are_read_from_a_scanner_and_a_wrong_check_character_is_refused_by_name(
    story: Story, desk: Sit
) -> None:
    story.released()
    story.later(hours=1)
    screen = desk(story.lab)
    path = screen.path("manufacturing:custody_bags")
    wrong = screen.post(path, {"kind": "product_bag", "written": "numbers", "bags": f"{DIN}* S12341A0"})
    assert wrong.status_code == 422
    assert "check character" in text_of(wrong)
    done = screen.post(
        path,
        {
            "kind": "product_bag",
            "written": "numbers",
            "bags": f"={DIN}00=<S12341A0\r\n{DIN} S12341B0",
            "position": "Tank 2",
            "car_positive_viable_cells": "25",
        },
    )
    assert done.status_code == 302
    assert [(item.division, item.position) for item in again(story)] == [("A0", "Tank 2"), ("B0", "Tank 2")]
    assert again(story)[0].car_positive_viable_cells == 25_000_000


def test_bags_with_the_manufacturers_own_text_are_taken_in(story: Story, desk: Sit) -> None:
    story.released()
    story.later(hours=1)
    screen = desk(story.lab)
    path = screen.path("manufacturing:custody_bags")
    typed = {"kind": "product_bag", "written": "text", "bags": "TCEL 0012 1/2\nTCEL 0012 2/2"}
    assert screen.post(path, typed).status_code == 302
    assert [item.text for item in again(story)] == ["TCEL 0012 1/2", "TCEL 0012 2/2"]


def test_samples_are_taken_in_before_there_is_a_product(story: Story, desk: Sit) -> None:
    story.accepted()
    screen = desk(story.nurse)
    path = screen.path("manufacturing:custody_bags")
    page = text_of(screen.get(path))
    assert 'value="sample"' in page
    assert 'value="product_bag"' not in page
    typed = {"kind": "sample", "written": "text", "bags": "Serum 1\nSerum 2"}
    assert screen.post(path, typed | {"kind": "product_bag"}).status_code == 422
    assert screen.post(path, typed).status_code == 302
    shown = CustodyItem.objects.filter(journey=story.journey_id).order_by("number")
    assert [(item.kind, item.text) for item in shown] == [("sample", "Serum 1"), ("sample", "Serum 2")]


def test_an_identity_is_set_once_and_then_fixed(story: Story, desk: Sit) -> None:
    story.accepted()
    screen = desk(story.coordinator)
    path = screen.path("manufacturing:custody_identity")
    assert screen.post(path, {"scheme": "isbt128", "identifier": "XX1"}).status_code == 422
    assert screen.post(path, {"scheme": "isbt128", "identifier": "CHG99962600012A"}).status_code == 302
    assert screen.post(path, {"scheme": "local", "identifier": "L-1"}).status_code == 422
    changed = screen.post(path, {"scheme": "local", "identifier": "L-1", "reason": "other_scheme"})
    assert changed.status_code == 302
    assert ChainOfIdentity.objects.get().identifier == "L-1"


def test_a_break_is_found_in_the_list_of_its_center_and_closed(
    bags: list[CustodyItem], story: Story, desk: Sit, cleo: User
) -> None:
    screen = desk(story.nurse)
    tomorrow = story.center.local_day(story.at) + timedelta(days=1)
    typed = {
        "reason": "seal",
        "what": "Seal missing on the shipper.",
        "item": str(bags[0].pk),
        "owner": str(story.lab.pk),
        "due_on": tomorrow.isoformat(),
    }
    assert screen.post(screen.path("manufacturing:custody_break"), typed).status_code == 302
    story.later(days=3)
    listed = text_of(desk(story.lab).get(reverse("manufacturing:custody_breaks")))
    assert "Seal missing on the shipper." in listed
    assert "overdue" in listed.lower()
    assert "Seal missing" not in text_of(desk(cleo).get(reverse("manufacturing:custody_breaks")))
    path = screen.path("manufacturing:custody_break_close", 1)
    assert screen.post(path, {"outcome": "corrected", "note": "x"}).status_code == 403
    assert desk(story.lab).post(path, {"outcome": "corrected"}).status_code == 422
    assert desk(story.lab).post(path, {"outcome": "corrected", "note": "New seal."}).status_code == 302
    assert not open_breaks([story.center.pk]).exists()


def test_a_quarantine_is_set_by_who_handles_and_lifted_by_who_may(
    bags: list[CustodyItem], story: Story, desk: Sit, rosa: User
) -> None:
    screen = desk(rosa)
    path = screen.path("manufacturing:quarantine", bags[0].number)
    assert screen.post(path, {"reason": "damage", "note": "Torn."}).status_code == 302
    lift = screen.path("manufacturing:quarantine_lift", bags[0].number)
    assert screen.post(lift, {"reason": "no_effect", "note": "x"}).status_code == 403
    story.later(hours=1)
    assert (
        desk(story.lab).post(lift, {"reason": "no_effect", "note": "Only the overwrap."}).status_code == 302
    )
    assert not again(story)[0].is_quarantined


def test_storage_lists_what_lies_where_by_expiry(bags: list[CustodyItem], story: Story, desk: Sit) -> None:
    recorded(story, "product_stored", bags[:1], position="Tank 1, A3")
    CustodyItem.objects.filter(pk=bags[0].pk).update(expires_at=story.at + timedelta(days=10))
    CustodyItem.objects.filter(pk=bags[1].pk).update(expires_at=story.at - timedelta(days=1))
    shown = text_of(desk(story.lab).get(reverse("manufacturing:custody_storage")))
    assert shown.index(f"{DIN} B0") < shown.index("Tank 1, A3")
    assert "Expires soon" in shown
    assert "Expired" in shown


def test_a_hand_over_entered_in_error_is_taken_back_on_the_page(
    bags: list[CustodyItem], story: Story, desk: Sit
) -> None:
    (entry, _other) = recorded(story, "product_stored", bags, position="A1")
    screen = desk(story.lab)
    path = screen.path("manufacturing:custody_strike", entry.event_id)
    story.later(minutes=5)
    assert screen.post(path, {"reason": "Another tank."}).status_code == 302
    assert again(story)[0].last_step == ""
    assert screen.post(screen.path("manufacturing:custody_strike", 10**9), {"reason": "x"}).status_code == 404


def test_a_center_sets_signatures_and_temperatures_with_a_reason(story: Story, desk: Sit) -> None:
    story.accepted()
    screen, path = desk(story.lab), reverse("manufacturing:custody_settings")
    typed = {"about": "signers", "signers-step": "issued_to_ward", "signers-people": "2"}
    assert screen.post(path, typed).status_code == 422
    assert screen.post(path, typed | {"signers-reason": "Two nurses."}).status_code == 302
    bedside = typed | {"signers-step": "bedside_check", "signers-people": "1", "signers-reason": "x"}
    assert screen.post(path, bedside).status_code == 422
    limit = {"about": "limit", "limit-kind": "product_bag", "limit-highest_c": "-120", "limit-due_days": "3"}
    assert screen.post(path, limit | {"limit-source": "Guide 7"}).status_code == 302
    assert (SignatureRule.objects.get().people, float(TemperatureLimit.objects.get().highest_c or 0)) == (
        2,
        -120,
    )
    shown = text_of(screen.get(path))
    assert "Two nurses." in shown
    assert "Guide 7" in shown
    assert desk(story.clinician).get(path).status_code == 403


def test_another_centers_people_find_neither_chain_nor_item(
    bags: list[CustodyItem], story: Story, desk: Sit, cleo: User
) -> None:
    screen = desk(cleo)
    for path in (screen.path(CHAIN), screen.path("manufacturing:custody_step", "product_stored")):
        assert screen.get(path).status_code == 404
    assert DIN not in text_of(screen.get(reverse("manufacturing:custody_storage")))


def test_the_timeline_says_hand_overs_breaks_and_signers(
    bags: list[CustodyItem], story: Story, desk: Sit
) -> None:
    recorded(story, "hospital_receipt", bags, signed=(story.lab,), temp_min_c=-150, temp_max_c=-90)
    screen = desk(story.clinician)
    shown = text_of(screen.get(screen.path("web:journey_timeline")))
    for said in ("2 items taken into custody", "Product received by the hospital", "out of range", "Luca ("):
        assert said in shown, said
    assert "Put in quarantine" in shown
    assert "Break of the chain of custody" in shown


def test_a_page_of_many_steps_costs_few_queries(bags: list[CustodyItem], story: Story, desk: Sit) -> None:
    screen = desk(story.lab)
    few = screen.queries(screen.path(CHAIN))
    for number in range(6):
        recorded(story, "product_stored", bags, position=f"A{number}")
    assert screen.queries(screen.path(CHAIN)) <= few


def test_every_role_that_hands_over_may_open_a_step(bags: list[CustodyItem], story: Story, desk: Sit) -> None:
    for role, status in ((Role.AUDITOR, 403), (Role.WARD_NURSE, 200)):
        user = person(f"x{role}@a.example", role, role, story.center)
        screen = desk(user)
        assert screen.get(screen.path("manufacturing:custody_step", "product_stored")).status_code == status


def test_struck_items_leave_the_page(bags: list[CustodyItem], story: Story, desk: Sit) -> None:
    custody_strike(event_id=bags[0].event_id, reason="Wrong.", by=story.lab.actor, at=story.later(hours=1))
    assert DIN not in chain_of_page(desk, story, story.lab)
