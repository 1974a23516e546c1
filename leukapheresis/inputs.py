"""What the services of this room take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day, Moment

Cells = Annotated[int, Ge(0), Le(10**13)]
Count = Annotated[int, Ge(0), Le(2_000_000)]


Percent = Annotated[float, Ge(0), Le(100)]
Hemoglobin = Annotated[float, Ge(0), Le(30)]
Electrolyte = Annotated[float, Ge(0), Le(20)]
Platelets = Annotated[int, Ge(0), Le(5000)]
Milliliters = Annotated[int, Ge(0), Le(60_000)]
Reason = Annotated[str, MaxLen(400)]
Din = Annotated[str, MaxLen(13)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventDetails:
    """One adverse event: its grade (1 to 5) and time may be unknown, `action` is what was done."""

    __pydantic_config__ = INPUT_CONFIG

    kind: Literal[
        "hypocalcemia",
        "hypotension",
        "nausea",
        "paresthesia",
        "access_failure",
        "bleeding",
        "allergy",
        "low_platelets",
        "other",
    ]
    grade: Annotated[int, Ge(1), Le(5)] | None = None
    at: Moment | None = None
    action: Annotated[str, MaxLen(200)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionDayDetails:
    """One day's collection. Cells are absolute numbers in the bag; unknown is None.

    Counts of blood are per microliter, white cells and platelets 10⁹/L, hemoglobin g/dL, volumes milliliters,
    weight kilograms, electrolytes mmol/L. `anticoagulant_ratio` is parts of blood to one of anticoagulant.
    `method` None is the one the protocol names. `history_reason` takes cells over that were collected before
    this treatment was planned; `identity_missing_reason` says why two people did not check identity.
    """

    __pydantic_config__ = INPUT_CONFIG

    decision: Literal["enough", "again", "stop"]
    decision_reason: Reason = ""
    method: Literal["apheresis", "whole_blood"] | None = None
    history_reason: Reason = ""
    identity_missing_reason: Reason = ""
    ended_at: Moment | None = None
    device: Annotated[str, MaxLen(80)] = ""
    program: Annotated[str, MaxLen(40)] = ""
    access: Literal["central", "femoral", "port", "peripheral"] | None = None
    prime: Literal["none", "red_cells", "whole_blood", "albumin"] | None = None
    prime_unit: Annotated[str, MaxLen(20)] = ""
    ecv_ml: Annotated[int, Ge(1), Le(2_000)] | None = None
    weight_kg: Annotated[float, Ge(0.3), Le(300)] | None = None
    pre_wbc_e9_per_l: Annotated[float, Ge(0), Le(2_000)] | None = None
    pre_hemoglobin_g_dl: Hemoglobin | None = None
    pre_hematocrit_percent: Percent | None = None
    pre_blasts_percent: Percent | None = None
    alc_per_ul: Count | None = None
    pre_cd3_per_ul: Count | None = None
    pre_platelets_e9_per_l: Platelets | None = None
    post_platelets_e9_per_l: Platelets | None = None
    post_cd3_per_ul: Count | None = None
    post_hemoglobin_g_dl: Hemoglobin | None = None
    ionized_calcium_before_mmol_l: Electrolyte | None = None
    ionized_calcium_lowest_mmol_l: Electrolyte | None = None
    magnesium_mmol_l: Electrolyte | None = None
    potassium_mmol_l: Electrolyte | None = None
    anticoagulant_ratio: Annotated[float, Ge(1), Le(100)] | None = None
    anticoagulant_ml: Milliliters | None = None
    inlet_volume_ml: Milliliters | None = None
    volume_processed_ml: Milliliters | None = None
    product_volume_ml: Annotated[int, Ge(0), Le(2_000)] | None = None
    product_hematocrit_percent: Percent | None = None
    tnc: Cells | None = None
    cd3: Cells | None = None
    viability_percent: Percent | None = None
    din: Din = ""
    label_checked: bool | None = None
    seal_number: Annotated[str, MaxLen(30)] = ""
    idm_sampled_on: Day | None = None
    adverse: tuple[AdverseEventDetails, ...] = ()
    adverse_events: Reason = ""
    note: Reason = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCheckDetails:
    """By what two people recognized the person; at least two of them."""

    __pydantic_config__ = INPUT_CONFIG

    identifiers: tuple[Literal["name_and_birth", "wristband", "health_card", "record_number"], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BagDetails:
    """One frozen bag: mL of the collected cells, mL of cryoprotectant on top, cells; unknown is None.

    `division` is the ISBT 128 division code, `product_code` the center's licensed description code or "".
    """

    __pydantic_config__ = INPUT_CONFIG

    division: Annotated[str, MaxLen(2)]
    volume_ml: Annotated[float, Ge(0.1), Le(2_000)]
    cryoprotectant_ml: Annotated[float, Ge(0), Le(2_000)] | None = None
    tnc: Cells | None = None
    cd3: Cells | None = None
    product_code: Annotated[str, MaxLen(5)] = ""
    location: Annotated[str, MaxLen(80)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDetails:
    """How a child waits: by what priority (1 is the most urgent) and why, and for which days.

    `until_on` is the last day that fits; without it any later day does.
    """

    __pydantic_config__ = INPUT_CONFIG

    priority: Annotated[int, Ge(1), Le(4)]
    priority_reason: Annotated[str, MaxLen(400)]
    from_on: Day
    until_on: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationDetails:
    """How blood will be drawn, and whether the child will be sedated."""

    __pydantic_config__ = INPUT_CONFIG

    vascular_access: Literal["central_present", "central_needed", "peripheral", "unknown"] = "unknown"
    sedation: Literal["yes", "no", "unknown"] = "unknown"
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayDetails:
    """Days, the last one included, on which the family can't come."""

    __pydantic_config__ = INPUT_CONFIG

    first_on: Day
    last_on: Day
    note: Annotated[str, MaxLen(200)] = ""
