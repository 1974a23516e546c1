"""The case of a new malignancy: opened, worked step by step with its reminders, closed or struck."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.reminders.models import Reminder
from followup.case_pictures import has_open_case, journey_cases, open_cases
from followup.cases import case_close, case_step_record, case_strike, malignancy_suspect
from followup.finding_enums import MalignancyStep
from followup.inputs import CaseEnd, CaseStepDetails, SuspicionDetails
from followup.models import CaseStep, MalignancyCase
from patients.services import journey_close
from tests.factories import Story


@pytest.fixture
def followed(story: Story) -> Story:
    """A child 60 days after the infusion."""
    story.in_follow_up()
    story.later(days=46)
    return story


def today(story: Story) -> date:
    """The story's day in its center."""
    return story.at.astimezone(story.center.zone).date()


def suspect(story: Story, **changes: Any) -> MalignancyCase:
    """A suspicion of today."""
    told: dict[str, Any] = {"kind": "t_cell", "suspected_on": today(story), "description": "Skin lesions."}
    return malignancy_suspect(
        journey_id=story.journey_id,
        suspicion=SuspicionDetails(**told | changes),
        by=story.clinician.actor,
        at=story.at,
    )


def step(story: Story, name: str, case: int = 1, **changes: Any) -> CaseStep:
    """A step of today."""
    told = {"done_on": today(story)} | changes
    details = CaseStepDetails(case=case, step=name, **told)  # type: ignore[arg-type]
    return case_step_record(
        journey_id=story.journey_id, step=details, by=story.coordinator.actor, at=story.at
    )


def all_steps(story: Story, *, result: str = "negative") -> None:
    """Every step, done."""
    more: dict[str, Any] = {"transgene_result": {"result": result}, "sample_sent": {"sample": "tissue"}}
    for each in MalignancyStep.values:
        step(story, each, **more.get(each, {}))


def close(story: Story, outcome: str) -> MalignancyCase:
    """Close the first case."""
    end = CaseEnd(case=1, outcome=outcome)  # type: ignore[arg-type]
    return case_close(journey_id=story.journey_id, end=end, by=story.clinician.actor, at=story.at)


def open_items(story: Story) -> list[str]:
    """The open reminders about malignancies."""
    rows = Reminder.objects.open().filter(journey_id=story.journey_id, item__startswith="malignancy_")
    return sorted(rows.values_list("item", flat=True))


def test_a_case_asks_for_every_step_and_each_step_settles_its_own_reminder(followed: Story) -> None:
    case = suspect(followed)
    assert open_items(followed) == sorted(f"malignancy_{name}" for name in MalignancyStep.values)
    first = Reminder.objects.get(item="malignancy_manufacturer_notified")
    assert first.due_on == case.suspected_on + timedelta(days=1)
    step(followed, "manufacturer_notified", reference="MFR-1")
    assert "malignancy_manufacturer_notified" not in open_items(followed)
    step(followed, "kit_requested", state="not_needed", note="A kit is in the house.")
    assert len(open_items(followed)) == 5


def test_two_cases_are_kept_apart(followed: Story) -> None:
    suspect(followed)
    followed.later(days=3)
    second = suspect(followed, kind="solid")
    assert second.number == 2
    step(followed, "manufacturer_notified", case=2)
    assert open_items(followed).count("malignancy_manufacturer_notified") == 1
    assert [picture.next.step for picture in journey_cases(followed.journey) if picture.next] == [
        MalignancyStep.KIT_REQUESTED,
        MalignancyStep.MANUFACTURER_NOTIFIED,
    ]


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("transgene_result", {}, "result"),
        ("sample_sent", {}, "sample"),
        ("kit_received", {"state": "not_needed"}, "note"),
        ("kit_received", {"result": "positive"}, "result"),
        ("kit_received", {"done_on": date(2026, 1, 1)}, "done_on"),
        ("kit_received", {"case": 7}, "case"),
    ],
)
def test_a_step_that_is_not_complete_names_what_is_missing(
    followed: Story, name: str, changes: dict[str, Any], field: str
) -> None:
    suspect(followed)
    with pytest.raises(Invalid) as refused:
        step(followed, name, **changes)
    assert list(refused.value.fields) == [field]
    assert not CaseStep.objects.exists()


def test_a_case_with_open_steps_is_not_closed_and_they_are_named(followed: Story) -> None:
    suspect(followed)
    step(followed, "manufacturer_notified")
    with pytest.raises(Conflict, match="Sample kit asked for") as refused:
        close(followed, "excluded")
    assert refused.value.code == "case_steps_open"
    assert has_open_case(followed.journey)


@pytest.mark.parametrize(
    ("result", "outcome", "fits"),
    [
        ("negative", "confirmed", True),
        ("negative", "excluded", True),
        ("negative", "car_positive", False),
        ("positive", "car_positive", True),
        ("positive", "confirmed", False),
        ("inconclusive", "not_tested", True),
        ("inconclusive", "confirmed", False),
    ],
)
def test_the_outcome_fits_the_result_of_the_transgene_test(
    followed: Story, result: str, outcome: str, fits: bool
) -> None:
    suspect(followed)
    all_steps(followed, result=result)
    if fits:
        assert close(followed, outcome).outcome == outcome
        assert not has_open_case(followed.journey)
    else:
        with pytest.raises(Invalid):
            close(followed, outcome)


def test_a_closed_case_takes_no_more_steps_and_its_reminders_are_gone(followed: Story) -> None:
    suspect(followed)
    all_steps(followed)
    close(followed, "confirmed")
    assert open_items(followed) == []
    with pytest.raises(Conflict):
        step(followed, "kit_received")


def test_a_case_goes_on_after_the_journey_was_closed(followed: Story) -> None:
    suspect(followed)
    journey_close(
        journey_id=followed.journey_id,
        reason_code="died",
        note="Died of it.",
        died_on=today(followed),
        by=followed.clinician.actor,
        at=followed.at,
    )
    step(followed, "manufacturer_notified")
    (found,) = open_cases(followed.coordinator, center_id=followed.center.pk)
    assert found.next is not None and found.next.step == MalignancyStep.KIT_REQUESTED


def test_a_case_in_error_is_struck_with_its_steps_and_awaits_nothing(followed: Story, cleo: Any) -> None:
    case = suspect(followed)
    step(followed, "manufacturer_notified")
    by = followed.clinician.actor
    case_strike(case_id=case.pk, reason="Other child.", by=by, at=followed.later(hours=1))
    assert open_items(followed) == []
    assert journey_cases(followed.journey) == []
    assert suspect(followed).number == 2
    assert open_cases(cleo, center_id=followed.center.pk) == []


def test_the_database_keeps_outcome_and_closing_together(followed: Story) -> None:
    case = suspect(followed)
    with pytest.raises(IntegrityError), transaction.atomic():
        MalignancyCase.objects.filter(pk=case.pk).update(outcome="confirmed")
    with pytest.raises(IntegrityError), transaction.atomic():
        MalignancyCase.objects.filter(pk=case.pk).update(closed_at=followed.at)
