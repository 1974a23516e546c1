"""What the values of a child mean at a time: limits, CTCAE, ICAHT, T-ICAHT, IEC-HS and tumor lysis.

Pure: everything asked comes in with `Facts`. Source of each scale: its module in `toxicity.grading`. How old
a value may be and what counts as a baseline are figures of the center.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

from cartpath.core.answers import Answer
from cartpath.core.dates import age_on, months_between
from cartpath.protocols.bedside_rows import BedsideFigures
from toxicity.grading.ctcae import CtcaeGrade, CtcaeLabInput, grade_ctcae_lab
from toxicity.grading.ctcae_terms import TERMS, Version
from toxicity.grading.icaht import IcahtInput, calculate_icaht
from toxicity.grading.iec_hs import IecHsInput
from toxicity.grading.t_icaht import TIcahtInput, calculate_t_icaht
from toxicity.grading.tls import TlsInput, calculate_tls
from toxicity.laboratory.limits import limit_of
from toxicity.laboratory.readings import LabReading, Readings

__all__ = [
    "Ending",
    "Facts",
    "Normal",
    "baseline",
    "ctcae_grade",
    "day_of",
    "icaht_answer",
    "iec_hs_input",
    "latest",
    "normal",
    "t_icaht_answer",
    "tls_answer",
]

ADULT_FROM_YEARS: Final = 18
GRADE_4: Final = 4

# The CTCAE term of an analyte and the unit of the catalog as the terms write it.
TERM_OF: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "anc": ("neutrophils", "/uL"),
        "wbc": ("white_cells", "/uL"),
        "lymphocytes": ("lymphocytes", "/uL"),
        "hemoglobin": ("hemoglobin", "g/dL"),
        "platelets": ("platelets", "10*9/L"),
        "triglycerides": ("triglycerides", "mg/dL"),
        "ldh": ("ldh", "U/L"),
        "alt": ("alt", "U/L"),
        "ast": ("ast", "U/L"),
        "bilirubin": ("bilirubin", "mg/dL"),
        "fibrinogen": ("fibrinogen", "mg/dL"),
        "inr": ("inr", "1"),
        "aptt": ("aptt", "s"),
        "creatinine": ("creatinine", "mg/dL"),
        "potassium": ("potassium_high", "mmol/L"),
    }
)


@dataclass(frozen=True, slots=True)
class Ending:
    """What ended the observation: the day after infusion of each, None when it did not happen."""

    died_day: int | None = None
    progression_day: int | None = None
    next_therapy_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A child's values up to `at`, and what is needed to judge them.

    `transfusion_days` are days after infusion with platelets given; None is unknown. `figures` say how old a
    value may be to be "now", and a baseline.
    """

    readings: Readings
    at: datetime
    infused_at: datetime | None
    birth_date: date
    sex: str
    zone: ZoneInfo
    ctcae_version: Version
    figures: BedsideFigures
    ending: Ending = Ending()
    transfusion_days: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Normal:
    """Limits of normal of one value and whose they are: the laboratory's, those of the age, or unknown."""

    low: float | None = None
    high: float | None = None
    by: Literal["laboratory", "age", ""] = ""
    source: str = ""

    def side(self, value: float) -> Literal["low", "high", ""]:
        """On which side a value lies outside. Source: the limits themselves."""
        if self.low is not None and value < self.low:
            return "low"
        return "high" if self.high is not None and value > self.high else ""


def day_of(facts: Facts, at: datetime) -> int | None:
    """The day after infusion in the center's zone, day 0 the infusion's. Source: design."""
    if facts.infused_at is None:
        return None
    return (at.astimezone(facts.zone).date() - facts.infused_at.astimezone(facts.zone).date()).days


def latest(facts: Facts, analyte: str, *, within: timedelta | None = None) -> LabReading | None:
    """The last value up to now that is not older than `within`. Source: design."""
    known = [reading for reading in facts.readings.get(analyte, ()) if reading.at <= facts.at]
    if not known or (within is not None and facts.at - known[-1].at > within):
        return None
    return known[-1]


