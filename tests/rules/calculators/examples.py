"""At least one whole input for every calculator: the published examples, and ours where there are none."""

import json
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parents[1] / "data"
PUBLISHED: Final[list[dict[str, Any]]] = [
    example
    for name in ("oracles_stages.json", "oracles_toxicity.json")
    for example in json.loads((DATA / name).read_text(encoding="utf-8"))
]

# One of each ISBT 128 structure, with checks that fit.
SCANS: Final = (
    "=G12341765432100",
    "=%5100",
    "=<S1234100",
    "=<M1234001",
    "=<A12341Ab",
    "=>026120",
    "&>0261202359",
    "=*026120",
    "&*0261200815",
    "=}026120",
    "&}0261200815",
    "=,A00001",
    "=/G1234ABC123S1234",
    "&,1000000000000LOT123",
    "&,2000000000000SUP123",
    "&/CHG123426A00001",
)

OURS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("crs", {}),
    (
        "crs",
        {
            "temperature_c": 36.9,
            "fever_other_cause": True,
            "prior_crs": True,
            "modifier_given": True,
            "hypotension": False,
            "vasopressors": [],
            "oxygen": {"device": "high_flow_nasal_cannula", "flow_l_min": 4.5, "baseline_support": True},
        },
    ),
    ("icans", {}),
    (
        "icans",
        {"age_years": 14, "ice": {"orientation": 0, "naming": 3, "writing": 0}, "motor_weakness": False},
    ),
    ("icans", {"age_years": 4.5, "capd_answers": ["always"] * 4 + ["never"] * 4, "seizure": "none"}),
    ("fractions", {"product": "obecabtagene", "region": "EU"}),
    (
        "fractions",
        {
            "product": "obecabtagene",
            "region": "EU",
            "blasts_percent": 20.1,
            "marrow_on": "2026-02-20",
            "lymphodepletion_started_on": "2026-02-25",
            "infused_on": "2026-03-02",
            "today": "2026-03-11",
            "crs_grade": 2,
            "icans_worst": 1,
        },
    ),
    (
        "fractions",
        {
            "product": "varnimcabtagene",
            "region": "EU",
            "weight_kg": 20,
            "total_cells": 2e7,
            "infused_on": "2026-03-02",
            "today": "2026-03-03",
            "crs_grade": 0,
        },
    ),
    ("icaht", {}),
    (
        "t_icaht",
        {
            "platelets": [[0, 90], [3, 42.5], [9, 15], [12, 60], [31, 44], [40, 48]],
            "transfusion_days": [9, 11],
            "last_follow_up_day": 60,
        },
    ),
    ("t_icaht", {"transfusion_days": []}),
    (
        "ctcae_lab",
        {
            "term": "alt",
            "version": "6",
            "value": 240,
            "unit": "U/L",
            "upper_limit": 40,
            "baseline": 35.5,
        },
    ),
    ("ctcae_lab", {"term": "hemoglobin", "version": "5", "value": 9.1, "unit": "g/dL"}),
    ("iec_hs", {}),
    (
        "iec_hs",
        {
            "ferritin_ng_ml": 42_000,
            "ferritin_uln_ng_ml": 300,
            "fibrinogen_mg_dl": 90,
            "alt_u_l": 700,
            "alt_uln_u_l": 40,
            "hemophagocytosis": False,
            "onset_as_crs_resolves": True,
        },
    ),
    ("hlh_2004", {}),
    ("hlh_2004", {"fever": True, "splenomegaly": False, "hemoglobin_g_dl": 7.5, "ferritin_ng_ml": 9000}),
    ("isth_dic", {}),
    (
        "isth_dic",
        {
            "underlying_disorder": True,
            "platelets": 40,
            "fibrin_marker": "strong",
            "pt_prolonged_s": -1.5,
            "fibrinogen_g_l": 0.8,
        },
    ),
    ("tls", {"age_years": 7}),
    ("tls", {"age_years": 7, "uric_acid_mg_dl": 8.4, "potassium_mmol_l": 6.1, "arrhythmia": False}),
    ("tian", {}),
    ("tian", {"type_1": True, "signs": "moderate", "intracranial_pressure": "responds"}),
    ("car_hematotox", {}),
    ("tocilizumab_dose", {"weight_kg": 24, "previous_doses": []}),
    ("washout", {"rule_set": "b_all", "exposures": []}),
    (
        "washout",
        {
            "rule_set": "b_all",
            "exposures": [
                {"class": "systemic_therapy", "last_dose": "2026-03-01", "half_life_hours": 12},
                {"class": "corticosteroid", "last_dose": "2026-03-02T08:15:00+01:00"},
                {"class": "other"},
            ],
            "zone": "Europe/Rome",
        },
    ),
    ("collection_acceptance", {"product": "tisagenlecleucel"}),
    ("apheresis_plan", {"weight_kg": 40, "device_ecv_ml": 200, "pre_cd3_per_ul": 500, "target_cd3": 1e9}),
    ("dose_range", {"product": "tisagenlecleucel", "region": "EU", "weight_kg": 20}),
    (
        "fractions",
        {
            "product": "obecabtagene",
            "region": "EU",
            "blasts_percent": 12,
            "marrow_on": "2026-02-20",
            "lymphodepletion_started_on": "2026-02-24",
        },
    ),
    *(("isbt128_parse", {"data": scan}) for scan in SCANS),
)

EXAMPLES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    *((each["calculator"], each["input"]) for each in PUBLISHED if each["expect"] != "error"),
    *OURS,
)
