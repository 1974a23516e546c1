"""What a visit finds and stores, what is added later, infections, and what is struck."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.reminders.models import Reminder
from followup.findings_pictures import courses, visit_sheet
from followup.infections import infection_record, infection_strike
from followup.inputs import Findings, InfectionDetails, LaterFindings, VisitDetails
from followup.later_findings import findings_add, findings_strike
from followup.models import AddedFindings, Infection, Visit
from followup.services import visit_record, visit_strike
from followup.values import known_of
from patients.inputs import BodyMeasurement
from patients.models import Measurement
from patients.results import RuleResult
from tests.factories import Story


@pytest.fixture
def followed(story: Story) -> Story:
    """A child 28 days after the infusion."""
    story.in_follow_up()
    story.later(days=14)
    return story


def today(story: Story) -> date:
    """The story's day in its center."""
    return story.at.astimezone(story.center.zone).date()


def hold(story: Story, item: str = "visit_day_28", **found: Any) -> Visit:
    """Hold a visit today with further findings and what comes with it."""
    beside = {name: found.pop(name) for name in ("measurement", "infections", "suspicion") if name in found}
    plain = {name: found.pop(name) for name in list(found) if name in VisitDetails.__dataclass_fields__}
    details = VisitDetails(item=item, visited_on=today(story), findings=Findings(**found), **plain)
    return visit_record(
        journey_id=story.journey_id, visit=details, by=story.clinician.actor, at=story.at, **beside
    )


def add(story: Story, item: str = "visit_day_28", **found: Any) -> AddedFindings:
    """Add results to a visit."""
    plain = {name: found.pop(name) for name in list(found) if name in LaterFindings.__dataclass_fields__}
    added = LaterFindings(item=item, findings=Findings(**found), **plain)
    return findings_add(
        journey_id=story.journey_id, added=added, by=story.clinician.actor, at=story.later(days=2)
    )


def last_event(story: Story, kind: EventKind) -> Event:
    """The newest event of a kind."""
    return Event.objects.filter(journey_id=story.journey_id, kind=kind).latest("seq")


def test_a_visit_is_one_event_that_carries_only_what_is_known(followed: Story) -> None:
    visit = hold(
        followed, response="CR", ecg="normal", lvef_percent=61.0, other={"assess_vaccines": "Later."}
    )
    data = last_event(followed, EventKind.VISIT_RECORDED).data
    assert data["findings"] == visit.findings
    assert data["findings"] == {
        "ecg": "normal",
        "lvef_percent": 61.0,
        "other": {"assess_vaccines": "Later."},
    }
    assert (data["response"], data["mrd_result"], data["cd4_per_ul"]) == ("CR", None, None)
    assert Event.objects.filter(journey_id=followed.journey_id, kind=EventKind.VISIT_RECORDED).count() == 1


