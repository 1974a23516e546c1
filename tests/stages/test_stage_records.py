"""What each stage keeps beside the values that its rules gave."""

from datetime import timedelta

from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import Resource
from leukapheresis.services import booking_create, collection_complete, collection_day_record
from manufacturing.inputs import BatchDetails, Deviation
from manufacturing.services import out_of_specification_report
from patients.eligibility import protocol_for
from patients.inputs import CriterionAssessment, TreatmentDetails
from patients.models import Measurement
from patients.referrals import eligibility_assess, referral_accept
from patients.services import treatment_record
from tests.factories import Story
from tests.stages.test_provenance import CALM, a_long_story, only, results
from toxicity.grading.icans import Consciousness, IcansInput
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record


def test_acceptance_keeps_eligibility_and_the_criterion_of_age(story: Story) -> None:
    story.accepted()
    verdict, age = only(story, "eligibility"), only(story, "age_criterion")
    assert (verdict.value, verdict.confirmed) == ("eligible", None)
    assert {finding["verdict"] for finding in verdict.inputs["findings"].values()} == {"met"}
    assert (age.value, age.rows, age.inputs["birth_date"]) == ("met", ["E1"], "2021-01-15")


def test_an_acceptance_against_the_criteria_keeps_who_and_why(story: Story) -> None:
    story.referred()
    referral_accept(
        journey_id=story.journey_id,
        by=story.clinician.actor,
        at=story.later(hours=1),
        override_reason="Compassionate use agreed with the maker.",
    )
    verdict = only(story, "eligibility")
    assert (verdict.value, verdict.confirmed, verdict.confirmed_by) == ("incomplete", "accepted", "Ben")
    assert verdict.reason == "Compassionate use agreed with the maker."
    assert verdict.missing


def test_how_long_a_finding_holds_is_kept_with_the_day_a_person_gave_instead(story: Story) -> None:
    story.referred()
    criterion = next(each for each in protocol_for(story.journey).criteria() if each.valid_days)
    day = story.at.date()
    eligibility_assess(
        journey_id=story.journey_id,
        assessment=CriterionAssessment(
            criterion=criterion.id,
            verdict="met",
            observed_on=day,
            valid_until=day + timedelta(days=1),
            finding="The laboratory repeats it tomorrow.",
        ),
        by=story.clinician.actor,
        at=story.at,
    )
    kept = only(story, "criterion_validity")
    assert kept.value == (day + timedelta(days=criterion.valid_days or 0)).isoformat()
    assert kept.confirmed == (day + timedelta(days=1)).isoformat()
    assert kept.reason == "The laboratory repeats it tomorrow."
    assert kept.rows == [criterion.id]


def test_a_booking_keeps_the_washout_that_binds_and_the_reason_to_collect_before_its_end(
    story: Story,
) -> None:
    story.accepted()
    treatment_record(
        journey_id=story.journey_id,
        treatment=TreatmentDetails(drug="Cyclophosphamide", drug_class="cytotoxic", last_dose=story.at),
        by=story.clinician.actor,
        at=story.at,
    )
    booking_create(
        journey_id=story.journey_id,
        slot_id=story.slot().pk,
        by=story.coordinator.actor,
        at=story.later(hours=1),
        override_reason="The disease does not wait.",
    )
    washout = only(story, "washout")
    assert (washout.value, washout.confirmed, washout.confirmed_by) == ("open", "waived", "Ada")
    assert washout.result["binding"] == "cytotoxic"
    assert washout.reason == "The disease does not wait."
    assert washout.inputs["exposures"][0]["class"] == "cytotoxic"


def test_a_collection_day_keeps_what_its_numbers_allow_and_nothing_else(story: Story) -> None:
    Resource.objects.create(center=story.center, name="Machine 1", extracorporeal_volume_ml=180)
    story.collected(pre_cd3_per_ul=800, volume_processed_ml=4000, pre_platelets_e9_per_l=100)
    volume, outside = only(story, "total_blood_volume"), only(story, "extracorporeal_volume")
    assert (volume.inputs["weight_kg"], volume.unit) == (18.4, "mL")
    assert float(outside.value or 0) == round(180 / float(volume.value or 1) * 100, 1)
    assert outside.result["prime_required"] is True
    assert only(story, "collection_efficiency").result["ce1_percent"] is None
    assert only(story, "platelets_after_apheresis").unit == "×10⁹/L"


