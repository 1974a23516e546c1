"""The rule in force on the center's day of a decision decides, and the event keeps its id."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cartpath.accounts.models import Center
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from infusion.day import infusion_window, repeat_asked, restrictions_of, waiver_asked
from infusion.inputs import ChecklistAnswer, DoseGiven, FindingDetails, InfusionDetails
from infusion.selectors import checklist
from infusion.services import (
    checklist_item_record,
    finding_record,
    identity_verify,
    infusion_record,
    lymphodepletion_record,
    lymphodepletion_waive,
    thaw_start,
)
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.services import collection_complete, collection_day_record
from tests.factories import Story

TWO_DOSES, AVAILABLE = "check_tocilizumab", "check_tocilizumab_available"
LAST_OLD = datetime.fromisoformat("2025-06-25T23:59:00-04:00")
FIRST_NEW = datetime.fromisoformat("2025-06-26T00:00:00-04:00")


@pytest.fixture
def in_new_york(center: Center, story: Story) -> Story:
    """The same cast in a center in New York, where American rules hold."""
    Center.objects.filter(pk=center.pk).update(timezone="America/New_York", region="US")
    story.center = Center.objects.get(pk=center.pk)
    story.at = datetime.fromisoformat("2025-04-28T12:00:00-04:00")
    return story


def event(story: Story, kind: EventKind) -> dict[str, Any]:
    found: dict[str, Any] = Event.objects.of(story.journey_id).filter(kind=kind).latest("seq").data
    return found


def answered(story: Story, item: str, verdict: str = "met") -> None:
    checklist_item_record(
        journey_id=story.journey_id,
        answer=ChecklistAnswer(item=item, verdict=verdict),  # type: ignore[arg-type]
        by=story.clinician.actor,
        at=story.at,
    )


def asked_for(story: Story) -> set[str]:
    lines = checklist(story.journey, on=story.center.local_day(story.at))
    return {line.item for line in lines} & {TWO_DOSES, AVAILABLE}


@pytest.mark.parametrize(("at", "item"), [(LAST_OLD, TWO_DOSES), (FIRST_NEW, AVAILABLE)])
def test_two_doses_of_tocilizumab_on_site_are_asked_for_up_to_25_june_2025(
    in_new_york: Story, at: datetime, item: str
) -> None:
    in_new_york.lymphodepleted()
    in_new_york.at = at
    assert asked_for(in_new_york) == {item}
    answered(in_new_york, item)
    other = ({TWO_DOSES, AVAILABLE} - {item}).pop()
    with pytest.raises(Invalid):
        answered(in_new_york, other)


def ready(story: Story, at: datetime) -> None:
    """Everything before the infusion, on the day of `at`."""
    story.lymphodepleted()
    story.at = at
    for line in checklist(story.journey, on=story.center.local_day(at)):
        answered(story, line.item)
    identity_verify(journey_id=story.journey_id, first=story.clinician, second=story.nurse, at=at)
    thaw_start(journey_id=story.journey_id, by=story.lab.actor, at=at)


def infuse(story: Story) -> None:
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(dose_cells=50_000_000),
        by=story.clinician.actor,
        at=story.at,
    )


def test_a_checklist_worked_before_the_change_has_to_meet_the_rule_of_the_day_of_infusion(
    in_new_york: Story,
) -> None:
    ready(in_new_york, LAST_OLD)
    in_new_york.at = FIRST_NEW
    with pytest.raises(Conflict) as refused:
        infuse(in_new_york)
    assert "Tocilizumab available" in refused.value.message
    answered(in_new_york, AVAILABLE)
    infuse(in_new_york)
    rules = event(in_new_york, EventKind.INFUSED)["rules"]
    assert AVAILABLE in rules
    assert TWO_DOSES not in rules


@pytest.mark.parametrize(
    ("at", "proximity", "driving", "rules"),
    [
        (LAST_OLD, 28, 56, {"restrict_proximity", "restrict_driving"}),
        (FIRST_NEW, 14, 14, {"restrict_proximity_2025", "restrict_driving_2025"}),
    ],
)
def test_proximity_and_driving_follow_the_rule_of_the_day_of_infusion_for_good(
    in_new_york: Story, at: datetime, proximity: int, driving: int, rules: set[str]
) -> None:
    ready(in_new_york, at)
    infuse(in_new_york)
    infused_on = in_new_york.center.local_day(at)
    found = {each.rule.kind: each.last_on for each in restrictions_of(in_new_york.journey)}
    assert found["proximity"] == infused_on + timedelta(days=proximity)
    assert found["driving"] == infused_on + timedelta(days=driving)
    assert rules <= set(event(in_new_york, EventKind.INFUSED)["rules"])


def test_the_day_is_that_of_the_center_and_not_of_the_server(in_new_york: Story) -> None:
    """26 June 04:30 in Rome is still 25 June, 22:30, in New York."""
    in_new_york.lymphodepleted()
    in_new_york.at = datetime.fromisoformat("2025-06-26T04:30:00+02:00")
    assert asked_for(in_new_york) == {TWO_DOSES}


@pytest.mark.parametrize(
    ("collected_on", "months", "last_day"),
    [
        ("2022-11-14", "expiry_18_months", date(2024, 5, 14)),
        ("2022-11-15", "expiry_30_months", date(2025, 5, 15)),
    ],
)
def test_cells_live_18_or_30_months_by_the_rule_of_the_day_of_leukapheresis(
    in_new_york: Story, collected_on: str, months: str, last_day: date
) -> None:
    in_new_york.at = datetime.fromisoformat(f"{collected_on}T08:00:00-05:00") - timedelta(days=3)
    in_new_york.booked()
    in_new_york.at = datetime.fromisoformat(f"{collected_on}T08:00:00-05:00")
    collection_day_record(
        journey_id=in_new_york.journey_id,
        day=CollectionDayDetails(
            identity_missing_reason="A test.", decision="enough", tnc=5_600_000_000, cd3=2_600_000_000
        ),
        by=in_new_york.nurse.actor,
        at=in_new_york.at,
    )
    collection_complete(
        journey_id=in_new_york.journey_id, by=in_new_york.nurse.actor, at=in_new_york.later(hours=6)
    )
    records = {each["rule"]: each for each in event(in_new_york, EventKind.COLLECTION_COMPLETED)["computed"]}
    expiry = records["collection_expiry"]
    assert (expiry["rows"], expiry["value"]) == ([months], last_day.isoformat())


def test_what_a_dose_was_held_against_stays_in_its_event(story: Story) -> None:
    story.infused()
    given = event(story, EventKind.LYMPHODEPLETION_GIVEN)
    assert given["rule"] == "tisagenlecleucel_b_all"
    (record,) = given["computed"]
    assert (record["rule"], record["rows"], record["unit"]) == (
        "lymphodepletion",
        ["tisagenlecleucel_b_all"],
        "mg",
    )
    assert event(story, EventKind.THAW_STARTED)["rule"] == "thaw_to_end_minutes"
    infused = event(story, EventKind.INFUSED)
    assert "dose_up_to_50_kg" in infused["rules"]
    assert [each["rule"] for each in infused["computed"]] == ["dose_range", "infusion_window"]
    assert infused["computed"][0]["value"] == "true"
    assert infused["computed"][1]["value"] == "inside"


def test_a_dose_outside_the_rule_keeps_its_reason_beside_the_rules_verdict(story: Story) -> None:
    story.ready()
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(dose_cells=1_000_000, override_reason="Single-patient use"),
        by=story.clinician.actor,
        at=story.later(minutes=15),
    )
    dose = event(story, EventKind.INFUSED)["computed"][0]
    assert (dose["value"], dose["reason"]) == ("false", "Single-patient use")


def test_the_window_is_counted_in_the_centers_days_across_the_clock_change(story: Story) -> None:
    """The last dose at 23:30 on 28 March 2026; the clocks go forward that night."""
    story.released()
    story.at = datetime.fromisoformat("2026-03-28T23:30:00+01:00")
    _dose(story)
    story.at = datetime.fromisoformat("2026-03-30T00:10:00+02:00")
    window = infusion_window(story.journey, at=story.at)
    assert window is not None
    assert (window.ended_on, window.days.first_on, window.days.last_on) == (
        date(2026, 3, 28),
        date(2026, 3, 30),
        date(2026, 4, 11),
    )
    assert (window.state, window.left) == ("inside", 12)
    assert _window_state(story, "2026-03-29T23:59:00+02:00") == ("early", 1)
    assert _window_state(story, "2026-04-11T23:59:00+02:00") == ("inside", 0)
    assert _window_state(story, "2026-04-12T00:00:00+02:00") == ("late", 0)


def _dose(story: Story) -> None:
    lymphodepletion_record(
        journey_id=story.journey_id,
        dose=DoseGiven(drug="fludarabine", dose_mg=22.5),
        by=story.nurse.actor,
        at=story.at,
    )


def _window_state(story: Story, at: str) -> tuple[str, int]:
    window = infusion_window(story.journey, at=datetime.fromisoformat(at))
    assert window is not None
    return (
        window.state,
        window.until_first if window.state == "early" else window.left if window.left is not None else -1,
    )


def white_cells(story: Story, value: float, days_ago: int = 0) -> None:
    finding_record(
        journey_id=story.journey_id,
        finding=FindingDetails(
            quantity="white_cells",
            value=value,
            found_on=story.center.local_day(story.at) - timedelta(days=days_ago),
        ),
        by=story.nurse.actor,
        at=story.at,
    )


@pytest.mark.parametrize(
    ("value", "days_ago", "ask"), [(1000, 0, True), (1001, 0, False), (400, 7, True), (400, 8, None)]
)
def test_going_without_lymphodepletion_is_asked_by_white_cells_of_the_last_week(
    story: Story, value: float, days_ago: int, ask: bool | None
) -> None:
    story.released()
    asked = waiver_asked(story.journey, at=story.at)
    assert asked is not None
    assert asked.question.ask is None
    white_cells(story, value, days_ago)
    asked = waiver_asked(story.journey, at=story.at)
    assert asked is not None
    assert asked.question.ask is ask


def test_the_waiver_keeps_the_row_of_its_day(story: Story) -> None:
    story.released()
    lymphodepletion_waive(
        journey_id=story.journey_id, reason="WBC 0.4", by=story.clinician.actor, at=story.at
    )
    assert event(story, EventKind.LYMPHODEPLETION_WAIVED)["rule"] == "waive_lymphodepletion"


def test_an_american_waiver_is_a_draft_and_asks_nothing(in_new_york: Story) -> None:
    in_new_york.released()
    assert waiver_asked(in_new_york.journey, at=in_new_york.at) is None


@pytest.mark.parametrize(
    ("days", "value", "ask"), [(28, 5000, False), (29, 1000, False), (29, 1001, True), (29, None, None)]
)
def test_a_second_lymphodepletion_is_asked_after_four_weeks_with_white_cells_back(
    story: Story, days: int, value: float | None, ask: bool | None
) -> None:
    story.released()
    _dose(story)
    white_cells(story, 9000)
    story.later(days=days)
    if value is not None:
        white_cells(story, value)
    asked = repeat_asked(story.journey, at=story.at)
    assert asked is not None
    assert asked.question.ask is ask


def test_without_a_first_lymphodepletion_no_second_one_is_asked(story: Story) -> None:
    story.released()
    assert repeat_asked(story.journey, at=story.at) is None
