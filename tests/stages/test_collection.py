"""A day of collection: who is collected, what was done, what came of it, and what follows."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.verify import verify
from leukapheresis.inputs import AdverseEventDetails
from leukapheresis.models import CollectionDay, CollectionIdentityCheck, Resource
from leukapheresis.progress import progress
from leukapheresis.services import (
    collection_day_record,
)
from patients.results import RuleResult
from tests.collecting import DIN, POOR, WHOLE, details, last, proposed, record, refused, verified
from tests.factories import Story

# --- The record --------------------------------------------------------------------------------------------


def test_everything_that_was_measured_is_kept_in_row_and_ledger(story: Story) -> None:
    story.booked()
    row = record(story, **WHOLE)
    kept = CollectionDay.objects.get(pk=row.pk)
    told = last(story, "collection_day_recorded").data
    for name, value in WHOLE.items():
        stored = getattr(kept, name)
        assert (float(stored) if isinstance(value, float) else stored) == value, name
        assert told[name] == (value.isoformat() if isinstance(value, date) else value), name
    assert (kept.blood_volume_ml, kept.blood_volume_method) == (1288, "per_kg")
    assert kept.processed_ml == 5000
    assert verify(story.journey_id).breaks == []


def test_what_was_not_measured_stays_unknown(story: Story) -> None:
    story.booked()
    row = record(story, tnc=None, cd3=None)
    empty = (row.tnc, row.inlet_volume_ml, row.processed_ml, row.label_checked, row.idm_sampled_on)
    assert empty == (None,) * 5
    assert (row.access, row.prime, row.din) == ("", "", "")
    line = progress(story.journey, at=story.at).lines[0]
    assert (line.ce1_percent, line.ce2_percent, line.cd3_per_kg) == (None, None, None)


def test_efficiency_and_cells_per_kilogram_follow_from_the_numbers(story: Story) -> None:
    story.booked()
    record(story, **WHOLE)
    line = progress(story.journey, at=story.at).lines[0]
    # 2.6e9 of 800/µL × 5,000 mL = 4.0e9 passed; the mean of 800 and 400 is 600/µL: 3.0e9.
    assert line.ce2_percent == pytest.approx(65.0)
    assert line.ce1_percent == pytest.approx(86.667, abs=0.001)
    assert line.cd3_per_kg == pytest.approx(2.6e9 / 18.4)
    stored = dict(RuleResult.objects.filter(journey_id=story.journey_id).values_list("rule", "value"))
    assert stored["collection_efficiency"] == "65"
    assert stored["volume_processed"] == "5000"
    assert stored["cd3_per_kg"] == str(round(2.6e9 / 18.4))
    assert stored["collection_next_day"] == "enough"


def test_the_machine_booked_gives_the_extracorporeal_volume_and_a_typed_one_wins(story: Story) -> None:
    Resource.objects.create(center=story.center, name="Machine 1", extracorporeal_volume_ml=180)
    story.booked()
    assert record(story, decision="again").ecv_ml == 180
    assert record(story, days=1, ecv_ml=253).ecv_ml == 253


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"tnc": 1, "cd3": 2}, "cd3"),
        ({"anticoagulant_ml": 500, "inlet_volume_ml": 400}, "anticoagulant_ml"),
        ({"volume_processed_ml": 500, "inlet_volume_ml": 400}, "volume_processed_ml"),
        (
            {"ionized_calcium_before_mmol_l": 1.0, "ionized_calcium_lowest_mmol_l": 1.1},
            "ionized_calcium_lowest_mmol_l",
        ),
        ({"prime": "none", "prime_unit": "A999926000111"}, "prime_unit"),
        ({"din": "A99992612345"}, "din"),
        ({"din": "O999926123456"}, "din"),
        ({"method": "whole_blood", "device": "Spectra Optia"}, "device"),
        ({"method": "whole_blood", "inlet_volume_ml": 400}, "inlet_volume_ml"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(story: Story, told: dict[str, Any], field: str) -> None:
    story.booked()
    assert set(refused(story, **told)) == {field}
    assert not CollectionDay.objects.exists()


def test_what_just_can_be_is_taken(story: Story) -> None:
    story.booked()
    row = record(
        story,
        tnc=5,
        cd3=5,
        anticoagulant_ml=400,
        inlet_volume_ml=400,
        prime="whole_blood",
        prime_unit="x",
        ionized_calcium_before_mmol_l=1.0,
        ionized_calcium_lowest_mmol_l=1.0,
    )
    assert row.processed_ml == 0


def test_a_donation_number_belongs_to_one_day(story: Story) -> None:
    story.booked()
    record(story, decision="again", din="A9999 26 123456")
    assert CollectionDay.objects.get().din == DIN
    with pytest.raises(Conflict) as error:
        record(story, days=1, din=DIN.lower())
    assert (error.value.code, set(error.value.fields)) == ("din_taken", {"din"})


def test_adverse_events_are_rows_with_grade_time_and_action(story: Story) -> None:
    story.booked()
    happened = (
        AdverseEventDetails(
            kind="hypocalcemia", grade=2, at=story.at + timedelta(hours=1), action="Calcium."
        ),
        AdverseEventDetails(kind="access_failure"),
    )
    row = record(story, adverse=happened)
    assert [(each.kind, each.grade, each.action) for each in row.adverse.order_by("pk")] == [
        ("hypocalcemia", 2, "Calcium."),
        ("access_failure", None, ""),
    ]
    told = last(story, "collection_day_recorded").data["adverse"]
    assert [each["kind"] for each in told] == ["hypocalcemia", "access_failure"]


def test_an_adverse_event_before_the_start_is_refused(story: Story) -> None:
    story.booked()
    early = (AdverseEventDetails(kind="nausea", at=story.at - timedelta(minutes=1)),)
    assert set(refused(story, adverse=early)) == {"adverse"}


# --- Identity ----------------------------------------------------------------------------------------------


def test_two_people_confirm_who_is_collected_and_the_day_says_so(story: Story) -> None:
    story.booked()
    check = verified(story)
    row = record(story, identity_missing_reason="Typed without need.")
    assert (row.identity, row.identity_missing_reason) == (check, "")
    assert last(story, "collection_day_recorded").data["identity_verified"] is True
    told = last(story, "collection_identity_verified").data
    assert (told["first"], told["second"], told["day"]) == (story.nurse.name, story.clinician.name, 1)


def test_the_same_person_twice_is_refused_by_service_and_database(story: Story) -> None:
    story.booked()
    with pytest.raises(Invalid) as error:
        verified(story, second=story.nurse)
    assert (error.value.code, set(error.value.fields)) == ("same_person", {"second"})
    check = verified(story)
    with pytest.raises(IntegrityError), transaction.atomic():
        CollectionIdentityCheck.objects.filter(pk=check.pk).update(second=story.nurse)


def test_one_identifier_is_not_enough_and_the_same_one_twice_is_one(story: Story) -> None:
    story.booked()
    for identifiers in (("wristband",), ("wristband", "wristband")):
        with pytest.raises(Invalid) as error:
            verified(story, identifiers=identifiers)
        assert error.value.code == "too_few_identifiers"


def test_somebody_without_the_right_cannot_sign(story: Story) -> None:
    story.booked()
    with pytest.raises(Invalid) as error:
        verified(story, second=story.coordinator)
    assert error.value.code == "not_entitled"


def test_a_day_without_the_check_needs_a_reason_and_is_flagged(story: Story) -> None:
    story.booked()
    assert set(refused(story, identity_missing_reason="  ")) == {"identity_missing_reason"}
    record(story, identity_missing_reason="Alone at night.")
    (line,) = progress(story.journey, at=story.at).lines
    assert line.is_unverified
    assert last(story, "collection_day_recorded").data["identity_verified"] is False


def test_a_check_counts_for_its_own_day_only(story: Story) -> None:
    story.booked()
    verified(story)
    assert set(refused(story, days=1, identity_missing_reason="")) == {"identity_missing_reason"}


def test_a_check_after_the_start_does_not_count(story: Story) -> None:
    story.booked()
    started = story.at
    story.later(minutes=5)
    verified(story)
    with pytest.raises(Invalid):
        collection_day_record(
            journey_id=story.journey_id,
            day=details(identity_missing_reason=""),
            by=story.nurse.actor,
            at=started,
        )


# --- What follows ------------------------------------------------------------------------------------------


def test_too_few_cells_ask_for_another_day_and_enough_end_it(story: Story) -> None:
    story.booked()
    record(story, decision="again", **POOR)
    assert proposed(story) == "again"
    record(story, days=1, tnc=1_100_000_000, cd3=800_000_000)
    assert proposed(story) == "enough"


def test_the_fourth_day_without_the_target_is_the_last(story: Story) -> None:
    story.booked()
    for _day in range(3):
        record(story, days=1, decision="again", tnc=300_000_000, cd3=100_000_000)
    assert proposed(story) == "again"
    record(story, days=1, decision="stop", tnc=300_000_000, cd3=100_000_000)
    assert proposed(story) == "stop"


def test_unknown_cells_propose_nothing(story: Story) -> None:
    story.booked()
    record(story, decision="again", tnc=None, cd3=None)
    assert proposed(story) is None
    assert not RuleResult.objects.filter(rule="collection_next_day").exists()


def test_another_decision_than_proposed_is_kept_with_person_and_reason(story: Story) -> None:
    story.booked()
    record(story, decision="stop", decision_reason="Fever.", **POOR)
    found = RuleResult.objects.get(rule="collection_next_day")
    assert (found.value, found.confirmed, found.reason) == ("again", "stop", "Fever.")
    assert found.confirmed_by == story.nurse.name