def test_a_collection_without_counts_stores_no_efficiency(story: Story) -> None:
    story.collected()
    assert results(story, "collection_efficiency") == []
    assert results(story, "platelets_after_apheresis") == []
    assert results(story, "extracorporeal_volume") == [], "the volume of this machine is not known"


def test_cells_below_the_target_are_used_for_a_reason_that_stays(story: Story) -> None:
    booking = story.booked()
    story.at = booking.slot.starts_at
    collection_day_record(
        journey_id=story.journey_id,
        day=CollectionDayDetails(
            identity_missing_reason="A test.", decision="enough", tnc=900_000_000, cd3=100_000_000
        ),
        by=story.nurse.actor,
        at=story.at,
    )
    collection_complete(
        journey_id=story.journey_id, by=story.nurse.actor, at=story.later(hours=6), reason="No second chance."
    )
    cells = only(story, "collection_acceptance")
    assert (cells.value, cells.confirmed, cells.reason) == ("false", "true", "No second chance.")


def test_the_expiry_of_cells_is_counted_from_the_first_day(story: Story) -> None:
    story.collected()
    expiry = only(story, "collection_expiry")
    assert expiry.inputs["collected_on"] == expiry.computed_at.date().isoformat()
    assert expiry.value == expiry.result["last_day"]


def test_an_out_of_specification_report_keeps_the_criteria_of_release(story: Story) -> None:
    story.manufacturing()
    out_of_specification_report(
        journey_id=story.journey_id,
        batch=BatchDetails(viability_percent=61.0),
        deviation=Deviation(parameter="Viability", limit="70 %", value="61 %"),
        by=story.lab.actor,
        at=story.later(days=20),
    )
    criteria = only(story, "release_criteria")
    assert criteria.inputs == {"viability_percent": 61}
    assert criteria.explanation


def test_the_dose_by_the_rule_stands_beside_the_dose_given(story: Story) -> None:
    a_long_story(story)
    dose = only(story, "tocilizumab_dose")
    assert (dose.value, dose.unit) == ("220.8", "mg")
    assert (dose.confirmed, dose.reason) == ("200", "Rounded to a vial.")


def test_a_dose_of_an_unweighed_child_is_unknown(story: Story) -> None:
    story.infused()
    Measurement.objects.all().delete()
    intervention_record(
        journey_id=story.journey_id,
        intervention=InterventionDetails(agent="tocilizumab"),
        by=story.clinician.actor,
        at=story.later(hours=2),
    )
    dose = only(story, "tocilizumab_dose")
    assert (dose.value, dose.missing, dose.confirmed) == (None, ["weight_kg"], None)


def test_capd_is_kept_when_its_answers_were_given(story: Story) -> None:
    story.infused()
    story.assessed(icans=IcansInput(capd_answers=CALM, consciousness=Consciousness.SPONTANEOUS))
    story.assessed(icans=IcansInput(capd_total=7, consciousness=Consciousness.SPONTANEOUS))
    assert [each.value for each in results(story, "capd")] == ["0"]
    assert [each.value for each in results(story, "icans")] == ["0", "0"]


def test_a_visit_keeps_b_cell_aplasia_and_whose_the_immunoglobulin_is(story: Story) -> None:
    story.in_follow_up()
    story.later(days=14)
    story.visited(
        "visit_day_28",
        b_cells_per_ul=0.0,
        igg_mg_dl=350,
        last_immunoglobulin_on=story.at.date() - timedelta(days=3),
    )
    b_cells, igg = only(story, "b_cell_aplasia"), only(story, "immunoglobulin")
    assert (b_cells.value, len(b_cells.inputs["samples"])) == ("ongoing", 1)
    assert b_cells.missing == ["b_cells_percent"]
    assert (igg.value, igg.result["is_low"]) == ("replaced", True)
    assert "native_after_days" in igg.rows
