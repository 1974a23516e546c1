"""Words of the laboratory grades and syndromes."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.calculators.words.shapes import CalculatorWords, FieldWords, Group, ResultWords
from cartpath.calculators.words.toxicity import AGE_YEARS
from toxicity.grading.ctcae_terms import TERMS
from toxicity.grading.isth_dic import FibrinMarker
from toxicity.grading.tian import IntracranialPressure, TianSigns

_DAY_ROWS: Final = _("One line a day: the day after infusion, a space, the count. Paste two columns.")
_COURSE: Final = {
    "last_follow_up_day": FieldWords(label=_("Last day of follow-up"), hint=_("Days after infusion.")),
    "progression_day": FieldWords(label=_("Day of progression"), hint=_("If there was one.")),
    "next_therapy_day": FieldWords(label=_("Day of the next therapy"), hint=_("If there was one.")),
}
_EARLY_LATE: Final = {
    "early_grade": ResultWords(
        label=_("Day 0 to 30"), scale=_("Early"), none=_("no count in these days"), lead=True
    ),
    "late_grade": ResultWords(
        label=_("Day 31 to 100"), scale=_("Late"), none=_("not enough counts in these days"), lead=True
    ),
}

ICAHT: Final = CalculatorWords(
    fields={
        "anc": FieldWords(label=_("Neutrophils per microliter, by day"), hint=_DAY_ROWS),
        **_COURSE,
        "deceased": FieldWords(label=_("The child died on the last day of follow-up")),
    },
    results={
        **_EARLY_LATE,
        "longest_days_le_500": ResultWords(label=_("Longest spell at 500 or less"), unit=_("days")),
        "longest_days_le_100": ResultWords(label=_("Longest spell at 100 or less"), unit=_("days")),
    },
)

T_ICAHT: Final = CalculatorWords(
    fields={
        "platelets": FieldWords(label=_("Platelets in 10⁹/L, by day"), hint=_DAY_ROWS),
        "transfusion_days": FieldWords(
            label=_("Days of platelet transfusions"),
            hint=_("Days after infusion, with spaces between them."),
            none=_("None given"),
        ),
        **_COURSE,
    },
    results={
        **_EARLY_LATE,
        "days_below_50": ResultWords(label=_("Days below 50 up to day 30"), unit=_("days")),
        "days_below_20": ResultWords(label=_("Days below 20 up to day 30"), unit=_("days")),
    },
)

_LAB_TERMS: Final = (
    ("neutrophils", _("Neutrophils")),
    ("platelets", _("Platelets")),
    ("lymphocytes", _("Lymphocytes")),
    ("white_cells", _("White blood cells")),
    ("hemoglobin", _("Hemoglobin")),
    ("alt", "ALT"),
    ("ast", "AST"),
    ("bilirubin", _("Bilirubin")),
    ("creatinine", _("Creatinine")),
    ("ldh", "LDH"),
    ("fibrinogen", _("Fibrinogen")),
    ("aptt", "aPTT"),
    ("inr", "INR"),
    ("triglycerides", _("Triglycerides")),
    ("potassium_high", _("Potassium, high")),
)
_LAB_UNITS: Final = tuple(
    dict.fromkeys((unit, unit) for terms in TERMS.values() for term in terms.values() for unit in term.units)
)

CTCAE_LAB: Final = CalculatorWords(
    fields={
        "term": FieldWords(label=_("Laboratory value"), choices=_LAB_TERMS),
        "version": FieldWords(label=_("Version of CTCAE"), choices=(("5", "5"), ("6", "6"))),
        "value": FieldWords(label=_("Value")),
        "unit": FieldWords(
            label=_("Unit"), choices=_LAB_UNITS, hint=_("Limits and baseline are in the same unit.")
        ),
        "lower_limit": FieldWords(
            label=_("Lower limit of normal"), hint=_("For the child's age; without it, no grade rests on it.")
        ),
        "upper_limit": FieldWords(label=_("Upper limit of normal"), hint=_("For the child's age.")),
        "baseline": FieldWords(label=_("Value before treatment")),
    },
    results={
        "grade": ResultWords(label=_("Grade"), scale="CTCAE", none=_("no grade can be given"), lead=True),
        "term": ResultWords(label=_("Term")),
    },
    missing={"value": _("value")},
)

_HS_ITEMS: Final = {
    "ferritin": ResultWords(label=_("Ferritin above twice the limit or baseline, or rising rapidly")),
    "onset_as_crs_resolves": ResultWords(label=_("Onset as CRS resolves or after")),
    "transaminases": ResultWords(label=_("ALT or AST above 5 times")),
    "fibrinogen": ResultWords(label=_("Fibrinogen below 150 mg/dL or the lower limit")),
    "hemophagocytosis": ResultWords(label=_("Hemophagocytosis")),
    "cytopenia": ResultWords(label=_("New, worse or refractory cytopenia")),
    "triglycerides": ResultWords(label=_("Triglycerides above 265 mg/dL")),
    "other_explanation": ResultWords(label=_("Another explanation (speaks against it)")),
}

IEC_HS: Final = CalculatorWords(
    fields={
        "ferritin_ng_ml": FieldWords(label=_("Ferritin"), unit="ng/mL"),
        "ferritin_uln_ng_ml": FieldWords(label=_("Upper limit of ferritin"), unit="ng/mL"),
        "ferritin_baseline_ng_ml": FieldWords(label=_("Ferritin at the infusion"), unit="ng/mL"),
        "ferritin_rapidly_rising": FieldWords(label=_("Rising rapidly")),
        "fibrinogen_mg_dl": FieldWords(label=_("Fibrinogen"), unit="mg/dL"),
        "fibrinogen_lln_mg_dl": FieldWords(label=_("Lower limit of fibrinogen"), unit="mg/dL"),
        "alt_u_l": FieldWords(label="ALT", unit="U/L"),
        "alt_uln_u_l": FieldWords(label=_("Upper limit of ALT"), unit="U/L"),
        "alt_baseline_u_l": FieldWords(label=_("ALT at the infusion"), unit="U/L"),
        "ast_u_l": FieldWords(label="AST", unit="U/L"),
        "ast_uln_u_l": FieldWords(label=_("Upper limit of AST"), unit="U/L"),
        "ast_baseline_u_l": FieldWords(label=_("AST at the infusion"), unit="U/L"),
        "triglycerides_mg_dl": FieldWords(label=_("Triglycerides"), unit="mg/dL"),
        "new_grade_4_cytopenia": FieldWords(label=_("New cytopenia of grade 4")),
        "worse_or_refractory_cytopenia": FieldWords(label=_("Worsening or refractory cytopenia")),
        "hemophagocytosis": FieldWords(label=_("Hemophagocytosis in marrow or tissue")),
        "onset_as_crs_resolves": FieldWords(label=_("Onset as CRS resolves or after")),
        "other_explanation": FieldWords(label=_("Infection, CRS or progression explains it")),
    },
    groups=(
        Group(
            legend=_("Ferritin"),
            fields=(
                "ferritin_ng_ml",
                "ferritin_uln_ng_ml",
                "ferritin_baseline_ng_ml",
                "ferritin_rapidly_rising",
            ),
        ),
        Group(
            legend=_("Liver"),
            fields=(
                "alt_u_l",
                "alt_uln_u_l",
                "alt_baseline_u_l",
                "ast_u_l",
                "ast_uln_u_l",
                "ast_baseline_u_l",
            ),
        ),
        Group(
            legend=_("Coagulation and lipids"),
            fields=("fibrinogen_mg_dl", "fibrinogen_lln_mg_dl", "triglycerides_mg_dl"),
        ),
        Group(
            legend=_("Findings"),
            fields=(
                "new_grade_4_cytopenia",
                "worse_or_refractory_cytopenia",
                "hemophagocytosis",
                "onset_as_crs_resolves",
                "other_explanation",
            ),
        ),
    ),
    results={
        "prompt": ResultWords(label=_("Think of IEC-HS now"), lead=True),
        "trigger": ResultWords(
            label=_("Because of"),
            choices=(
                ("ferritin_above_2_times", _("ferritin above twice the limit or baseline")),
                ("fibrinogen_below_150", _("fibrinogen below 150 mg/dL")),
                ("transaminases_above_5_times", _("ALT or AST above 5 times")),
                ("new_grade_4_cytopenia", _("new cytopenia of grade 4")),
            ),
            none=pgettext_lazy("trigger", "nothing"),
        ),
        "items": ResultWords(label=_("Checklist"), parts=_HS_ITEMS),
    },
    missing={name: words.label for name, words in _HS_ITEMS.items()},
    caveat=_("A prompt for a clinician's judgment: there is no score, and none is invented."),
)

_HLH_ITEMS: Final = {
    "fever": ResultWords(label=_("Fever")),
    "splenomegaly": ResultWords(label=_("Large spleen")),
    "cytopenia": ResultWords(label=_("Cytopenia in two lineages")),
    "triglycerides_or_fibrinogen": ResultWords(label=_("High triglycerides or low fibrinogen")),
    "hemophagocytosis": ResultWords(label=_("Hemophagocytosis")),
    "low_nk_activity": ResultWords(label=_("Low or absent NK-cell activity")),
    "ferritin": ResultWords(label=_("Ferritin of 500 ng/mL or more")),
    "scd25": ResultWords(label=_("Soluble CD25 of 2400 U/mL or more")),
}

HLH_2004: Final = CalculatorWords(
    fields={
        "age_days": FieldWords(
            label=_("Age"), unit=_("days"), hint=_("Matters to hemoglobin in the first four weeks.")
        ),
        "molecular_diagnosis": FieldWords(label=_("Molecular diagnosis of HLH")),
        "fever": FieldWords(label=_("Fever")),
        "splenomegaly": FieldWords(label=_("Large spleen")),
        "hemoglobin_g_dl": FieldWords(label=_("Hemoglobin"), unit="g/dL"),
        "platelets": FieldWords(label=_("Platelets"), unit="×10⁹/L"),
        "anc_per_ul": FieldWords(label=_("Neutrophils"), unit="/µL"),
        "triglycerides_mg_dl": FieldWords(label=_("Triglycerides, fasting"), unit="mg/dL"),
        "fibrinogen_mg_dl": FieldWords(label=_("Fibrinogen"), unit="mg/dL"),
        "hemophagocytosis": FieldWords(label=_("Hemophagocytosis in marrow, spleen or lymph node")),
        "low_nk_activity": FieldWords(label=_("Low or absent NK-cell activity")),
        "ferritin_ng_ml": FieldWords(label=_("Ferritin"), unit="ng/mL"),
        "scd25_u_ml": FieldWords(label=_("Soluble CD25"), unit="U/mL"),
    },
    groups=(
        Group(
            legend=_("Findings"),
            fields=(
                "age_days",
                "molecular_diagnosis",
                "fever",
                "splenomegaly",
                "hemophagocytosis",
                "low_nk_activity",
            ),
        ),
        Group(legend=_("Laboratory"), fields=()),
    ),
    results={
        "fulfilled": ResultWords(label=_("HLH-2004 fulfilled"), lead=True),
        "met": ResultWords(label=_("Criteria met, of 8")),
        "criteria": ResultWords(label=_("Criteria"), parts=_HLH_ITEMS),
    },
    missing={name: words.label for name, words in _HLH_ITEMS.items()},
    caveat=_("Not made for CAR T cells: CRS alone brings fever, cytopenia and a high ferritin."),
)

ISTH_DIC: Final = CalculatorWords(
    fields={
        "underlying_disorder": FieldWords(label=_("A disorder known to lead to DIC")),
        "platelets": FieldWords(label=_("Platelets"), unit="×10⁹/L"),
        "fibrin_marker": FieldWords(
            label=_("D-dimer or fibrin degradation products"),
            choices=(
                (FibrinMarker.NONE.value, _("Not raised")),
                (FibrinMarker.MODERATE.value, _("Moderately raised")),
                (FibrinMarker.STRONG.value, _("Strongly raised")),
            ),
            hint=_("As your laboratory grades it."),
        ),
        "pt_prolonged_s": FieldWords(label=_("Prothrombin time above the normal time"), unit="s"),
        "fibrinogen_g_l": FieldWords(label=_("Fibrinogen"), unit="g/L"),
    },
    results={
        "score": ResultWords(label=_("Score"), lead=True),
        "overt": ResultWords(label=_("Overt DIC (5 or more)"), none=_("no verdict"), lead=True),
    },
    missing={"prothrombin_time": _("Prothrombin time"), "fibrinogen": _("Fibrinogen")},
)

_TLS_VALUES: Final = {
    "uric_acid": ResultWords(label=_("Uric acid")),
    "potassium": ResultWords(label=_("Potassium")),
    "phosphate": ResultWords(label=_("Phosphate")),
    "calcium": ResultWords(label=_("Calcium")),
}
_TLS_ORGANS: Final = {
    "creatinine": ResultWords(label=_("Creatinine of 1.5 times the limit or more")),
    "arrhythmia": ResultWords(label=_("Arrhythmia")),
    "seizure": ResultWords(label=_("Seizure")),
}

TLS: Final = CalculatorWords(
    fields={
        "age_years": AGE_YEARS,
        "uric_acid_mg_dl": FieldWords(label=_("Uric acid"), unit="mg/dL"),
        "potassium_mmol_l": FieldWords(label=_("Potassium"), unit="mmol/L"),
        "phosphate_mg_dl": FieldWords(label=_("Phosphate"), unit="mg/dL"),
        "calcium_mg_dl": FieldWords(label=_("Calcium"), unit="mg/dL"),
        "albumin_g_dl": FieldWords(label=_("Albumin"), unit="g/dL", hint=_("Corrects the calcium.")),
        "uric_acid_baseline_mg_dl": FieldWords(label=_("Uric acid before treatment"), unit="mg/dL"),
        "potassium_baseline_mmol_l": FieldWords(label=_("Potassium before treatment"), unit="mmol/L"),
        "phosphate_baseline_mg_dl": FieldWords(label=_("Phosphate before treatment"), unit="mg/dL"),
        "calcium_baseline_mg_dl": FieldWords(label=_("Calcium before treatment"), unit="mg/dL"),
        "creatinine_mg_dl": FieldWords(label=_("Creatinine"), unit="mg/dL"),
        "creatinine_uln_mg_dl": FieldWords(label=_("Upper limit of creatinine for age"), unit="mg/dL"),
        "arrhythmia": FieldWords(label=_("Arrhythmia")),
        "seizure": FieldWords(label=_("Seizure")),
    },
    groups=(
        Group(
            legend=_("Now"),
            fields=(
                "uric_acid_mg_dl",
                "potassium_mmol_l",
                "phosphate_mg_dl",
                "calcium_mg_dl",
                "albumin_g_dl",
            ),
        ),
        Group(
            legend=_("Before treatment"),
            fields=(
                "uric_acid_baseline_mg_dl",
                "potassium_baseline_mmol_l",
                "phosphate_baseline_mg_dl",
                "calcium_baseline_mg_dl",
            ),
        ),
        Group(legend=_("Organs"), fields=()),
    ),
    results={
        "laboratory": ResultWords(label=_("Laboratory tumor lysis"), lead=True),
        "clinical": ResultWords(label=_("Clinical tumor lysis"), lead=True),
        "criteria": ResultWords(label=_("Beyond the limit, or changed by a quarter"), parts=_TLS_VALUES),
        "organs": ResultWords(label=_("Organs"), parts=_TLS_ORGANS),
    },
    missing={name: words.label for name, words in (_TLS_VALUES | _TLS_ORGANS).items()},
)

TIAN: Final = CalculatorWords(
    fields={
        "type_1": FieldWords(label=_("Type 1: mechanical, by edema or pressure")),
        "type_2": FieldWords(label=_("Type 2: local dysfunction of the tissue")),
        "signs": FieldWords(
            label=_("Neurological signs"),
            choices=(
                (TianSigns.NONE.value, pgettext_lazy("signs", "None")),
                (TianSigns.MILD.value, _("Mild: headache with fever, or slight worsening")),
                (TianSigns.MODERATE.value, _("Moderate: function substantially affected")),
                (TianSigns.SEVERE.value, _("Severe: may affect breathing or circulation")),
                (TianSigns.MEDULLARY.value, _("Medullary: severe, needing intubation")),
            ),
        ),
        "intracranial_pressure": FieldWords(
            label=_("Intracranial pressure"),
            choices=(
                (IntracranialPressure.NORMAL.value, _("Not above 20 mmHg")),
                (IntracranialPressure.RESPONDS.value, _("Above 20 mmHg, responds")),
                (IntracranialPressure.REFRACTORY.value, _("Above 20 mmHg, refractory")),
                (IntracranialPressure.HERNIATION.value, _("Impending herniation")),
            ),
        ),
        "spinal_cord_at_risk": FieldWords(label=_("Risk of a disabling loss of cord function")),
        "death_from_tian": FieldWords(label=_("Death from TIAN")),
    },
    results={
        "grade": ResultWords(label=_("Grade"), scale="TIAN", lead=True),
        "type_1": ResultWords(label=_("Type 1")),
        "type_2": ResultWords(label=_("Type 2")),
        "domains": ResultWords(
            label=_("The grade each finding would give"),
            parts={
                "signs": ResultWords(label=_("Neurological signs")),
                "intracranial_pressure": ResultWords(label=_("Intracranial pressure")),
                "spinal_cord_at_risk": ResultWords(label=_("Spinal cord")),
            },
        ),
    },
)
