"""The pages of a day of collection, as a nurse fills them in at the bedside."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from leukapheresis.inputs import AdverseEventDetails
from leukapheresis.models import Collection, CollectionDay, CollectionIdentityCheck, CryoBag, Resource
from patients.enums import Stage
from tests.collecting import DIN, POOR, bag, frozen, record, verified
from tests.factories import PASSWORD, Story
from tests.pages.conftest import Desk, panel_of, text_of, typed_time
from tests.stages.test_donor import accepted as donor_accepted
from tests.stages.test_donor import known as donor_known

Sit = Callable[[User], Desk]


def start(story: Story, *, hours: float = 3) -> str:
    return typed_time((story.at - timedelta(hours=hours)).astimezone(story.center.zone))


def day(story: Story, **typed: Any) -> dict[str, Any]:
    """What the form of a day sends at the least."""
    return {
        "started_at": start(story),
        "identity_missing_reason": "Alone.",
        "decision": "enough",
        "tnc": "5.6",
        "cd3": "2.6",
    } | typed


def url(story: Story, name: str, *args: object) -> str:
    return reverse(f"leukapheresis:{name}", args=[story.journey_id, *args])


# --- Planning sheet ----------------------------------------------------------------------------------------


def test_the_sheet_shows_methods_limits_and_what_is_unknown(story: Story, desk: Sit, nina: User) -> None:
    Resource.objects.create(center=story.center, name="Machine 1", extracorporeal_volume_ml=180)
    story.booked()
    page = text_of(desk(nina).get(url(story, "collection_sheet")))
    assert "1564 mL" in page and "drzeydbloodbank 2020" in page
    assert "the child weighs less than 25 kg" in page
    assert "CD3+ before" in page and "unknown" in page
    assert "No counts are recorded." in page


def test_counts_typed_on_the_sheet_are_used_and_not_kept(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    typed = {"cd3_per_ul": "800", "platelets_e9_per_l": "100", "ecv_ml": "180"}
    answered = desk(nina).post(url(story, "collection_sheet"), typed)
    page = text_of(answered)
    assert answered.status_code == 200
    assert "3.13 L" in page or "3.12 L" in page
    assert 'value="800"' in page
    assert not CollectionDay.objects.exists()


def test_a_wrong_count_on_the_sheet_stays_with_its_sentence(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    answered = desk(nina).post(url(story, "collection_sheet"), {"cd3_per_ul": "many"})
    assert answered.status_code == 422
    assert 'value="many"' in text_of(answered)


def test_somebody_who_may_not_record_can_read_the_sheet(story: Story, desk: Sit, dana: User) -> None:
    story.booked()
    assert desk(dana).get(url(story, "collection_sheet")).status_code == 200
    assert desk(dana).get(url(story, "collection_day")).status_code == 403


# --- Identity ----------------------------------------------------------------------------------------------


def test_two_people_sign_and_the_day_no_longer_asks_why(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    assert "identity_missing_reason" in text_of(desk(nina).get(url(story, "collection_day")))
    typed = {
        "identifiers": ["name_and_birth", "health_card"],
        "second": story.clinician.email,
        "password": PASSWORD,
    }
    answered = desk(nina).post(url(story, "collection_identity"), typed)
    assert answered.url == panel_of(story, "apheresis")  # type: ignore[attr-defined]
    assert CollectionIdentityCheck.objects.get().second == story.clinician
    page = text_of(desk(nina).get(url(story, "collection_day")))
    assert "identity_missing_reason" not in page
    assert "Identity checked" in page


def test_signing_twice_with_the_same_name_is_refused(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    typed = {"identifiers": ["wristband", "health_card"], "second": nina.email, "password": PASSWORD}
    answered = desk(nina).post(url(story, "collection_identity"), typed)
    assert answered.status_code == 422
    assert "A second, different person signs." in text_of(answered)
    assert not CollectionIdentityCheck.objects.exists()


def test_a_day_without_a_check_is_flagged_on_the_patient_page(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    record(story, decision="again", identity_missing_reason="Alone at night.")
    page = text_of(desk(nina).get(reverse("web:journey", args=[story.journey_id])))
    assert "Identity not checked by two people" in page and "Alone at night." in page


# --- The record --------------------------------------------------------------------------------------------


def test_a_whole_day_is_recorded_with_adverse_events(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    typed = day(
        story,
        access="central",
        prime="red_cells",
        prime_unit="A999926000111",
        inlet_volume_ml="5385",
        anticoagulant_ml="385",
        pre_cd3_per_ul="800",
        din="a9999 26 123456",
        label_checked="yes",
        adverse_0_kind="hypocalcemia",
        adverse_0_grade="2",
        adverse_0_action="Calcium.",
        adverse_3_kind="nausea",
    )
    answered = desk(nina).post(url(story, "collection_day"), typed)
    assert answered.status_code == 302, text_of(answered)
    row = CollectionDay.objects.get()
    assert (row.access, row.prime_unit, row.processed_ml, row.din, row.label_checked) == (
        *("central", "A999926000111", 5000, DIN, True),
    )
    assert [(each.kind, each.grade) for each in row.adverse.order_by("pk")] == [
        ("hypocalcemia", 2),
        ("nausea", None),
    ]
    page = text_of(desk(nina).get(reverse("web:journey", args=[story.journey_id])))
    assert "Hypocalcemia" in page and "65.0 %" in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"identity_missing_reason": ""}, "Say why, or confirm identity before the start."),
        ({"anticoagulant_ml": "9", "inlet_volume_ml": "8"}, "The anticoagulant is part of the inlet volume"),
        ({"viability_percent": "101"}, "Give a number from 0 to 100 %."),
        ({"din": "A9999"}, "ends after character 5"),
        ({"adverse_1_grade": "3"}, "Say which adverse event it was."),
        ({"prime": "none", "prime_unit": "A9"}, "Only a prime with red cells or whole blood has a unit."),
    ],
)
def test_what_was_typed_stays_beside_the_sentence_that_says_what_is_right(
    story: Story, desk: Sit, nina: User, typed: dict[str, str], sentence: str
) -> None:
    story.booked()
    answered = desk(nina).post(url(story, "collection_day"), day(story, device="Spectra Optia", **typed))
    page = text_of(answered)
    assert answered.status_code == 422
    assert sentence in page
    assert 'value="Spectra Optia"' in page and 'value="5.6"' in page
    assert not CollectionDay.objects.exists()


def test_the_rules_can_be_asked_before_anything_is_recorded(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    typed = day(story, weight_kg="18.4", tnc="0.9", cd3="0.2", look="1")
    answered = desk(nina).post(url(story, "collection_day"), typed)
    page = text_of(answered)
    assert answered.status_code == 200
    assert "The rules propose: Collect again" in page and "Nothing is recorded yet." in page
    assert 'value="0.9"' in page
    assert not CollectionDay.objects.exists()


def test_after_a_poor_day_the_page_proposes_another_with_the_reason(
    story: Story, desk: Sit, nina: User
) -> None:
    story.booked()
    record(story, decision="again", **POOR)
    page = text_of(desk(nina).get(reverse("web:journey", args=[story.journey_id])))
    assert "The rules propose" in page
    assert "collect another day" in page


def test_a_day_is_corrected_with_what_stood_there_before(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    row = record(story, decision="again", weight_kg=18.4, **POOR)
    story.later(hours=3)
    path = url(story, "collection_day_correct", row.pk)
    page = text_of(desk(nina).get(path))
    assert 'value="0.9"' in page and 'value="18.40"' in page
    typed = day(story, tnc="1.4", cd3="0.5", decision="again")
    assert desk(nina).post(path, typed).status_code == 422
    assert desk(nina).post(path, typed | {"reason": "Second report."}).status_code == 302
    assert CollectionDay.objects.get().tnc == 1_400_000_000


def test_correcting_a_day_keeps_each_of_its_many_adverse_events(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    row = record(story, adverse=tuple(AdverseEventDetails(kind="nausea", grade=1) for _ in range(8)))
    story.later(hours=3)
    path = url(story, "collection_day_correct", row.pk)
    rows = desk(nina).get(path).context["form"].adverse_rows()
    assert [line[0].value() for line in rows] == ["nausea"] * 8 + [None]
    sent = {field.html_name: field.value() for line in rows for field in line if field.value() is not None}
    typed = day(story, **sent, reason="Second report.")
    assert desk(nina).post(path, typed).status_code == 302
    assert CollectionDay.objects.get().adverse.count() == 8


def test_a_day_is_struck_with_a_reason(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    row = record(story)
    path = url(story, "collection_day_strike", row.pk)
    assert desk(nina).post(path, {"reason": ""}).status_code == 422
    assert desk(nina).post(path, {"reason": "Another child."}).status_code == 302
    assert CollectionDay.objects.get().struck_at is not None
    assert desk(nina).get(path).status_code == 404


def test_a_day_of_another_child_is_not_found(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    row = record(story)
    story.booked(story.slot(machine="Machine 2"))
    for name in ("collection_day_correct", "collection_day_strike", "bags", "bag_labels"):
        assert desk(nina).get(url(story, name, row.pk)).status_code == 404


# --- Other ways to cells -----------------------------------------------------------------------------------


def test_cells_of_before_the_referral_are_taken_over_on_the_page(story: Story, desk: Sit, nina: User) -> None:
    story.referred()
    page = text_of(desk(nina).get(reverse("web:journey", args=[story.journey_id])))
    assert url(story, "collection_historical") in page
    typed = day(story, started_at=start(story, hours=24 * 90), identity_missing_reason="")
    path = url(story, "collection_historical")
    assert desk(nina).post(path, typed).status_code == 422
    assert desk(nina).post(path, typed | {"history_reason": "Stored at the bank."}).status_code == 302
    page = text_of(desk(nina).get(reverse("web:journey", args=[story.journey_id])))
    assert "Collected earlier" in page and "Stored at the bank." in page


def test_fifty_milliliters_of_blood_are_recorded_without_machine_or_booking(
    story: Story, desk: Sit, nina: User
) -> None:
    donor_accepted(story)
    donor_known(story)
    path = url(story, "collection_whole_blood")
    page = text_of(desk(nina).get(path))
    assert "Volume drawn" in page and "Donor&#x27;s weight" in page
    assert 'name="device"' not in page and 'name="inlet_volume_ml"' not in page
    typed = day(story, product_volume_ml="50", tnc="0.3", cd3="0.09")
    assert desk(nina).post(path, typed).status_code == 302
    typed = {"reason": "As the cell factory asks."}
    assert desk(nina).post(url(story, "collection_complete"), typed).status_code == 302
    assert Collection.objects.get().source == "donor_whole_blood"


def test_another_round_begins_from_the_page(story: Story, desk: Sit, nina: User) -> None:
    story.collected()
    page = text_of(desk(nina).get(reverse("web:journey", args=[story.journey_id])))
    assert url(story, "collection_again") in page
    assert desk(nina).post(url(story, "collection_again"), {"reason": ""}).status_code == 422
    assert desk(nina).post(url(story, "collection_again"), {"reason": "It leaked."}).status_code == 302
    assert story.journey.stage == Stage.ACCEPTED
    story.later(days=3)
    assert desk(nina).post(url(story, "collection_day"), day(story)).status_code == 302
    assert CollectionDay.objects.order_by("-pk")[0].round == 2


# --- Bags --------------------------------------------------------------------------------------------------


def bags(*lines: dict[str, str]) -> dict[str, str]:
    return {
        f"bag_{number}-{name}": value for number, line in enumerate(lines) for name, value in line.items()
    }


def test_bags_are_filled_and_their_labels_printed_without_a_name_in_the_address(
    story: Story, desk: Sit, nina: User
) -> None:
    story.booked()
    row = record(story, din=DIN, product_volume_ml=60)
    story.later(hours=3)
    typed = bags(
        {"division": "A0", "volume_ml": "30", "cryoprotectant_ml": "10", "tnc": "2.8", "cd3": "1.3"},
        {"division": "B0", "volume_ml": "30", "tnc": "2.8", "cd3": "1.3", "location": "Tank 1"},
        {"division": "C0"},
    )
    path = url(story, "bags", row.pk)
    answered = desk(nina).post(path, typed | {"product_code": "s1234"})
    assert answered.status_code == 302, text_of(answered)
    assert CryoBag.objects.count() == 2
    labels = url(story, "bag_labels", row.pk)
    assert answered.url == labels  # type: ignore[attr-defined]
    assert "rossi" not in labels.lower()
    page = text_of(desk(nina).get(labels))
    assert "A9999 26 123456" in page and "S12341A0" in page and "S12341B0" in page
    assert "For autologous use only" in page and "ROSSI, Giulia" in page


def test_bags_that_hold_too_much_are_refused_and_stay_typed(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    row = record(story, din=DIN, product_volume_ml=60)
    story.later(hours=3)
    typed = bags({"division": "A0", "volume_ml": "61", "tnc": "1", "location": "Tank 1"})
    answered = desk(nina).post(url(story, "bags", row.pk), typed)
    page = text_of(answered)
    assert answered.status_code == 422
    assert "the day brought 60 mL" in page
    assert 'value="61"' in page and 'value="Tank 1"' in page
    assert not CryoBag.objects.exists()


def test_a_bag_without_a_volume_or_a_day_without_a_number_is_told(
    story: Story, desk: Sit, nina: User
) -> None:
    story.booked()
    row = record(story)
    story.later(hours=3)
    path = url(story, "bags", row.pk)
    answered = desk(nina).post(path, bags({"division": "A0", "tnc": "1"}))
    assert answered.status_code == 422
    assert "Say how much the bag holds." in text_of(answered)
    answered = desk(nina).post(path, bags({"division": "A0", "volume_ml": "5"}))
    assert answered.status_code == 422
    assert "donation number first" in text_of(answered)


def test_a_bag_is_discarded_with_a_reason_and_bags_are_struck(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    record(story, din=DIN, product_volume_ml=60)
    first, second = frozen(story, bag("A0"), bag("B0"))
    path = url(story, "bag", first.pk)
    assert desk(nina).post(path, {"state": "discarded", "note": ""}).status_code == 422
    assert desk(nina).post(path, {"state": "discarded", "note": "Leaked."}).status_code == 302
    assert desk(nina).post(url(story, "bag_strike", second.pk), {"reason": "Wrong."}).status_code == 302
    assert not CryoBag.objects.filter(struck_at=None).exists()


def test_the_pages_cost_the_same_for_one_day_as_for_four(story: Story, desk: Sit, nina: User) -> None:
    story.booked()
    verified(story)
    record(story, decision="again")
    one = desk(nina).queries(url(story, "collection_day"))
    for _day in range(3):
        record(story, days=1, decision="again")
    assert desk(nina).queries(url(story, "collection_day")) <= one + 1
