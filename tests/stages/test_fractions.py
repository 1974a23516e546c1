"""A dose in parts through the services: each part with its own check, its gate, and what stays as it was."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, User
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from cartpath.reminders.enums import Cause, ReminderState
from cartpath.reminders.models import Reminder
from infusion.fractions import Series, series
from infusion.inputs import ChecklistAnswer, FindingDetails, InfusionDetails, PartDetails
from infusion.models import InfusionPart, LymphodepletionDose
from infusion.part_services import part_record, parts_stop
from infusion.selectors import checklist
from infusion.services import (
    checklist_item_record,
    finding_record,
    identity_verify,
    infusion_record,
    thaw_start,
)
from leukapheresis.models import Resource
from patients.enums import Stage
from tests.conftest import person
from tests.factories import Story, patient_details
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.services import acute_monitoring_end

NO_OXYGEN = Oxygen(device=OxygenDevice.NONE)
CRS: dict[int, CrsInput] = {
    0: CrsInput(temperature_c=36.8, hypotension=False, vasopressors=(), oxygen=NO_OXYGEN),
    1: CrsInput(temperature_c=38.6, hypotension=False, vasopressors=(), oxygen=NO_OXYGEN),
    2: CrsInput(temperature_c=38.6, hypotension=True, vasopressors=(), oxygen=NO_OXYGEN),
    3: CrsInput(temperature_c=38.6, hypotension=True, vasopressors=("norepinephrine",), oxygen=NO_OXYGEN),
}


def found(story: Story, quantity: str, value: float, on: date) -> None:
    finding_record(
        journey_id=story.journey_id,
        finding=FindingDetails(quantity=quantity, value=value, found_on=on),  # type: ignore[arg-type]
        by=story.nurse.actor,
        at=story.at,
    )


def today(story: Story) -> date:
    return story.center.local_day(story.at)


def prepared(story: Story, product: str, *, blasts: float | None) -> None:
    """Ready for the first part: lymphodepletion, checklist, identity and thaw; marrow of the day before."""
    story.wanted = {"product": product}
    story.child = patient_details(birth_date=date(2003, 5, 1))
    story.ready()
    if blasts is not None:
        first = LymphodepletionDose.objects.order_by("given_at")[0]
        found(story, "marrow_blasts", blasts, story.center.local_day(first.given_at) - timedelta(days=1))


def given(story: Story, **infusion: Any) -> None:
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(**infusion),
        by=story.clinician.actor,
        at=story.later(minutes=15),
    )


@pytest.fixture
def obe(story: Story) -> Story:
    """Obecabtagene with 10 % blasts: the first part of 100 million cells was given."""
    prepared(story, "obecabtagene", blasts=10)
    given(story, dose_cells=100_000_000)
    return story


def graded(story: Story, grade: int) -> None:
    story.assessed(crs=CRS[grade])


def day(story: Story, number: int) -> None:
    """Let it become noon or so of D+`number`."""
    infused_at = story.journey.infused_at
    assert infused_at is not None
    story.at = infused_at + timedelta(days=number, hours=-5)


def checked(story: Story, fraction: int = 2) -> None:
    identity_verify(
        journey_id=story.journey_id,
        first=story.clinician,
        second=story.nurse,
        at=story.at,
        fraction=fraction,
    )
    thaw_start(journey_id=story.journey_id, by=story.lab.actor, at=story.later(minutes=5), fraction=fraction)


def part(story: Story, *, by: User | None = None, second: User | None = None, **told: Any) -> InfusionPart:
    details = {"fraction": 2, "dose_cells": 310_000_000} | told
    return part_record(
        journey_id=story.journey_id,
        part=PartDetails(**details),
        by=(by or story.clinician).actor,
        at=story.later(minutes=10),
        second=second,
    )


def parts_of(story: Story) -> Series:
    known = series(story.journey, at=story.at)
    assert known is not None
    return known


def event(story: Story, kind: EventKind) -> Event:
    return Event.objects.of(story.journey_id).filter(kind=kind).latest("seq")


def test_the_first_part_is_held_against_its_own_size_and_says_its_number(obe: Story) -> None:
    data = event(obe, EventKind.INFUSED).data
    assert (data["fraction"], data["min_cells"], data["dose_in_range"]) == (1, 100_000_000, True)
    assert "fraction_low_blasts_1" in data["rules"]


@pytest.mark.parametrize(("blasts", "cells"), [(20, 100_000_000), (20.01, 10_000_000)])
def test_the_marrow_on_record_decides_the_size_of_the_first_part(
    story: Story, blasts: float, cells: int
) -> None:
    prepared(story, "obecabtagene", blasts=blasts)
    assert parts_of(story).split.parts[0].cells == cells


def test_without_a_marrow_the_first_part_needs_a_reason_and_is_never_guessed(story: Story) -> None:
    prepared(story, "obecabtagene", blasts=None)
    assert [each.cells for each in parts_of(story).split.parts] == [None, None]
    with pytest.raises(Invalid) as refused:
        given(story, dose_cells=100_000_000)
    assert refused.value.code == "dose_not_in_range"
    assert "unknown" in refused.value.message


def test_a_later_marrow_does_not_split_the_dose_anew(obe: Story) -> None:
    day(obe, 7)
    found(obe, "marrow_blasts", 80, today(obe))
    assert [each.cells for each in parts_of(obe).split.parts] == [100_000_000, 310_000_000]


def test_the_second_part_is_given_on_its_day_and_day_zero_does_not_move(obe: Story) -> None:
    before = (obe.journey.infused_at, obe.journey.status.infused_at, obe.journey.stage)
    day(obe, 9)
    graded(obe, 1)
    checked(obe)
    row = part(obe)
    assert (row.fraction, row.gate, row.is_dose_in_range) == (2, "allowed", True)
    assert (obe.journey.infused_at, obe.journey.status.infused_at, obe.journey.stage) == before
    data = event(obe, EventKind.FRACTION_INFUSED).data
    assert (data["item"], data["fraction"], data["gate"]) == ("fraction_2", 2, "allowed")
    assert data["rules"] == ["fraction_low_blasts_2"]
    assert parts_of(obe).next is None


def test_the_same_part_is_not_given_twice(obe: Story) -> None:
    day(obe, 9)
    graded(obe, 0)
    checked(obe)
    part(obe)
    with pytest.raises(Conflict) as refused:
        part(obe)
    assert refused.value.code == "wrong_part"
    with pytest.raises(IntegrityError, match="infusion_part_once"), transaction.atomic():
        InfusionPart.objects.create(
            journey=obe.journey,
            center=obe.center,
            batch=InfusionPart.objects.get().batch,
            fraction=2,
        )


def test_each_part_has_its_own_identity_check(obe: Story) -> None:
    day(obe, 9)
    graded(obe, 0)
    with pytest.raises(Conflict) as refused:
        part(obe)
    assert refused.value.code == "identity_not_verified"
    with pytest.raises(Conflict) as refused:
        thaw_start(journey_id=obe.journey_id, by=obe.lab.actor, at=obe.at, fraction=2)
    assert refused.value.code == "identity_not_verified"


def test_identity_and_thaw_wait_for_their_turn(obe: Story) -> None:
    with pytest.raises(Conflict) as refused:
        identity_verify(
            journey_id=obe.journey_id, first=obe.clinician, second=obe.nurse, at=obe.at, fraction=3
        )
    assert refused.value.code == "wrong_part"
    with pytest.raises(Conflict) as refused:
        identity_verify(journey_id=obe.journey_id, first=obe.clinician, second=obe.nurse, at=obe.at)
    assert refused.value.code == "wrong_stage"


def test_a_part_never_starts_before_its_thaw_or_before_the_part_before(obe: Story) -> None:
    day(obe, 9)
    graded(obe, 0)
    checked(obe)
    thawed = obe.at
    obe.at = thawed - timedelta(minutes=30)
    with pytest.raises(Invalid) as refused:
        part(obe)
    assert "started_at" in refused.value.fields


@pytest.mark.parametrize(
    ("on_day", "grade", "verdict"),
    [(6, 0, "wait"), (9, 2, "wait"), (9, None, "unknown"), (12, 0, "stop"), (9, 3, "stop")],
)
def test_a_closed_gate_refuses_the_part_and_says_why(
    obe: Story, on_day: int, grade: int | None, verdict: str
) -> None:
    day(obe, on_day)
    if grade is not None:
        graded(obe, grade)
    checked(obe)
    with pytest.raises(Invalid) as refused:
        part(obe)
    assert refused.value.code == "gate_closed"
    assert "gate_reason" in refused.value.fields
    gate = parts_of(obe).gate
    assert gate is not None
    assert gate.verdict == verdict
    assert not InfusionPart.objects.filter(started_at__isnull=False).exists()


def test_yesterdays_grade_says_nothing_about_today(obe: Story) -> None:
    day(obe, 8)
    graded(obe, 0)
    day(obe, 9)
    gate = parts_of(obe).gate
    assert gate is not None
    assert gate.verdict == "unknown"


def test_a_lower_bound_keeps_the_gate_unknown(obe: Story) -> None:
    day(obe, 9)
    obe.assessed(crs=CrsInput(temperature_c=36.9))
    gate = parts_of(obe).gate
    assert gate is not None
    assert gate.verdict == "unknown"
    assert "grade_at_least" in gate.flags


def test_a_clinician_goes_on_with_a_reason_while_the_gate_says_wait(obe: Story) -> None:
    day(obe, 9)
    graded(obe, 2)
    checked(obe)
    row = part(obe, gate_reason="Blood pressure back after one bolus")
    assert (row.gate, row.gate_reason, row.gate_second) == ("wait", "Blood pressure back after one bolus", "")


def test_a_nurse_does_not_decide_against_the_gate(obe: Story) -> None:
    day(obe, 9)
    graded(obe, 2)
    checked(obe)
    with pytest.raises(Invalid) as refused:
        part(obe, by=obe.nurse, gate_reason="Looks fine")
    assert refused.value.fields["gate_reason"] == "Only a clinician of this center decides against the gate."


def test_a_stop_is_overridden_by_two_clinicians_or_not_at_all(obe: Story, cleo: User) -> None:
    day(obe, 5)
    graded(obe, 3)
    day(obe, 9)
    graded(obe, 0)
    checked(obe)
    for second in (None, obe.clinician, obe.nurse, cleo):
        with pytest.raises(Invalid) as refused:
            part(obe, gate_reason="Family and board agree", second=second)
        assert "second" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        part(obe, second=obe.second)
    assert "gate_reason" in refused.value.fields
    row = part(obe, gate_reason="Family and board agree", second=obe.second)
    assert (row.gate, row.gate_second) == ("stop", "Cara")
    with pytest.raises(IntegrityError, match="infusion_part_stop_two"), transaction.atomic():
        InfusionPart.objects.filter(pk=row.pk).update(gate_second="")
    assert event(obe, EventKind.FRACTION_INFUSED).data["second"] == "Cara"


def test_the_gates_verdict_stays_with_the_part(obe: Story) -> None:
    day(obe, 9)
    graded(obe, 2)
    checked(obe)
    part(obe, gate_reason="Blood pressure back")
    gate, dose = event(obe, EventKind.FRACTION_INFUSED).data["computed"]
    assert (gate["rule"], gate["value"], gate["reason"]) == ("fraction_gate", "wait", "Blood pressure back")
    assert (gate["inputs"]["crs_grade"], gate["inputs"]["today"]) == (2, today(obe).isoformat())
    assert (dose["rule"], dose["value"]) == ("fractions", "true")


@pytest.mark.parametrize("cells", [None, 100_000_000])
def test_a_part_of_another_size_needs_a_reason(obe: Story, cells: int | None) -> None:
    day(obe, 9)
    graded(obe, 0)
    checked(obe)
    with pytest.raises(Invalid) as refused:
        part(obe, dose_cells=cells)
    assert refused.value.code == "dose_not_in_range"
    assert part(obe, dose_cells=cells, override_reason="One bag was broken").is_dose_in_range is not True


def test_the_series_can_be_stopped_with_a_reason_and_then_nothing_more_is_given(obe: Story) -> None:
    day(obe, 5)
    graded(obe, 3)
    with pytest.raises(Invalid):
        parts_stop(journey_id=obe.journey_id, reason=" ", by=obe.clinician.actor, at=obe.at)
    parts_stop(journey_id=obe.journey_id, reason="CRS grade 3", by=obe.clinician.actor, at=obe.at)
    data = event(obe, EventKind.FRACTIONS_STOPPED).data
    assert (data["reason"], data["from_fraction"], data["gate"]) == ("CRS grade 3", 2, "stop")
    assert [record["rule"] for record in data["computed"]] == ["fraction_gate"]
    day(obe, 9)
    with pytest.raises(Conflict):
        part(obe)
    with pytest.raises(Conflict):
        parts_stop(journey_id=obe.journey_id, reason="again", by=obe.clinician.actor, at=obe.at)
    assert [line.state for line in parts_of(obe).lines] == ["given", "stopped"]


def test_monitoring_does_not_end_while_a_part_is_open(obe: Story) -> None:
    day(obe, 14)
    end: Callable[[], object] = lambda: acute_monitoring_end(  # noqa: E731
        journey_id=obe.journey_id, by=obe.clinician.actor, at=obe.at
    )
    with pytest.raises(Conflict) as refused:
        end()
    assert refused.value.code == "parts_open"
    parts_stop(journey_id=obe.journey_id, reason="Infection", by=obe.clinician.actor, at=obe.at)
    end()
    assert obe.journey.stage == Stage.FOLLOW_UP


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


@pytest.fixture
def elsewhere(db: None) -> Center:
    """Another installation, as far as a file needs it."""
    center = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    for email, name, role in (
        ("ben@c.example", "Ben", Role.CLINICIAN),
        ("cara@c.example", "Cara", Role.CLINICIAN),
        ("nina@c.example", "Nina", Role.APHERESIS_NURSE),
    ):
        person(email, name, role, center)
    Resource.objects.create(center=center, name="Machine 1")
    return center


def test_a_dose_in_parts_comes_back_from_its_file(obe: Story, elsewhere: Center) -> None:
    day(obe, 5)
    graded(obe, 3)
    day(obe, 9)
    graded(obe, 0)
    checked(obe)
    part(obe, gate_reason="Board of 4 May", second=obe.second)
    told = journey_export(obe.journey_id)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": elsewhere.code, "id": str(uuid4())}
    done = journey_import(
        file=read(json.dumps(moved), now=max(timezone.now(), obe.at)), by=Actor.system("import")
    )
    again = journey_export(done.journey_id)
    assert again["events"] == told["events"]
    assert InfusionPart.objects.get(journey_id=done.journey_id).gate_second == "Cara"
    assert verify(obe.journey_id).breaks == []


def test_a_stopped_series_comes_back_from_its_file(obe: Story, elsewhere: Center) -> None:
    parts_stop(journey_id=obe.journey_id, reason="Infection", by=obe.clinician.actor, at=obe.at)
    told = journey_export(obe.journey_id)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": elsewhere.code, "id": str(uuid4())}
    done = journey_import(
        file=read(json.dumps(moved), now=max(timezone.now(), obe.at)), by=Actor.system("import")
    )
    assert journey_export(done.journey_id)["events"] == told["events"]


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
