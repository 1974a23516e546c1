"""The gate before the next part of a dose, at every boundary of its days and grades."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import registry
from cartpath.protocols.sections import DoseFraction
from infusion.rules.fraction_gate import GateVerdict, GradeSince, gate, gate_of_candidates

OBE = registry.latest("obecabtagene-eu").product
VARNI = registry.latest("varnimcabtagene-eu").product
BEGAN_ON = date(2026, 2, 25)
INFUSED_ON = date(2026, 3, 2)
CLEAR = GradeSince(current=0, worst=0)


SECOND = next(row for row in OBE.fractions if row.id == "fraction_low_blasts_2")
THIRD_OF_VARNI = next(row for row in VARNI.fractions if row.fraction == 3)


def verdict(
    day: int, crs: GradeSince = CLEAR, icans: GradeSince = CLEAR, row: DoseFraction = SECOND
) -> GateVerdict:
    """The verdict on D+`day`."""
    return gate(
        row,
        first_infusion_day=1,
        infused_on=INFUSED_ON,
        on=INFUSED_ON + timedelta(days=day),
        crs=crs,
        icans=icans,
    ).verdict


@pytest.mark.parametrize(
    ("day", "expected"),
    [(0, "wait"), (6, "wait"), (7, "allowed"), (9, "allowed"), (11, "allowed"), (12, "stop"), (20, "stop")],
)
def test_without_toxicity_day_ten_plus_or_minus_two_of_the_makers_count_is_d7_to_d11(
    day: int, expected: GateVerdict
) -> None:
    assert verdict(day) == expected


@pytest.mark.parametrize(
    ("day", "current", "expected"),
    [
        (9, 2, "wait"),
        (12, 2, "wait"),
        (12, 1, "allowed"),
        (20, 2, "wait"),
        (20, 1, "allowed"),
        (20, 0, "allowed"),
        (21, 1, "stop"),
        (21, 2, "stop"),
    ],
)
def test_crs_of_grade_two_moves_the_part_up_to_day_21_of_the_makers_count(
    day: int, current: int, expected: GateVerdict
) -> None:
    assert verdict(day, GradeSince(current=current, worst=2)) == expected


@pytest.mark.parametrize("worst", [3, 4, 5])
@pytest.mark.parametrize("current", [None, 0, 1, 2])
@pytest.mark.parametrize("day", [0, 6, 9, 25])
def test_crs_of_grade_three_ends_the_series_whatever_the_day_and_the_grade_now(
    worst: int, current: int | None, day: int
) -> None:
    assert verdict(day, GradeSince(current=current, worst=worst)) == "stop"


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        (GradeSince(), "unknown"),
        (GradeSince(worst=1), "unknown"),
        (GradeSince(current=0, worst=0, is_lower_bound=True), "unknown"),
        (GradeSince(current=1, worst=1, is_lower_bound=True), "unknown"),
        (GradeSince(current=2, worst=2, is_lower_bound=True), "wait"),
        (GradeSince(current=3, worst=3, is_lower_bound=True), "stop"),
        (GradeSince(current=1, worst=1), "allowed"),
        (GradeSince(current=0, worst=0, earlier_is_lower_bound=True), "allowed"),
    ],
)
def test_an_unknown_grade_is_never_taken_for_none(crs: GradeSince, expected: GateVerdict) -> None:
    assert verdict(9, crs) == expected


def test_before_its_first_day_a_part_waits_for_the_day_even_while_the_grade_is_unknown() -> None:
    found = gate(
        SECOND, first_infusion_day=1, infused_on=INFUSED_ON, on=INFUSED_ON, crs=GradeSince(), icans=CLEAR
    )
    assert (found.verdict, found.wait_for, found.wait_until) == ("wait", "day", date(2026, 3, 9))


def test_waiting_for_a_grade_names_the_last_day_it_may_wait_to() -> None:
    found = gate(
        SECOND,
        first_infusion_day=1,
        infused_on=INFUSED_ON,
        on=INFUSED_ON + timedelta(days=9),
        crs=GradeSince(current=2, worst=2),
        icans=CLEAR,
    )
    assert (found.wait_for, found.wait_until) == ("grade", date(2026, 3, 22))
    assert "at the latest 2026-03-22" in found.sentence


def test_the_makers_day_ten_is_told_as_d9() -> None:
    found = gate(SECOND, first_infusion_day=1, infused_on=INFUSED_ON, on=INFUSED_ON, crs=CLEAR, icans=CLEAR)
    assert found.explanation[0] == "Due on day 10 of the maker's count = D+9, 2026-03-11, ± 2 days."
    assert found.days is not None
    assert found.days.due_on == date(2026, 3, 11)


def test_a_maker_who_counts_from_day_zero_means_another_day_by_the_same_number() -> None:
    found = gate(SECOND, first_infusion_day=0, infused_on=INFUSED_ON, on=INFUSED_ON, crs=CLEAR, icans=CLEAR)
    assert found.days is not None
    assert found.days.due_on == date(2026, 3, 12)
    assert found.explanation[0] == "Due on D+10, 2026-03-12, ± 2 days."


def test_icans_without_a_limit_in_the_protocol_is_told_and_flagged_but_not_judged() -> None:
    found = gate(
        SECOND,
        first_infusion_day=1,
        infused_on=INFUSED_ON,
        on=INFUSED_ON + timedelta(days=9),
        crs=CLEAR,
        icans=GradeSince(current=2, worst=2),
    )
    assert found.verdict == "allowed"
    assert "icans_grade_without_limit" in found.flags
    assert any("ICANS: worst grade 2" in sentence for sentence in found.explanation)


@pytest.mark.parametrize(("icans", "expected"), [(0, "allowed"), (1, "wait"), (2, "stop")])
def test_a_row_may_limit_icans_too(icans: int, expected: GateVerdict) -> None:
    row = replace(SECOND, max_icans_grade=0, stop_from_icans_grade=2)
    assert verdict(9, icans=GradeSince(current=icans, worst=icans), row=row) == expected
    assert verdict(9, icans=GradeSince(), row=row) == "unknown"


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        (GradeSince(current=0, worst=0), "allowed"),
        (GradeSince(current=1, worst=1), "wait"),
        (GradeSince(current=0, worst=1), "allowed"),
        (GradeSince(), "unknown"),
    ],
)
def test_varnimcabtagene_goes_on_only_without_crs(crs: GradeSince, expected: GateVerdict) -> None:
    found = gate(
        THIRD_OF_VARNI, first_infusion_day=0, infused_on=INFUSED_ON, on=INFUSED_ON, crs=crs, icans=CLEAR
    )
    assert found.verdict == expected
    assert found.wait_until is None
    assert ("grade_was_higher" in found.flags) is (crs.worst == 1 and crs.current == 0)


def test_rows_that_agree_open_the_gate_although_the_size_is_unknown_and_others_do_not() -> None:
    other = next(row for row in OBE.fractions if row.id == "fraction_high_blasts_2")
    asked = {
        "first_infusion_day": 1,
        "infused_on": INFUSED_ON,
        "on": INFUSED_ON + timedelta(days=9),
        "crs": CLEAR,
        "icans": CLEAR,
    }
    assert gate_of_candidates([SECOND, other], **asked).verdict == "allowed"  # type: ignore[arg-type]
    found = gate_of_candidates([SECOND, replace(other, on_day=14)], **asked)  # type: ignore[arg-type]
    assert (found.verdict, found.missing) == ("unknown", ("blasts_percent",))


ORDER: dict[GateVerdict, int] = {"allowed": 0, "unknown": 1, "wait": 2, "stop": 3}
grades = st.integers(0, 5)


@given(day=st.integers(7, 11), current=grades, worse=grades, later=grades)
def test_a_higher_grade_never_opens_the_gate(day: int, current: int, worse: int, later: int) -> None:
    low = GradeSince(current=current, worst=max(current, worse))
    high = GradeSince(current=min(current + later, 5), worst=min(max(current, worse) + later, 5))
    assert ORDER[verdict(day, high)] >= ORDER[verdict(day, low)]


@given(day=st.integers(0, 40), current=st.none() | grades, worst=st.none() | grades)
def test_nothing_is_allowed_without_a_grade_of_the_day(
    day: int, current: int | None, worst: int | None
) -> None:
    if current is None:
        assert verdict(day, GradeSince(current=current, worst=worst)) != "allowed"


@given(day=st.integers(0, 40), current=st.none() | grades, worst=st.none() | grades, lower=st.booleans())
def test_every_verdict_explains_itself(day: int, current: int | None, worst: int | None, lower: bool) -> None:
    found = gate(
        SECOND,
        first_infusion_day=1,
        infused_on=INFUSED_ON,
        on=INFUSED_ON + timedelta(days=day),
        crs=GradeSince(current=current, worst=worst, is_lower_bound=lower),
        icans=CLEAR,
    )
    assert len(found.explanation) == 4
    assert all(found.explanation)
    assert (found.verdict == "wait") is (found.wait_for is not None)


@pytest.mark.parametrize("on", [date(2026, 3, 5), date(2026, 3, 11), date(2026, 3, 30)])
@pytest.mark.parametrize(("current", "worst"), [(0, 0), (2, 2), (0, 4), (None, 1)])
def test_a_gate_keeps_what_it_was_asked(on: date, current: int | None, worst: int) -> None:
    crs = GradeSince(current=current, worst=worst)
    rows = registry.for_product("obecabtagene", "EU").product.fractions
    second = next(row for row in rows if row.fraction == 2)
    judged = gate(
        second,
        first_infusion_day=1,
        infused_on=date(2026, 3, 2),
        on=on,
        crs=crs,
        icans=GradeSince(current=1, worst=2),
    )
    assert (judged.fraction, judged.row) == (2, second)
    assert judged.inputs == {
        "fraction": 2,
        "infused_on": date(2026, 3, 2),
        "today": on,
        "crs_grade": crs.current,
        "crs_worst": crs.worst,
        "icans_grade": 1,
        "icans_worst": 2,
    }
    assert judged.days is not None


def test_rows_that_disagree_leave_the_gate_unknown_and_say_what_is_missing() -> None:
    rows = registry.for_product("obecabtagene", "EU").product.fractions
    second = next(row for row in rows if row.fraction == 2)
    judged = gate_of_candidates(
        [second, replace(second, max_crs_grade=0)],
        first_infusion_day=1,
        infused_on=date(2026, 3, 2),
        on=date(2026, 3, 11),
        crs=GradeSince(current=1, worst=1),
        icans=GradeSince(current=0, worst=0),
    )
    assert (judged.verdict, judged.fraction, judged.row, judged.days) == ("unknown", 2, None, None)
    assert (judged.wait_until, judged.wait_for, judged.flags) == (None, None, ())
    assert judged.missing == ("blasts_percent",)
    assert judged.inputs["crs_grade"] == 1
    assert judged.explanation == (
        "Not judged: it isn't known which row of the protocol holds for this part.",
    )
