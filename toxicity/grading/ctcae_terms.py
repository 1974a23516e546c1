"""The laboratory terms of CTCAE version 5 and 6 that are graded here, as data.

Source: Common Terminology Criteria for Adverse Events v5.0 (2017) and v6.0 (2025), laboratory grades as in
pharmaverse/admiral data-raw/adlb_grading/ncictcaev5.json and ncictcaev6.json. The versions differ: a grade
always names its own. Limits of normal must be those of the child's age.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from cartpath.core.sentences import say

__all__ = ["TERMS", "Bound", "LabTerm", "Reference", "Step", "Version"]

Version = Literal["5", "6"]
Reference = Literal["value", "lower_limit", "upper_limit", "baseline"]


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit: `factor` times a reference ("value" is 1). `including` the limit itself, or only beyond it."""

    factor: float
    of: Reference = "value"
    including: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A grade and the bounds of which crossing any one gives it."""

    grade: int
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class LabTerm:
    """One term in one version.

    `low`: the grade rises as the value falls. `units` maps each accepted unit to how many of it make one
    canonical unit. `steps` run from the worst grade. `steps_from_abnormal` replace them when the baseline
    was above the upper limit. `only_if_abnormal`: bounds on the baseline count only for an abnormal value;
    `only_if_baseline_low`: only when the baseline was below the lower limit.
    """

    name: str
    low: bool
    units: Mapping[str, float]
    steps: tuple[Step, ...]
    steps_from_abnormal: tuple[Step, ...] | None = None
    only_if_abnormal: bool = False
    only_if_baseline_low: bool = False


def _steps(*steps: tuple[int, float | Bound | tuple[Bound, ...]]) -> tuple[Step, ...]:
    """Steps from pairs of a grade and a plain limit, a bound, or several bounds."""
    return tuple(Step(grade, _bounds(limit)) for grade, limit in steps)


def _bounds(limit: float | Bound | tuple[Bound, ...]) -> tuple[Bound, ...]:
    if isinstance(limit, tuple):
        return limit
    return (limit if isinstance(limit, Bound) else Bound(limit),)


def _times_upper(*steps: tuple[int, float]) -> tuple[Step, ...]:
    return tuple(Step(grade, (Bound(factor, "upper_limit"),)) for grade, factor in steps)


def _times_baseline(*steps: tuple[int, float], first: tuple[int, Bound]) -> tuple[Step, ...]:
    above = tuple(Step(grade, (Bound(factor, "baseline"),)) for grade, factor in steps)
    return (*above, Step(first[0], (first[1],)))


_LOWER: Final = Bound(1, "lower_limit")
_UPPER: Final = Bound(1, "upper_limit")

_CELLS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "10^9/L": 1,
        "10*9/L": 1,
        "10^3/uL": 1,
        "10*3/uL": 1,
        "G/L": 1,
        "/uL": 1000,
        "cells/uL": 1000,
        "/mm3": 1000,
    }
)
_HEMOGLOBIN: Final[Mapping[str, float]] = MappingProxyType({"g/dL": 1, "g/L": 10})
_ENZYME: Final[Mapping[str, float]] = MappingProxyType({"U/L": 1, "IU/L": 1})
# A multiple of a limit in the same unit: any of these, as long as value and limits share it.
_BILIRUBIN: Final[Mapping[str, float]] = MappingProxyType({"mg/dL": 1, "umol/L": 17.1})
_CREATININE: Final[Mapping[str, float]] = MappingProxyType({"mg/dL": 1, "umol/L": 88.4})
_FIBRINOGEN: Final[Mapping[str, float]] = MappingProxyType({"g/L": 1, "mg/dL": 100})
_SECONDS: Final[Mapping[str, float]] = MappingProxyType({"s": 1})
_RATIO: Final[Mapping[str, float]] = MappingProxyType({"1": 1, "ratio": 1})
_MMOL: Final[Mapping[str, float]] = MappingProxyType({"mmol/L": 1, "mEq/L": 1})
# 150 and 300 mg/dL are printed beside 1.71 and 3.42 mmol/L: one table serves both units.
_TRIGLYCERIDES: Final[Mapping[str, float]] = MappingProxyType({"mg/dL": 1, "mmol/L": 1.71 / 150})

_TRANSAMINASE_STEPS: Final = _times_upper((4, 20), (3, 5), (2, 3), (1, 1))
_TRANSAMINASE_V5: Final = _times_baseline((4, 20), (3, 5), (2, 3), first=(1, Bound(1.5, "baseline", True)))
_TRANSAMINASE_V6: Final = _times_baseline((4, 4), (3, 2), (2, 1.5), first=(1, Bound(1, "baseline", True)))
_BILIRUBIN_STEPS: Final = _times_upper((4, 10), (3, 3), (2, 1.5), (1, 1))
_CREATININE_STEPS: Final = _steps(
    (4, Bound(6, "upper_limit")),
    (3, (Bound(3, "upper_limit"), Bound(3, "baseline"))),
    (2, (Bound(1.5, "upper_limit"), Bound(1.5, "baseline"))),
    (1, _UPPER),
)

_SAME_IN_BOTH: Final[Mapping[str, LabTerm]] = MappingProxyType(
    {
        # Grade 4 is a clinical judgment (life-threatening), not a value.
        "hemoglobin": LabTerm(say("Anemia"), True, _HEMOGLOBIN, _steps((3, 8), (2, 10), (1, _LOWER))),
        "white_cells": LabTerm(
            say("White blood cell decreased"), True, _CELLS, _steps((4, 1), (3, 2), (2, 3), (1, _LOWER))
        ),
        "fibrinogen": LabTerm(
            say("Fibrinogen decreased"),
            True,
            _FIBRINOGEN,
            _steps(
                (4, (Bound(0.5), Bound(0.25, "lower_limit"), Bound(0.25, "baseline", True))),
                (3, (Bound(0.5, "lower_limit"), Bound(0.5, "baseline", True))),
                (2, (Bound(0.75, "lower_limit"), Bound(0.75, "baseline", True))),
                (1, _LOWER),
            ),
            only_if_abnormal=True,
        ),
        "aptt": LabTerm(
            say("Activated partial thromboplastin time prolonged"),
            False,
            _SECONDS,
            _times_upper((3, 2.5), (2, 1.5), (1, 1)),
        ),
        # Without anticoagulation; on it, multiples of the baseline count too.
        "inr": LabTerm(say("INR increased"), False, _RATIO, _steps((3, 2.5), (2, 1.5), (1, 1.2))),
        "triglycerides": LabTerm(
            say("Hypertriglyceridemia"),
            False,
            _TRIGLYCERIDES,
            _steps((4, 1000), (3, 500), (2, 300), (1, Bound(150, including=True))),
        ),
        "potassium_high": LabTerm(
            say("Hyperkalemia"), False, _MMOL, _steps((4, 7), (3, 6), (2, 5.5), (1, _UPPER))
        ),
        "ldh": LabTerm(say("Blood lactate dehydrogenase increased"), False, _ENZYME, _steps((1, _UPPER))),
    }
)

_V5: Final[Mapping[str, LabTerm]] = MappingProxyType(
    {
        "neutrophils": LabTerm(
            say("Neutrophil count decreased"), True, _CELLS, _steps((4, 0.5), (3, 1), (2, 1.5), (1, _LOWER))
        ),
        "platelets": LabTerm(
            say("Platelet count decreased"), True, _CELLS, _steps((4, 25), (3, 50), (2, 75), (1, _LOWER))
        ),
        "lymphocytes": LabTerm(
            say("Lymphocyte count decreased"), True, _CELLS, _steps((4, 0.2), (3, 0.5), (2, 0.8), (1, _LOWER))
        ),
        "alt": LabTerm(
            say("Alanine aminotransferase increased"), False, _ENZYME, _TRANSAMINASE_STEPS, _TRANSAMINASE_V5
        ),
        "ast": LabTerm(
            say("Aspartate aminotransferase increased"), False, _ENZYME, _TRANSAMINASE_STEPS, _TRANSAMINASE_V5
        ),
        "bilirubin": LabTerm(
            say("Blood bilirubin increased"),
            False,
            _BILIRUBIN,
            _BILIRUBIN_STEPS,
            _times_baseline((4, 10), (3, 3), (2, 1.5), first=(1, Bound(1, "baseline"))),
        ),
        "creatinine": LabTerm(say("Creatinine increased"), False, _CREATININE, _CREATININE_STEPS),
    }
)

_V6: Final[Mapping[str, LabTerm]] = MappingProxyType(
    {
        "neutrophils": LabTerm(
            say("Neutrophil count decreased"), True, _CELLS, _steps((4, 0.1), (3, 0.5), (2, 1), (1, 1.5))
        ),
        "platelets": LabTerm(
            say("Thrombocytopenia"), True, _CELLS, _steps((4, 10), (3, 50), (2, 75), (1, _LOWER))
        ),
        "alt": LabTerm(
            say("Alanine aminotransferase increased"), False, _ENZYME, _TRANSAMINASE_STEPS, _TRANSAMINASE_V6
        ),
        "ast": LabTerm(
            say("Aspartate aminotransferase increased"), False, _ENZYME, _TRANSAMINASE_STEPS, _TRANSAMINASE_V6
        ),
        "bilirubin": LabTerm(
            say("Blood bilirubin increased"),
            False,
            _BILIRUBIN,
            _BILIRUBIN_STEPS,
            _times_baseline((4, 10), (3, 2.5), (2, 1.5), first=(1, Bound(1, "baseline", True))),
        ),
        "creatinine": LabTerm(
            say("Creatinine increased"), False, _CREATININE, _CREATININE_STEPS, only_if_baseline_low=True
        ),
    }
)

TERMS: Final[Mapping[Version, Mapping[str, LabTerm]]] = MappingProxyType(
    {"5": MappingProxyType({**_SAME_IN_BOTH, **_V5}), "6": MappingProxyType({**_SAME_IN_BOTH, **_V6})}
)
