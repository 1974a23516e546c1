"""A dose in parts through the services: each part with its own check, its gate, and what stays as it was."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from infusion.models import InfusionPart
from infusion.part_services import parts_stop
from infusion.services import (
    identity_verify,
    thaw_start,
)
from patients.enums import Stage
from tests.factories import Story
from tests.stages.parts import checked, day, event, found, given, graded, part, parts_of, prepared, today
from toxicity.grading.crs import CrsInput
from toxicity.services import acute_monitoring_end


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
