"""Tumor lysis syndrome after Cairo and Bishop, with the child's limit of phosphate.

Source: Cairo and Bishop, Br J Haematol 2004;127:3-11. Laboratory: at least two of uric acid, potassium,
phosphate and calcium beyond their limit, or changed by a quarter from baseline. Clinical: laboratory, with a
high creatinine, an arrhythmia or a seizure. Calcium is corrected for albumin when albumin is known.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Ge, Gt, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import say
from toxicity.grading.criteria import all_of, any_of, enough, falls_to, reaches, unknown_in

__all__ = ["TlsInput", "calculate_tls", "tls_laboratory_criteria"]

TLS_SOURCE: Final = "Cairo and Bishop, Br J Haematol 2004;127:3-11"

LABORATORY_NEEDED: Final = 2
ADULT_FROM_YEARS: Final = 18
URIC_ACID_FROM_MG_DL: Final = 8.0
POTASSIUM_FROM_MMOL_L: Final = 6.0
CHILD_PHOSPHATE_FROM_MG_DL: Final = 6.5
ADULT_PHOSPHATE_FROM_MG_DL: Final = 4.5
CALCIUM_UP_TO_MG_DL: Final = 7.0
CHANGE: Final = 0.25
CREATININE_FROM_ULN: Final = 1.5
# Correction of total calcium: 0.8 mg/dL for each g/dL of albumin below 4.
CALCIUM_PER_ALBUMIN: Final = 0.8
NORMAL_ALBUMIN_G_DL: Final = 4.0

MgDl = Annotated[float, Ge(0), Le(100)]
# A baseline is a divisor in spirit: a change from nothing is no change.
BaselineMgDl = Annotated[float, Gt(0), Le(100)]


@dataclass(frozen=True, slots=True)
class TlsInput:
    """Values now and before treatment; None is unknown.

    Uric acid, phosphate, calcium and creatinine in mg/dL, potassium in mmol/L, albumin in g/dL.
    """

    __pydantic_config__ = INPUT_CONFIG

    age_years: Annotated[float, Ge(0), Le(120)]
    uric_acid_mg_dl: MgDl | None = None
    potassium_mmol_l: MgDl | None = None
    phosphate_mg_dl: MgDl | None = None
    calcium_mg_dl: MgDl | None = None
    albumin_g_dl: Annotated[float, Ge(0), Le(10)] | None = None
    uric_acid_baseline_mg_dl: BaselineMgDl | None = None
    potassium_baseline_mmol_l: BaselineMgDl | None = None
    phosphate_baseline_mg_dl: BaselineMgDl | None = None
    calcium_baseline_mg_dl: BaselineMgDl | None = None
    creatinine_mg_dl: MgDl | None = None
    creatinine_uln_mg_dl: BaselineMgDl | None = None
    arrhythmia: bool | None = None
    seizure: bool | None = None


def tls_laboratory_criteria(given: TlsInput) -> dict[str, bool | None]:
    """The four laboratory criteria: met, not met, or None. A missing baseline alone leaves none open.

    Source: Cairo and Bishop 2004.
    """
    child = given.age_years < ADULT_FROM_YEARS
    phosphate_from = CHILD_PHOSPHATE_FROM_MG_DL if child else ADULT_PHOSPHATE_FROM_MG_DL
    return {
        "uric_acid": _high(given.uric_acid_mg_dl, URIC_ACID_FROM_MG_DL, given.uric_acid_baseline_mg_dl),
        "potassium": _high(given.potassium_mmol_l, POTASSIUM_FROM_MMOL_L, given.potassium_baseline_mmol_l),
        "phosphate": _high(given.phosphate_mg_dl, phosphate_from, given.phosphate_baseline_mg_dl),
        "calcium": _low_calcium(given),
    }


def calculate_tls(given: TlsInput) -> Answer:
    """The `tls` calculator: `laboratory` and `clinical` are None while missing values can still decide.

    Source: Cairo and Bishop 2004.
    """
    criteria = tls_laboratory_criteria(given)
    laboratory = enough(criteria, LABORATORY_NEEDED)
    organs = {
        "creatinine": _high_creatinine(given),
        "arrhythmia": given.arrhythmia,
        "seizure": given.seizure,
    }
    missing = (*unknown_in(criteria), *unknown_in(organs))
    explanation: list[str] = [
        say(
            "{met} of 4 laboratory criteria are met; {needed} are needed.",
            met=sum(value is True for value in criteria.values()),
            needed=LABORATORY_NEEDED,
        ),
        say("Clinical: laboratory criteria with a high creatinine, an arrhythmia or a seizure."),
    ]
    if given.calcium_mg_dl is not None and given.albumin_g_dl is None:
        explanation.append(say("Albumin is unknown: calcium was not corrected."))
    return Answer(
        name="tls",
        result={
            "laboratory": laboratory,
            "clinical": all_of((laboratory, any_of(organs.values()))),
            "criteria": criteria,
            "organs": organs,
            "at_least": bool(missing),
        },
        scale="Cairo-Bishop",
        scale_version="2004",
        source=TLS_SOURCE,
        explanation=explanation,
        missing=list(missing),
    )


def _high(value: float | None, limit: float, baseline: float | None) -> bool | None:
    if value is None:
        return None
    return value >= limit or (baseline is not None and reaches(value, baseline * (1 + CHANGE)))


def _low_calcium(given: TlsInput) -> bool | None:
    """The limit looks at corrected calcium, the change from baseline at measured calcium."""
    measured, baseline = given.calcium_mg_dl, given.calcium_baseline_mg_dl
    if measured is None:
        return None
    corrected = measured
    if given.albumin_g_dl is not None:
        corrected += CALCIUM_PER_ALBUMIN * (NORMAL_ALBUMIN_G_DL - given.albumin_g_dl)
    fallen = baseline is not None and falls_to(measured, baseline * (1 - CHANGE))
    return fallen or falls_to(corrected, CALCIUM_UP_TO_MG_DL)


def _high_creatinine(given: TlsInput) -> bool | None:
    if given.creatinine_mg_dl is None or given.creatinine_uln_mg_dl is None:
        return None
    return reaches(given.creatinine_mg_dl, given.creatinine_uln_mg_dl * CREATININE_FROM_ULN)
