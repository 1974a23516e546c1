"""What is kept beside the verdicts before a collection: the child's washout, the donor's readiness."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from cartpath.core.actor import Actor
from cartpath.core.answers import Answer
from cartpath.core.sentences import say
from cartpath.protocols.rows import Row
from cartpath.protocols.schema import Protocol
from leukapheresis.rules.washout import Exposure, Washout
from patients.donor_rules import DonorReadiness
from patients.donors import donor_of, serology_of
from patients.models import Journey
from patients.provenance import Record, computed

WashoutState = Literal["open", "over", "unknown", "none"]


def washout_state(washout: Washout, at: datetime) -> WashoutState:
    """The washout of all treatments together at a time; `none` where no treatment is recorded."""
    if washout.is_unknown:
        return "unknown"
    if washout.earliest is None:
        return "none"
    return "open" if washout.is_open(at) else "over"


def washout_answer(journey: Journey, protocol: Protocol, washout: Washout) -> Answer:
    """The washout with its reasons: the whole in one sentence, then each treatment."""
    rows = [line.rule for line in washout.lines if line.rule]
    return Answer(
        name="washout",
        result={
            "earliest": washout.earliest.isoformat() if washout.earliest else None,
            "binding": washout.binding,
            "unknown": list(washout.unknown),
        },
        source=cited(protocol, rows) or protocol.washouts.title,
        scale=protocol.washouts.id,
        scale_version=protocol.washouts.version,
        explanation=[
            washout.sentence(journey.center.zone),
            *(line.explanation for line in washout.lines),
        ],
        missing=list(washout.unknown),
        flags=list(washout.flags),
    )


def washout_record(
    journey: Journey,
    protocol: Protocol,
    washout: Washout,
    *,
    starts_at: datetime,
    override_reason: str,
    by: Actor,
) -> Record:
    """The washout at the start of a booked slot; booking all the same is the confirmed `waived`."""
    return computed(
        "washout",
        value=washout_state(washout, starts_at),
        inputs={
            "rule_set": protocol.washouts.id,
            "exposures": [_exposure(line.exposure) for line in washout.lines],
            "at": starts_at,
        },
        answer=washout_answer(journey, protocol, washout),
        protocol=protocol,
        rows=[line.rule for line in washout.lines if line.rule],
        confirmed="waived" if override_reason else None,
        by=by,
        reason=override_reason,
    )


def donor_readiness_record(
    journey: Journey,
    protocol: Protocol,
    found: DonorReadiness,
    *,
    starts_at: datetime,
    override_reason: str,
    by: Actor,
) -> Record:
    """The donor as found for a booked slot; collecting in spite of an infection is the confirmed `waived`."""
    on = starts_at.astimezone(journey.center.zone).date()
    rows = protocol.collection.donor
    donor = donor_of(journey)
    serology = {test.name: [test.result, test.tested_on] for test in serology_of(donor)} if donor else {}
    return computed(
        "donor_readiness",
        value="ready" if found.is_ready else "positive",
        inputs={"on": on, "serology": serology},
        answer=Answer(
            name="donor_readiness",
            result={"ready": found.is_ready},
            source=cited(protocol, rows),
            scale=protocol.id,
            scale_version=protocol.version,
            explanation=list(found.reasons) or [say("Donor recorded, consent signed, serology in date.")],
        ),
        protocol=protocol,
        rows=rows,
        confirmed="waived" if override_reason else None,
        by=by,
        reason=override_reason,
    )


def _exposure(exposure: Exposure) -> dict[str, object]:
    last_dose = exposure.last_dose
    return {
        "class": exposure.drug_class,
        "last_dose": last_dose.isoformat() if last_dose else None,
        "half_life_hours": exposure.half_life_hours,
    }


def cited(protocol: Protocol, rows: Sequence[Row]) -> str:
    """The sources of some rows of a protocol, each once."""
    return "; ".join(dict.fromkeys(protocol.cite(row) for row in rows))
