"""What rules make of the stored values: ICAHT as it runs, CTCAE by the center's version, IEC-HS, lysis."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cartpath.core.errors import Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from infusion.inputs import InfusionDetails
from infusion.services import infusion_record
from tests.factories import Story
from tests.laboratory.reports import recorded
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record, intervention_strike
from toxicity.laboratory.facts import facts_of
from toxicity.laboratory.inputs import HyperinflammationDetails, LabEntry, LabResult
from toxicity.laboratory.judging import (
    Facts,
    ctcae_grade,
    icaht_answer,
    latest,
    normal,
    t_icaht_answer,
    tls_answer,
)
from toxicity.laboratory.limits import AGE_LIMITS, limit_of
from toxicity.laboratory.prompting import prompt
from toxicity.laboratory.services import (
    hyperinflammation_consider,
    laboratory_record,
    laboratory_strike,
)
from toxicity.models import Intervention


def facts(story: Story) -> Facts:
    return facts_of(story.journey, at=story.at)


def counted(story: Story, *counts: tuple[float, float]) -> None:
    """Neutrophils and platelets, once a day from the next day on."""
    for anc, platelets in counts:
        story.later(days=1)
        recorded(story, anc=(anc, "/uL"), platelets=(platelets, "10*9/L"))


def early(story: Story) -> int | None:
    answer = icaht_answer(facts(story))
    assert answer is not None
    return answer.result["early_grade"]  # type: ignore[return-value]


def test_icaht_runs_with_the_days_and_is_a_lower_bound_until_day_30(story: Story) -> None:
    story.infused()
    recorded(story, anc=(2000, "/uL"), platelets=(90, "10*9/L"))
    counted(story, *[(300, 40)] * 6)
    answer = icaht_answer(facts(story))
    assert answer is not None
    assert (answer.result["early_grade"], answer.result["longest_days_le_500"]) == (1, 6)
    assert answer.result["at_least"] is True
    counted(story, (300, 15))
    assert early(story) == 2
    platelets = t_icaht_answer(facts(story))
    assert platelets is not None
    assert (platelets.result["early_grade"], platelets.result["days_below_20"]) == (3, 1)
    assert "transfusion_days" in platelets.missing


def test_the_lowest_count_of_a_local_day_counts_also_around_midnight(story: Story) -> None:
    story.infused()
    zone = story.center.zone
    story.at = (story.at + timedelta(days=1)).astimezone(zone).replace(hour=23, minute=50)
    recorded(story, anc=(600, "/uL"))
    story.later(minutes=20)
    recorded(story, anc=(90, "/uL"))
    answer = icaht_answer(facts(story))
    assert answer is not None
    assert answer.result["longest_days_le_100"] == 1


def test_a_struck_count_no_longer_counts_for_icaht(story: Story) -> None:
    story.infused()
    made = recorded(story, anc=(90, "/uL"))
    laboratory_strike(set_id=made.pk, reason="Another child's.", by=story.nurse.actor, at=story.at)
    answer = icaht_answer(facts(story))
    assert answer is not None
    assert answer.result["early_grade"] is None


@pytest.mark.parametrize(("version", "grade"), [("5", 4), ("6", 3)])
def test_ctcae_is_graded_in_the_version_the_center_chose(story: Story, version: str, grade: int) -> None:
    story.infused()
    recorded(story, anc=(300, "/uL"))
    chosen = replace(facts(story), ctcae_version=version)  # type: ignore[arg-type]
    reading = latest(chosen, "anc")
    assert reading is not None
    graded = ctcae_grade(chosen, reading)
    assert graded is not None and graded.grade == grade


def test_the_protocol_says_version_5_until_the_center_chooses_another(story: Story) -> None:
    story.infused()
    assert facts(story).ctcae_version == "5"


def test_the_laboratorys_own_limits_go_before_those_of_the_age(story: Story) -> None:
    story.infused()
    given = LabResult(analyte="creatinine", value=0.6, unit="mg/dL", high=0.5)
    laboratory_record(
        journey_id=story.journey_id,
        taken_at=story.at,
        entry=LabEntry(results=(given,)),
        by=story.nurse.actor,
        at=story.at,
    )
    story.later(hours=1)
    recorded(story, creatinine=(0.6, "mg/dL"), ferritin=(600, "ng/mL"))
    known = facts(story)
    first, second = known.readings["creatinine"]
    assert (normal(known, first).by, normal(known, first).side(0.6)) == ("laboratory", "high")
    assert (normal(known, second).by, normal(known, second).high) == ("age", 0.7)
    assert normal(known, known.readings["ferritin"][0]).by == ""


def test_the_ages_of_a_limit_never_overlap_within_a_sex() -> None:
    for analyte, rows in AGE_LIMITS.items():
        for sex in ("female", "male"):
            for month in range(241):
                fitting = [
                    row for row in rows if row.from_months <= month < row.to_months and row.sex in (None, sex)
                ]
                assert len(fitting) <= 1, (analyte, sex, month)


def test_a_limit_that_differs_by_sex_is_unknown_without_it() -> None:
    assert limit_of("hemoglobin", age_months=150, sex="unknown") is None
    assert limit_of("hemoglobin", age_months=143, sex="male") == limit_of(
        "hemoglobin", age_months=120, sex="male"
    )
    assert limit_of("alt", age_months=0, sex="female") is None


def inflamed(story: Story) -> None:
    recorded(story, ferritin=(9000, "ng/mL"), fibrinogen=(120, "mg/dL"), alt=(60, "U/L"), ast=(60, "U/L"))


def test_iec_hs_prompts_on_ferritin_above_twice_the_childs_own_baseline(story: Story) -> None:
    story.ready()
    recorded(story, ferritin=(400, "ng/mL"))
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(dose_cells=50_000_000),
        by=story.clinician.actor,
        at=story.later(minutes=15),
    )
    story.later(days=6)
    inflamed(story)
    found = prompt(story.journey, at=story.at)
    assert found.fires is True and found.is_open
    assert found.trigger == ("ferritin_above_2_times", "fibrinogen_below_150")


def test_without_limit_and_baseline_ferritin_leaves_the_prompt_undecided(story: Story) -> None:
    story.infused()
    story.later(days=6)
    inflamed(story)
    assert prompt(story.journey, at=story.at).fires is None


def prompted(story: Story) -> None:
    """A child in whom IEC-HS has to be considered, by the limit that the laboratory gave."""
    story.infused()
    story.later(days=6)
    results = (
        LabResult(analyte="ferritin", value=9000, unit="ng/mL", low=15, high=150),
        LabResult(analyte="fibrinogen", value=120, unit="mg/dL"),
    )
    laboratory_record(
        journey_id=story.journey_id,
        taken_at=story.at,
        entry=LabEntry(results=results),
        by=story.nurse.actor,
        at=story.at,
    )


def considered(story: Story, decision: str, **details: object) -> None:
    hyperinflammation_consider(
        journey_id=story.journey_id,
        details=HyperinflammationDetails(decision=decision, **details),  # type: ignore[arg-type]
        by=story.clinician.actor,
        at=story.later(minutes=10),
    )


def test_a_clinicians_answer_closes_the_prompt_until_something_new_fires(story: Story) -> None:
    prompted(story)
    considered(story, "absent", note="Bacteremia explains it.", other_explanation=True)
    closed = prompt(story.journey, at=story.at)
    assert closed.fires is True and not closed.is_open and closed.last is not None
    assert closed.last.considered_by == story.clinician.actor.name
    story.later(hours=4)
    recorded(story, alt=(400, "U/L"))
    again = prompt(story.journey, at=story.at)
    assert again.is_open
    assert "transaminases_above_5_times" in again.trigger


def test_watching_is_asked_again_after_a_day(story: Story) -> None:
    prompted(story)
    considered(story, "watch")
    assert not prompt(story.journey, at=story.at + timedelta(hours=23)).is_open
    assert prompt(story.journey, at=story.at + timedelta(hours=24)).is_open


def test_values_older_than_three_days_no_longer_prompt(story: Story) -> None:
    prompted(story)
    assert prompt(story.journey, at=story.at + timedelta(hours=72)).fires is True
    assert prompt(story.journey, at=story.at + timedelta(hours=73)).fires is None


def test_what_was_considered_is_kept_with_what_the_rule_said(story: Story) -> None:
    prompted(story)
    considered(story, "present", grade=2, hemophagocytosis=True)
    event = Event.objects.get(journey_id=story.journey_id, kind=EventKind.HYPERINFLAMMATION_CONSIDERED)
    (record,) = event.data["computed"]
    assert event.data["trigger"] == ["ferritin_above_2_times", "fibrinogen_below_150"]
    assert (record["rule"], record["value"], record["confirmed"]) == ("iec_hs", "true", "true")
    assert record["inputs"]["hemophagocytosis"] is True
    assert record["confirmed_by"] == story.clinician.actor.name


def test_only_iec_hs_that_is_present_has_a_grade(story: Story) -> None:
    prompted(story)
    with pytest.raises(Invalid):
        considered(story, "absent", grade=2)


def test_tumor_lysis_looks_at_the_last_day_and_leaves_the_unknown_open(story: Story) -> None:
    story.infused()
    recorded(story, uric_acid=(9, "mg/dL"), phosphate=(7, "mg/dL"))
    assert tls_answer(facts(story)).result["laboratory"] is True
    story.later(hours=25)
    assert tls_answer(facts(story)).result["laboratory"] is None


def transfused(story: Story, **details: Any) -> Intervention:
    return intervention_record(
        journey_id=story.journey_id,
        intervention=InterventionDetails(agent="platelets", **details),
        by=story.nurse.actor,
        at=story.at,
    )


def days_below_20(story: Story) -> object:
    answer = t_icaht_answer(facts(story))
    assert answer is not None
    return answer.result["days_below_20"]


def test_a_recovery_after_a_platelet_transfusion_is_none(story: Story) -> None:
    """Low until day 1 and on day 6, not low between them: a recovery only when nobody gave platelets."""
    story.infused()
    given = None
    for day, platelets in enumerate((15, 40, 42, 45, 41, 15), start=1):
        story.later(days=1)
        recorded(story, platelets=(platelets, "10*9/L"))
        if day == 1:
            unknown = facts(story)
            given = transfused(story, volume_ml=150)
    assert unknown.transfusion_days is None
    assert facts(story).transfusion_days == (1,)
    assert days_below_20(story) == 7
    answer = t_icaht_answer(facts(story))
    assert answer is not None
    assert "transfusion_days" not in answer.missing
    assert given is not None
    intervention_strike(intervention_id=given.pk, reason="Another child.", by=story.nurse.actor, at=story.at)
    assert facts(story).transfusion_days is None
    assert days_below_20(story) == 3


def test_a_transfusion_has_a_volume_and_no_dose(story: Story) -> None:
    story.infused()
    story.later(hours=1)
    assert transfused(story, volume_ml=150).volume_ml == 150
    with pytest.raises(Invalid) as refused:
        transfused(story, dose_mg=5)
    assert set(refused.value.fields) == {"dose_mg"}
