"""The parts of a dose as a series: reminders, totals, windows, and what a later part asks."""

from datetime import date, datetime, timedelta

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.reminders.enums import Cause, ReminderState
from cartpath.reminders.models import Reminder
from infusion.fractions import series
from infusion.inputs import ChecklistAnswer
from infusion.part_services import parts_stop
from infusion.selectors import checklist
from infusion.services import (
    checklist_item_record,
)
from tests.factories import Story
from tests.stages.parts import checked, day, event, found, given, graded, part, parts_of, prepared, today


def reminder(story: Story) -> Reminder:
    return Reminder.objects.get(journey_id=story.journey_id, item="fraction_2")


def test_the_next_part_is_a_thing_to_do_within_its_window(obe: Story) -> None:
    wanted = reminder(obe)
    infused_at = obe.journey.infused_at
    assert infused_at is not None
    infused_on = obe.center.local_day(infused_at)
    assert (wanted.first_on, wanted.due_on, wanted.last_on) == (
        infused_on + timedelta(days=7),
        infused_on + timedelta(days=9),
        infused_on + timedelta(days=11),
    )
    day(obe, 9)
    graded(obe, 0)
    checked(obe)
    part(obe)
    assert (reminder(obe).state, reminder(obe).cause) == (ReminderState.COMPLETED, Cause.FULFILLED)


def test_stopping_the_series_ends_the_reminder(obe: Story) -> None:
    parts_stop(journey_id=obe.journey_id, reason="Infection", by=obe.clinician.actor, at=obe.at)
    assert reminder(obe).state == ReminderState.CANCELED


def test_varnimcabtagene_is_given_in_three_parts_of_the_chosen_total(story: Story) -> None:
    prepared(story, "varnimcabtagene", blasts=None)
    given(story, dose_cells=2_000_000, total_cells=20_000_000)
    assert [each.cells for each in parts_of(story).split.parts] == [2_000_000, 6_000_000, 12_000_000]
    for fraction, cells in ((2, 6_000_000), (3, 12_000_000)):
        story.later(days=1)
        graded(story, 0)
        checked(story, fraction)
        part(story, fraction=fraction, dose_cells=cells)
    assert parts_of(story).next is None
    assert not Reminder.objects.filter(item__startswith="fraction_").exists()


def test_a_total_outside_the_range_needs_a_reason_at_the_first_part(story: Story) -> None:
    prepared(story, "varnimcabtagene", blasts=None)
    with pytest.raises(Invalid) as refused:
        given(story, dose_cells=2_000_000, total_cells=900_000_000)
    assert refused.value.code == "dose_not_in_range"


def test_crs_since_the_part_before_counts_and_not_what_was_before_it(story: Story) -> None:
    prepared(story, "varnimcabtagene", blasts=None)
    given(story, dose_cells=2_000_000, total_cells=20_000_000)
    graded(story, 1)
    story.later(days=1)
    graded(story, 0)
    checked(story)
    part(story, dose_cells=6_000_000)
    story.later(days=1)
    graded(story, 0)
    gate = parts_of(story).gate
    assert gate is not None
    assert (gate.fraction, gate.verdict, gate.flags) == (3, "allowed", ())


def test_a_dose_given_at_once_has_no_parts(story: Story) -> None:
    story.infused()
    assert series(story.journey, at=story.at) is None
    assert event(story, EventKind.INFUSED).data["fraction"] is None
    with pytest.raises(Conflict):
        part(story)


@pytest.mark.parametrize(
    ("quantity", "value", "in_days", "field"),
    [("marrow_blasts", 101, 0, "value"), ("white_cells", 400, 1, "found_on")],
)
def test_an_impossible_finding_names_its_field(
    story: Story, quantity: str, value: float, in_days: int, field: str
) -> None:
    story.accepted()
    with pytest.raises(Invalid) as refused:
        found(story, quantity, value, today(story) + timedelta(days=in_days))
    assert field in refused.value.fields


def test_the_window_of_a_part_follows_the_centers_calendar_across_the_clock_change(story: Story) -> None:
    """Infused at 23:30 in Rome eight days before the clocks go forward: D+9 is a day, not 216 hours."""
    story.at = datetime.fromisoformat("2026-02-01T12:00:00+01:00")
    prepared(story, "obecabtagene", blasts=10)
    story.at = datetime.fromisoformat("2026-03-21T23:15:00+01:00")
    given(story, dose_cells=100_000_000, override_reason="")
    story.at = datetime.fromisoformat("2026-03-28T23:30:00+01:00")
    graded_at = story.at
    assert story.center.local_day(graded_at) == date(2026, 3, 28)
    gate = parts_of(story).gate
    assert gate is not None and gate.days is not None
    assert (gate.days.first_on, gate.days.due_on) == (date(2026, 3, 28), date(2026, 3, 30))
    assert gate.wait_for is None
    story.at = datetime.fromisoformat("2026-03-27T23:59:00+01:00")
    gate = parts_of(story).gate
    assert gate is not None
    assert gate.wait_for == "day"


def test_the_checklist_of_the_first_part_is_not_asked_again(obe: Story) -> None:
    assert all(line.is_settled for line in checklist(obe.journey, on=today(obe)))
    with pytest.raises(Conflict):
        checklist_item_record(
            journey_id=obe.journey_id,
            answer=ChecklistAnswer(item="check_line", verdict="met"),
            by=obe.clinician.actor,
            at=obe.at,
        )
