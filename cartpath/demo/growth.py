"""How big a child of an age is: round figures for invented children, not for clinical use."""

from bisect import bisect_right
from datetime import date
from typing import Final

DAYS_PER_YEAR: Final = 365.25
# Age in years: weight in kilograms, height in centimeters, about the middle of what children are.
_MIDDLE: Final = (
    (0.0, 3.4, 50.0),
    (0.15, 4.9, 57.0),
    (0.25, 6.0, 60.0),
    (0.5, 7.6, 67.0),
    (1.0, 9.6, 75.0),
    (2.0, 12.2, 87.0),
    (3.0, 14.3, 96.0),
    (4.0, 16.3, 103.0),
    (6.0, 20.6, 116.0),
    (8.0, 25.5, 128.0),
    (10.0, 32.0, 138.0),
    (12.0, 40.0, 149.0),
    (14.0, 50.0, 161.0),
    (16.0, 58.0, 168.0),
    (18.0, 64.0, 172.0),
    (120.0, 66.0, 172.0),
)


def years_on(birth: date, day: date) -> float:
    """The age in years, as a number."""
    return (day - birth).days / DAYS_PER_YEAR


def weight_and_height(years: float, size: float) -> tuple[float, float]:
    """Kilograms and centimeters of a child of an age; `size` 1.1 is a tenth heavier than the middle."""
    place = bisect_right([row[0] for row in _MIDDLE], years) - 1
    (low, low_kg, low_cm), (high, high_kg, high_cm) = _MIDDLE[place], _MIDDLE[place + 1]
    share = (years - low) / (high - low)
    weight = (low_kg + share * (high_kg - low_kg)) * size
    height = (low_cm + share * (high_cm - low_cm)) * (1 + (size - 1) / 4)
    return round(weight, 1), round(height, 1)
