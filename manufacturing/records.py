"""What the manufacturing room keeps beside its verdicts: the criteria of release."""

from datetime import datetime

from cartpath.core.answers import Answer
from cartpath.protocols.rows import in_force
from manufacturing.inputs import BatchDetails
from manufacturing.rules.release import release
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.provenance import Record, computed


def release_record(journey: Journey, batch: BatchDetails, *, at: datetime) -> Record:
    """The criteria of release in force on the day, held against what the certificate says."""
    protocol = protocol_for(journey)
    rows = in_force(protocol.manufacturing.release, at.astimezone(journey.center.zone).date())
    measured = {"viability_percent": batch.viability_percent}
    found = release(rows, measured)
    return computed(
        "release_criteria",
        value=None if found.verdict == "unknown" else found.verdict,
        inputs=measured,
        answer=Answer(
            name="release_criteria",
            result={"verdict": found.verdict},
            source="; ".join(dict.fromkeys(protocol.cite(row) for row in rows)),
            explanation=list(found.explanation),
            missing=list(found.missing),
            flags=list(found.flags),
        ),
        protocol=protocol,
        rows=rows,
    )
