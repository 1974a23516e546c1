"""Risk scores before lymphodepletion: CAR-HEMATOTOX and EASIX, both made in adults.

Sources: CAR-HEMATOTOX, Rejeski et al., Blood 2021;138:2499-2513. EASIX: LDH x creatinine / platelets;
the cut of 4.67 before lymphodepletion from Front Immunol 2022, doi 10.3389/fimmu.2022.877477 (adults).

Neither was validated in children. In 156 children and young adults with B-ALL about 90 % fell into the high
class of CAR-HEMATOTOX; creatinine is low and LDH high for age, so adult cuts of EASIX do not carry over.
The caveat travels with the number, as a sentence and as the flag `adult_score`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose
from types import MappingProxyType
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import Sentence, say

__all__ = [
    "CarHematotox",
    "CarHematotoxInput",
    "EasixInput",
    "calculate_car_hematotox",
    "calculate_easix",
    "car_hematotox",
    "easix",
]

HEMATOTOX_SOURCE: Final = "CAR-HEMATOTOX, Rejeski et al., Blood 2021;138:2499-2513"
EASIX_SOURCE: Final = "Endothelial Activation and Stress Index (EASIX): LDH x creatinine / platelets"
ADULT_SCORE_FLAG: Final = "adult_score"

PLATELETS_NORMAL_ABOVE: Final = 175
PLATELETS_LOW_BELOW: Final = 75
ANC_LOW_BELOW_PER_UL: Final = 1200
HEMOGLOBIN_LOW_BELOW_G_DL: Final = 9.0
CRP_HIGH_FROM_MG_DL: Final = 3.0
FERRITIN_RAISED_FROM_NG_ML: Final = 650
FERRITIN_HIGH_ABOVE_NG_ML: Final = 2000
MOST_POINTS: Final[Mapping[str, int]] = MappingProxyType(
    {"platelets": 2, "anc_per_ul": 1, "hemoglobin_g_dl": 1, "crp": 1, "ferritin_ng_ml": 2}
)
WORDS_OF_ITEM: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        "platelets": say("platelets"),
        "anc_per_ul": say("neutrophils"),
        "hemoglobin_g_dl": say("hemoglobin"),
        "crp": say("C-reactive protein"),
        "ferritin_ng_ml": say("ferritin"),
    }
)
HIGH_FROM: Final = 2
MG_L_PER_MG_DL: Final = 10

EASIX_ADULT_CUT: Final = 4.67

Platelets = Annotated[float, Ge(0), Le(10_000)]


@dataclass(frozen=True, slots=True)
class CarHematotoxInput:
    """Values before lymphodepletion: platelets 10^9/L, neutrophils per microliter, hemoglobin g/dL.

    C-reactive protein in mg/dL or mg/L (ten times larger), ferritin in ng/mL. None is unknown.
    """

    __pydantic_config__ = INPUT_CONFIG

    platelets: Platelets | None = None
    anc_per_ul: Annotated[float, Ge(0), Le(1_000_000)] | None = None
    hemoglobin_g_dl: Annotated[float, Ge(0), Le(30)] | None = None
    crp_mg_dl: Annotated[float, Ge(0), Le(100)] | None = None
    crp_mg_l: Annotated[float, Ge(0), Le(1000)] | None = None
    ferritin_ng_ml: Annotated[float, Ge(0), Le(1_000_000)] | None = None

    def __post_init__(self) -> None:
        if (
            self.crp_mg_dl is not None
            and self.crp_mg_l is not None
            and not isclose(self.crp_mg_l, self.crp_mg_dl * MG_L_PER_MG_DL, rel_tol=1e-6, abs_tol=1e-9)
        ):
            raise invalid_input({"crp_mg_l": say("does not agree with crp_mg_dl; give one of them")})


@dataclass(frozen=True, slots=True)
class CarHematotox:
    """Points of each known item and their sum (0 to 7).

    `risk_class` is high from 2 points; with items missing it is None unless they can't change it.
    """

    points: dict[str, int]
    score: int
    risk_class: Literal["low", "high"] | None
    missing: tuple[str, ...]


def car_hematotox(given: CarHematotoxInput) -> CarHematotox:
    """Score CAR-HEMATOTOX (Rejeski 2021); unknown items add nothing and leave a lower bound."""
    found = {
        "platelets": _platelet_points(given.platelets),
        "anc_per_ul": None if given.anc_per_ul is None else int(given.anc_per_ul < ANC_LOW_BELOW_PER_UL),
        "hemoglobin_g_dl": (
            None if given.hemoglobin_g_dl is None else int(given.hemoglobin_g_dl < HEMOGLOBIN_LOW_BELOW_G_DL)
        ),
        "crp": _crp_points(given.crp_mg_dl, given.crp_mg_l),
        "ferritin_ng_ml": _ferritin_points(given.ferritin_ng_ml),
    }
    points = {item: value for item, value in found.items() if value is not None}
    missing = tuple(item for item in found if item not in points)
    score = sum(points.values())
    most = score + sum(MOST_POINTS[item] for item in missing)
    risk_class: Literal["low", "high"] | None = None
    if score >= HIGH_FROM:
        risk_class = "high"
    elif most < HIGH_FROM:
        risk_class = "low"
    return CarHematotox(points=points, score=score, risk_class=risk_class, missing=missing)


def calculate_car_hematotox(given: CarHematotoxInput) -> Answer:
    """The `car_hematotox` calculator. Source: Rejeski 2021."""
    scored = car_hematotox(given)
    explanation: list[str] = [
        say("{item}: {points} of {most}.", item=WORDS_OF_ITEM[item], points=points, most=MOST_POINTS[item])
        for item, points in scored.points.items()
    ]
    explanation += [
        say("Score {score}; high from {limit}.", score=scored.score, limit=HIGH_FROM),
        say("Made in adults with lymphoma. In children with B-ALL about 90 % are high: of little use there."),
    ]
    return Answer(
        name="car_hematotox",
        result={"score": scored.score, "class": scored.risk_class, "at_least": bool(scored.missing)},
        scale="CAR-HEMATOTOX",
        scale_version="2021",
        source=HEMATOTOX_SOURCE,
        explanation=explanation,
        missing=list(scored.missing),
        flags=[ADULT_SCORE_FLAG],
    )


@dataclass(frozen=True, slots=True)
class EasixInput:
    """LDH in U/L, creatinine in mg/dL, platelets in 10^9/L (not 0: they are the divisor)."""

    __pydantic_config__ = INPUT_CONFIG

    ldh_u_l: Annotated[float, Ge(0), Le(100_000)]
    creatinine_mg_dl: Annotated[float, Ge(0), Le(50)]
    platelets: Annotated[float, Ge(0.1), Le(10_000)]


def easix(*, ldh_u_l: float, creatinine_mg_dl: float, platelets: float) -> float:
    """EASIX: LDH x creatinine / platelets. Raises ZeroDivisionError for 0 platelets.

    Source: the published index, see the module.
    """
    return ldh_u_l * creatinine_mg_dl / platelets


def calculate_easix(given: EasixInput) -> Answer:
    """The `easix` calculator; `value` to six decimals. Source: the published index, see the module."""
    value = easix(ldh_u_l=given.ldh_u_l, creatinine_mg_dl=given.creatinine_mg_dl, platelets=given.platelets)
    explanation: list[str] = [
        say(
            "{ldh:g} U/L × {creatinine:g} mg/dL ÷ {platelets:g} ×10⁹/L.",
            ldh=given.ldh_u_l,
            creatinine=given.creatinine_mg_dl,
            platelets=given.platelets,
        ),
        say(
            "The cut of {cut} comes from adults; children have lower creatinine and higher LDH: no class.",
            cut=EASIX_ADULT_CUT,
        ),
    ]
    return Answer(
        name="easix",
        result={"value": round(value, 6)},
        scale="EASIX",
        source=EASIX_SOURCE,
        explanation=explanation,
        flags=[ADULT_SCORE_FLAG],
    )


def _platelet_points(platelets: float | None) -> int | None:
    if platelets is None:
        return None
    if platelets > PLATELETS_NORMAL_ABOVE:
        return 0
    return 2 if platelets < PLATELETS_LOW_BELOW else 1


def _crp_points(crp_mg_dl: float | None, crp_mg_l: float | None) -> int | None:
    if crp_mg_l is not None:
        return int(crp_mg_l >= CRP_HIGH_FROM_MG_DL * MG_L_PER_MG_DL)
    if crp_mg_dl is not None:
        return int(crp_mg_dl >= CRP_HIGH_FROM_MG_DL)
    return None


def _ferritin_points(ferritin_ng_ml: float | None) -> int | None:
    if ferritin_ng_ml is None:
        return None
    if ferritin_ng_ml > FERRITIN_HIGH_ABOVE_NG_ML:
        return 2
    return 1 if ferritin_ng_ml >= FERRITIN_RAISED_FROM_NG_ML else 0
