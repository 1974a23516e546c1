"""What nobody looked at: it lowers no rhythm of checks, clears no alert, excludes no CRS, ends no episode."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from cartpath.protocols import registry
from tests.factories import Story
from tests.toxicity.bedside import WELL, observed
from toxicity.alerts.rules.facts import Facts, Point
from toxicity.alerts.rules.signs import read
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record, intervention_stop
from toxicity.laboratory.readings import LabReading
from toxicity.models import Alert, CheckPlan, Episode, ObservationSet
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.services import observations_record

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
AIR = Oxygen(device=OxygenDevice.NONE)
FEVER: dict[str, Any] = {"temperature_c": 39.2}
NOREPINEPHRINE = InterventionDetails(agent="vasopressor", drug="norepinephrine")


@pytest.fixture
def child(story: Story) -> Story:
    """Giulia, five, two days after the infusion."""
    story.infused()
    story.later(days=2)
    return story


def crs_of(made: ObservationSet) -> tuple[int, list[str]]:
    """The grade of CRS that a set gave, and what was missing."""
    assert made.assessment is not None and made.assessment.crs is not None
    return made.assessment.crs["result"]["grade"], made.assessment.crs["missing"]


def gave(story: Story, given: InterventionDetails) -> Any:
    return intervention_record(
        journey_id=story.journey_id, intervention=given, by=story.clinician.actor, at=story.at
    )


def every(story: Story, check: str = "vitals") -> int:
    return CheckPlan.objects.get(journey_id=story.journey_id, check_kind=check).every_minutes


def rules() -> set[str]:
    return set(Alert.objects.filter(cleared_at=None).values_list("rule", flat=True))


# --- Vasopressors and boluses by the record -----------------------------------------------------------------


def test_a_second_vasopressor_that_was_charted_and_not_mentioned_since_leaves_a_lower_bound(
    child: Story,
) -> None:
    observed(child, WELL, temperature_c=37.0, vasopressors=("epinephrine",))
    gave(child, NOREPINEPHRINE)
    child.later(hours=1)
    assert crs_of(observed(child, WELL, **FEVER, vasopressors=None)) == (3, ["hypotension"])


def test_a_vasopressor_that_was_stopped_after_it_was_charted_runs_no_more(child: Story) -> None:
    given = gave(child, NOREPINEPHRINE)
    child.later(hours=1)
    observed(child, WELL, temperature_c=37.0, vasopressors=("norepinephrine",))
    intervention_stop(intervention_id=given.pk, by=child.clinician.actor, at=child.later(hours=1))
    child.later(hours=1)
    made = observed(child, WELL, **FEVER, vasopressors=None)
    assert crs_of(made) == (1, [])


def test_two_vasopressors_of_the_record_are_grade_4_though_nobody_charted_them(child: Story) -> None:
    gave(child, NOREPINEPHRINE)
    gave(child, replace(NOREPINEPHRINE, drug="epinephrine"))
    child.later(hours=1)
    assert crs_of(observed(child, WELL, **FEVER, vasopressors=None)) == (4, [])


def test_a_bolus_counts_also_when_the_pressure_was_not_read_again(child: Story) -> None:
    gave(child, InterventionDetails(agent="fluid_bolus"))
    child.later(hours=1)
    made = observed(child, ObservationEntry(temperature_c=38.6, vasopressors=()))
    assert crs_of(made) == (2, ["hypoxia"])


# --- A look that was not whole ------------------------------------------------------------------------------


def test_an_assessment_that_leaves_things_out_relaxes_no_check(child: Story) -> None:
    child.assessed(crs=CrsInput(**FEVER, hypotension=True, vasopressors=("norepinephrine",), oxygen=AIR))
    observed(child, WELL, **FEVER, vasopressors=("norepinephrine",))
    assert every(child) == 60
    child.later(hours=1)
    observed(child, WELL, **FEVER, vasopressors=("norepinephrine",))
    child.assessed(crs=CrsInput(temperature_c=36.8))
    child.later(hours=1)
    observed(child, ObservationEntry(heart_rate=100))
    assert every(child) == 60
    # Whole again, and better: the next check may wait longer.
    child.later(hours=1)
    observed(child, WELL)
    assert every(child) == 240


def test_leaving_out_each_value_of_a_round_clears_nothing_and_ends_nothing(child: Story) -> None:
    bad = {**FEVER, "spo2": 88, "systolic": 70, "diastolic": 40, "heart_rate": 170}
    observed(child, WELL, **bad)
    stood, hours = rules(), every(child)
    assert {"alert_new_fever", "alert_very_low_saturation", "alert_low_pressure"} <= stood
    for left_out in (
        {"temperature_c": None},
        {"spo2": None},
        {"systolic": None, "diastolic": None},
        {"oxygen_device": None},
        {"vasopressors": None, "systolic": None, "diastolic": None},
    ):
        child.later(hours=5)
        observed(child, ObservationEntry(**{**bad, "respiratory_rate": 22, **left_out}))
        assert stood <= rules()
        assert every(child) <= hours
    assert [each.resolved_at for each in Episode.objects.filter(scale="crs")] == [None]


def test_oxygen_as_at_home_is_no_new_need_and_more_than_that_is(child: Story) -> None:
    home: dict[str, Any] = {"oxygen_device": OxygenDevice.CPAP, "oxygen_baseline_support": True}
    observed(child, WELL, **home)
    assert rules() == set()
    child.later(hours=1)
    observed(child, WELL, oxygen_device=OxygenDevice.BIPAP)
    assert "alert_new_oxygen" in rules()


def test_what_was_seen_before_the_infusion_raises_nothing_after_it(story: Story) -> None:
    story.lymphodepleted()
    before = story.at
    observations_record(
        journey_id=story.journey_id,
        observed_at=before,
        entry=replace(WELL, temperature_c=39.0, spo2=91),
        by=story.nurse.actor,
        at=before,
    )
    story.infused()
    story.later(hours=1)
    observed(story, WELL)
    assert rules() == set()


# --- Values beyond what could be measured -------------------------------------------------------------------


@pytest.mark.parametrize(("comparator", "few"), [("", False), ("<", True), (">", False)])
def test_fewer_than_500_neutrophils_are_not_500(comparator: str, few: bool) -> None:
    protocol = registry.get("tisagenlecleucel-eu", "1")
    rule = next(row for row in protocol.pathway.alerts if row.sign == "fever_neutropenia")
    count = LabReading("anc", 500, NOON, uuid4(), comparator).compared
    facts = Facts(
        at=NOON,
        since=NOON - timedelta(hours=24),
        figures=protocol.bedside,
        points={"anc": [Point(NOON, count, "lab")], "temperature_c": [Point(NOON, 38.4, "set")]},
    )
    assert {seen.holds for seen in read(rule, facts)} == {few}
    assert read(rule, facts)[0].because["anc"] == 500
