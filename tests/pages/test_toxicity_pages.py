"""The ward, the assessment and its live grade, interventions, and the end of acute monitoring."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from patients.enums import Stage
from tests.factories import Story, patient_details
from tests.pages.conftest import Desk, panel_of, text_of, typed_time
from tests.toxicity.bedside import ALERT, observed
from toxicity.grading.crs import CrsInput
from toxicity.models import Assessment, Intervention

Sit = Callable[[User], Desk]
WARD = "/ward/"

FEBRILE = {"temperature_c": "39,2", "hypotension": "no", "vasopressors": ["none"], "oxygen_device": "none"}
CAPD = {f"capd_{number}": "always" if number <= 4 else "never" for number in range(1, 9)}
AWAKE = {
    "consciousness": "spontaneous",
    "seizure": "none",
    "motor_weakness": "no",
    "raised_icp": "none",
} | CAPD


@pytest.fixture
def infused(story: Story) -> Story:
    """A five-year-old twelve hours after the infusion."""
    story.infused()
    story.later(hours=12)
    return story


def assessed(desk: Desk, typed: dict[str, Any]) -> Assessment:
    response = desk.post(desk.path("toxicity:assess"), typed)
    assert (response.status_code, response["Location"]) == (302, panel_of(desk.story, "toxicity"))
    return Assessment.objects.latest("event_id")


def test_nothing_is_prefilled(infused: Story, desk: Sit, ben: User) -> None:
    page = text_of(desk(ben).get(desk(ben).path("toxicity:assess")))
    form = page[page.index("assess-form") : page.index("assess-preview")]
    assert "checked" not in form
    assert 'name="temperature_c" value=' not in form


def test_a_whole_assessment_is_graded(infused: Story, desk: Sit, nina: User) -> None:
    made = assessed(desk(nina), FEBRILE | AWAKE)
    assert (made.crs_grade, made.icans_grade, made.assessed_at) == (1, 0, infused.at)
    assert made.crs is not None and made.crs["missing"] == []
    assert made.icans is not None and made.icans["result"]["score"] == 0


def test_what_is_left_open_is_unknown_and_the_grade_a_lower_bound(
    infused: Story, desk: Sit, nina: User
) -> None:
    made = assessed(desk(nina), {"temperature_c": "39.2"})
    assert made.crs is not None
    assert made.crs["result"]["at_least"] is True
    assert made.crs["inputs"]["hypotension"] is None
    assert made.crs["inputs"]["vasopressors"] is None
    assert made.crs["inputs"]["oxygen"] is None
    assert made.icans is None
    page = text_of(desk(nina).get(desk(nina).path("toxicity:list")))
    assert "≥" in page
    assert "unknown: blood pressure and vasopressors, oxygen" in page


def test_answering_unknown_is_the_same_as_not_answering(infused: Story, desk: Sit, nina: User) -> None:
    made = assessed(desk(nina), {"temperature_c": "39.2", "hypotension": "unknown"})
    assert made.crs is not None and made.crs["inputs"]["hypotension"] is None


def test_an_empty_assessment_is_refused(infused: Story, desk: Sit, nina: User) -> None:
    page = desk(nina).post(desk(nina).path("toxicity:assess"), {"note": "Asleep"})
    assert page.status_code == 422
    assert 'value="Asleep"' in text_of(page)
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"temperature_c": "47"}, "Give a number from 25 to 45 °C."),
        ({"vasopressors": ["none", "epinephrine"]}, "not both"),
        ({"oxygen_device": "none", "oxygen_flow_l_min": "2"}, "There is no flow on room air."),
        ({"oxygen_flow_l_min": "2"}, "Say how the oxygen is given."),
        ({"capd_1": "often"}, "Answer all eight, or none."),
        (CAPD | {"capd_unable": "on"}, "This contradicts the answers given."),
        ({"temperature_c": "38", "at": "2030-01-01T00:00"}, "Give a time that has passed."),
    ],
)
def test_contradictions_are_said_beside_the_field(
    typed: dict[str, Any], said: str, infused: Story, desk: Sit, nina: User
) -> None:
    page = desk(nina).post(desk(nina).path("toxicity:assess"), typed)
    assert page.status_code == 422
    assert said in text_of(page)
    assert not Assessment.objects.exists()


def test_the_preview_grades_what_is_typed_so_far_and_stores_nothing(
    infused: Story, desk: Sit, nina: User
) -> None:
    typed = {"temperature_c": "39.2", "hypotension": "yes", "capd_1": "often"}
    part = desk(nina).post(desk(nina).path("toxicity:preview"), typed)
    assert part.status_code == 200
    page = text_of(part)
    assert "grade-2" in page
    assert "at least" in page
    assert "Unknown: blood pressure and vasopressors, oxygen" in page
    assert not Assessment.objects.exists()


def test_the_preview_and_the_stored_grade_agree(infused: Story, desk: Sit, nina: User) -> None:
    typed = FEBRILE | AWAKE | {"oxygen_device": "face_mask"}
    preview = text_of(desk(nina).post(desk(nina).path("toxicity:preview"), typed))
    made = assessed(desk(nina), typed)
    assert made.crs_grade == 3
    assert "grade-3" in preview


def test_a_nurse_is_not_asked_for_a_grade_and_none_is_taken_from_her(
    infused: Story, desk: Sit, nina: User
) -> None:
    assert "crs_confirmed_grade" not in text_of(desk(nina).get(desk(nina).path("toxicity:assess")))
    made = assessed(desk(nina), FEBRILE | {"crs_confirmed_grade": "4", "override_reason": "I say so"})
    assert (made.crs_grade, made.crs_confirmed_grade, made.override_reason) == (1, None, "")


def test_a_clinician_overrides_a_grade_only_with_a_reason(infused: Story, desk: Sit, ben: User) -> None:
    path = desk(ben).path("toxicity:assess")
    refused = desk(ben).post(path, FEBRILE | {"crs_confirmed_grade": "0"})
    assert refused.status_code == 422
    assert 'id="id_override_reason_error"' in text_of(refused)
    typed = FEBRILE | {"crs_confirmed_grade": "0", "override_reason": "Febrile neutropenia with E. coli"}
    made = assessed(desk(ben), typed)
    assert (made.crs_grade, made.crs_final) == (1, 0)
    assert "confirmed 0, the rule gives 1" in text_of(desk(ben).get(desk(ben).path("toxicity:list")))


def test_a_grade_can_not_be_confirmed_for_a_scale_that_was_not_assessed(
    infused: Story, desk: Sit, ben: User
) -> None:
    page = desk(ben).post(desk(ben).path("toxicity:assess"), FEBRILE | {"icans_confirmed_grade": "1"})
    assert page.status_code == 422
    assert "Assess this scale before you confirm its grade." in text_of(page)


def test_a_child_before_the_twelfth_birthday_is_assessed_with_capd(
    infused: Story, desk: Sit, nina: User
) -> None:
    page = text_of(desk(nina).get(desk(nina).path("toxicity:assess")))
    assert 'name="capd_8"' in page
    assert 'name="ice_naming"' not in page


def teenager(story: Story) -> None:
    story.referred = (  # type: ignore[method-assign]
        lambda **_more: Story.referred(story, patient=patient_details(birth_date=date(2012, 1, 15)))
    )
    story.infused()
    story.later(hours=12)


ICE = {
    "ice_orientation": "4",
    "ice_naming": "2",
    "ice_command": "1",
    "ice_writing": "0",
    "ice_attention": "0",
}


def test_a_teenager_is_assessed_with_ice_unless_there_is_a_delay(story: Story, desk: Sit, nina: User) -> None:
    teenager(story)
    page = text_of(desk(nina).get(desk(nina).path("toxicity:assess")))
    assert 'name="ice_naming"' in page
    by_ice = assessed(desk(nina), AWAKE | ICE)
    assert by_ice.icans is not None
    assert (by_ice.icans["result"]["instrument"], by_ice.icans["result"]["score"]) == ("ICE", 7)
    by_capd = assessed(desk(nina), AWAKE | ICE | {"developmental_delay": "on"})
    assert by_capd.icans is not None
    assert by_capd.icans["result"]["instrument"] == "CAPD"


def test_an_item_of_ice_that_was_not_tested_stays_unknown(story: Story, desk: Sit, nina: User) -> None:
    teenager(story)
    made = assessed(desk(nina), AWAKE | ICE | {"ice_writing": ""})
    assert made.icans is not None
    assert made.icans["inputs"]["ice"]["writing"] is None
    assert made.icans["result"]["at_least"] is True


def test_a_time_is_read_in_the_centers_zone(infused: Story, desk: Sit, nina: User) -> None:
    seen = (infused.at - timedelta(hours=2)).astimezone(infused.center.zone).replace(second=0, microsecond=0)
    made = assessed(desk(nina), FEBRILE | {"at": typed_time(seen)})
    assert made.assessed_at == seen


def test_an_assessment_in_error_stays_struck_through_and_no_longer_counts(
    infused: Story, desk: Sit, nina: User
) -> None:
    made = assessed(desk(nina), FEBRILE | {"oxygen_device": "cpap"})
    assert infused.journey.status.crs_max == 4
    path = desk(nina).path("toxicity:strike", made.pk)
    assert desk(nina).post(path, {"reason": ""}).status_code == 422
    assert desk(nina).post(path, {"reason": "Other child"}).status_code == 302
    assert infused.journey.status.crs_max is None
    page = text_of(desk(nina).get(desk(nina).path("toxicity:list")))
    assert "is-struck" in page
    assert "Other child" in page


def test_an_assessment_of_another_child_can_not_be_struck_from_here(
    infused: Story, desk: Sit, nina: User
) -> None:
    made = assessed(desk(nina), FEBRILE)
    infused.infused()
    assert desk(nina).post(desk(nina).path("toxicity:strike", made.pk), {"reason": "x"}).status_code == 404


def test_the_ward_says_who_is_overdue(infused: Story, desk: Sit, dana: User) -> None:
    assert "Overdue" in text_of(desk(dana).get(WARD))
    observed(infused)
    observed(infused, ALERT)
    infused.assessed(crs=CrsInput(temperature_c=39.0))
    assert "Overdue" not in text_of(desk(dana).get(WARD))
    infused.later(hours=14)
    page = text_of(desk(dana).get(WARD))
    assert "Overdue" in page
    assert "14 h ago" in page
    assert "D+1" in page


def test_the_ward_costs_the_same_for_one_child_as_for_three(infused: Story, desk: Sit, ben: User) -> None:
    infused.assessed(crs=CrsInput(temperature_c=39.0))
    for_one = desk(ben).queries(WARD)
    for _child in range(2):
        infused.infused()
        infused.assessed(crs=CrsInput(temperature_c=38.0))
    assert desk(ben).queries(WARD) == for_one


def test_an_outsider_sees_nobody_on_the_ward(infused: Story, desk: Sit, cleo: User) -> None:
    assert "ROSSI" not in text_of(desk(cleo).get(WARD))


def test_an_intervention_is_recorded_with_the_next_tocilizumab_in_sight(
    infused: Story, desk: Sit, nina: User
) -> None:
    path = desk(nina).path("toxicity:intervene")
    # 12 mg/kg below 30 kg.
    assert "220.8" in text_of(desk(nina).get(path))
    assert desk(nina).post(path, {"agent": "tocilizumab", "dose_mg": "220,8"}).status_code == 302
    given = Intervention.objects.get()
    assert (float(given.dose_mg or 0), given.given_at) == (220.8, infused.at)
    infused.later(hours=3)
    assert "Less than 8 hours since the last dose." in text_of(desk(nina).get(path))


def test_an_intervention_does_not_stop_before_it_starts(infused: Story, desk: Sit, nina: User) -> None:
    earlier = (infused.at - timedelta(hours=1)).astimezone(infused.center.zone)
    typed = {"agent": "vasopressor", "stopped_at": typed_time(earlier)}
    assert desk(nina).post(desk(nina).path("toxicity:intervene"), typed).status_code == 422


def test_only_a_clinician_ends_acute_monitoring(infused: Story, desk: Sit, nina: User, ben: User) -> None:
    path = desk(ben).path("toxicity:end")
    assert desk(nina).post(path).status_code == 403
    assert desk(ben).post(path, {"note": "Afebrile for 72 h"}).status_code == 302
    assert infused.journey.stage == Stage.FOLLOW_UP
