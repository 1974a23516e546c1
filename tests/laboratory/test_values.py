"""Values of the laboratory: units, what is impossible, correction, and what stays in the ledger."""

from datetime import timedelta

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from tests.factories import Story
from tests.laboratory.reports import entry, recorded
from toxicity.laboratory.catalog import CATALOG
from toxicity.laboratory.inputs import LabEntry, LabResult
from toxicity.laboratory.selectors import lab_sets, laboratory_readings
from toxicity.laboratory.services import laboratory_correct, laboratory_record, laboratory_strike
from toxicity.laboratory.units import analyte_named, canonical, checked, unit_of


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "kept"),
    [
        ("anc", 0.48, "10^9/L", 480),
        ("anc", 0.48, "×10³/µL", 480),
        ("platelets", 21_000, "/µL", 21),
        ("platelets", 21, "G/L", 21),
        ("hemoglobin", 82, "g/L", 8.2),
        ("hemoglobin", 5.1, "mmol/L", 8.2181),
        ("ferritin", 12.5, "mg/L", 12_500),
        ("crp", 4.2, "mg/dL", 42),
        ("fibrinogen", 1.4, "g/L", 140),
        ("alt", 2.5, "µkat/L", 150),
        ("bilirubin", 17.1, "umol/L", 1.0),
        ("creatinine", 88.4, "µmol/L", 0.9998),
        ("calcium", 2.2, "mmol/L", 8.8176),
        ("d_dimer", 900, "ng/mL FEU", 0.9),
    ],
)
def test_a_value_is_kept_in_the_unit_of_the_catalog(
    analyte: str, value: float, unit: str, kept: float
) -> None:
    _analyte, stored = checked(LabResult(analyte=analyte, value=value, unit=unit))
    assert float(stored) == pytest.approx(kept, abs=0.01)


@pytest.mark.parametrize(
    ("analyte", "unit"),
    [
        ("d_dimer", "ng/mL"),  # which calibration?
        ("urea", "mg/dL"),  # urea, or urea nitrogen?
        ("ferritin", ""),
        ("alt", "mU/L"),
        ("hemoglobin", "mg/dL"),
        ("potassium", "mg/dL"),
    ],
)
def test_a_unit_that_is_missing_or_unsure_is_refused_by_name(analyte: str, unit: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(LabResult(analyte=analyte, value=4, unit=unit))
    assert refusal.value.fields.keys() == {"unit"}


@pytest.mark.parametrize(
    ("analyte", "value", "unit"),
    [
        ("hemoglobin", 82, "g/dL"),
        ("potassium", 41, "mmol/L"),
        ("sodium", 14, "mmol/L"),
        ("platelets", 21_000, "10*9/L"),
    ],
)
def test_a_slip_of_the_hand_is_refused_with_what_is_possible(analyte: str, value: float, unit: str) -> None:
    with pytest.raises(Invalid, match="is not possible"):
        checked(LabResult(analyte=analyte, value=value, unit=unit))


def test_every_unit_of_the_catalog_reads_as_itself_and_the_first_converts_to_itself() -> None:
    for analyte in CATALOG.values():
        assert analyte.units[analyte.unit] == 1
        assert all(unit_of(analyte, unit) == unit for unit in analyte.units)
        assert canonical(analyte, 2.5, analyte.unit) == pytest.approx(2.5)


def test_no_name_and_no_loinc_code_stands_for_two_analytes() -> None:
    named: dict[str, str] = {}
    for analyte in CATALOG.values():
        for word in {analyte.code.value, str(analyte.label).lower(), *analyte.words, *analyte.loinc}:
            assert named.setdefault(word, analyte.code.value) == analyte.code.value, word
            assert analyte_named(word) is analyte


def test_what_was_given_stays_in_the_ledger_beside_what_is_kept(story: Story) -> None:
    story.infused()
    recorded(story, ferritin=(1.2, "mg/L"), anc=(0.3, "10*9/L"))
    event = Event.objects.get(journey_id=story.journey_id, kind=EventKind.LABORATORY_RECORDED)
    assert event.occurred_at == story.at
    assert [(each["value"], each["unit"]) for each in event.data["results"]] == [
        (1.2, "mg/L"),
        (0.3, "10*9/L"),
    ]
    readings = laboratory_readings(story.journey_id)
    assert {name: each[0].value for name, each in readings.items()} == {"ferritin": 1200, "anc": 300}


def test_every_wrong_value_is_named_and_nothing_is_stored(story: Story) -> None:
    story.infused()
    wrong = entry(hemoglobin=(82, "g/dL"), ferritin=(900, "ng/mL"), crp=(12, "stones"))
    with pytest.raises(Invalid) as refusal:
        laboratory_record(
            journey_id=story.journey_id, taken_at=story.at, entry=wrong, by=story.nurse.actor, at=story.at
        )
    assert refusal.value.fields.keys() == {"results.0.value", "results.2.unit"}
    assert laboratory_readings(story.journey_id) == {}


def test_a_specimen_has_each_value_once(story: Story) -> None:
    story.infused()
    recorded(story, ferritin=(900, "ng/mL"))
    with pytest.raises(Conflict, match="Ferritin"):
        recorded(story, ferritin=(950, "ng/mL"), crp=(12, "mg/L"))
    twice = LabEntry(results=(LabResult(analyte="crp", value=1, unit="mg/L"),) * 2)
    with pytest.raises(Invalid):
        laboratory_record(
            journey_id=story.journey_id, taken_at=story.at, entry=twice, by=story.nurse.actor, at=story.at
        )


def test_a_time_in_the_future_is_refused(story: Story) -> None:
    story.infused()
    with pytest.raises(Invalid):
        laboratory_record(
            journey_id=story.journey_id,
            taken_at=story.at + timedelta(hours=1),
            entry=entry(ferritin=(900, "ng/mL")),
            by=story.nurse.actor,
            at=story.at,
        )


def test_a_baseline_can_be_recorded_before_the_infusion(story: Story) -> None:
    story.released()
    assert recorded(story, ferritin=(300, "ng/mL")).recorded_by == story.nurse.actor.name


def test_a_correction_strikes_the_old_set_and_keeps_it(story: Story) -> None:
    story.infused()
    first = recorded(story, ferritin=(9000, "ng/mL"))
    laboratory_correct(
        set_id=first.pk,
        taken_at=story.at,
        entry=entry(ferritin=(900, "ng/mL")),
        reason="A zero too many.",
        by=story.nurse.actor,
        at=story.later(minutes=5),
    )
    assert [each.value for each in laboratory_readings(story.journey_id)["ferritin"]] == [900]
    new, old = lab_sets(story.journey_id, struck=True)
    assert (new.struck_at, old.struck_reason) == (None, "A zero too many.")
    correction = Event.objects.get(journey_id=story.journey_id, kind=EventKind.ENTERED_IN_ERROR)
    assert correction.corrects_id == old.event_id


def test_a_set_is_struck_once_and_then_no_longer_counts(story: Story) -> None:
    story.infused()
    made = recorded(story, ferritin=(900, "ng/mL"))
    laboratory_strike(set_id=made.pk, reason="Wrong child.", by=story.nurse.actor, at=story.at)
    assert laboratory_readings(story.journey_id) == {}
    with pytest.raises(Conflict):
        laboratory_strike(set_id=made.pk, reason="Again.", by=story.nurse.actor, at=story.at)
