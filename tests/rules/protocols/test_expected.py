"""From expected items to points in time."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import registry
from cartpath.protocols.expected import due_days, occurrences
from cartpath.protocols.plan import ExpectedItem

EU = registry.get("tisagenlecleucel-eu", "1")
ROME, KIRITIMATI, SANTIAGO = (
    ZoneInfo("Europe/Rome"),
    ZoneInfo("Pacific/Kiritimati"),
    ZoneInfo("America/Santiago"),
)


def item(name: str) -> ExpectedItem:
    found = EU.item(name)
    assert found is not None
    return found


def test_a_visit_opens_at_local_midnight_and_closes_at_the_end_of_its_last_day() -> None:
    (visit,) = occurrences(item("visit_month_1"), datetime(2026, 3, 2, 15, 0, tzinfo=ROME), ROME)
    assert (visit.first_on, visit.due_on, visit.last_on) == (
        date(2026, 3, 26),
        date(2026, 4, 2),
        date(2026, 4, 9),
    )
    assert visit.opens_at == datetime(2026, 3, 26, tzinfo=ROME)
    assert visit.due_at == datetime(2026, 4, 2, tzinfo=ROME)
    assert visit.closes_at == datetime(2026, 4, 10, tzinfo=ROME)
    assert {visit.opens_at.tzinfo, visit.due_at.tzinfo, visit.closes_at.tzinfo} == {UTC}
    assert visit.occurrence == 1


def test_day_0_is_the_day_in_the_centers_zone() -> None:
    just_after_midnight_in_rome = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    (in_rome,) = occurrences(item("visit_day_28"), just_after_midnight_in_rome, ROME)
    (in_utc,) = occurrences(item("visit_day_28"), just_after_midnight_in_rome, UTC)
    assert in_rome.due_on == date(2026, 3, 30)
    assert in_utc.due_on == date(2026, 3, 29)


def test_a_local_day_without_midnight_begins_when_it_begins() -> None:
    # Clocks in Santiago jump from 00:00 to 01:00 on 6 September 2026.
    infused_at = datetime(2026, 8, 9, 12, 0, tzinfo=SANTIAGO)
    (visit,) = occurrences(item("visit_day_28"), infused_at, SANTIAGO)
    assert visit.due_on == date(2026, 9, 6)
    assert visit.due_at.astimezone(SANTIAGO).date() == date(2026, 9, 6)


def test_toxicity_is_assessed_every_twelve_hours_for_ten_days() -> None:
    infused_at = datetime(2026, 3, 2, 10, 0, tzinfo=ROME)
    found = occurrences(item("toxicity_assessment"), infused_at, ROME)
    assert [each.occurrence for each in found] == list(range(1, 21))
    assert found[0].due_at == infused_at + timedelta(hours=12)
    assert found[-1].due_at == infused_at + timedelta(days=10)
    assert found[0].opens_at == infused_at + timedelta(hours=8)
    assert found[0].closes_at == infused_at + timedelta(hours=13)
    assert found[0].due_on is None


def test_twelve_hours_stay_twelve_hours_over_the_clock_change() -> None:
    found = occurrences(item("toxicity_assessment"), datetime(2026, 3, 28, 20, 0, tzinfo=ROME), ROME)
    gaps = {second.due_at - first.due_at for first, second in pairwise(found)}
    assert gaps == {timedelta(hours=12)}
    assert [each.due_at.astimezone(ROME).hour for each in found[:3]] == [9, 21, 9]


def test_the_infusion_is_expected_two_to_fourteen_days_after_lymphodepletion() -> None:
    expected = item("infusion")
    assert (expected.anchor, expected.anchor_event) == ("lymphodepletion_given", "latest")
    assert due_days(expected, date(2026, 3, 1)) == (date(2026, 3, 3), date(2026, 3, 3), date(2026, 3, 15))


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        occurrences(item("visit_month_1"), datetime(2026, 3, 2, 15, 0), ROME)  # noqa: DTZ001


def test_an_item_in_hours_has_no_due_day() -> None:
    with pytest.raises(ValueError, match="counted in hours"):
        due_days(item("toxicity_assessment"), date(2026, 3, 1))


moments = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


# Not from a birthday, nor at a moment that the anchor's data names.
COUNTED_FROM_THE_ANCHOR = [
    each for each in EU.expected_items() if each.offset.age is None and each.offset.said is None
]


@given(moments, st.sampled_from([ROME, KIRITIMATI, SANTIAGO]), st.sampled_from(COUNTED_FROM_THE_ANCHOR))
def test_every_window_holds_its_due_time_and_time_goes_forward(
    anchor_at: datetime, zone: ZoneInfo, expected: ExpectedItem
) -> None:
    found = occurrences(expected, anchor_at, zone)
    assert found
    for each in found:
        assert each.opens_at <= each.due_at <= each.closes_at
        if each.due_on is not None:
            assert each.due_at.astimezone(zone).date() == each.due_on
    dues = [each.due_at for each in found]
    assert dues == sorted(set(dues))
