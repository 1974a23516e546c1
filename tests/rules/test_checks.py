"""How often a child is looked at, and when next."""

from datetime import UTC, datetime, timedelta

import pytest

from cartpath.protocols import registry
from cartpath.protocols.bedside_rows import CheckInterval
from toxicity.checks.rules import ChildState, OwnInterval, Pending, Rhythm, next_due, rhythm

AT = datetime(2026, 3, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVERY_CHECK = registry.get("tisagenlecleucel-eu", "1").monitoring.checks


def rows(check: str) -> list[CheckInterval]:
    return [row for row in EVERY_CHECK if row.check == check and row.in_force()]


def state(**known: object) -> ChildState:
    return ChildState(at=AT, **known)  # type: ignore[arg-type]


def minutes(check: str, own: OwnInterval | None = None, **known: object) -> int:
    found = rhythm(rows(check), state(**known), own)
    assert found is not None
    return found.every_minutes


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, 240),
        ({"fever_at": AT}, 240),
        ({"tachycardia": True}, 240),
        ({"fever_at": AT, "tachycardia": True}, 120),
        ({"fever_at": AT - 4 * HOUR, "tachycardia": True}, 120),
        ({"fever_at": AT - 4 * HOUR - timedelta(minutes=1), "tachycardia": True}, 240),
        ({"fever_at": AT, "tachycardia": None}, 240),
        ({"crs": 1}, 240),
        ({"crs": 2}, 120),
        ({"crs": 3}, 60),
        ({"crs": 4, "fever_at": AT, "tachycardia": True}, 60),
    ],
)
def test_vital_signs_come_more_often_with_fever_and_with_the_grade(
    known: dict[str, object], expected: int
) -> None:
    assert minutes("vitals", **known) == expected


@pytest.mark.parametrize(("icans", "expected"), [(None, 720), (0, 720), (1, 240), (4, 240)])
def test_the_neurological_check_comes_more_often_from_icans_1(icans: int | None, expected: int) -> None:
    assert minutes("neuro", icans=icans) == expected


@pytest.mark.parametrize("check", ["laboratory", "weight"])
def test_blood_and_weight_come_twice_a_day_from_crs_2(check: str) -> None:
    assert (minutes(check, crs=1), minutes(check, crs=2)) == (1440, 720)


def test_what_a_person_set_overrules_what_held_and_nothing_that_comes_later() -> None:
    own = OwnInterval(180, frozenset({"check_vitals_usual", "check_vitals_crs_2"}))
    assert minutes("vitals", own, crs=2) == 180
    assert minutes("vitals", own, crs=3) == 60


def test_a_person_s_interval_says_that_a_person_set_it() -> None:
    assert rhythm(rows("weight"), state(), OwnInterval(360)) == Rhythm(360, "", ("person",))


def test_without_a_row_and_without_a_person_there_is_no_rhythm() -> None:
    assert rhythm([], state(), None) is None


def due(pending: Pending | None, hours: float, done: datetime | None, **more: bool) -> datetime | None:
    infused = AT - timedelta(days=2)
    return next_due(pending, hours * HOUR, done_at=done, infused_at=infused, at=AT, **more)


def test_the_first_check_counts_from_the_infusion_and_may_be_late_at_once() -> None:
    assert due(None, 4, None) == AT - timedelta(days=2) + 4 * HOUR


def test_a_check_just_done_is_due_one_interval_later() -> None:
    assert due(Pending(240, AT, AT - 4 * HOUR), 4, AT) == AT + 4 * HOUR


def test_a_check_entered_late_is_never_planned_into_the_past() -> None:
    assert due(Pending(240, AT, AT - 9 * HOUR), 4, AT - 5 * HOUR) == AT


def test_striking_the_last_check_brings_the_next_one_forward() -> None:
    assert due(Pending(240, AT + 3 * HOUR, AT - HOUR), 4, AT - 3 * HOUR) == AT + HOUR


def test_a_worse_child_brings_the_waiting_check_forward() -> None:
    assert due(Pending(240, AT + 3 * HOUR, AT - HOUR), 2, AT - HOUR) == AT + HOUR
    assert due(Pending(240, AT + HOUR, AT - 3 * HOUR), 1, AT - 3 * HOUR) == AT


def test_a_better_child_leaves_the_waiting_check_where_it_is() -> None:
    assert due(Pending(60, AT + HOUR / 2, AT - HOUR / 2), 4, AT - HOUR / 2) is None


def test_a_person_may_move_the_waiting_check_back_but_not_a_late_one() -> None:
    done = AT - HOUR / 2
    assert due(Pending(60, AT + HOUR / 2, done), 4, done, by_person=True) == done + 4 * HOUR
    assert due(Pending(60, AT, AT - HOUR), 4, AT - HOUR, by_person=True) is None


def test_nothing_moves_a_check_that_is_late() -> None:
    assert due(Pending(240, AT - HOUR, AT - 5 * HOUR), 1, AT - 5 * HOUR) is None


@pytest.mark.parametrize("protocol", registry.all_protocols(), ids=lambda each: each.id)
def test_every_protocol_has_a_usual_rhythm_for_each_check_and_reminds_of_it(protocol: object) -> None:
    checks = protocol.monitoring.checks  # type: ignore[attr-defined]
    usual = [row.check for row in checks if row.is_usual and row.in_force()]
    assert usual == ["vitals", "neuro", "laboratory", "weight"]
    names = {item.item for item in protocol.expected_items()}  # type: ignore[attr-defined]
    assert {f"check_{check}" for check in usual} <= names
