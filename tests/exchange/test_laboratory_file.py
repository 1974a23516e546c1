"""Laboratory values and IEC-HS go out in a file and come in again as the same; the timeline tells them."""

from uuid import UUID

from cartpath.exchange.exporting import journey_export
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from cartpath.web.timeline.entries import timeline
from tests.exchange.test_immune_file import imported
from tests.factories import Story
from tests.laboratory.reports import recorded
from toxicity.laboratory.inputs import HyperinflammationDetails, LabEntry, LabResult
from toxicity.laboratory.selectors import laboratory_readings
from toxicity.laboratory.services import (
    hyperinflammation_consider,
    hyperinflammation_strike,
    laboratory_record,
    laboratory_strike,
)


def everything(story: Story) -> None:
    """Each kind of record once, and each struck once."""
    story.infused()
    story.later(days=3)
    by = story.clinician.actor
    results = (
        LabResult(analyte="ferritin", value=18, unit="mg/L", high=0.15),
        LabResult(analyte="fibrinogen", value=1.1, unit="g/L", comparator="<"),
    )
    laboratory_record(
        journey_id=story.journey_id,
        taken_at=story.at,
        entry=LabEntry(results=results, source="hl7", order="L-1", note="Hemolytic."),
        by=by,
        at=story.at,
    )
    story.later(hours=1)
    wrong = recorded(story, crp=(400, "mg/L"))
    laboratory_strike(set_id=wrong.pk, reason="Another child's.", by=by, at=story.later(minutes=5))
    for decision, grade in (("watch", None), ("present", 2)):
        made = hyperinflammation_consider(
            journey_id=story.journey_id,
            details=HyperinflammationDetails(decision=decision, grade=grade, note="Seen together."),  # type: ignore[arg-type]
            by=by,
            at=story.later(minutes=5),
        )
    hyperinflammation_strike(review_id=made.pk, reason="Not yet.", by=by, at=story.later(minutes=5))


def test_every_record_comes_back_as_it_was(story: Story) -> None:
    everything(story)
    told = journey_export(story.journey_id)
    made = UUID(imported(story, told))
    again = journey_export(made)
    assert [event["kind"] for event in again["events"]] == [event["kind"] for event in told["events"]]
    for before, after in zip(told["events"], again["events"], strict=True):
        assert after["data"] == before["data"], before["kind"]
    assert verify().breaks == []
    values = laboratory_readings(made)
    assert {name: each[0].value for name, each in values.items()} == {"ferritin": 18_000, "fibrinogen": 110}


def test_the_timeline_says_the_values_and_the_conclusion(story: Story) -> None:
    everything(story)
    kinds = (EventKind.LABORATORY_RECORDED, EventKind.HYPERINFLAMMATION_CONSIDERED)
    events = list(Event.objects.filter(journey_id=story.journey_id, kind__in=kinds).order_by("seq"))
    entries = timeline(story.journey, events)
    assert "Ferritin 18 mg/L" in str(entries[0].title)
    assert "Fibrinogen &lt;1.1 g/L" in str(entries[0].title)
    assert entries[1].voided
    assert "fibrinogen below 150 mg/dL" in str(entries[2].detail)
