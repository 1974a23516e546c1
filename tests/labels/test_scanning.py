"""What a scan leads to, and what it stops: the wrong child, bag, division, quarantined, expired, given."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from manufacturing.custody.breaks import quarantine_set
from manufacturing.custody.identity import chain_of_identity_set
from manufacturing.models import CustodyItem, Order, ScanStop
from manufacturing.scanning.resolving import Found, scan
from manufacturing.scanning.selectors import journey_of_wristband
from manufacturing.scanning.services import scan_stop, scan_stop_acknowledge
from tests.factories import Story
from tests.labels.conftest import bags, bags_added, band_printed, scan_of


def scanned(story: Story, code: str, *, user: User | None = None, **more: object) -> Found | ScanStop:
    return scan(code, user=user or story.lab, at=story.at, **more)  # type: ignore[arg-type]


def found(story: Story, code: str, **more: object) -> Found:
    answer = scanned(story, code, **more)
    assert isinstance(answer, Found)
    return answer


def stopped(story: Story, code: str, **more: object) -> ScanStop:
    answer = scanned(story, code, **more)
    assert isinstance(answer, ScanStop)
    return answer


def another(story: Story) -> Story:
    """A second child of the same center, with a bag of its own."""
    other = replace(story)
    other.released()
    bags_added(other, "A0", din="A999917999999")
    return other


def test_a_bag_leads_to_its_next_hand_over(child: Story) -> None:
    first, _second = bags(child)
    answer = found(child, scan_of(first))
    assert answer.item == first
    assert answer.following is not None
    assert answer.following.act == "record"
    assert found(child, scan_of(first), journey=child.journey).item == first


def test_a_donation_number_alone_asks_which_bag(child: Story) -> None:
    answer = found(child, scan_of(bags(child)[0]).split("=<")[0])
    assert answer.item is None
    assert list(answer.choice) == bags(child)


def test_a_wristband_leads_to_its_child_and_a_lost_one_stops(child: Story) -> None:
    first = band_printed(child).codes[0]
    answer = found(child, first.lower())
    assert answer.journey == child.journey
    assert journey_of_wristband([child.center.pk], first) == child.journey
    new = band_printed(child, replaces=True, reason="lost").codes[0]
    assert stopped(child, first).reason == "wristband_replaced"
    assert journey_of_wristband([child.center.pk], first) is None
    assert found(child, new).journey == child.journey


def test_the_bag_and_the_wristband_of_another_child_stop_and_name_nobody(child: Story) -> None:
    other = another(child)
    (theirs,) = bags(other)
    stop = stopped(child, scan_of(theirs), journey=child.journey)
    assert (stop.reason, stop.journey, stop.item) == ("wrong_patient", child.journey, None)
    assert stopped(child, band_printed(other).codes[0], journey=child.journey).reason == "wrong_patient"
    event = Event.objects.get(pk=stop.event_id)
    assert (event.kind, event.journey_id, event.data["phase"]) == (
        "scan_stopped",
        child.journey_id,
        "stopped",
    )
    assert event.data["item"] is None


def test_an_identity_in_either_form_leads_to_its_child_and_stops_on_another_s_page(child: Story) -> None:
    order = Order.objects.get(journey_id=child.journey_id)
    assert found(child, order.chain_of_identity).journey == child.journey
    other = replace(child)
    other.accepted()
    chain_of_identity_set(
        journey_id=other.journey_id,
        scheme="isbt128",
        identifier="CHA999926ABC123",
        by=child.coordinator.actor,
        at=other.at,
    )
    assert found(child, "&/CHA999926ABC123").journey == other.journey
    stop = stopped(child, "&/CHA999926ABC123", journey=child.journey)
    assert stop.reason == "wrong_patient"
    assert stopped(child, "COI-UNKNOWN", journey=child.journey).reason == "not_known"


def test_another_division_than_the_one_asked_for_stops(child: Story) -> None:
    first, second = bags(child)
    stop = stopped(child, scan_of(second), journey=child.journey, wanted=first)
    assert (stop.reason, stop.item) == ("wrong_division", first)
    missing = scan_of(first).replace("1A0", "1C0")
    assert stopped(child, missing).reason == "wrong_division"


def test_quarantine_expiry_and_what_is_given_stop(child: Story) -> None:
    first, second = bags(child)
    quarantine_set(
        journey_id=child.journey_id,
        item_ids=[first.pk],
        reason="damage",
        note="A leak.",
        by=child.lab.actor,
        at=child.at,
    )
    stop = stopped(child, scan_of(first))
    assert (stop.reason, stop.item) == ("quarantined", first)
    (old,) = bags_added(child, "C0", expires_at=child.at + timedelta(hours=1))
    child.later(hours=2)
    assert stopped(child, scan_of(old)).reason == "expired"
    CustodyItem.objects.filter(pk=second.pk).update(state="given")
    assert stopped(child, scan_of(second)).reason == "finished"


def test_a_wrong_check_character_on_a_child_s_page_is_kept_and_elsewhere_only_refused(child: Story) -> None:
    wrong = f"A9999 17 123465 {'0'}"
    stop = stopped(child, wrong, journey=child.journey)
    assert (stop.reason, stop.read) == ("wrong_check", wrong)
    with pytest.raises(Invalid) as refusal:
        scanned(child, wrong)
    assert refusal.value.code == "wrong_check"
    assert ScanStop.objects.count() == 1


def test_what_nobody_here_has_is_nothing_and_another_center_s_is_the_same(child: Story, cleo: User) -> None:
    band = band_printed(child).codes[0]
    for code in (scan_of(bags(child)[0]), band):
        answer = scan(code, user=cleo, at=child.at)
        assert isinstance(answer, Found)
        assert answer.is_nothing
    assert found(child, "NOBODY-KNOWS-1").is_nothing
    assert stopped(child, "NOBODY-KNOWS-1", journey=child.journey).reason == "not_known"


def test_a_stop_is_acknowledged_once_and_with_a_word_of_what_was_done(child: Story) -> None:
    stop = scan_stop(
        journey_id=child.journey_id,
        reason="wrong_bag",
        read="KYM-1\x1d\r",
        item_id=UUID(int=1),
        by=child.nurse.actor,
        at=child.at,
    )
    assert (stop.number, stop.read, stop.item) == (1, "KYM-1", None)
    with pytest.raises(Invalid):
        scan_stop_acknowledge(stop_id=stop.pk, done="  ", by=child.lab.actor, at=child.at)
    done = scan_stop_acknowledge(stop_id=stop.pk, done="Put aside.", by=child.lab.actor, at=child.at)
    assert (done.acknowledged_by, done.done) == ("Luca", "Put aside.")
    with pytest.raises(Conflict) as refusal:
        scan_stop_acknowledge(stop_id=stop.pk, done="Again.", by=child.lab.actor, at=child.at)
    assert refusal.value.code == "already_acknowledged"
    kinds = Event.objects.filter(journey_id=child.journey_id, kind="scan_stopped").order_by("seq")
    assert [event.data["phase"] for event in kinds] == ["stopped", "acknowledged"]


def test_an_unknown_reason_is_refused(child: Story) -> None:
    with pytest.raises(Invalid):
        scan_stop(journey_id=child.journey_id, reason="bad_luck", read="x", by=child.lab.actor, at=child.at)
