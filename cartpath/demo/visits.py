"""What the visits of a demo journey find beyond the disease: counts, organs, growth, school, infections."""

from collections.abc import Callable
from datetime import date, timedelta
from math import exp
from random import Random
from typing import Any, Final

from cartpath.accounts.enums import Role
from cartpath.demo.teller import Teller
from followup.cases import case_step_record, malignancy_suspect
from followup.inputs import CaseStepDetails, Findings, InfectionDetails, SuspicionDetails
from followup.rules.findings import performance_scale
from patients.eligibility import protocol_for

CASE_PLOT: Final = "year_14"
CASE_AGO: Final = 19
_CAR_GONE_AFTER_MONTH: Final = 30
_SCHOOL_FROM_YEARS: Final = 6
_SELF_FROM_YEARS: Final = 8
_TANNER_FROM_YEARS: Final = (9, 11, 13, 15)
_VIRUS_TESTED: Final = frozenset({"visit_month_3", "visit_month_6", "visit_month_12"})

Found = dict[str, Any]


def findings_told(teller: Teller, item: str, month: int, day: date) -> Found:
    """Further findings of one visit, for what the protocol asks then; dice of their own."""
    dice = Random(f"{teller.plot.key}/{teller.seed}/{item}")
    asked = {
        row.id for row, is_due in protocol_for(teller.journey).follow_up.assessments_at(item, day) if is_due
    }
    found: Found = {}
    for assessment, told in _TOLD.items():
        if assessment in asked:
            found |= told(teller, dice, month, day)
    if "assess_replication_competent_virus" in asked:
        found["virus"] = "negative" if item in _VIRUS_TESTED else "archived"
    cd4 = found.pop("cd4_per_ul", None)
    return {"cd4_per_ul": cd4, "findings": Findings(**found)}


def _body(teller: Teller, dice: Random, month: int, day: date) -> Found:
    score = 90 if month < 3 else 100
    return {"performance_scale": performance_scale(teller.birth, day), "performance_score": score}


def _blood(teller: Teller, dice: Random, month: int, day: date) -> Found:
    return {
        "anc_per_ul": float(dice.randrange(700 if month < 2 else 1600, 4800, 10)),
        "lymphocytes_per_ul": float(dice.randrange(400, 900 + 80 * min(month, 20), 10)),
        "hemoglobin_g_dl": round(dice.uniform(10.2, 13.4), 1),
        "platelets_e9_per_l": float(dice.randint(90 if month < 2 else 160, 360)),
    }


def _subsets(teller: Teller, dice: Random, month: int, day: date) -> Found:
    cd4 = 110 + 42 * min(month, 24) + dice.randint(-40, 40)
    return {
        "cd3_per_ul": float(round(cd4 * 2.1)),
        "cd4_per_ul": float(cd4),
        "cd8_per_ul": float(round(cd4 * 0.9)),
        "nk_per_ul": float(dice.randint(70, 240)),
    }


def _immunoglobulins(teller: Teller, dice: Random, month: int, day: date) -> Found:
    return {"iga_mg_dl": float(dice.randint(6, 40)), "igm_mg_dl": float(dice.randint(4, 30))}


def _car(teller: Teller, dice: Random, month: int, day: date) -> Found:
    if month > _CAR_GONE_AFTER_MONTH:
        return {"car_method": "qpcr", "car_result": "below_limit", "car_limit": 50.0}
    copies = round(21_000 * exp(-month / 5) * dice.uniform(0.7, 1.4) + 60, 1)
    return {"car_method": "qpcr", "car_result": "detected", "car_copies_per_ug": copies, "car_limit": 50.0}


def _chemistry(teller: Teller, dice: Random, month: int, day: date) -> Found:
    return {
        "ferritin_ng_ml": float(dice.randint(600, 1900) if month < 2 else dice.randint(60, 420)),
        "alt_u_l": float(dice.randint(14, 48)),
        "bilirubin_mg_dl": round(dice.uniform(0.2, 0.8), 2),
        "creatinine_mg_dl": round(dice.uniform(0.25, 0.6), 2),
    }


def _heart(teller: Teller, dice: Random, month: int, day: date) -> Found:
    return {
        "lvef_percent": float(dice.randint(57, 67)),
        "shortening_fraction_percent": float(dice.randint(29, 37)),
        "ecg": "normal",
    }


