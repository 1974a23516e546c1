"""Other ways to cells than a booked day on the machine, and the planning sheet."""

from datetime import timedelta

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.verify import verify
from leukapheresis.collection_sheet import sheet_for
from leukapheresis.enums import CollectionSource
from leukapheresis.models import Collection, Resource
from leukapheresis.progress import progress
from leukapheresis.selectors import current_round, source_expected
from leukapheresis.services import (
    collection_again,
    collection_day_record,
)
from manufacturing.services import manufacturing_fail
from patients.enums import Stage
from patients.referrals import referral_accept
from tests.collecting import POOR, complete, details, last, record
from tests.factories import Story
from tests.stages.test_donor import accepted as donor_accepted
from tests.stages.test_donor import known as donor_known

# --- Other ways to cells -----------------------------------------------------------------------------------


def test_cells_collected_before_the_referral_are_taken_over_without_booking_or_order(story: Story) -> None:
    story.referred()
    row = collection_day_record(
        journey_id=story.journey_id,
        day=details(identity_missing_reason="", history_reason="Stored at the regional bank in 2025."),
        by=story.lab.actor,
        at=story.at - timedelta(days=200),
    )
    assert (row.identity, row.history_reason != "") == (None, True)
    assert not progress(story.journey, at=story.at).lines[0].is_unverified
    story.later(hours=1)
    story.eligible()
    referral_accept(journey_id=story.journey_id, by=story.clinician.actor, at=story.later(hours=1))
    assert complete(story).is_accepted is True
    assert story.journey.stage == Stage.COLLECTED
    assert verify(story.journey_id).breaks == []


def test_without_a_history_nothing_is_collected_before_acceptance(story: Story) -> None:
    story.referred()
    with pytest.raises(Conflict) as error:
        record(story)
    assert error.value.code == "wrong_stage"


def test_expired_cells_are_used_only_with_a_reason(story: Story) -> None:
    story.accepted()
    collection_day_record(
        journey_id=story.journey_id,
        day=details(history_reason="Stored for another product.", identity_missing_reason=""),
        by=story.lab.actor,
        at=story.at - timedelta(days=31 * 31),
    )
    with pytest.raises(Invalid) as error:
        complete(story)
    assert "expired" in error.value.message
    whole = complete(story, reason="The manufacturer agreed in writing.")
    assert whole.is_accepted is False


def test_a_second_round_counts_anew_after_a_failed_product(story: Story) -> None:
    story.manufacturing()
    manufacturing_fail(
        journey_id=story.journey_id,
        reason="No growth.",
        collect_again=True,
        by=story.lab.actor,
        at=story.later(days=5),
    )
    assert current_round(story.journey_id) == 2
    row = record(story, days=3)
    assert (row.round, row.number) == (2, 1)
    complete(story)
    assert list(Collection.objects.order_by("round").values_list("round", "tnc_total")) == [
        (1, 5_600_000_000),
        (2, 5_600_000_000),
    ]


def test_a_completed_collection_is_followed_by_another_round_with_a_reason(story: Story) -> None:
    story.collected()
    act = {"journey_id": story.journey_id, "by": story.lab.actor, "at": story.later(days=1)}
    with pytest.raises(Invalid):
        collection_again(reason=" ", **act)
    collection_again(reason="The bag leaked.", **act)
    assert story.journey.stage == Stage.ACCEPTED
    assert record(story, days=2).round == 2
    assert last(story, "collection_again").data == {"round": 2, "reason": "The bag leaked."}


def test_whole_blood_of_the_child_is_a_starting_material_without_machine_or_booking(story: Story) -> None:
    story.accepted()
    record(story, method="whole_blood", product_volume_ml=50, tnc=300_000_000, cd3=90_000_000, weight_kg=18.4)
    whole = complete(story, reason="50 mL, as the cell factory asks.")
    assert (whole.source, whole.donor) == (CollectionSource.AUTOLOGOUS_WHOLE_BLOOD, None)
    rules = {each["rule"] for each in last(story, "collection_day_recorded").data["computed"]}
    assert rules == {"cd3_per_kg", "collection_next_day"}


def test_whole_blood_of_a_donor_names_the_donor(story: Story) -> None:
    donor_accepted(story)
    donor = donor_known(story)
    record(story, method="whole_blood", product_volume_ml=50, tnc=300_000_000, cd3=90_000_000)
    whole = complete(story, reason="No target is stated.")
    assert (whole.source, whole.donor) == (CollectionSource.DONOR_WHOLE_BLOOD, donor)


def test_days_of_one_round_are_collected_one_way(story: Story) -> None:
    story.accepted()
    record(story, decision="again", method="whole_blood")
    with pytest.raises(Conflict) as error:
        record(story, days=1)
    assert (error.value.code, set(error.value.fields)) == ("other_source", {"method"})


def test_the_row_that_starts_a_product_from_whole_blood_is_a_draft_and_decides_nothing(story: Story) -> None:
    donor_accepted(story)
    assert source_expected(story.journey, on=story.at.date()) == CollectionSource.DONOR_APHERESIS


# --- Planning sheet ----------------------------------------------------------------------------------------


def test_the_sheet_knows_person_machine_and_what_is_still_wanted(story: Story) -> None:
    Resource.objects.create(center=story.center, name="Machine 1", extracorporeal_volume_ml=180)
    story.booked()
    before = sheet_for(story.journey, at=story.at)
    assert before.sheet.line("volume_to_process").missing == ("cd3_per_ul",)
    assert before.sheet.prime is True
    typed = sheet_for(story.journey, at=story.at, typed={"cd3_per_ul": 800, "platelets_e9_per_l": 100})
    # 1.0e9 ÷ (800/µL × 10⁶ × 0.4) = 3.125 L
    assert typed.sheet.line("volume_to_process").value == pytest.approx(3.125)
    assert typed.sheet.line("platelets_after").value == pytest.approx(48.0)
    record(story, decision="again", **POOR)
    assert sheet_for(story.journey, at=story.at).target_cd3 == 800_000_000


def test_a_donors_sheet_uses_the_donors_size_and_no_counts_of_the_child(story: Story) -> None:
    donor_accepted(story)
    donor_known(story)
    picture = sheet_for(story.journey, at=story.at)
    assert picture.sheet.volume is not None
    assert picture.sheet.volume.method == "nadler"
    assert [other.ml for other in picture.sheet.others] == [61.5 * 70]
    assert (picture.machine, picture.sheet.prime, picture.target_cd3) == (None, None, None)
