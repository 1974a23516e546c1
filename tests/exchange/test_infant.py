"""The real case: what the report says is there, what it doesn't say is unknown."""

import io
from typing import Any

import pytest
from django.core.management import call_command

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.core.dates import age_on
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import JourneyFileError, read
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from cartpath.papers.custody import custody_report
from cartpath.reminders.models import Reminder
from followup.models import Visit
from infusion.models import Infusion, LymphodepletionDose, LymphodepletionWaiver
from leukapheresis.models import Collection
from leukapheresis.selectors import collection_days, totals
from manufacturing.models import Batch
from patients.models import Journey, Patient, Status, Treatment
from tests.exchange.conftest import INFANT, NOW, line_holding
from tests.papers.reading import text_of
from toxicity.models import Assessment


@pytest.fixture
def infant(hospital: Center) -> Journey:
    done = journey_import(file=read(INFANT.read_text(encoding="utf-8"), now=NOW), by=Actor.system("import"))
    return Journey.objects.select_related("patient", "status", "referral").get(pk=done.journey_id)


def test_a_5_month_old_girl_of_6_8_kg_is_collected_on_three_days(infant: Journey) -> None:
    days = collection_days(infant.pk, round_number=1)
    assert [day.decision for day in days] == ["again", "again", "enough"]
    assert age_on(infant.patient.birth_date, days[0].started_at.date()).months == 5
    assert float(days[0].weight_kg or 0) == 6.8
    assert days[0].alc_per_ul == 880
    assert {day.prime for day in days} == {"whole_blood"}


def test_what_was_printed_as_a_concentration_is_not_taken_for_a_number_of_cells(infant: Journey) -> None:
    days = collection_days(infant.pk, round_number=1)
    added = totals(days)
    assert (added.tnc, added.cd3, added.unknown_days) == (None, None, (1, 2, 3))
    assert "TNC 0.14 ×10⁹/L" in days[0].note
    collection = Collection.objects.get(journey=infant)
    assert (collection.tnc_total, collection.cd3_total, collection.is_accepted) == (None, None, None)
    assert collection.decision_reason


def test_the_product_out_of_specification_was_decided_on_with_reason_and_consent(infant: Journey) -> None:
    batch = Batch.objects.select_related("out_of_specification").get(journey=infant)
    deviation = batch.out_of_specification
    assert batch.state == "accepted_out_of_specification"
    assert deviation.parameter == "CAR-positive viable cells, percent"
    assert (deviation.decision, deviation.limit, deviation.value) == ("use", "", "")
    assert deviation.reason
    assert deviation.consent_on
    assert (batch.car_positive_viable_cells, batch.viability_percent, batch.lot) == (None, None, "")


def test_dose_lymphodepletion_and_toxicity_stay_unknown(infant: Journey) -> None:
    infusion = Infusion.objects.get(journey=infant)
    assert (infusion.dose_cells, infusion.is_dose_in_range, infusion.ended_at) == (None, None, None)
    assert infusion.override_reason
    assert infusion.history_reason
    assert not LymphodepletionDose.objects.filter(journey=infant).exists()
    assert not LymphodepletionWaiver.objects.filter(journey=infant).exists()
    assert not Assessment.objects.filter(journey=infant).exists()
    status = infant.status
    assert status.lymphodepletion_started_at is None
    assert (status.crs_current, status.crs_max, status.icans_current, status.icans_max) == (None,) * 4


def test_last_doses_before_collection_stay_unknown(infant: Journey) -> None:
    treatments = Treatment.objects.filter(journey=infant)
    assert treatments.count() == 5
    assert {treatment.last_dose for treatment in treatments} == {None}
    assert infant.referral.cd19_tested_on is None
    assert infant.referral.performance_score is None


def test_remission_is_told_in_words_because_the_report_gives_no_grade_of_it(infant: Journey) -> None:
    assert infant.stage == "follow_up"
    assert infant.status.last_response is None
    told = dict(Visit.objects.filter(journey=infant).values_list("item", "note"))
    assert set(told) == {"visit_day_28", "visit_month_15"}
    assert "remission" in told["visit_month_15"]
    assert {visit.mrd_result for visit in Visit.objects.filter(journey=infant)} == {""}


def test_after_the_transplant_b_cell_aplasia_is_no_longer_followed(infant: Journey) -> None:
    assert infant.status.transplanted_on is not None
    assert infant.status.b_cell_aplasia == "not_applicable"


def test_nothing_unknown_became_an_empty_text_or_zero_in_the_figures_of_the_ledger(infant: Journey) -> None:
    infused = Event.objects.get(journey_id=infant.pk, kind="infused").data
    assert infused["dose_cells"] is None
    assert infused["dose_in_range"] is None
    days = Event.objects.filter(journey_id=infant.pk, kind="collection_day_recorded")
    assert {(day.data["tnc"], day.data["cd3"]) for day in days} == {(None, None)}


def test_the_ledger_of_the_case_verifies_and_replays(infant: Journey) -> None:
    assert verify(infant.pk).breaks == []
    before = _derived(infant)
    call_command("replay", "all", stdout=io.StringIO())
    assert _derived(infant) == before


def _derived(journey: Journey) -> tuple[list[Any], list[Any]]:
    """The rows that readers keep: status and reminders."""
    reminders = Reminder.objects.filter(journey=journey).order_by("pk")
    return list(Status.objects.filter(journey=journey).values()), list(reminders.values())


@pytest.mark.usefixtures("hospital")
def test_one_wrong_date_in_the_case_names_the_line_and_leaves_nothing() -> None:
    text = INFANT.read_text(encoding="utf-8").replace(
        '"transplanted_on": "2025-06-17"', '"transplanted_on": "2025-01-17"'
    )
    with pytest.raises(JourneyFileError) as refused:
        journey_import(file=read(text, now=NOW), by=Actor.system("import"))
    (problem,) = refused.value.problems
    assert problem.line == line_holding(text, '"transplanted_on"')
    assert str(problem).startswith(f"line {problem.line}: events[21].data.transplanted_on: Impossible day.")
    assert not Patient.objects.exists()
    assert not Event.objects.exists()


def test_the_custody_report_tells_every_decision_about_the_product_out_of_specification(
    infant: Journey,
) -> None:
    report = text_of(custody_report(infant, by="Dana", at=NOW).content)
    for said in (
        "Product out of specification",
        "CAR-positive viable cells, percent",
        "Decision on the product: Use the product",
        "below the release specification",
        "family's consent 26-Feb-2025",
        "Identity confirmed by two people",
        "Infused",
        "The report does not state the dose.",
    ):
        assert said in report, said
    places = [report.index(said) for said in ("Product out of specification", "Decision on the product")]
    assert places == sorted(places)
