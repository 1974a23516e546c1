"""Limits of normal by age, for values that came without the limits of their laboratory.

Source: Pediatric Self-Assessment Program (PedSAP), American College of Clinical Pharmacy, reference values
for common laboratory tests, compiled there from handbooks. Limits depend on the method: those that the
laboratory sends with a value always go first, these only fill the gap. Where the table says "child" and
"adolescent" without ages, a child becomes an adolescent on the 12th birthday (design). There are none for
ferritin, clotting and differential counts, and none below one month: then the limit is unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

__all__ = ["AGE_LIMITS", "PEDSAP_SOURCE", "AgeLimit", "limit_of"]

PEDSAP_SOURCE: Final = "PedSAP, American College of Clinical Pharmacy, reference values for laboratory tests"
DESIGN: Final = "DESIGN"

Sex = Literal["female", "male"]
Confirmation = Literal["confirmed", "center_default"]


@dataclass(frozen=True, slots=True)
class AgeLimit:
    """Limits of one analyte in the catalog's unit, from `from_months` up to before `to_months` of age.

    None is no limit, `sex` None is both. `center_default` rows rest partly on a decision of design.
    """

    from_months: int
    to_months: int
    low: float | None
    high: float | None
    sex: Sex | None = None
    status: Confirmation = "confirmed"

    @property
    def source(self) -> str:
        """Where the row comes from."""
        return PEDSAP_SOURCE if self.status == "confirmed" else f"{PEDSAP_SOURCE}; {DESIGN}"


_YEAR: Final = 12
_ADOLESCENT: Final = 12 * _YEAR
_ADULT: Final = 18 * _YEAR
# "1-19 years" ends before the 20th birthday.
_END: Final = 20 * _YEAR
_EVER: Final = 120 * _YEAR

AGE_LIMITS: Final[Mapping[str, tuple[AgeLimit, ...]]] = MappingProxyType(
    {
        "wbc": (
            AgeLimit(1, 2 * _YEAR, 6000, 17_000),
            AgeLimit(2 * _YEAR, 10 * _YEAR, 4000, 15_500),
            AgeLimit(10 * _YEAR, _END, 4000, 13_500),
        ),
        "hemoglobin": (
            AgeLimit(1, 2 * _YEAR, 10.5, 14),
            AgeLimit(2 * _YEAR, 10 * _YEAR, 11.5, 14.5),
            AgeLimit(10 * _YEAR, _ADULT, 12.5, 16.1, "male"),
            AgeLimit(10 * _YEAR, _ADULT, 12, 15, "female"),
            AgeLimit(_ADULT, _EVER, 13.5, 18, "male"),
            AgeLimit(_ADULT, _EVER, 12.5, 16, "female"),
        ),
        "platelets": (AgeLimit(1, _EVER, 150, 450),),
        "crp": (AgeLimit(1, _EVER, None, 8),),
        "ldh": (
            AgeLimit(1, _YEAR, 170, 580),
            AgeLimit(_YEAR, 10 * _YEAR, 110, 500),
            AgeLimit(10 * _YEAR, _END, 100, 330),
        ),
        "alt": (AgeLimit(1, _YEAR, 12, 45), AgeLimit(_YEAR, _END, 5, 55)),
        "ast": (
            AgeLimit(1, _YEAR, 9, 80),
            # The table gives two rows for age 3; the lower limit of abnormal goes first.
            AgeLimit(_YEAR, 3 * _YEAR, 20, 60),
            AgeLimit(3 * _YEAR, 10 * _YEAR, 15, 50),
            AgeLimit(10 * _YEAR, 16 * _YEAR, 10, 40),
            AgeLimit(16 * _YEAR, _END, 15, 45, "male"),
            AgeLimit(16 * _YEAR, _END, 5, 30, "female"),
        ),
        "bilirubin": (AgeLimit(1, _YEAR, None, 2), AgeLimit(_YEAR, _END, None, 1.5)),
        "bilirubin_direct": (AgeLimit(1, _EVER, None, 0.2),),
        "albumin": (
            AgeLimit(1, _YEAR, 1.9, 4.9),
            AgeLimit(_YEAR, 4 * _YEAR, 3.4, 5.2),
            AgeLimit(4 * _YEAR, _END, 3.5, 5.6),
        ),
        "creatinine": (
            AgeLimit(1, _ADOLESCENT, 0.3, 0.7, status="center_default"),
            AgeLimit(_ADOLESCENT, _ADULT, 0.5, 1, status="center_default"),
            AgeLimit(_ADULT, _EVER, 0.9, 1.2, "male"),
            AgeLimit(_ADULT, _EVER, 0.6, 1.1, "female"),
        ),
        "uric_acid": (AgeLimit(1, 15 * _YEAR, 1, 7),),
        "sodium": (AgeLimit(1, _EVER, 130, 147),),
        "potassium": (
            AgeLimit(1, 3, 4, 6.2),
            AgeLimit(3, _YEAR, 3.4, 5.6),
            AgeLimit(_YEAR, 17 * _YEAR, 3.5, 5.1),
        ),
        "calcium": (
            AgeLimit(1, _ADOLESCENT, 8.8, 10.8, status="center_default"),
            AgeLimit(_ADOLESCENT, _EVER, 8.4, 10.2, status="center_default"),
        ),
        "phosphate": (
            AgeLimit(_YEAR, 4 * _YEAR, 3.8, 6.5),
            AgeLimit(4 * _YEAR, _ADOLESCENT, 3.2, 5.8),
            AgeLimit(_ADOLESCENT, 16 * _YEAR, 2.9, 5.4),
            AgeLimit(16 * _YEAR, _END, 2.4, 4.7),
        ),
    }
)


def limit_of(analyte: str, *, age_months: int, sex: str) -> AgeLimit | None:
    """The row of an age in completed months; None where the table has none.

    Of rows that differ by sex none is taken for a child of another or unknown sex. Source: PedSAP.
    """
    rows = (row for row in AGE_LIMITS.get(analyte, ()) if row.from_months <= age_months < row.to_months)
    return next((row for row in rows if row.sex is None or row.sex == sex), None)
