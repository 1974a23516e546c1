"""Rule rows of the bedside: how often a child is looked at after the infusion, and its figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Final, Literal, get_args

from annotated_types import Ge, Le

from cartpath.protocols.rows import Figure, Row, Text

# What is looked at, each with a rhythm of its own: temperature to oxygen saturation; ICE or CAPD with
# consciousness and motor examination; blood; weight.
CheckWord = Literal["vitals", "neuro", "laboratory", "weight"]
CHECK_WORDS: Final[tuple[CheckWord, ...]] = get_args(CheckWord)

GradeFrom = Annotated[int, Ge(1), Le(4)]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInterval(Row):
    """How often something is checked while every condition named holds; the shortest that holds counts.

    A row without a condition holds always: the usual rhythm. `fever_within_hours`: a temperature of at least
    38.0 °C was measured in the last so many hours. `tachycardia`: the last heart rate is above what is normal
    at the child's age. `crs_at_least`, `icans_at_least`: the grade that counts now, or a lower bound of it.
    An unknown value meets no condition; it doesn't end what other rows ask for either.
    """

    label: Text
    check: CheckWord
    every_minutes: Annotated[int, Ge(5), Le(10_080)]
    fever_within_hours: Annotated[int, Ge(1), Le(168)] | None = None
    tachycardia: bool = False
    crs_at_least: GradeFrom | None = None
    icans_at_least: GradeFrom | None = None

    @property
    def is_usual(self) -> bool:
        """Whether it holds always, rather than as a step-up."""
        conditions = (self.fever_within_hours, self.crs_at_least, self.icans_at_least)
        return not self.tachycardia and all(each is None for each in conditions)


# The figures of the bedside that rules look up by id, each with the least and the most it can be.
BEDSIDE_FIGURES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "bolus_counts_hours": (1, 72),
        "bolus_sum_hours": (1, 168),
        "capd_shift_hours": (4, 24),
        "own_baseline_days": (1, 90),
        "temperature_low": (33, 37.5),
        "spo2_low": (80, 100),
        "spo2_urgent": (60, 99),
        "count_holds_hours": (12, 168),
        "grade_holds_hours": (4, 72),
        "before_tocilizumab_hours": (1, 48),
        "after_tocilizumab_hours": (12, 168),
        "grade_old_hours": (1, 48),
        "laboratory_baseline_days": (1, 60),
        "iec_hs_hours": (24, 168),
        "tls_hours": (6, 72),
        "hyperinflammation_watch_hours": (1, 72),
        "check_soon_minutes": (0, 240),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BedsideFigures:
    """One center's figures.

    `bolus_counts`: for so long a bolus of fluid keeps up the pressure; `bolus_sum`: boluses within it are
    counted together. `capd_shift`: for so long one CAPD counts. `own_baseline` and `laboratory_baseline`: so
    long before the infusion a child's own usual value is looked for. `count_holds` and `grade_holds`: for so
    long a neutrophil count, a grade or a temperature says something to a red flag. `before_tocilizumab` and
    `after_tocilizumab`: how far from a dose grades are compared. `grade_old`: an older one is shown with its
    age. `iec_hs` and `tls`: how old a value may be; `watch`: when a prompt that is watched opens again.
    `check_soon`: how long before it is due a check is announced. Temperature in °C, saturation in percent.
    """

    bolus_counts: timedelta
    bolus_sum: timedelta
    capd_shift: timedelta
    own_baseline: timedelta
    temperature_low: float
    spo2_low: float
    spo2_urgent: float
    count_holds: timedelta
    grade_holds: timedelta
    before_tocilizumab: timedelta
    after_tocilizumab: timedelta
    grade_old: timedelta
    laboratory_baseline: timedelta
    iec_hs: timedelta
    tls: timedelta
    watch: timedelta
    check_soon: timedelta


def bedside_figures(rows: Iterable[Figure]) -> BedsideFigures:
    """The figures by their rows; the checks of a protocol make sure that there is each of them."""
    of = {row.id: row.value for row in rows if not row.is_off}
    return BedsideFigures(
        bolus_counts=timedelta(hours=of["bolus_counts_hours"]),
        bolus_sum=timedelta(hours=of["bolus_sum_hours"]),
        capd_shift=timedelta(hours=of["capd_shift_hours"]),
        own_baseline=timedelta(days=of["own_baseline_days"]),
        temperature_low=of["temperature_low"],
        spo2_low=of["spo2_low"],
        spo2_urgent=of["spo2_urgent"],
        count_holds=timedelta(hours=of["count_holds_hours"]),
        grade_holds=timedelta(hours=of["grade_holds_hours"]),
        before_tocilizumab=timedelta(hours=of["before_tocilizumab_hours"]),
        after_tocilizumab=timedelta(hours=of["after_tocilizumab_hours"]),
        grade_old=timedelta(hours=of["grade_old_hours"]),
        laboratory_baseline=timedelta(days=of["laboratory_baseline_days"]),
        iec_hs=timedelta(hours=of["iec_hs_hours"]),
        tls=timedelta(hours=of["tls_hours"]),
        watch=timedelta(hours=of["hyperinflammation_watch_hours"]),
        check_soon=timedelta(minutes=of["check_soon_minutes"]),
    )
