"""Every stored value says which rule gave it, from what, and what a person made of it."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from cartpath.core.answers import Answer
from cartpath.core.sentences import say
from cartpath.core.version import VERSION
from cartpath.exchange.handlers import HANDLERS
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from cartpath.web.rule_words import known_rules
from followup.models import Visit
from followup.services import transplant_record, visit_strike
from leukapheresis.models import Resource
from patients.eligibility import protocol_for
from patients.provenance import computed, sentence_of, sentence_record, value_text
from patients.results import RuleResult
from tests.factories import Story
from tests.toxicity.bedside import WELL, observed
from toxicity.grading.capd import CapdAnswer
from toxicity.grading.crs import CrsInput
from toxicity.grading.icans import Consciousness, IcansInput, Seizure
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import Assessment
from toxicity.services import assessment_strike
from toxicity.signing import result_confirm

FEVER = CrsInput(temperature_c=39.4, hypotension=False)
CALM = (*[CapdAnswer.ALWAYS] * 4, *[CapdAnswer.NEVER] * 4)

# Keys that services add to an event because a rule said so. Every one needs its record beside it.
VERDICTS = {
    *("eligibility", "washout_open", "accepted", "b_cell_aplasia", "expected_mg", "dose_in_range", "gate"),
    *("crs.grade", "crs.computed_grade", "crs.at_least"),
    *("icans.grade", "icans.computed_grade", "icans.at_least"),
    *("b_cell_turn", "b_cell_alert", "igg_level", "g_per_kg", "stop_verdict", "vaccine_window"),
    "below_mmhg",
    "trigger",
}
# Keys that services add because they know them: names, numbers, sums, figures of the rule named beside them.
KNOWN_FACTS = {
    "overrules",
    *("product", "protocol_id", "protocol_version", "protocol", "from", "to", "round", "day", "days"),
    *("tnc_total", "cd3_total", "source", "weight_kg", "lot", "chain_of_identity", "body_surface_m2"),
    *("min_cells", "max_cells", "rule", "rules", "fraction", "from_fraction", "item", "computed_value"),
    *("machine", "starts_at", "ends_at", "first_starts_at", "expires_at"),
    *("identity_verified", "din", "collection_type", "expires_on"),
    *("planned_mg", "height_cm", "measured_on", "first_on", "last_on"),
    *("weighed_on", "case", "planned_on", "weight_from"),
    *("vitals", "neuro", "weight", "ungraded"),
    *("region", "was_given"),
    *("bag", "minutes_since_thaw", "in_time"),
}


def results(story: Story, rule: str) -> list[RuleResult]:
    """What is stored of one rule, oldest first."""
    found = RuleResult.objects.filter(journey_id=story.journey_id, rule=rule)
    return list(found.order_by("computed_at", "event_id", "position"))


def only(story: Story, rule: str) -> RuleResult:
    """The one result of a rule."""
    (found,) = results(story, rule)
    return found


def a_long_story(story: Story) -> None:
    """From referral to a transplant, with everything that rules judge on the way."""
    Resource.objects.create(center=story.center, name="Machine 1", extracorporeal_volume_ml=180)
    story.infused()
    story.assessed(crs=FEVER, icans=IcansInput(capd_answers=CALM, consciousness=Consciousness.SPONTANEOUS))
    intervention_record(
        journey_id=story.journey_id,
        intervention=InterventionDetails(agent="tocilizumab", dose_mg=200, note="Rounded to a vial."),
        by=story.clinician.actor,
        at=story.later(minutes=30),
    )
    story.later(days=28)
    story.visited("visit_day_28", response="CR", b_cells_percent=0.0, b_cells_per_ul=0.0, igg_mg_dl=350)
    transplant_record(
        journey_id=story.journey_id,
        transplanted_on=story.at.date(),
        by=story.clinician.actor,
        at=story.later(hours=5),
    )
    visit_strike(
        visit_id=Visit.objects.get().pk,
        reason="Another child.",
        by=story.clinician.actor,
        at=story.later(hours=1),
    )


def _found(data: dict[str, Any], name: str) -> Any:
    value: Any = data
    for step in name.split("."):
        value = (value or {}).get(step)
    return value


# --- No verdict without its record -------------------------------------------------------------------------


def test_no_event_of_a_long_journey_holds_a_verdict_without_its_record(story: Story) -> None:
    a_long_story(story)
    told = list(Event.objects.of(story.journey_id))
    without = [
        (event.kind, name)
        for event in told
        for name in sorted(VERDICTS)
        if _found(event.data, name) is not None and not event.data.get("computed")
    ]
    assert without == []
    assert {event.kind for event in told if event.data.get("computed")} >= {
        EventKind.ELIGIBILITY_ASSESSED,
        EventKind.ACCEPTED,
        EventKind.APHERESIS_BOOKED,
        EventKind.COLLECTION_DAY_RECORDED,
        EventKind.COLLECTION_COMPLETED,
        EventKind.PRODUCT_RELEASED,
        EventKind.LYMPHODEPLETION_GIVEN,
        EventKind.INFUSED,
        EventKind.TOXICITY_ASSESSED,
        EventKind.INTERVENTION_GIVEN,
        EventKind.VISIT_RECORDED,
        EventKind.TRANSPLANTED,
        EventKind.ENTERED_IN_ERROR,
    }


def test_no_event_of_a_night_at_the_bedside_holds_a_verdict_without_its_record(story: Story) -> None:
    story.infused()
    story.later(hours=6)
    observed(story, replace(WELL, temperature_c=39.4, systolic=60, diastolic=40, spo2=84))
    story.later(days=1)
    for _ in range(4):
        story.later(hours=12)
        observed(story, WELL, capd=CALM, consciousness=Consciousness.SPONTANEOUS, seizure=Seizure.NONE)
    told = list(Event.objects.of(story.journey_id))
    judged = {
        EventKind.OBSERVATIONS_RECORDED: "below_mmhg",
        EventKind.TOXICITY_ASSESSED: "crs",
        EventKind.ALERT_RAISED: "urgency",
        EventKind.EPISODE_OPENED: "grade",
        EventKind.EPISODE_RESOLVED: "peak_grade",
    }
    without = [
        (event.kind, event.seq)
        for event in told
        if event.data.get(judged.get(EventKind(event.kind), "")) is not None
        and not event.data.get("computed")
    ]
    assert without == []
    seen = {event.kind for event in told if event.data.get("computed")}
    assert seen >= set(judged)
    assert set(RuleResult.objects.values_list("rule", flat=True)) - known_rules() == set()


@pytest.mark.parametrize("kind", list(HANDLERS))
def test_what_a_service_adds_to_an_event_is_known_as_a_verdict_or_as_a_fact(kind: EventKind) -> None:
    """A service that begins to store something new must be put into one of the two lists above."""
    assert set(HANDLERS[kind].checked) <= VERDICTS | KNOWN_FACTS


def test_every_rule_that_is_stored_has_a_name_and_words(story: Story) -> None:
    a_long_story(story)
    stored = set(RuleResult.objects.values_list("rule", flat=True))
    assert stored - known_rules() == set()
    assert len(stored) >= 15


def test_the_version_that_is_stored_is_the_project_s_own() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert f'version = "{VERSION}"' in project.read_text()


# --- The record itself -------------------------------------------------------------------------------------


def test_a_record_names_rule_version_inputs_value_and_reasons(story: Story) -> None:
    story.infused()
    made = story.assessed(crs=FEVER)
    grade = only(story, "crs")
    assert (grade.value, grade.unit, grade.rule_version, grade.software) == ("1", "", "ASTCT 2019", VERSION)
    assert grade.inputs["temperature_c"] == 39.4
    assert grade.inputs["hypotension"] is False
    assert grade.event_id == made.event_id
    assert (grade.computed_at, grade.computed_by) == (made.assessed_at, "Nina")
    assert "ASTCT" in grade.source
    assert grade.explanation and grade.missing == ["hypoxia"]
    assert (grade.confirmed, grade.confirmed_by, grade.confirmed_at) == (None, "", None)


def test_a_record_names_the_rows_of_the_protocol_that_decided(story: Story) -> None:
    story.collected()
    cells = only(story, "collection_acceptance")
    assert (cells.protocol_id, cells.protocol_version) == ("tisagenlecleucel-eu", "1")
    protocol = protocol_for(story.journey)
    assert cells.rows == [target.id for target in protocol.collection_targets()]
    assert cells.inputs == {"product": "tisagenlecleucel", "tnc": 5_600_000_000, "cd3": 2_600_000_000}


def test_the_stored_sentences_are_said_again_word_for_word(story: Story) -> None:
    a_long_story(story)
    records = [each for result in RuleResult.objects.all() for each in result.explanation]
    assert [str(sentence_of(each)) for each in records] == [each["text"] for each in records]
    assert sum(bool(each["values"]) for each in records) > 30


@pytest.mark.parametrize(
    "sentence",
    [
        say("Weight times factor below {limit:g} kg.", limit=35.0),
        say("{dose} mg, {percent:.1f} %.", dose=Decimal("400.0"), percent=12.04),
        say("Nothing to fill."),
        say("{label}: {said}", label="CRS", said=say("grade {grade}", grade=2)),
    ],
)
def test_a_sentence_survives_the_ledger_with_its_values(sentence: str) -> None:
    kept = sentence_record(sentence)
    assert kept["text"] == str(sentence) == str(sentence_of(kept))
    assert kept["template"] == sentence.template  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, None), (True, "true"), (False, "false"), (12.5, "12.5"), (12.0, "12"), (3, "3"), ("met", "met")],
)
def test_a_value_is_kept_as_plain_text_and_unknown_stays_unknown(value: object, text: str | None) -> None:
    assert value_text(value) == text


def test_without_a_confirmed_value_there_is_no_person_and_no_reason() -> None:
    answer = Answer(
        name="capd", result={"total": 9}, source="Traube 2014", scale="CAPD", scale_version="2014"
    )
    record = computed("capd", value=9, inputs={"total": 9}, answer=answer, reason="Never mind.")
    assert (record["confirmed"], record["confirmed_by"], record["reason"]) == (None, None, None)
    assert record["rule_version"] == "CAPD 2014"
    assert record["protocol"] is None


def test_a_rule_without_a_scale_carries_the_version_of_cartpath() -> None:
    answer = Answer(name="tocilizumab_dose", result={}, source="Label")
    record = computed("tocilizumab_dose", value=None, inputs={}, answer=answer)
    assert record["rule_version"] == f"CARTPath {VERSION}"


# --- The reader --------------------------------------------------------------------------------------------


def _table() -> list[dict[str, Any]]:
    return [dict(row) for row in RuleResult.objects.order_by("pk").values()]


def test_the_table_comes_back_from_the_ledger_as_it_was(story: Story) -> None:
    a_long_story(story)
    made = Assessment.objects.get()
    result_confirm(
        assessment_id=made.pk, rule="crs", grade=1, by=story.clinician.actor, at=story.later(hours=1)
    )
    before = _table()
    RuleResult.objects.filter(rule="crs").delete()
    RuleResult.objects.filter(rule="icans").update(value="4", confirmed=None)
    RuleResult.objects.filter(rule="washout").update(reason="Changed by hand.")
    call_command("replay", "results")
    assert _table() == before
    assert verify(story.journey_id).breaks == []


def test_a_result_of_a_fact_entered_in_error_stays_and_is_struck(story: Story) -> None:
    story.infused()
    made = story.assessed(crs=FEVER)
    assessment_strike(
        assessment_id=made.pk, reason="Another child.", by=story.clinician.actor, at=story.later(hours=1)
    )
    grade = only(story, "crs")
    assert (grade.struck_at, grade.struck_by, grade.struck_reason) == (story.at, "Ben", "Another child.")
    assert not RuleResult.objects.counting().filter(rule="crs").exists()


def test_a_difference_without_a_reason_is_refused_by_the_database(story: Story) -> None:
    story.infused()
    story.assessed(crs=FEVER)
    grades = RuleResult.objects.filter(rule="crs")
    person = {"confirmed_by": "Ben", "confirmed_at": story.at}
    for change in ({"confirmed": "2"}, {"confirmed": "2", "value": None}):
        with pytest.raises(IntegrityError, match="rule_result_difference_reasoned"), transaction.atomic():
            grades.update(**person, **change)
    with pytest.raises(IntegrityError, match="rule_result_confirmed_by_somebody"), transaction.atomic():
        grades.update(confirmed="1")
    grades.update(confirmed="2", reason="Shivering.", **person)