def baseline(facts: Facts, analyte: str) -> LabReading | None:
    """The last value up to the infusion, at most the center's days before it. Source: design."""
    infused_at = facts.infused_at
    if infused_at is None:
        return None
    before = [
        reading
        for reading in facts.readings.get(analyte, ())
        if infused_at - facts.figures.laboratory_baseline <= reading.at <= infused_at
    ]
    return before[-1] if before else None


def normal(facts: Facts, reading: LabReading) -> Normal:
    """The laboratory's own limits of a value, else those of the age that day. Source: see `limits`."""
    if reading.low is not None or reading.high is not None:
        return Normal(reading.low, reading.high, "laboratory")
    day = reading.at.astimezone(facts.zone).date()
    row = limit_of(reading.analyte, age_months=months_between(facts.birth_date, day), sex=facts.sex)
    return Normal(row.low, row.high, "age", row.source) if row else Normal()


def ctcae_grade(facts: Facts, reading: LabReading) -> CtcaeGrade | None:
    """The grade in the center's version of CTCAE; None where that has no term. Source: CTCAE v5.0, v6.0.

    Values from up to the infusion are graded without a baseline: they are the baseline.
    """
    term, unit = TERM_OF.get(reading.analyte, ("", ""))
    if term not in TERMS[facts.ctcae_version]:
        return None
    limits = normal(facts, reading)
    before = baseline(facts, reading.analyte)
    counts = before is not None and before.at < reading.at
    graded = grade_ctcae_lab(
        CtcaeLabInput(
            term=term,
            version=facts.ctcae_version,
            value=reading.compared,
            unit=unit,
            lower_limit=limits.low or None,
            upper_limit=limits.high or None,
            baseline=(before.value or None) if before is not None and counts else None,
        )
    )
    return _lower_bound(facts, term, reading, graded)


def _lower_bound(facts: Facts, term: str, reading: LabReading, graded: CtcaeGrade) -> CtcaeGrade:
    """Below what could be measured a worse grade may hide: then the value itself is missing."""
    rows = TERMS[facts.ctcae_version][term]
    towards_worse = reading.comparator == ("<" if rows.low else ">")
    if not towards_worse or (graded.grade or 0) >= rows.steps[0].grade:
        return graded
    return replace(graded, missing=(*graded.missing, "value"))


def icaht_answer(facts: Facts) -> Answer | None:
    """ICAHT as it runs: a lower bound until the days are complete. None before the infusion.

    Source: Rejeski 2023, Liang 2024.
    """
    if facts.infused_at is None:
        return None
    return calculate_icaht(
        IcahtInput(
            anc=_by_day(facts, "anc"),
            last_follow_up_day=_last_day(facts),
            deceased=facts.ending.died_day is not None,
            progression_day=facts.ending.progression_day,
            next_therapy_day=facts.ending.next_therapy_day,
        )
    )


def t_icaht_answer(facts: Facts) -> Answer | None:
    """T-ICAHT as it runs. None before the infusion. Source: T-ICAHT, ash-sap.org 12809257."""
    if facts.infused_at is None:
        return None
    return calculate_t_icaht(
        TIcahtInput(
            platelets=_by_day(facts, "platelets"),
            transfusion_days=facts.transfusion_days,
            last_follow_up_day=_last_day(facts),
            progression_day=facts.ending.progression_day,
            next_therapy_day=facts.ending.next_therapy_day,
        )
    )


