"""How dates, numbers and ages are written, in both languages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from cartpath.web import wording

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def test_a_day_is_written_with_the_name_of_its_month() -> None:
    assert wording.day_text(date(2026, 3, 5)) == "05-Mar-2026"


def test_a_moment_is_shown_in_the_zone_of_the_center() -> None:
    with timezone.override(ZoneInfo("Europe/Rome")):
        assert wording.moment_text(datetime(2026, 3, 5, 23, 10, tzinfo=UTC)) == "06-Mar-2026 00:10"


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=26), "26 h ago"),
        (timedelta(days=3), "3 d ago"),
        (-timedelta(hours=2), "in 2 h"),
    ],
)
def test_the_past_is_told_in_the_unit_a_ward_would_use(elapsed: timedelta, text: str) -> None:
    assert wording.ago_text(NOW - elapsed, NOW) == text


@pytest.mark.parametrize(
    ("on", "text"),
    [
        (date(2026, 1, 13), "12 d"),
        (date(2026, 2, 20), "7 w"),
        (date(2026, 6, 2), "5 m"),
        (date(2031, 9, 3), "5 y 8 m"),
    ],
)
def test_an_age_is_told_in_the_unit_that_fits_the_child(on: date, text: str) -> None:
    assert wording.age_text(date(2026, 1, 1), on).replace(wording.NBSP, " ") == text


def test_an_age_before_birth_is_nothing() -> None:
    assert wording.age_text(date(2026, 1, 2), date(2026, 1, 1)) == ""


def test_days_around_the_infusion_carry_a_true_minus() -> None:
    assert [wording.infusion_day_text(day) for day in (-5, 0, 12)] == ["D\u22125", "D0", "D+12"]


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (38.97, 1, "39.0"),
        (Decimal("6.80"), None, "6.8"),
        (Decimal("100"), None, "100"),
        (0, None, "0"),
        (-11.5, 0, "\u221212"),
        (0.05, None, "0.05"),
        (1_234_567, None, "1,234,567"),
    ],
)
def test_a_number_is_rounded_and_never_cut(value: wording.Number, places: int | None, text: str) -> None:
    assert wording.number_text(value, places) == text


def test_a_number_takes_the_decimal_comma_in_italian() -> None:
    with translation.override("it"):
        assert wording.number_text(6.8) == "6,8"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (120_000_000, "1.2 ×\u00a010<sup>8</sup>"),
        (999_999_999, "1 ×\u00a010<sup>9</sup>"),
        (850, "850"),
        (0, "0"),
    ],
)
def test_cells_are_written_as_a_mantissa_and_a_power_of_ten(value: int, text: str) -> None:
    assert wording.cells_text(value) == text
