"""Laboratory grades of the Common Terminology Criteria for Adverse Events, version 5 or 6.

Source: CTCAE v5.0 (2017) and v6.0 (2025); the tables are in `ctcae_terms`. A missing limit of normal or an
unknown unit gives no grade, never grade 0; grades that rest on fixed values are still given without the
limit. What a value can't say (transfusion, symptoms, intervention) is left to a clinician.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose
from types import MappingProxyType
from typing import Annotated, Final

from annotated_types import Ge, Gt, Le, MaxLen

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import Sentence, listed, say
from toxicity.grading.ctcae_terms import TERMS, Bound, LabTerm, Step, Version

__all__ = ["CtcaeGrade", "CtcaeLabInput", "calculate_ctcae_lab", "grade_ctcae_lab"]

CTCAE: Final = "CTCAE"
CTCAE_SOURCE: Final = "Common Terminology Criteria for Adverse Events (CTCAE), laboratory terms"

WORDS_OF_REFERENCE: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        "lower_limit": say("lower limit"),
        "upper_limit": say("upper limit"),
        "baseline": say("baseline"),
    }
)

LabValue = Annotated[float, Ge(0), Le(10_000_000)]
LabLimit = Annotated[float, Gt(0), Le(10_000_000)]


@dataclass(frozen=True, slots=True)
class CtcaeLabInput:
    """A value with its unit; limits of normal for age and the baseline in the same unit, None is unknown."""

    __pydantic_config__ = INPUT_CONFIG

    term: Annotated[str, MaxLen(40)]
    version: Version
    value: LabValue
    unit: Annotated[str, MaxLen(20)] | None = None
    lower_limit: LabLimit | None = None
    upper_limit: LabLimit | None = None
    baseline: LabLimit | None = None

    def __post_init__(self) -> None:
        refused: dict[str, str] = {}
        if self.term not in TERMS[self.version]:
            refused["term"] = say(
                "is not a laboratory term of CTCAE version {version} that is graded here; there are {terms}",
                version=self.version,
                terms=listed(sorted(TERMS[self.version])),
            )
        limits = (self.lower_limit, self.upper_limit)
        if limits[0] is not None and limits[1] is not None and limits[0] >= limits[1]:
            refused["lower_limit"] = say("must be less than upper_limit")
        if refused:
            raise invalid_input(refused)


@dataclass(frozen=True, slots=True)
class CtcaeGrade:
    """`grade` is None when it can't be given.

    `missing` names what could still raise it. Flags: `unknown_unit`, and `baseline_assumed_normal` for terms
    that are graded differently when the baseline was high.
    """

    grade: int | None
    term: str
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    explanation: tuple[str, ...]


def grade_ctcae_lab(given: CtcaeLabInput) -> CtcaeGrade:
    """Grade one laboratory value, 0 to 4 (CTCAE v5 or v6). Source: CTCAE v5.0 and v6.0."""
    term = TERMS[given.version][given.term]
    if given.unit is None:
        unknown = say("The unit is unknown: no grade.")
        return CtcaeGrade(None, term.name, missing=("unit",), flags=(), explanation=(unknown,))
    if given.unit not in term.units:
        units = ", ".join(term.units)
        refused = say("The unit {unit} is not one of {units}: no grade.", unit=given.unit, units=units)
        return CtcaeGrade(None, term.name, missing=(), flags=("unknown_unit",), explanation=(refused,))
    references = _references(term.units[given.unit], given)
    assumed = term.steps_from_abnormal is not None and given.baseline is None
    grade, why, missing = _walk(term, references)
    return CtcaeGrade(
        grade,
        term.name,
        missing=missing,
        flags=("baseline_assumed_normal",) if assumed else (),
        explanation=(why, say("The baseline is unknown: graded as if it was normal.")) if assumed else (why,),
    )


def calculate_ctcae_lab(given: CtcaeLabInput) -> Answer:
    """The `ctcae_lab` calculator. Source: CTCAE v5.0 and v6.0."""
    graded = grade_ctcae_lab(given)
    return Answer(
        name="ctcae_lab",
        result={"grade": graded.grade, "term": graded.term, "at_least": bool(graded.missing)},
        scale=CTCAE,
        scale_version=given.version,
        source=CTCAE_SOURCE,
        explanation=list(graded.explanation),
        missing=list(graded.missing),
        flags=list(graded.flags),
    )


def _walk(term: LabTerm, references: dict[str, float | None]) -> tuple[int | None, str, tuple[str, ...]]:
    """The worst grade whose bound is crossed; None when the mildest grade itself could not be judged."""
    missing: dict[str, None] = {}
    unknown: list[str] = []
    for step in _steps_for(term, references):
        crossed, unknown = _crossed(step, term, references)
        if crossed is not None:
            return step.grade, _why(term, step, crossed), tuple(missing)
        missing |= dict.fromkeys(unknown)
    if unknown:
        why = say("Without the limit of normal no grade of {term} can be given.", term=term.name)
        return None, why, tuple(missing)
    return 0, say("No limit of {term} is crossed: grade 0.", term=term.name), tuple(missing)


def _references(per_unit: float, given: CtcaeLabInput) -> dict[str, float | None]:
    """The value and what it is compared with, in the canonical unit."""
    raw = {
        "value": given.value,
        "lower_limit": given.lower_limit,
        "upper_limit": given.upper_limit,
        "baseline": given.baseline,
    }
    return {name: None if number is None else number / per_unit for name, number in raw.items()}


def _steps_for(term: LabTerm, references: dict[str, float | None]) -> tuple[Step, ...]:
    baseline, upper_limit = references["baseline"], references["upper_limit"]
    if (
        term.steps_from_abnormal
        and baseline is not None
        and upper_limit is not None
        and baseline > upper_limit
    ):
        return term.steps_from_abnormal
    return term.steps


def _crossed(
    step: Step, term: LabTerm, references: dict[str, float | None]
) -> tuple[Bound | None, list[str]]:
    """The bound that the value crosses, and the references of the bounds that could not be judged."""
    unknown: list[str] = []
    for bound in step.bounds:
        if bound.of == "baseline" and not _baseline_counts(term, references):
            continue
        reference = 1.0 if bound.of == "value" else references[bound.of]
        if reference is None:
            unknown.append(bound.of)
        elif _beyond(references["value"], bound, reference, low=term.low):
            return bound, []
    return None, unknown


def _baseline_counts(term: LabTerm, references: dict[str, float | None]) -> bool:
    """Whether multiples of the baseline apply: some terms ask for an abnormal value or a low baseline."""
    value, lower_limit, baseline = references["value"], references["lower_limit"], references["baseline"]
    if term.only_if_abnormal:
        return value is not None and lower_limit is not None and value < lower_limit
    if term.only_if_baseline_low and baseline is not None:
        return lower_limit is not None and baseline < lower_limit
    return True


def _beyond(value: float | None, bound: Bound, reference: float, *, low: bool) -> bool:
    """Whether the value lies beyond a bound; products of decimals are compared with a hair's tolerance."""
    if value is None:
        return False
    limit = bound.factor * reference
    if isclose(value, limit, rel_tol=1e-9):
        return bound.including
    return value < limit if low else value > limit


def _why(term: LabTerm, step: Step, bound: Bound) -> str:
    if bound.of == "value":
        return say(
            "{term}: beyond {factor:g} {unit}: grade {grade}.",
            term=term.name,
            factor=bound.factor,
            unit=next(iter(term.units)),
            grade=step.grade,
        )
    return say(
        "{term}: beyond {factor:g} × {of}: grade {grade}.",
        term=term.name,
        factor=bound.factor,
        of=WORDS_OF_REFERENCE[bound.of],
        grade=step.grade,
    )