def _endocrine(teller: Teller, dice: Random, month: int, day: date) -> Found:
    stage = 1 + sum(teller.years_on(day) >= years for years in _TANNER_FROM_YEARS)
    return {
        "tanner_breast_genital": stage,
        "tanner_pubic_hair": stage,
        "tsh_mu_l": round(dice.uniform(1.1, 4.2), 2),
        "ft4_ng_dl": round(dice.uniform(0.9, 1.5), 2),
        "cortisol_ug_dl": round(dice.uniform(7, 16), 1),
        "igf1_ng_ml": float(dice.randint(90, 260)),
    }


def _fertility(teller: Teller, dice: Random, month: int, day: date) -> Found:
    return {"fertility_counseled": True}


def _school(teller: Teller, dice: Random, month: int, day: date) -> Found:
    if teller.years_on(day) < _SCHOOL_FROM_YEARS:
        return {"schooling": "not_of_age"}
    return {"schooling": "full" if month >= 12 else "part", "school_support": month < 24}


def _quality(teller: Teller, dice: Random, month: int, day: date) -> Found:
    return {
        "pedsql_total": round(dice.uniform(62, 78) + min(month, 24) / 2, 1),
        "pedsql_respondent": "self" if teller.years_on(day) >= _SELF_FROM_YEARS else "parent",
        "eq5d_vas": dice.randint(70, 95),
    }


def _screen(teller: Teller, dice: Random, month: int, day: date) -> Found:
    return {"malignancy_screen": "none"}


_TOLD: Final[dict[str, Callable[[Teller, Random, int, date], Found]]] = {
    "assess_visit": _body,
    "assess_blood_count": _blood,
    "assess_lymphocyte_subsets": _subsets,
    "assess_immunoglobulins": _immunoglobulins,
    "assess_car_persistence": _car,
    "assess_organ_chemistry": _chemistry,
    "assess_heart": _heart,
    "assess_endocrine": _endocrine,
    "assess_fertility": _fertility,
    "assess_neurocognition": _school,
    "assess_quality_of_life": _quality,
    "assess_second_malignancy": _screen,
}


def infections_told(teller: Teller, item: str, day: date) -> tuple[InfectionDetails, ...]:
    """An infection that the family tells of at some visits, one of them serious."""
    dice = Random(f"{teller.plot.key}/{teller.seed}/{item}/infection")
    began_on = day - timedelta(days=dice.randint(4, 12))
    if item == "visit_month_4" and teller.number % 4 == 0:
        return (
            InfectionDetails(
                began_on=began_on,
                ended_on=day - timedelta(days=1),
                kind="bacterial",
                site="lung",
                organism="Streptococcus pneumoniae",
                severity="severe",
                hospitalized=True,
            ),
        )
    if item in ("visit_month_2", "visit_month_9", "visit_month_18") and dice.random() < 0.6:
        return (
            InfectionDetails(
                began_on=began_on,
                ended_on=day,
                kind="viral",
                site="upper_airway",
                organism=dice.choice(("Rhinovirus", "RSV", "")),
                severity="mild",
                hospitalized=False,
            ),
        )
    return ()


def case_told(teller: Teller) -> None:
    """One child with a new malignancy: told to the maker, the kit is on its way."""
    if teller.plot.key != CASE_PLOT:
        return
    suspected_on = teller.today - timedelta(days=CASE_AGO)
    case = malignancy_suspect(
        suspicion=SuspicionDetails(
            kind="solid",
            suspected_on=suspected_on,
            diagnosed_on=suspected_on + timedelta(days=5),
            description="Papillary carcinoma of the thyroid, found by ultrasound after a palpable node.",
        ),
        **teller.act(Role.CLINICIAN, teller.at(suspected_on + timedelta(days=5), 15)),
    )
    for step, after, reference in (
        ("manufacturer_notified", 5, "MFR-2291"),
        ("kit_requested", 6, "MFR-2291"),
        ("kit_received", 12, ""),
    ):
        done_on = suspected_on + timedelta(days=after)
        case_step_record(
            step=CaseStepDetails(case=case.number, step=step, done_on=done_on, reference=reference),  # type: ignore[arg-type]
            **teller.act(Role.COORDINATOR, teller.at(done_on, 16)),
        )
