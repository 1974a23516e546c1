"""Immune effector cell-associated neurotoxicity syndrome after the ASTCT consensus of 2019.

Source: Lee et al., Biol Blood Marrow Transplant 2019;25:625-638, doi 10.1016/j.bbmt.2018.12.758.

The grade is the most severe of five domains, not the score of the bedside test. From the 12th birthday the
test is ICE; younger children and children with a developmental delay are assessed with CAPD. A CAPD below 9
is the normal state of a well child: it gives grade 1 only when the clinician attributes a new change to the
cells. What sedation explains is missing, not grade 4. A missing domain makes the grade a lower bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import Sentence, say
from toxicity.grading.astct import ASTCT, ASTCT_SOURCE, ASTCT_VERSION, DEATH_GRADE
from toxicity.grading.capd import CAPD_POSITIVE_FROM, MAX_CAPD_TOTAL, CapdAnswers, score_capd
from toxicity.grading.findings import Finding, least
from toxicity.grading.ice import MAX_ICE_TOTAL, Ice, ice_grade, ice_range

__all__ = [
    "Consciousness",
    "IcansGrade",
    "IcansInput",
    "Instrument",
    "RaisedIcp",
    "Seizure",
    "calculate_icans",
    "grade_icans",
    "instrument_for",
]

# ICE is for children who have had their 12th birthday (NCIt says "12 and under" for CAPD; the paper decides).
ICE_FROM_YEARS: Final = 12
CAPD_POSITIVE_GRADE: Final = 3
CAPD_UNABLE_GRADE: Final = 4
ATTRIBUTED_CHANGE_GRADE: Final = 1
MOTOR_WEAKNESS_GRADE: Final = 4

Instrument = Literal["ICE", "CAPD"]


class Consciousness(StrEnum):
    """The least stimulus that wakes the child."""

    SPONTANEOUS = "spontaneous"
    VOICE = "voice"
    TOUCH = "touch"
    UNAROUSABLE = "unarousable"


class Seizure(StrEnum):
    """`resolved`: resolves rapidly or with treatment; `prolonged_or_repetitive`: over 5 min, or no return."""

    NONE = "none"
    RESOLVED = "resolved"
    PROLONGED_OR_REPETITIVE = "prolonged_or_repetitive"


class RaisedIcp(StrEnum):
    """Edema on imaging, or signs of raised pressure (posturing, sixth nerve palsy, papilledema, Cushing)."""

    NONE = "none"
    FOCAL_EDEMA = "focal_edema"
    DIFFUSE_EDEMA_OR_SIGNS = "diffuse_edema_or_signs"


# Waking spontaneously only completes grade 1 beside the bedside test; alone it contributes nothing.
GRADE_OF_CONSCIOUSNESS: Final[Mapping[Consciousness, int]] = MappingProxyType(
    {
        Consciousness.SPONTANEOUS: 0,
        Consciousness.VOICE: 2,
        Consciousness.TOUCH: 3,
        Consciousness.UNAROUSABLE: 4,
    }
)
GRADE_OF_SEIZURE: Final[Mapping[Seizure, int]] = MappingProxyType(
    {Seizure.NONE: 0, Seizure.RESOLVED: 3, Seizure.PROLONGED_OR_REPETITIVE: 4}
)
GRADE_OF_RAISED_ICP: Final[Mapping[RaisedIcp, int]] = MappingProxyType(
    {RaisedIcp.NONE: 0, RaisedIcp.FOCAL_EDEMA: 3, RaisedIcp.DIFFUSE_EDEMA_OR_SIGNS: 4}
)
WORDS_OF_CONSCIOUSNESS: Final[Mapping[Consciousness, Sentence]] = MappingProxyType(
    {
        Consciousness.SPONTANEOUS: say("Wakes spontaneously."),
        Consciousness.VOICE: say("Wakes to voice: grade 2."),
        Consciousness.TOUCH: say("Wakes only to touch: grade 3."),
        Consciousness.UNAROUSABLE: say("Unarousable, or only by vigorous stimulation: grade 4."),
    }
)
WORDS_OF_SEIZURE: Final[Mapping[Seizure, Sentence]] = MappingProxyType(
    {
        Seizure.NONE: say("No seizure."),
        Seizure.RESOLVED: say("A seizure that resolved: grade 3."),
        Seizure.PROLONGED_OR_REPETITIVE: say(
            "A prolonged seizure, or repetitive ones without recovery: grade 4."
        ),
    }
)
WORDS_OF_RAISED_ICP: Final[Mapping[RaisedIcp, Sentence]] = MappingProxyType(
    {
        RaisedIcp.NONE: say("No sign of raised intracranial pressure."),
        RaisedIcp.FOCAL_EDEMA: say("Focal edema: grade 3."),
        RaisedIcp.DIFFUSE_EDEMA_OR_SIGNS: say(
            "Diffuse edema or signs of raised intracranial pressure: grade 4."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class IcansInput:
    """What was found at one time; None is unknown. `age_years` is the age at the assessment.

    `capd_unable`: CAPD could not be performed. `new_change_attributed`: a clinician attributes a new
    neurological change to the cells. `consciousness_other_cause`: sedation, anesthesia or a post-ictal drug
    explains the state. `capd_baseline` is shown beside the score and does not change the grade.
    """

    __pydantic_config__ = INPUT_CONFIG

    age_years: Annotated[float, Ge(0), Le(120)] | None = None
    developmental_delay: bool = False
    ice: Ice | None = None
    ice_total: Annotated[int, Ge(0), Le(MAX_ICE_TOTAL)] | None = None
    capd_answers: CapdAnswers | None = None
    capd_total: Annotated[int, Ge(0), Le(MAX_CAPD_TOTAL)] | None = None
    capd_unable: bool = False
    capd_baseline: Annotated[int, Ge(0), Le(MAX_CAPD_TOTAL)] | None = None
    new_change_attributed: bool = False
    consciousness: Consciousness | None = None
    consciousness_other_cause: bool = False
    seizure: Seizure | None = None
    motor_weakness: bool | None = None
    raised_icp: RaisedIcp | None = None
    intracranial_hemorrhage: bool = False
    death_from_icans: bool = False

    def __post_init__(self) -> None:
        refused: dict[str, str] = {}
        if self.ice is not None and self.ice_total is not None:
            lowest, highest = ice_range(self.ice)
            if not lowest <= self.ice_total <= highest:
                refused["ice_total"] = say("does not agree with the items of ice")
        if self.capd_answers is not None and self.capd_total is not None:
            total = score_capd(self.capd_answers).total
            if total != self.capd_total:
                refused["capd_total"] = say(
                    "does not agree with capd_answers, which add up to {total}", total=total
                )
        if self.capd_unable and (self.capd_answers is not None or self.capd_total is not None):
            refused["capd_unable"] = say("contradicts the CAPD that was given")
        if refused:
            raise invalid_input(refused)


@dataclass(frozen=True, slots=True)
class IcansGrade:
    """The grade with the reasons for it.

    `instrument` is None when neither the age nor a delay is known; `score` is None when the test was not
    (fully) given. `domains` holds the grade each domain would give, None when unknown. `missing` names the
    domains (or the age) that were not given; then `at_least` is true and the grade is a lower bound.
    """

    grade: int
    at_least: bool
    instrument: Instrument | None
    score: int | None
    domains: Mapping[str, int | None]
    missing: tuple[str, ...]
    explanation: tuple[str, ...]


def instrument_for(age_years: float | None, *, developmental_delay: bool) -> Instrument | None:
    """ICE from the 12th birthday unless there is a developmental delay; None when the age is unknown.

    Source: ASTCT 2019.
    """
    if developmental_delay:
        return "CAPD"
    if age_years is None:
        return None
    return "ICE" if age_years >= ICE_FROM_YEARS else "CAPD"


def grade_icans(given: IcansInput) -> IcansGrade:
    """Grade ICANS from 0 to 5 (ASTCT 2019). Source: ASTCT 2019."""
    instrument = instrument_for(given.age_years, developmental_delay=given.developmental_delay)
    findings: dict[str, Finding] = {}
    score: int | None = None
    if instrument == "ICE":
        score, findings["ice"] = _ice(given)
    elif instrument == "CAPD":
        score, findings["capd"] = _capd(given)
    findings["consciousness"] = _consciousness(given)
    findings["seizure"] = _seizure(given.seizure)
    findings["motor_weakness"] = _motor_weakness(given.motor_weakness)
    findings["raised_icp"] = _raised_icp(given)

    worst = max(least(finding) for finding in findings.values())
    missing = [] if instrument else ["age_years"]
    missing += [domain for domain, finding in findings.items() if not finding.complete]
    return IcansGrade(
        grade=DEATH_GRADE if given.death_from_icans else worst,
        at_least=bool(missing),
        instrument=instrument,
        score=score,
        domains={domain: finding.grade for domain, finding in findings.items()},
        missing=tuple(missing),
        explanation=(
            _why_instrument(given, instrument),
            *(finding.because for finding in findings.values()),
            _conclusion(given, worst),
        ),
    )


def calculate_icans(given: IcansInput) -> Answer:
    """The `icans` calculator: `grade_icans` in the shape promised to the outside. Source: ASTCT 2019."""
    graded = grade_icans(given)
    return Answer(
        name="icans",
        result={
            "grade": graded.grade,
            "at_least": graded.at_least,
            "instrument": graded.instrument,
            "score": graded.score,
            "domains": dict(graded.domains),
        },
        scale=ASTCT,
        scale_version=ASTCT_VERSION,
        source=ASTCT_SOURCE,
        explanation=list(graded.explanation),
        missing=list(graded.missing),
    )


def _why_instrument(given: IcansInput, instrument: Instrument | None) -> str:
    if given.developmental_delay:
        return say("Developmental delay: CAPD at any age.")
    if instrument is None:
        return say("Without an age it can't be said whether ICE or CAPD applies.")
    if instrument == "ICE":
        return say("ICE from the 12th birthday.")
    return say("CAPD before the 12th birthday.")


def _ice(given: IcansInput) -> tuple[int | None, Finding]:
    lowest, highest = _ice_between(given)
    if (lowest, highest) == (0, MAX_ICE_TOTAL):
        return None, Finding(None, False, say("ICE was not given."))
    if lowest == 0 and given.consciousness_other_cause:
        return None, Finding(
            None, False, say("ICE 0 under sedation is a test that can't be done, not a grade.")
        )
    grade = ice_grade(highest)
    if lowest == highest:
        return lowest, Finding(grade, True, say("ICE {total}: grade {grade}.", total=lowest, grade=grade))
    because = say("ICE is incomplete; at best {total}: at least grade {grade}.", total=highest, grade=grade)
    return None, Finding(grade, False, because)


def _ice_between(given: IcansInput) -> tuple[int, int]:
    """The lowest and the highest total that is possible with what was tested."""
    if given.ice_total is not None:
        return given.ice_total, given.ice_total
    return ice_range(given.ice or Ice())


def _capd(given: IcansInput) -> tuple[int | None, Finding]:
    attributed = ATTRIBUTED_CHANGE_GRADE if given.new_change_attributed else None
    if given.capd_unable:
        if given.consciousness_other_cause:
            return None, Finding(
                attributed, False, say("CAPD can't be performed under sedation: not assessable.")
            )
        return None, Finding(CAPD_UNABLE_GRADE, True, say("CAPD can't be performed: grade 4."))
    total = given.capd_total
    if total is None and given.capd_answers is not None:
        total = score_capd(given.capd_answers).total
    if total is None:
        return None, Finding(attributed, False, say("CAPD was not given."))
    grade = CAPD_POSITIVE_GRADE if total >= CAPD_POSITIVE_FROM else attributed or 0
    return total, Finding(grade, True, _why_capd(total, given.capd_baseline, grade))


def _why_capd(total: int, capd_baseline: int | None, grade: int) -> str:
    baseline = say("unknown") if capd_baseline is None else capd_baseline
    if grade == CAPD_POSITIVE_GRADE:
        return say(
            "CAPD {total} is {limit} or more (baseline {baseline}): grade {grade}.",
            total=total,
            limit=CAPD_POSITIVE_FROM,
            baseline=baseline,
            grade=grade,
        )
    if grade:
        return say(
            "CAPD {total} is below {limit} (baseline {baseline}), and a new change is attributed to the "
            "cells: grade {grade}.",
            total=total,
            limit=CAPD_POSITIVE_FROM,
            baseline=baseline,
            grade=grade,
        )
    return say(
        "CAPD {total} is below {limit} (baseline {baseline}), as in a well child: no grade from it.",
        total=total,
        limit=CAPD_POSITIVE_FROM,
        baseline=baseline,
    )


def _consciousness(given: IcansInput) -> Finding:
    if given.consciousness_other_cause:
        return Finding(
            None, False, say("Sedation or another cause explains the consciousness: not assessable.")
        )
    if given.consciousness is None:
        return Finding(None, False, say("The level of consciousness is unknown."))
    return Finding(
        GRADE_OF_CONSCIOUSNESS[given.consciousness], True, WORDS_OF_CONSCIOUSNESS[given.consciousness]
    )


def _seizure(seizure: Seizure | None) -> Finding:
    if seizure is None:
        return Finding(None, False, say("Whether there was a seizure is unknown."))
    return Finding(GRADE_OF_SEIZURE[seizure], True, WORDS_OF_SEIZURE[seizure])


def _motor_weakness(weakness: bool | None) -> Finding:
    if weakness is None:
        return Finding(None, False, say("Whether there is motor weakness is unknown."))
    if weakness:
        return Finding(MOTOR_WEAKNESS_GRADE, True, say("Deep focal motor weakness: grade 4."))
    return Finding(0, True, say("No motor weakness."))


def _raised_icp(given: IcansInput) -> Finding:
    if given.raised_icp is None:
        return Finding(None, False, say("Whether the intracranial pressure is raised is unknown."))
    if given.intracranial_hemorrhage and given.raised_icp is not RaisedIcp.NONE:
        return Finding(0, True, say("Edema from hemorrhage is not ICANS; the hemorrhage is graded by CTCAE."))
    return Finding(GRADE_OF_RAISED_ICP[given.raised_icp], True, WORDS_OF_RAISED_ICP[given.raised_icp])


def _conclusion(given: IcansInput, worst: int) -> str:
    if given.death_from_icans:
        return say("Death from ICANS: grade 5.")
    return say("The most severe domain decides: grade {grade}.", grade=worst)
