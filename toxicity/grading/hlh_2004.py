"""HLH-2004: five of eight criteria, or a molecular diagnosis. Pending results leave it undecided.

Source: Henter et al., Pediatr Blood Cancer 2007;48:124-131 (PMC8212354 table 2 reprints the criteria with
"above" and "below"; the limits themselves count here, as in the paper). Not designed for CAR T cells: nearly
every child with CRS has fever, cytopenia and a high ferritin.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import say
from toxicity.grading.criteria import any_of, enough, unknown_in

__all__ = ["Hlh2004Input", "calculate_hlh_2004", "hlh_2004_criteria"]

HLH_SOURCE: Final = "HLH-2004, Henter et al., Pediatr Blood Cancer 2007;48:124-131"

CRITERIA_NEEDED: Final = 5
LINEAGES_NEEDED: Final = 2
NEWBORN_BELOW_DAYS: Final = 28
HEMOGLOBIN_BELOW_G_DL: Final = 9.0
NEWBORN_HEMOGLOBIN_BELOW_G_DL: Final = 10.0
PLATELETS_BELOW: Final = 100
ANC_BELOW_PER_UL: Final = 1000
TRIGLYCERIDES_FROM_MG_DL: Final = 265
FIBRINOGEN_UP_TO_MG_DL: Final = 150
FERRITIN_FROM_NG_ML: Final = 500
SCD25_FROM_U_ML: Final = 2400


@dataclass(frozen=True, slots=True)
class Hlh2004Input:
    """Findings and values; None is not known yet.

    Hemoglobin g/dL, platelets 10^9/L, neutrophils per microliter, fasting triglycerides and fibrinogen
    mg/dL, ferritin ng/mL, soluble CD25 U/mL. `age_days` matters to hemoglobin in the first four weeks.
    """

    __pydantic_config__ = INPUT_CONFIG

    age_days: Annotated[int, Ge(0), Le(45_000)] | None = None
    molecular_diagnosis: bool = False
    fever: bool | None = None
    splenomegaly: bool | None = None
    hemoglobin_g_dl: Annotated[float, Ge(0), Le(30)] | None = None
    platelets: Annotated[float, Ge(0), Le(10_000)] | None = None
    anc_per_ul: Annotated[float, Ge(0), Le(1_000_000)] | None = None
    triglycerides_mg_dl: Annotated[float, Ge(0), Le(20_000)] | None = None
    fibrinogen_mg_dl: Annotated[float, Ge(0), Le(3000)] | None = None
    hemophagocytosis: bool | None = None
    low_nk_activity: bool | None = None
    ferritin_ng_ml: Annotated[float, Ge(0), Le(10_000_000)] | None = None
    scd25_u_ml: Annotated[float, Ge(0), Le(10_000_000)] | None = None


def hlh_2004_criteria(given: Hlh2004Input) -> dict[str, bool | None]:
    """The eight criteria: met, not met, or None while pending. Source: Henter 2007."""
    return {
        "fever": given.fever,
        "splenomegaly": given.splenomegaly,
        "cytopenia": enough(_low_lineages(given), LINEAGES_NEEDED),
        "triglycerides_or_fibrinogen": any_of(
            (
                _from(given.triglycerides_mg_dl, TRIGLYCERIDES_FROM_MG_DL),
                None if given.fibrinogen_mg_dl is None else given.fibrinogen_mg_dl <= FIBRINOGEN_UP_TO_MG_DL,
            )
        ),
        "hemophagocytosis": given.hemophagocytosis,
        "low_nk_activity": given.low_nk_activity,
        "ferritin": _from(given.ferritin_ng_ml, FERRITIN_FROM_NG_ML),
        "scd25": _from(given.scd25_u_ml, SCD25_FROM_U_ML),
    }


def calculate_hlh_2004(given: Hlh2004Input) -> Answer:
    """The `hlh_2004` calculator: `fulfilled` is None while pending criteria can still decide.

    Source: Henter 2007.
    """
    criteria = hlh_2004_criteria(given)
    met = sum(value is True for value in criteria.values())
    fulfilled = True if given.molecular_diagnosis else enough(criteria, CRITERIA_NEEDED)
    missing = unknown_in(criteria)
    explanation: list[str] = [
        say("{met} of 8 criteria are met; {needed} are needed.", met=met, needed=CRITERIA_NEEDED),
        say("Not designed for CAR T cells: CRS alone brings fever, cytopenia and a high ferritin."),
    ]
    if given.molecular_diagnosis:
        explanation.insert(0, say("A molecular diagnosis fulfills HLH-2004 by itself."))
    return Answer(
        name="hlh_2004",
        result={"fulfilled": fulfilled, "met": met, "criteria": criteria, "at_least": bool(missing)},
        scale="HLH-2004",
        scale_version="2004",
        source=HLH_SOURCE,
        explanation=explanation,
        missing=list(missing),
    )


def _low_lineages(given: Hlh2004Input) -> dict[str, bool | None]:
    return {
        "hemoglobin": _low_hemoglobin(given.hemoglobin_g_dl, given.age_days),
        "platelets": _below(given.platelets, PLATELETS_BELOW),
        "neutrophils": _below(given.anc_per_ul, ANC_BELOW_PER_UL),
    }


def _low_hemoglobin(hemoglobin_g_dl: float | None, age_days: int | None) -> bool | None:
    """Unknown between the two limits when the age is: a newborn's limit is higher."""
    newborn = _below(hemoglobin_g_dl, NEWBORN_HEMOGLOBIN_BELOW_G_DL)
    older = _below(hemoglobin_g_dl, HEMOGLOBIN_BELOW_G_DL)
    if age_days is None:
        return older if older == newborn else None
    return newborn if age_days < NEWBORN_BELOW_DAYS else older


def _from(value: float | None, limit: float) -> bool | None:
    return None if value is None else value >= limit


def _below(value: float | None, limit: float) -> bool | None:
    return None if value is None else value < limit
