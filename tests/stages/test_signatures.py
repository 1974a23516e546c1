"""A clinician's later signature under a grade that somebody else recorded."""

from typing import Any

import pytest
from django.core.management import call_command

from cartpath.core.errors import Conflict, Invalid, NotFound
from patients.models import Status
from tests.factories import Story
from tests.stages.test_provenance import FEVER, only
from toxicity.grading.icans import IcansInput
from toxicity.models import Assessment
from toxicity.services import assessment_strike
from toxicity.signing import result_confirm


@pytest.fixture
def graded(story: Story) -> Assessment:
    """A grade that the nurse recorded and nobody has signed."""
    story.infused()
    made = story.assessed(crs=FEVER)
    story.later(hours=2)
    return made


def _status(story: Story) -> Status:
    return Status.objects.get(pk=story.journey_id)


def test_a_clinician_signs_the_grade_that_a_nurse_recorded(story: Story, graded: Assessment) -> None:
    result_confirm(assessment_id=graded.pk, rule="crs", grade=1, by=story.clinician.actor, at=story.at)
    grade = only(story, "crs")
    assert (grade.value, grade.confirmed, grade.confirmed_by) == ("1", "1", "Ben")
    assert (grade.confirmed_at, grade.reason) == (story.at, "")
    graded.refresh_from_db()
    assert graded.crs_confirmed_grade == 1


def test_another_grade_needs_a_reason_and_counts_from_then_on(story: Story, graded: Assessment) -> None:
    act: dict[str, Any] = {
        "assessment_id": graded.pk,
        "rule": "crs",
        "by": story.clinician.actor,
        "at": story.at,
    }
    with pytest.raises(Invalid) as refused:
        result_confirm(grade=2, **act)
    assert set(refused.value.fields) == {"reason"}
    assert _status(story).crs_current == 1
    result_confirm(grade=2, reason="Hypotension at the bedside, not entered.", **act)
    status = _status(story)
    assert (status.crs_current, status.crs_max) == (2, 2)
    assert only(story, "crs").reason == "Hypotension at the bedside, not entered."


def test_a_signature_below_the_rule_s_grade_lowers_the_worst_grade_too(
    story: Story, graded: Assessment
) -> None:
    result_confirm(
        assessment_id=graded.pk,
        rule="crs",
        grade=0,
        reason="Fever of a transfusion.",
        by=story.clinician.actor,
        at=story.at,
    )
    assert (_status(story).crs_current, _status(story).crs_max) == (0, 0)
    call_command("replay", "status")
    assert (_status(story).crs_current, _status(story).crs_max) == (0, 0)


def test_the_last_of_several_signatures_counts(story: Story, graded: Assessment) -> None:
    act: dict[str, Any] = {"assessment_id": graded.pk, "rule": "crs", "at": story.at}
    result_confirm(grade=2, reason="Hypotension.", by=story.clinician.actor, **act)
    result_confirm(grade=1, by=story.second.actor, **act)
    grade = only(story, "crs")
    assert (grade.confirmed, grade.confirmed_by, grade.reason) == ("1", "Cara", "")
    assert _status(story).crs_current == 1


def test_a_signature_that_changes_nothing_is_refused(story: Story, graded: Assessment) -> None:
    act: dict[str, Any] = {"assessment_id": graded.pk, "by": story.clinician.actor, "at": story.at}
    result_confirm(rule="crs", grade=1, **act)
    with pytest.raises(Conflict, match="already confirmed"):
        result_confirm(rule="crs", grade=1, **act)
    with pytest.raises(NotFound):
        result_confirm(rule="icans", grade=0, **act)
    with pytest.raises(Invalid):
        result_confirm(rule="crs", grade=6, reason="Beyond the scale.", **act)


def test_what_was_entered_in_error_can_not_be_signed(story: Story, graded: Assessment) -> None:
    act: dict[str, Any] = {"assessment_id": graded.pk, "by": story.clinician.actor, "at": story.at}
    assessment_strike(reason="Another child.", **act)
    with pytest.raises(Conflict, match="entered in error"):
        result_confirm(rule="crs", grade=1, **act)


def test_an_unknown_grade_can_be_given_by_a_clinician_with_a_reason(story: Story) -> None:
    story.infused()
    made = story.assessed(icans=IcansInput(capd_total=7))
    grade = only(story, "icans")
    act: dict[str, Any] = {
        "assessment_id": made.pk,
        "rule": "icans",
        "by": story.clinician.actor,
        "at": story.at,
    }
    if grade.value is None:
        with pytest.raises(Invalid):
            result_confirm(grade=0, **act)
    result_confirm(grade=1, reason="Wakes to voice.", **act)
    assert only(story, "icans").confirmed == "1"
