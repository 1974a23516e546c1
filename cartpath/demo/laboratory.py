"""Laboratory values of the days around the infusion, in courses that look like real ones."""

from datetime import datetime, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import Step
from cartpath.demo.teller import Teller
from toxicity.laboratory.inputs import LabEntry, LabResult
from toxicity.laboratory.services import laboratory_record

_UNITS: Final = {
    "anc": "/uL",
    "wbc": "/uL",
    "hemoglobin": "g/dL",
    "platelets": "10*9/L",
    "ferritin": "ng/mL",
    "crp": "mg/L",
    "ldh": "U/L",
    "alt": "U/L",
    "ast": "U/L",
    "bilirubin": "mg/dL",
    "fibrinogen": "mg/dL",
    "creatinine": "mg/dL",
    "potassium": "mmol/L",
    "phosphate": "mg/dL",
    "uric_acid": "mg/dL",
}
# How strong the inflammation is at its worst, by the course of toxicity, and on which day.
_PEAKS: Final = {
    "quiet": (1.0, 4),
    "fever": (3.0, 5),
    "moderate": (9.0, 4),
    "severe": (40.0, 6),
    "neurotoxic": (16.0, 5),
}
_NADIR: Final = (900, 480, 210, 120, 60, 40, 60, 90, 180, 340, 560)
# What a laboratory sends with them.
_LIMITS: Final[dict[str, tuple[float | None, float | None]]] = {
    "anc": (1500, 8000),
    "ferritin": (15, 150),
    "fibrinogen": (180, 400),
}
# Drawn before the infusion, on these days, with the neutrophils that lymphodepletion left.
_BEFORE: Final = ((5, 2400), (3, 1500), (1, 900))
_DRAWN_AT: Final = (6, 30)


def baseline_told(teller: Teller) -> None:
    """The values of the days before the infusion; those of long ago are on paper."""
    if teller.plot.is_from_paper:
        return
    for days, anc in _BEFORE:
        at = teller.at(teller.day(Step.INFUSED) - timedelta(days=days), *_DRAWN_AT)
        _record(teller, _values(teller.plot.toxicity, 0) | {"anc": anc, "wbc": anc + 240}, at)


def laboratory_told(teller: Teller, day: float, at: datetime) -> None:
    """The values so many days after the infusion."""
    _record(teller, _values(teller.plot.toxicity, day), at)


def _record(teller: Teller, values: dict[str, float], at: datetime) -> None:
    results = tuple(
        LabResult(analyte=name, value=values[name], unit=unit, low=low, high=high)
        for name, unit in _UNITS.items()
        for low, high in (_LIMITS.get(name, (None, None)),)
    )
    act = teller.act(Role.APHERESIS_NURSE, at)
    laboratory_record(taken_at=at, entry=LabEntry(results=results, source="hl7"), **act)


def _values(toxicity: str, day: float) -> dict[str, float]:
    peak, peak_day = _PEAKS[toxicity]
    inflamed = 1 + (peak - 1) * max(0.0, 1 - abs(day - peak_day) / peak_day)
    anc = _NADIR[min(round(day), len(_NADIR) - 1)]
    return {
        "anc": anc,
        "wbc": anc + 240,
        "hemoglobin": round(9.4 - 0.15 * min(day, 9), 1),
        "platelets": round(max(12, 96 - 9 * day if day < 9 else 15 + 9 * (day - 9))),
        "ferritin": round(420 * inflamed),
        "crp": round(6 * inflamed**0.8, 1),
        "ldh": round(240 + 22 * inflamed),
        "alt": round(24 + 7 * inflamed),
        "ast": round(28 + 8 * inflamed),
        "bilirubin": round(0.4 + 0.03 * inflamed, 2),
        "fibrinogen": max(92, round(330 - 6 * inflamed)),
        "creatinine": round(0.34 + 0.01 * inflamed, 2),
        "potassium": 3.9,
        "phosphate": 4.6,
        "uric_acid": 3.1,
    }
