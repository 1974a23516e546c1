"""What laboratories send, for tests."""

from datetime import datetime

from tests.factories import Story
from toxicity.laboratory.inputs import LabEntry, LabResult
from toxicity.laboratory.services import laboratory_record
from toxicity.models import LabSet

FERRITIN = "2276-4^Ferritin^LN"


def oru(mrn: str, *observations: str, born: str = "20210115", taken: str = "202603051000") -> str:
    """One ORU^R01 message about a child with these OBX segments."""
    return "\r".join(
        [
            "MSH|^~\\&|LIS|LAB|CARTPATH|WARD|20260305103000||ORU^R01^ORU_R01|4711|P|2.5.1",
            f"PID|1||{mrn}^^^HOSP^MR||Rossi^Giulia||{born}|F",
            f"OBR|1||L-88^LIS|24323-8^Panel^LN|||{taken}",
            *observations,
        ]
    )


def obx(code: str, value: str, unit: str, limits: str = "", *, kind: str = "NM", status: str = "F") -> str:
    """One observation."""
    return f"OBX|1|{kind}|{code}||{value}|{unit}|{limits}||||{status}"


def entry(**values: tuple[float, str]) -> LabEntry:
    """Typed values: `ferritin=(900, "ng/mL")`."""
    return LabEntry(
        results=tuple(
            LabResult(analyte=name, value=value, unit=unit) for name, (value, unit) in values.items()
        )
    )


def recorded(story: Story, at: datetime | None = None, **values: tuple[float, str]) -> LabSet:
    """A set of values taken now, or at a time before."""
    taken_at = at or story.at
    return laboratory_record(
        journey_id=story.journey_id,
        taken_at=taken_at,
        entry=entry(**values),
        by=story.nurse.actor,
        at=max(story.at, taken_at),
    )