def iec_hs_input(
    facts: Facts,
    *,
    hemophagocytosis: bool | None = None,
    onset_as_crs_resolves: bool | None = None,
    other_explanation: bool | None = None,
) -> IecHsInput:
    """What the checklist is asked: the values of now, limits and baselines. Source: Hines 2023.

    Findings cluster within about three days, so what is older than the center's hours counts no more. Whether
    ferritin rises rapidly is a clinician's judgment and stays unknown.
    """
    now = {
        name: latest(facts, name, within=facts.figures.iec_hs)
        for name in ("ferritin", "fibrinogen", "alt", "ast")
    }
    limits = {name: normal(facts, reading) if reading else Normal() for name, reading in now.items()}
    before = {name: baseline(facts, name) for name in now}
    triglycerides = latest(facts, "triglycerides", within=facts.figures.iec_hs)
    return IecHsInput(
        ferritin_ng_ml=_value(now["ferritin"]),
        ferritin_uln_ng_ml=limits["ferritin"].high or None,
        ferritin_baseline_ng_ml=_value(before["ferritin"]) or None,
        fibrinogen_mg_dl=_value(now["fibrinogen"]),
        fibrinogen_lln_mg_dl=limits["fibrinogen"].low or None,
        alt_u_l=_value(now["alt"]),
        alt_uln_u_l=limits["alt"].high or None,
        alt_baseline_u_l=_value(before["alt"]) or None,
        ast_u_l=_value(now["ast"]),
        ast_uln_u_l=limits["ast"].high or None,
        ast_baseline_u_l=_value(before["ast"]) or None,
        triglycerides_mg_dl=_value(triglycerides),
        new_grade_4_cytopenia=_new_grade_4(facts),
        hemophagocytosis=hemophagocytosis,
        onset_as_crs_resolves=onset_as_crs_resolves,
        other_explanation=other_explanation,
    )


def tls_answer(facts: Facts) -> Answer:
    """Tumor lysis from the values of now; arrhythmia and seizure are not known here.

    Source: Cairo and Bishop 2004.
    """
    today = facts.at.astimezone(facts.zone).date()
    now = {name: latest(facts, name, within=facts.figures.tls) for name in _TLS}
    before = {name: _value(baseline(facts, name)) or None for name in _TLS}
    creatinine = now["creatinine"]
    return calculate_tls(
        TlsInput(
            age_years=float(age_on(facts.birth_date, today).years),
            uric_acid_mg_dl=_value(now["uric_acid"]),
            potassium_mmol_l=_value(now["potassium"]),
            phosphate_mg_dl=_value(now["phosphate"]),
            calcium_mg_dl=_value(now["calcium"]),
            albumin_g_dl=_value(now["albumin"]),
            uric_acid_baseline_mg_dl=before["uric_acid"],
            potassium_baseline_mmol_l=before["potassium"],
            phosphate_baseline_mg_dl=before["phosphate"],
            calcium_baseline_mg_dl=before["calcium"],
            creatinine_mg_dl=_value(creatinine),
            creatinine_uln_mg_dl=(normal(facts, creatinine).high or None) if creatinine else None,
        )
    )


_TLS: Final = ("uric_acid", "potassium", "phosphate", "calcium", "albumin", "creatinine")


def _new_grade_4(facts: Facts) -> bool | None:
    """Whether neutrophils or platelets are of grade 4 now and were not at the infusion."""
    judged = [_newly_4(facts, analyte) for analyte in ("anc", "platelets")]
    if True in judged:
        return True
    return None if None in judged else False


def _newly_4(facts: Facts, analyte: str) -> bool | None:
    reading = latest(facts, analyte, within=facts.figures.iec_hs)
    graded = ctcae_grade(facts, reading) if reading else None
    if graded is None:
        return None
    if graded.grade != GRADE_4:
        return False
    before = baseline(facts, analyte)
    was = ctcae_grade(facts, before) if before else None
    return None if was is None else was.grade != GRADE_4


def _by_day(facts: Facts, analyte: str) -> tuple[tuple[int, float], ...]:
    readings: Sequence[LabReading] = facts.readings.get(analyte, ())
    days = ((day_of(facts, each.at), each.compared) for each in readings if each.at <= facts.at)
    return tuple((day, value) for day, value in days if day is not None)


def _last_day(facts: Facts) -> int:
    """The last day of the observation: that of the death, else today."""
    today = max(day_of(facts, facts.at) or 0, 0)
    died = facts.ending.died_day
    return today if died is None else min(max(died, 0), today)


def _value(reading: LabReading | None) -> float | None:
    return reading.compared if reading else None
