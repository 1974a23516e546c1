"""What the patients room keeps beside its verdicts: eligibility, age, how long a finding holds."""

from collections.abc import Iterator, Mapping
from datetime import date

from cartpath.core.actor import Actor
from cartpath.core.answers import Answer
from cartpath.core.sentences import say
from cartpath.protocols.rows import Criterion
from cartpath.protocols.schema import Protocol
from patients.inputs import CriterionAssessment
from patients.models import EligibilityItem, Journey
from patients.provenance import NO_REASON, Record, computed
from patients.rules import Eligibility, age_criterion, valid_until

AGE_LIMITS = frozenset({"from_years", "below_years"})


def acceptance_records(
    journey: Journey,
    protocol: Protocol,
    verdict: Eligibility,
    items: Mapping[str, EligibilityItem],
    *,
    override_reason: str,
    by: Actor,
    on: date,
) -> list[Record]:
    """The eligibility on which a referral is accepted, and the criteria that are judged by themselves."""
    return [
        _eligibility(protocol, verdict, items, override_reason=override_reason, by=by, on=on),
        *_ages(journey, protocol, on=on),
    ]


def _eligibility(
    protocol: Protocol,
    verdict: Eligibility,
    items: Mapping[str, EligibilityItem],
    *,
    override_reason: str,
    by: Actor,
    on: date,
) -> Record:
    """Acceptance of a child who is not shown to be eligible is the confirmed `accepted`."""
    criteria = [line.criterion for line in verdict.lines]
    findings = {
        name: {"verdict": item.verdict, "valid_until": item.valid_until} for name, item in items.items()
    }
    is_overridden = verdict.overall != "eligible"
    return computed(
        "eligibility",
        value=verdict.overall,
        inputs={"on": on, "findings": findings},
        answer=Answer(
            name="eligibility",
            result={"overall": verdict.overall, "reasons": list(verdict.reasons)},
            source="; ".join(dict.fromkeys(protocol.cite(criterion) for criterion in criteria)),
            explanation=[line.explanation for line in verdict.lines],
            missing=list(verdict.missing),
            flags=list(verdict.flags),
        ),
        protocol=protocol,
        rows=criteria,
        confirmed="accepted" if is_overridden else None,
        by=by,
        reason=override_reason,
    )


def _ages(journey: Journey, protocol: Protocol, *, on: date) -> Iterator[Record]:
    birth = journey.patient.birth_date
    for criterion in protocol.criteria(on):
        if criterion.assessed != "automatic" or not AGE_LIMITS & criterion.values.keys():
            continue
        verdict = age_criterion(criterion, birth=birth, on=on)
        yield computed(
            "age_criterion",
            value=verdict.verdict,
            inputs={"birth_date": birth, "on": on},
            answer=Answer(
                name="age_criterion",
                result={"verdict": verdict.verdict},
                source=protocol.cite(criterion),
                explanation=[verdict.explanation],
            ),
            protocol=protocol,
            rows=[criterion],
        )


def validity_records(
    protocol: Protocol, criterion: Criterion, assessment: CriterionAssessment, *, by: Actor
) -> list[Record]:
    """Until when a finding holds by the protocol; another day that a person gave is the confirmed one.

    Nothing for a criterion that does not lapse, or while the day of observation is unknown.
    """
    observed_on, given = assessment.observed_on, assessment.valid_until
    last_day = valid_until(criterion, observed_on) if observed_on else None
    if observed_on is None or last_day is None:
        return []
    said = say(
        "{days} days from {first}: {last}.",
        days=criterion.valid_days,
        first=observed_on.isoformat(),
        last=last_day.isoformat(),
    )
    return [
        computed(
            "criterion_validity",
            value=last_day,
            inputs={
                "criterion": criterion.id,
                "observed_on": observed_on,
                "valid_days": criterion.valid_days,
            },
            answer=Answer(
                name="criterion_validity",
                result={"valid_until": last_day.isoformat()},
                source=protocol.cite(criterion),
                explanation=[said],
            ),
            protocol=protocol,
            rows=[criterion],
            confirmed=None if given == last_day else given,
            by=by,
            reason=assessment.reason or assessment.finding or NO_REASON,
        )
    ]
