"""Pure decisions about eligibility and consent.

Source: criteria E1 to E17 of the protocol. Overall a child is eligible only when nothing is unknown and
nothing is unmet without a waiver; a waiver needs a reason and two different clinicians.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from cartpath.core.dates import age_on
from cartpath.core.sentences import say
from cartpath.protocols.rows import Criterion

Verdict = Literal["met", "not_met", "waived", "unknown"]
Overall = Literal["eligible", "not_eligible", "incomplete"]
ConsentNeeded = Literal["consent", "assent", "own_consent"]

CLINICIANS_FOR_A_WAIVER: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was recorded about one criterion. `waived_by` names the clinicians who signed a waiver."""

    verdict: Verdict
    valid_until: date | None = None
    reason: str = ""
    waived_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CriterionLine:
    """One criterion as it counts on a day: a lapsed or unfounded verdict counts as less than recorded."""

    criterion: Criterion
    verdict: Verdict
    is_expired: bool
    explanation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Eligibility:
    """The overall verdict, what stands in its way (English), and every criterion.

    `missing` and `flags` name criteria by id: those unknown, and those that warn or are waived.
    """

    overall: Overall
    reasons: tuple[str, ...]
    lines: tuple[CriterionLine, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


def eligibility(criteria: Sequence[Criterion], findings: Mapping[str, Finding], on: date) -> Eligibility:
    """Judge all criteria on a day; `findings` are by criterion id, one that isn't there is unknown.

    A criterion that blocks must be met or waived. One that warns must be known; when unmet it is flagged.
    One for information never counts.

    Source: the criteria of the protocol.
    """
    lines = tuple(_line(criterion, findings.get(criterion.id), on) for criterion in criteria)
    counted = [line for line in lines if line.criterion.severity != "info"]
    unmet = [x for x in counted if x.verdict == "not_met" and x.criterion.severity == "block"]
    unknown = [x for x in counted if x.verdict == "unknown"]
    overall: Overall = "not_eligible" if unmet else "incomplete" if unknown else "eligible"
    warned = [x for x in counted if x.verdict == "not_met" and x.criterion.severity == "warn"]
    waived = [x for x in counted if x.verdict == "waived"]
    return Eligibility(
        overall=overall,
        reasons=tuple(line.explanation for line in (*unmet, *unknown)),
        lines=lines,
        missing=tuple(line.criterion.id for line in unknown),
        flags=tuple(line.criterion.id for line in (*warned, *waived)),
    )


def _line(criterion: Criterion, finding: Finding | None, on: date) -> CriterionLine:
    label = criterion.label
    if finding is None or finding.verdict == "unknown":
        return _counts(criterion, "unknown", say("{label}: unknown.", label=label))
    if finding.valid_until is not None and on > finding.valid_until:
        day = finding.valid_until.isoformat()
        said = say("{label}: lapsed after {day}, assess again.", label=label, day=day)
        return _counts(criterion, "unknown", said, is_expired=True)
    if finding.verdict == "waived":
        if waiver_holds(finding):
            return _counts(criterion, "waived", say("{label}: waived.", label=label))
        said = say("{label}: the waiver needs a reason and two different clinicians.", label=label)
        return _counts(criterion, "not_met", said)
    if finding.verdict == "not_met":
        return _counts(criterion, "not_met", say("{label}: not met.", label=label))
    return _counts(criterion, "met", say("{label}: met.", label=label))


def _counts(criterion: Criterion, verdict: Verdict, said: str, *, is_expired: bool = False) -> CriterionLine:
    return CriterionLine(criterion=criterion, verdict=verdict, is_expired=is_expired, explanation=said)


def waiver_holds(finding: Finding) -> bool:
    """Whether a waiver has a reason and enough different clinicians. Source: the criteria of the protocol."""
    return bool(finding.reason.strip()) and len(set(finding.waived_by)) >= CLINICIANS_FOR_A_WAIVER


def valid_until(criterion: Criterion, observed_on: date) -> date | None:
    """The last day on which an assessment holds; None when it doesn't lapse.

    Source: the criteria of the protocol.
    """
    return observed_on + timedelta(days=criterion.valid_days) if criterion.valid_days else None


@dataclass(frozen=True, kw_only=True, slots=True)
class AgeVerdict:
    """The automatic verdict on age; it holds until the day before the birthday that ends it."""

    verdict: Verdict
    explanation: str


def age_criterion(criterion: Criterion, *, birth: date | None, on: date) -> AgeVerdict:
    """Judge an age criterion by its values `from_years` and `below_years` in completed years of life.

    "Up to and including 25 years" is `below_years` 26: met until the day before the 26th birthday.

    Source: the criteria of the protocol.
    """
    if birth is None or birth > on:
        return AgeVerdict(verdict="unknown", explanation=say("The birth date isn't known."))
    age = age_on(birth, on)
    least, below = _years(criterion, "from_years"), _years(criterion, "below_years")
    too_young = least is not None and age.years < least
    too_old = below is not None and age.years >= below
    if too_young:
        return AgeVerdict(
            verdict="not_met", explanation=say("{age}: from {years} years.", age=str(age), years=least)
        )
    if too_old:
        return AgeVerdict(
            verdict="not_met", explanation=say("{age}: below {years} years.", age=str(age), years=below)
        )
    return AgeVerdict(verdict="met", explanation=say("{age}: within the limits of age.", age=str(age)))


def _years(criterion: Criterion, key: str) -> int | None:
    value = criterion.values.get(key)
    return value if isinstance(value, int) else None


def consents_needed(criterion: Criterion, *, birth: date, on: date) -> tuple[ConsentNeeded, ...]:
    """Whose agreement is needed at an age, by the values of the consent criterion.

    Below `guardian_below_years` the guardian's consent, with the child's assent from `assent_from_years`;
    after that the patient's own consent.

    Source: the criteria of the protocol.
    """
    years = age_on(birth, on).years
    guardian_below = _years(criterion, "guardian_below_years")
    assent_from = _years(criterion, "assent_from_years")
    if guardian_below is not None and years >= guardian_below:
        return ("own_consent",)
    if assent_from is not None and years >= assent_from:
        return "consent", "assent"
    return ("consent",)