@pytest.mark.parametrize(
    ("found", "field"),
    [
        ({"lvef_percent": 91.0}, "lvef_percent"),
        ({"performance_score": 90}, "performance_score"),
        ({"performance_score": 90, "performance_scale": "karnofsky"}, "performance_score"),
        ({"car_copies_per_ug": 12.0}, "car_method"),
        ({"malignancy_screen": "suspected"}, "malignancy_screen"),
    ],
)
def test_an_impossible_finding_names_its_field_and_nothing_is_stored(
    followed: Story, found: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        hold(followed, **found)
    assert list(refused.value.fields) == [field]
    assert not Visit.objects.exists()


def test_the_database_refuses_findings_that_are_no_object(followed: Story) -> None:
    visit = hold(followed)
    refused: list[dict[str, Any]] = [{"findings": []}, {"cd4_per_ul": -1}, {"mrd_result": "negative"}]
    for change in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            Visit.objects.filter(pk=visit.pk).update(**change)


def test_weight_and_height_of_a_visit_are_measured_in_the_same_act_and_give_the_velocity(
    followed: Story,
) -> None:
    at_infusion = Measurement.objects.latest("measured_at")
    followed.later(days=330)
    assert at_infusion.height_cm is not None
    grown = float(at_infusion.height_cm) + 6
    hold(followed, "visit_month_12", measurement=BodyMeasurement(weight_kg=21.0, height_cm=grown))
    measured = Measurement.objects.latest("measured_at")
    assert (float(measured.height_cm or 0), measured.measured_at.astimezone(followed.center.zone).hour) == (
        grown,
        12,
    )
    days = (today(followed) - at_infusion.measured_at.astimezone(followed.center.zone).date()).days
    velocity = RuleResult.objects.get(rule="growth_velocity")
    assert (float(velocity.value or 0), velocity.unit) == (round(6 / days * 365.25, 1), "cm/year")


def test_an_infection_told_at_a_visit_is_an_event_of_its_own(followed: Story) -> None:
    began_on = today(followed) - timedelta(days=5)
    lung = InfectionDetails(began_on=began_on, site="lung", kind="bacterial", severity="severe")
    hold(followed, infections=[lung], any_infection=True)
    row = Infection.objects.get()
    assert (row.is_serious, row.hospitalized, row.organism) == (True, None, "")
    assert last_event(followed, EventKind.INFECTION_RECORDED).data["severity"] == "severe"


@pytest.mark.parametrize(
    ("began", "ended", "field"), [(-60, None, "began_on"), (1, None, "began_on"), (-3, -4, "ended_on")]
)
def test_an_infection_lies_after_the_infusion_and_ends_after_it_began(
    followed: Story, began: int, ended: int | None, field: str
) -> None:
    on = today(followed)
    told = InfectionDetails(
        began_on=on + timedelta(days=began), ended_on=on + timedelta(days=ended) if ended else None
    )
    with pytest.raises(Invalid) as refused:
        infection_record(
            journey_id=followed.journey_id, infection=told, by=followed.clinician.actor, at=followed.at
        )
    assert list(refused.value.fields) == [field]


def test_an_infection_in_error_leaves_the_log_once(followed: Story) -> None:
    told = InfectionDetails(began_on=today(followed))
    by = followed.clinician.actor
    row = infection_record(journey_id=followed.journey_id, infection=told, by=by, at=followed.at)
    infection_strike(infection_id=row.pk, reason="Other child.", by=by, at=followed.later(hours=1))
    assert last_event(followed, EventKind.ENTERED_IN_ERROR).corrects_id == row.event_id
    with pytest.raises(Conflict):
        infection_strike(infection_id=row.pk, reason="Again.", by=by, at=followed.later(hours=1))


def test_later_results_fill_what_was_unknown_and_are_judged_anew(followed: Story) -> None:
    visit = hold(followed, response="CR")
    reminder = Reminder.objects.get(item="visit_day_28")
    state = reminder.state
    add(followed, mrd_result="negative", mrd_method="flow", b_cells_per_ul=0.0, ferritin_ng_ml=210.0)
    visit.refresh_from_db()
    assert known_of(visit) == {
        "response": "CR",
        "mrd_result": "negative",
        "mrd_method": "flow",
        "b_cells_per_ul": 0.0,
        "ferritin_ng_ml": 210.0,
    }
    data = last_event(followed, EventKind.FINDINGS_ADDED).data
    assert data["b_cell_aplasia"] == followed.journey.status.b_cell_aplasia == "ongoing"
    assert [record["rule"] for record in data["computed"]] == ["b_cell_aplasia"]
    reminder.refresh_from_db()
    assert reminder.state == state


def test_a_response_that_comes_later_is_the_last_response(followed: Story) -> None:
    hold(followed)
    add(followed, response="CRi")
    assert followed.journey.status.last_response == "CRi"


def test_a_known_finding_is_never_overwritten_and_the_conflict_is_named(followed: Story) -> None:
    visit = hold(followed, igg_mg_dl=420.0, ecg="normal", other={"assess_vaccines": "Later."})
    with pytest.raises(Conflict) as refused:
        add(followed, igg_mg_dl=500.0, ecg="abnormal", other={"assess_vaccines": "Now."}, tsh_mu_l=2.0)
    assert set(refused.value.fields) == {"igg_mg_dl", "ecg", "other.assess_vaccines"}
    visit.refresh_from_db()
    assert (visit.igg_mg_dl, visit.findings.get("tsh_mu_l")) == (420.0, None)


def test_the_same_value_again_is_nothing_new(followed: Story) -> None:
    hold(followed, igg_mg_dl=420.0)
    with pytest.raises(Invalid):
        add(followed, igg_mg_dl=420.0)


def test_added_findings_in_error_are_unknown_again_and_the_rest_stays(followed: Story) -> None:
    visit = hold(followed, response="CR", other={"assess_vaccines": "Later."})
    row = add(followed, igg_mg_dl=900.0, ecg="normal", other={"assess_gvhd": "None."})
    by = followed.clinician.actor
    findings_strike(addition_id=row.pk, reason="Wrong tube.", by=by, at=followed.later(hours=1))
    visit.refresh_from_db()
    assert known_of(visit) == {"response": "CR", "other": {"assess_vaccines": "Later."}}
    add(followed, igg_mg_dl=410.0)


def test_a_visit_in_error_takes_what_was_added_with_it(followed: Story) -> None:
    visit = hold(followed)
    row = add(followed, response="CR")
    at = followed.later(hours=1)
    visit_strike(visit_id=visit.pk, reason="Other child.", by=followed.clinician.actor, at=at)
    row.refresh_from_db()
    assert row.struck_at == at
    assert followed.journey.status.last_response is None
    with pytest.raises(Conflict):
        add(followed, response="NR")


def test_the_course_reads_igg_with_own_or_replaced_and_names_below_the_limit(followed: Story) -> None:
    given_on = today(followed) - timedelta(days=10)
    hold(followed, igg_mg_dl=700.0, last_immunoglobulin_on=given_on)
    followed.later(days=33)
    later = {"igg_mg_dl": 510.0, "last_immunoglobulin_on": given_on}
    hold(followed, "visit_month_2", **later, car_method="qpcr", car_result="below_limit")
    told = {course.name: course for course in courses(followed.journey)}
    assert [(each.number, each.mark) for each in told["igg_mg_dl"].values] == [
        (700.0, "replaced"),
        (510.0, "own"),
    ]
    assert told["car_copies_per_ug"].values[0].words == "below the limit of detection"
    assert told["car_copies_per_ug"].points == []


def test_the_sheet_of_a_visit_says_what_stayed_unknown(followed: Story) -> None:
    visit = hold(followed, hemoglobin_g_dl=11.2)
    sheet = visit_sheet(followed.journey, visit)
    blood = next(section for section in sheet.sections if section.section.id == "blood_count")
    assert [line.finding.name for line in blood.known] == ["hemoglobin_g_dl"]
    assert [line.finding.name for line in blood.unknown] == [
        "anc_per_ul",
        "lymphocytes_per_ul",
        "platelets_e9_per_l",
    ]
