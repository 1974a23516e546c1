"""What the services of this room take in."""

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Final, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen, MultipleOf

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day

Count = Annotated[float, Ge(0), Le(50_000)]
Share = Annotated[float, Ge(0), Le(100)]
Stage = Annotated[int, Ge(1), Le(5)]
Material = Literal["marrow", "blood"]
Line = Annotated[str, MinLen(1), MaxLen(400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Further findings of a visit; unknown is None and isn't kept.

    Units are in the names; blood counts per µL, platelets in 10⁹/L, Tanner stages 1 to 5, scores 0 to 100.
    `other` holds, in words, what an examination found for which there is no field, by the examination's id.
    """

    __pydantic_config__ = INPUT_CONFIG

    mrd_material: Material | None = None
    csf_blasts: bool | None = None
    csf_cells_per_ul: Annotated[int, Ge(0), Le(100_000)] | None = None
    chimerism_donor_percent: Share | None = None
    chimerism_material: Material | None = None
    anc_per_ul: Annotated[float, Ge(0), Le(200_000)] | None = None
    lymphocytes_per_ul: Annotated[float, Ge(0), Le(500_000)] | None = None
    hemoglobin_g_dl: Annotated[float, Ge(1), Le(30)] | None = None
    platelets_e9_per_l: Annotated[float, Ge(0), Le(5_000)] | None = None
    cd3_per_ul: Count | None = None
    cd4_percent: Share | None = None
    cd8_per_ul: Count | None = None
    nk_per_ul: Count | None = None
    iga_mg_dl: Annotated[float, Ge(0), Le(5_000)] | None = None
    igm_mg_dl: Annotated[float, Ge(0), Le(5_000)] | None = None
    car_method: Literal["qpcr", "flow"] | None = None
    car_result: Literal["detected", "below_limit"] | None = None
    car_copies_per_ug: Annotated[float, Ge(0), Le(10_000_000)] | None = None
    car_percent: Share | None = None
    car_limit: Annotated[float, Ge(0.001), Le(100_000)] | None = None
    virus: Literal["negative", "positive", "archived"] | None = None
    ferritin_ng_ml: Annotated[float, Ge(0), Le(1_000_000)] | None = None
    alt_u_l: Annotated[float, Ge(0), Le(50_000)] | None = None
    bilirubin_mg_dl: Annotated[float, Ge(0), Le(80)] | None = None
    creatinine_mg_dl: Annotated[float, Ge(0.05), Le(30)] | None = None
    egfr_ml_min: Annotated[float, Ge(1), Le(300)] | None = None
    lvef_percent: Annotated[float, Ge(5), Le(90)] | None = None
    shortening_fraction_percent: Annotated[float, Ge(5), Le(70)] | None = None
    ecg: Literal["normal", "abnormal"] | None = None
    tsh_mu_l: Annotated[float, Ge(0), Le(1_000)] | None = None
    ft4_ng_dl: Annotated[float, Ge(0), Le(20)] | None = None
    cortisol_ug_dl: Annotated[float, Ge(0), Le(200)] | None = None
    igf1_ng_ml: Annotated[float, Ge(0), Le(3_000)] | None = None
    tanner_breast_genital: Stage | None = None
    tanner_pubic_hair: Stage | None = None
    menarche: bool | None = None
    performance_scale: Literal["lansky", "karnofsky"] | None = None
    performance_score: Annotated[int, Ge(0), Le(100), MultipleOf(10)] | None = None
    schooling: Literal["full", "part", "no", "not_of_age"] | None = None
    school_support: bool | None = None
    school_concerns: Line | None = None
    neurocognition_on: Day | None = None
    pedsql_total: Share | None = None
    pedsql_respondent: Literal["self", "parent"] | None = None
    eq5d_vas: Annotated[int, Ge(0), Le(100)] | None = None
    fertility_counseled: bool | None = None
    pregnancy_test: Literal["negative", "positive"] | None = None
    pregnancy_outcome: Literal["ongoing", "live_birth", "loss", "terminated"] | None = None
    any_infection: bool | None = None
    malignancy_screen: Literal["none", "suspected"] | None = None
    other: dict[Annotated[str, MinLen(1), MaxLen(80)], Line] = field(default_factory=dict)

    def known(self) -> dict[str, Any]:
        """What is known, by name."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in told.items() if value is not None and value != {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAtVisit:
    """What a visit found: B cells and CD4+ per µL, IgG in mg/dL; unknown is None.

    `ever_replaced` False says that immunoglobulin was never given.
    """

    __pydantic_config__ = INPUT_CONFIG

    response: Literal["CR", "CRi", "NR", "relapse"] | None = None
    mrd_result: Literal["negative", "positive"] | None = None
    mrd_method: Literal["flow", "pcr", "ngs"] | None = None
    mrd_sensitivity: Annotated[float, Gt(0), Le(0.1)] | None = None
    b_cells_per_ul: Count | None = None
    b_cells_percent: Share | None = None
    igg_mg_dl: Annotated[float, Ge(0), Le(10_000)] | None = None
    last_immunoglobulin_on: Day | None = None
    ever_replaced: bool | None = None
    cd4_per_ul: Count | None = None
    findings: Findings = field(default_factory=Findings)

    def known(self) -> dict[str, Any]:
        """Every finding that is known, by its name alone."""
        told = {name: getattr(self, name) for name in COLUMNS}
        return {name: value for name, value in told.items() if value is not None} | self.findings.known()


COLUMNS: Final = tuple(each.name for each in fields(FoundAtVisit) if each.name != "findings")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDetails(FoundAtVisit):
    """A visit of the plan as held, with what it found."""

    __pydantic_config__ = INPUT_CONFIG

    item: Annotated[str, MinLen(1), MaxLen(40)]
    visited_on: Day
    note: Annotated[str, MaxLen(800)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterFindings(FoundAtVisit):
    """Results that came after the visit of that item was recorded."""

    __pydantic_config__ = INPUT_CONFIG

    item: Annotated[str, MinLen(1), MaxLen(40)]
    note: Annotated[str, MaxLen(800)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InfectionDetails:
    """One infection. Unknown is None, an organism nobody named is empty."""

    __pydantic_config__ = INPUT_CONFIG

    began_on: Day
    ended_on: Day | None = None
    kind: Literal["bacterial", "viral", "fungal", "parasitic", "no_germ"] | None = None
    site: (
        Literal[
            "bloodstream",
            "lung",
            "upper_airway",
            "gut",
            "urinary",
            "skin",
            "nervous_system",
            "liver",
            "other",
        ]
        | None
    ) = None
    organism: Annotated[str, MaxLen(120)] = ""
    severity: Literal["mild", "moderate", "severe", "life_threatening"] | None = None
    hospitalized: bool | None = None
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspicionDetails:
    """A new malignancy that is suspected, or already diagnosed."""

    __pydantic_config__ = INPUT_CONFIG

    kind: Literal["t_cell", "myeloid", "b_cell_other", "solid", "other"]
    suspected_on: Day
    diagnosed_on: Day | None = None
    description: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStepDetails:
    """One step of a case: done on a day, or not needed for the reason in the note."""

    __pydantic_config__ = INPUT_CONFIG

    case: Annotated[int, Ge(1), Le(99)]
    step: Literal[
        "manufacturer_notified",
        "kit_requested",
        "kit_received",
        "sample_sent",
        "transgene_result",
        "regulator_informed",
        "registry_entered",
    ]
    done_on: Day
    state: Literal["done", "not_needed"] = "done"
    reference: Annotated[str, MaxLen(120)] = ""
    sample: Literal["tissue", "blood", "both"] | None = None
    result: Literal["negative", "positive", "inconclusive"] | None = None
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEnd:
    """How a case ended."""

    __pydantic_config__ = INPUT_CONFIG

    case: Annotated[int, Ge(1), Le(99)]
    outcome: Literal["excluded", "confirmed", "car_positive", "not_tested"]
    note: Annotated[str, MaxLen(800)] = ""
