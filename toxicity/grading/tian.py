"""Tumor inflammation-associated neurotoxicity (TIAN), grade 1 to 5, for products against CNS tumors.

Source: Mahdi et al., Nat Med 2023;29:803-810 (PMC10166099, table 1). Type 1 is mechanical (edema, pressure),
type 2 local electrophysiological dysfunction; a child may have both. Graded beside ICANS, never instead. An
emergency tap of a device that works is not by itself grade 4. Death is grade 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import Sentence, say
from toxicity.grading.findings import Finding, least

__all__ = ["IntracranialPressure", "TianGrade", "TianInput", "TianSigns", "calculate_tian", "grade_tian"]

TIAN: Final = "TIAN"
TIAN_VERSION: Final = "2023"
TIAN_SOURCE: Final = "TIAN, Mahdi et al., Nat Med 2023;29:803-810, PMC10166099 table 1"
DEATH_GRADE: Final = 5


class TianSigns(StrEnum):
    """`mild`: headache with fever, or slight worsening; `moderate`: function substantially affected;
    `severe`: may affect breathing or circulation; `medullary`: severe, needing intubation."""

    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    MEDULLARY = "medullary"


class IntracranialPressure(StrEnum):
    """Pressure above 20 mmHg by how it responds; `herniation`: impending herniation."""

    NORMAL = "normal"
    RESPONDS = "responds"
    REFRACTORY = "refractory"
    HERNIATION = "herniation"


GRADE_OF_SIGNS: Final[Mapping[TianSigns, int]] = MappingProxyType(
    {
        TianSigns.NONE: 0,
        TianSigns.MILD: 1,
        TianSigns.MODERATE: 2,
        TianSigns.SEVERE: 3,
        TianSigns.MEDULLARY: 4,
    }
)
GRADE_OF_PRESSURE: Final[Mapping[IntracranialPressure, int]] = MappingProxyType(
    {
        IntracranialPressure.NORMAL: 0,
        IntracranialPressure.RESPONDS: 3,
        IntracranialPressure.REFRACTORY: 4,
        IntracranialPressure.HERNIATION: 4,
    }
)
SPINAL_RISK_GRADE: Final = 3

WORDS_OF_SIGNS: Final[Mapping[TianSigns, Sentence]] = MappingProxyType(
    {
        TianSigns.NONE: say("none"),
        TianSigns.MILD: say("mild"),
        TianSigns.MODERATE: say("moderate"),
        TianSigns.SEVERE: say("severe"),
        TianSigns.MEDULLARY: say("medullary, needing intubation"),
    }
)
WORDS_OF_PRESSURE: Final[Mapping[IntracranialPressure, Sentence]] = MappingProxyType(
    {
        IntracranialPressure.NORMAL: say("normal"),
        IntracranialPressure.RESPONDS: say("high, responding to treatment"),
        IntracranialPressure.REFRACTORY: say("high, refractory"),
        IntracranialPressure.HERNIATION: say("impending herniation"),
    }
)


@dataclass(frozen=True, slots=True)
class TianInput:
    """What was found; None is unknown. `spinal_cord_at_risk`: risk of a disabling loss of cord function."""

    __pydantic_config__ = INPUT_CONFIG

    type_1: bool | None = None
    type_2: bool | None = None
    signs: TianSigns | None = None
    intracranial_pressure: IntracranialPressure | None = None
    spinal_cord_at_risk: bool | None = None
    death_from_tian: bool = False


@dataclass(frozen=True, slots=True)
class TianGrade:
    """The grade with its reasons; with anything missing it is a lower bound."""

    grade: int
    at_least: bool
    domains: Mapping[str, int | None]
    missing: tuple[str, ...]
    explanation: tuple[str, ...]


def grade_tian(given: TianInput) -> TianGrade:
    """Grade TIAN from 0 to 5 (Mahdi 2023). Source: Mahdi 2023."""
    findings = {
        "signs": _signs(given.signs),
        "intracranial_pressure": _pressure(given.intracranial_pressure),
        "spinal_cord_at_risk": _spine(given.spinal_cord_at_risk),
    }
    worst = max(least(finding) for finding in findings.values())
    missing = tuple(domain for domain, finding in findings.items() if not finding.complete)
    last = (
        say("Death from TIAN: grade 5.")
        if given.death_from_tian
        else say("The most severe finding decides: grade {grade}.", grade=worst)
    )
    return TianGrade(
        grade=DEATH_GRADE if given.death_from_tian else worst,
        at_least=bool(missing),
        domains={domain: finding.grade for domain, finding in findings.items()},
        missing=missing,
        explanation=(*(finding.because for finding in findings.values()), last),
    )


def calculate_tian(given: TianInput) -> Answer:
    """The `tian` calculator. Source: Mahdi 2023."""
    graded = grade_tian(given)
    return Answer(
        name="tian",
        result={
            "grade": graded.grade,
            "at_least": graded.at_least,
            "type_1": given.type_1,
            "type_2": given.type_2,
            "domains": dict(graded.domains),
        },
        scale=TIAN,
        scale_version=TIAN_VERSION,
        source=TIAN_SOURCE,
        explanation=list(graded.explanation),
        missing=list(graded.missing),
    )


def _signs(signs: TianSigns | None) -> Finding:
    if signs is None:
        return Finding(None, False, say("The neurological signs are unknown."))
    grade = GRADE_OF_SIGNS[signs]
    return Finding(
        grade,
        True,
        say("Neurological signs: {signs}, grade {grade}.", signs=WORDS_OF_SIGNS[signs], grade=grade),
    )


def _pressure(pressure: IntracranialPressure | None) -> Finding:
    if pressure is None:
        return Finding(None, False, say("The intracranial pressure is unknown."))
    grade = GRADE_OF_PRESSURE[pressure]
    return Finding(
        grade,
        True,
        say(
            "Intracranial pressure: {pressure}, grade {grade}.",
            pressure=WORDS_OF_PRESSURE[pressure],
            grade=grade,
        ),
    )


def _spine(at_risk: bool | None) -> Finding:
    if at_risk is None:
        return Finding(None, False, say("Whether the spinal cord is at risk is unknown."))
    if at_risk:
        return Finding(SPINAL_RISK_GRADE, True, say("Risk of a disabling loss of cord function: grade 3."))
    return Finding(0, True, say("The spinal cord is not at risk."))
