"""What the toxicity room keeps beside its verdicts: the records of grades, scores and doses."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from cartpath.core.actor import Actor
from cartpath.core.answers import Answer
from cartpath.core.sentences import say
from patients.models import Journey
from patients.provenance import NO_REASON, Record, computed
from toxicity.grading.capd import CapdInput, calculate_capd
from toxicity.grading.tocilizumab import TOCILIZUMAB_SOURCE
from toxicity.inputs import AssessmentDetails, InterventionDetails
from toxicity.selectors import interventions
from toxicity.tocilizumab import NextDose, next_dose


def assessment_records(
    given: AssessmentDetails, *, crs: Mapping[str, Any] | None, icans: Mapping[str, Any] | None, by: Actor
) -> list[Record]:
    """The records of one assessment: each scale that was graded, and CAPD when its answers were given."""
    records = []
    if crs is not None:
        records.append(_grade("crs", crs, given.crs_confirmed_grade, given, by=by))
    if icans is not None:
        records.append(_grade("icans", icans, given.icans_confirmed_grade, given, by=by))
    if given.icans is not None and given.icans.capd_answers is not None:
        asked = CapdInput(given.icans.capd_answers)
        score = calculate_capd(asked)
        records.append(computed("capd", value=score.result["total"], inputs=asdict(asked), answer=score))
    return records


def _grade(
    rule: str, answer: Mapping[str, Any], confirmed: int | None, given: AssessmentDetails, *, by: Actor
) -> Record:
    grade = answer["result"]["grade"]
    return computed(
        rule,
        value=grade,
        inputs=answer["inputs"],
        answer=answer,
        confirmed=confirmed,
        by=by,
        reason=given.override_reason if confirmed != grade else "",
    )


def dose_record(
    journey: Journey, intervention: InterventionDetails, *, by: Actor, at: datetime
) -> list[Record]:
    """The dose that the rule gives for the tocilizumab about to be recorded, beside the dose given.

    A dose that differs is explained by the intervention's note.
    """
    asked = next_dose(journey, interventions(journey.pk), at=at)
    value = asked.dose_mg
    given = intervention.dose_mg
    return [
        computed(
            "tocilizumab_dose",
            value=value,
            unit="mg",
            inputs=asked.inputs,
            answer=asked.answer or _no_weight(asked),
            confirmed=given,
            by=by,
            reason="" if given == value else intervention.note or NO_REASON,
        )
    ]


def _no_weight(asked: NextDose) -> Answer:
    return Answer(
        name="tocilizumab_dose",
        result={"dose_mg": asked.dose_mg},
        source=TOCILIZUMAB_SOURCE,
        explanation=[say("No weight is recorded: the dose can't be worked out.")],
        missing=["weight_kg"],
    )
