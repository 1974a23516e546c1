"""Hand-over sheets: complete, sealed, no longer than they hold, and told from the record alone."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid, Stale
from cartpath.ledger.models import Event
from cartpath.protocols.editions import edition_alter, edition_publish, edition_retire, edition_start
from tests.factories import Story
from tests.sheets.conftest import FEVER, gave, told, written
from toxicity.alerts.selectors import standing
from toxicity.grading.crs import CrsInput
from toxicity.interventions.services import intervention_stop
from toxicity.models import HandOverSheet, Intervention
from toxicity.sheets.changes import Changes, changes_since
from toxicity.sheets.facts import ward_facts
from toxicity.sheets.inputs import SheetDetails
from toxicity.sheets.sbar import sheet_draft
from toxicity.sheets.services import hand_over_strike

# Hypotension that a bolus of fluid holds, with fever: grade 2.
PRESSURE = replace(FEVER, hypotension=True)
FEVER_ALONE = CrsInput(temperature_c=39.4)
PARTS = ("situation", "background", "assessment", "recommendation")


def drafted(story: Story, language: Any = "en") -> SheetDetails:
    return sheet_draft(ward_facts(story.journey, at=story.at), language=language)


def since(story: Story, sheet: HandOverSheet) -> Changes:
    journey = story.journey
    return changes_since([sheet], {journey.pk: journey}, standing([journey]), at=story.at)


def own_rule(story: Story, **values: float) -> None:
    """The center decides for how long a sheet holds, or with nothing given that none expires."""
    act = {"by": story.clinician.actor, "at": story.at}
    edition = edition_start(center=story.center, protocol_id="tisagenlecleucel-eu", **act)
    row: dict[str, Any] = {"edition_id": edition.pk, "row_id": "hand_over_hours", "reason": "Shifts of 8 h."}
    if values:
        edition_alter(values=values, **row, **act)
    else:
        edition_retire(**row, **act)
    edition_publish(edition_id=edition.pk, reason="Ours.", **act)


# --- Writing ---------------------------------------------------------------------------------------


def test_a_sheet_is_kept_with_its_writer_its_end_and_its_digest(child: Story) -> None:
    sheet = written(child, told(situation="Fever.  \r\nTired. \r\n"))
    assert (sheet.written_by, sheet.situation) == ("Nina", "Fever.\nTired.")
    assert sheet.expires_at == sheet.written_at + timedelta(hours=12)
    assert (sheet.crs_grade, sheet.icans_grade) == (1, None)
    text = "\f".join(getattr(sheet, part) for part in PARTS)
    (event,) = Event.objects.filter(kind="hand_over_written")
    assert event.data["digest"] == sheet.digest == sha256(text.encode()).hexdigest()
    assert "Fever" not in str(event.data)


@pytest.mark.parametrize("part", PARTS)
def test_no_part_of_a_sheet_is_left_empty(part: str, child: Story) -> None:
    with pytest.raises(Invalid) as refused:
        written(child, told(**{part: " \n "}))
    assert set(refused.value.fields) == {part}
    assert not HandOverSheet.objects.exists()


def test_a_sheet_longer_than_anybody_reads_is_refused(child: Story) -> None:
    with pytest.raises(Invalid) as refused:
        written(child, told(background="x" * 4001))
    assert set(refused.value.fields) == {"background"}


def test_a_child_that_was_not_infused_has_no_sheet(story: Story) -> None:
    story.accepted()
    with pytest.raises(Conflict):
        written(story)


def test_the_center_sets_for_how_long_a_sheet_holds(story: Story) -> None:
    own_rule(story, value=8)
    story.infused()
    sheet = written(story)
    assert sheet.expires_at == sheet.written_at + timedelta(hours=8)


def test_without_the_rule_a_sheet_stands_until_the_next(story: Story) -> None:
    own_rule(story)
    story.infused()
    sheet = written(story)
    assert sheet.expires_at is None
    assert sheet.holds(sheet.written_at + timedelta(days=30))


def test_a_sheet_expires_by_itself(child: Story) -> None:
    sheet = written(child)
    assert sheet.expires_at is not None
    assert sheet.holds(sheet.expires_at - timedelta(seconds=1))
    assert not sheet.holds(sheet.expires_at)


def test_who_has_not_seen_the_last_sheet_does_not_write_past_it(child: Story) -> None:
    first = written(child, seen=0)
    with pytest.raises(Stale) as refused:
        written(child, seen=0)
    assert "Nina" in refused.value.message
    written(child, seen=first.event_id)
    assert HandOverSheet.objects.count() == 2


# --- Sealed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"situation": "Fine."}, {"expires_at": None}, {"written_by": "Somebody"}, {"crs_grade": 0}]
)
def test_the_database_refuses_any_change_of_a_sheet(change: dict[str, Any], child: Story) -> None:
    sheet = written(child)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOverSheet.objects.filter(pk=sheet.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOverSheet.objects.filter(pk=sheet.pk).delete()


def test_the_database_refuses_a_sheet_whose_digest_is_of_another_text(child: Story) -> None:
    sheet = written(child)
    sheet.pk, sheet.event_id, sheet.assessment = None, sheet.event_id + 1, "Other."
    sheet._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        sheet.save(force_insert=True)


def test_a_sheet_of_the_wrong_child_is_struck_once_and_nobody_is_handed_it(child: Story) -> None:
    sheet = written(child)
    act = {"sheet_id": sheet.pk, "by": child.nurse.actor, "at": child.later(minutes=5)}
    with pytest.raises(Invalid):
        hand_over_strike(reason=" ", **act)
    struck = hand_over_strike(reason="Another child.", **act)
    assert not struck.holds(child.at)
    assert struck.situation == "Fever since noon."
    with pytest.raises(Conflict):
        hand_over_strike(reason="Again.", **act)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOverSheet.objects.filter(pk=sheet.pk).update(struck_at=None, struck_reason="")


# --- What it tells ---------------------------------------------------------------------------------


def test_what_nobody_measured_is_unknown_and_never_normal(story: Story) -> None:
    story.infused()
    sheet = drafted(story)
    assert "CRS: unknown, not assessed" in sheet.situation
    assert "ICANS: unknown, not assessed" in sheet.situation
    assert "Temperature: unknown" in sheet.situation
    assert "Not measured in 72 h: temperature, heart rate" in sheet.assessment
    assert "Urine in 24 h: unknown" in sheet.assessment
    assert "Blood since the infusion: unknown" in sheet.assessment


def test_a_grade_with_something_missing_is_a_lower_bound_on_the_sheet(story: Story) -> None:
    story.infused()
    story.assessed(crs=FEVER_ALONE)
    said = drafted(story).situation
    assert "CRS: at least grade 1" in said
    assert "not judged: blood pressure" in said


def test_the_sheet_asks_for_what_is_open(child: Story) -> None:
    gave(child, agent="tocilizumab", dose_mg=220)
    sheet = drafted(child)
    assert "Tocilizumab: 1 dose, last" in sheet.background
    assert "220 mg" in sheet.background
    assert "Sign the CRS grade" in sheet.recommendation
    assert "Tocilizumab: 3 doses left, the next not before" in sheet.recommendation


def test_what_runs_is_told_as_running_and_what_ended_with_its_end(child: Story) -> None:
    pressor = {"agent": "vasopressor", "drug": "norepinephrine", "rate_unit": "ug/kg/min"}
    gave(child, rate=0.05, **pressor)
    gave(child, rate=0.1, **pressor)
    sheet = drafted(child)
    assert "Norepinephrine, 0.1 µg/kg/min: since" in sheet.assessment
    assert "Norepinephrine" not in sheet.background
    (running,) = Intervention.objects.filter(stopped_at=None)
    intervention_stop(intervention_id=running.pk, by=child.clinician.actor, at=child.later(hours=2))
    sheet = drafted(child)
    assert "Norepinephrine" not in sheet.assessment
    assert sheet.background.count("Norepinephrine") == 1


def test_a_sheet_is_written_in_the_language_of_the_writer(child: Story) -> None:
    assert drafted(child, "it").language == "it"
    assert all(getattr(drafted(child, "it"), part) for part in PARTS)


# --- What changed since ----------------------------------------------------------------------------


def test_a_sheet_says_what_happened_since_it_was_written(child: Story) -> None:
    sheet = written(child)
    assert since(child, sheet) == {}
    child.assessed(crs=PRESSURE)
    gave(child, agent="tocilizumab", dose_mg=220)
    (changes,) = since(child, sheet).values()
    said = [str(change.text) for change in changes]
    assert said[0] == "CRS grade 1, now 2"
    assert changes[0].is_worse
    assert any(each.startswith("Tocilizumab, 220 mg") for each in said)
    assert not changes[-1].is_worse


def test_what_a_later_sheet_knows_is_no_change(child: Story) -> None:
    written(child)
    child.assessed(crs=PRESSURE)
    second = written(child)
    assert since(child, second) == {}
