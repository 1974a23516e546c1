"""A journey with findings, infections and cases goes out as a file and comes in again as the same."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from cartpath.ledger.verify import verify
from cartpath.web.timeline.entries import timeline, timeline_events
from followup.cases import case_close, case_step_record, case_strike, malignancy_suspect
from followup.finding_enums import MalignancyStep
from followup.infections import infection_record, infection_strike
from followup.inputs import (
    CaseEnd,
    CaseStepDetails,
    Findings,
    InfectionDetails,
    LaterFindings,
    SuspicionDetails,
    VisitDetails,
)
from followup.later_findings import findings_add, findings_strike
from followup.models import AddedFindings, CaseStep, Infection, MalignancyCase, Visit
from followup.services import visit_record, visit_strike
from leukapheresis.models import Resource
from patients.inputs import BodyMeasurement
from patients.models import Journey
from tests.conftest import person
from tests.factories import Story


def everything(story: Story) -> None:
    """Visits with all they bring to light, results added and struck, one case closed and one struck."""
    story.in_follow_up()
    story.later(days=14)
    day = story.at.astimezone(story.center.zone).date()
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": story.clinician.actor}
    found = Findings(
        ecg="normal", neurocognition_on=day, any_infection=True, other={"assess_vaccines": "No."}
    )
    wrong = visit_record(visit=VisitDetails(item="visit_day_28", visited_on=day), at=story.at, **act)
    findings_add(added=LaterFindings(item="visit_day_28", response="NR"), at=story.later(hours=1), **act)
    visit_strike(visit_id=wrong.pk, reason="Other child.", by=story.clinician.actor, at=story.later(hours=1))
    visit_record(
        visit=VisitDetails(item="visit_day_28", visited_on=day, ever_replaced=False, findings=found),
        measurement=BodyMeasurement(weight_kg=18.8, height_cm=111.0),
        infections=[
            InfectionDetails(began_on=day - timedelta(days=6), ended_on=day, site="lung", severity="severe")
        ],
        suspicion=SuspicionDetails(kind="t_cell", suspected_on=day, description="Skin lesions."),
        at=story.later(hours=1),
        **act,
    )
    findings_add(
        added=LaterFindings(item="visit_day_28", igg_mg_dl=310.0, cd4_per_ul=120.0, note="By post."),
        at=story.later(days=1),
        **act,
    )
    mistaken = findings_add(
        added=LaterFindings(item="visit_day_28", findings=Findings(tsh_mu_l=2.4)),
        at=story.later(days=1),
        **act,
    )
    by = story.clinician.actor
    findings_strike(addition_id=mistaken.pk, reason="Wrong tube.", by=by, at=story.later(hours=1))
    cold = infection_record(infection=InfectionDetails(began_on=day), at=story.at, **act)
    infection_strike(infection_id=cold.pk, reason="No infection.", by=by, at=story.later(hours=1))
    more: dict[str, Any] = {"transgene_result": {"result": "positive"}, "sample_sent": {"sample": "both"}}
    for name in MalignancyStep.values:
        step = CaseStepDetails(case=1, step=name, done_on=day, **more.get(name, {}))  # type: ignore[arg-type]
        case_step_record(step=step, at=story.later(hours=1), **act)
    case_close(end=CaseEnd(case=1, outcome="car_positive", note="Told."), at=story.later(hours=1), **act)
    other = malignancy_suspect(
        suspicion=SuspicionDetails(kind="solid", suspected_on=day, description="A node."), at=story.at, **act
    )
    step = CaseStepDetails(case=2, step="kit_requested", state="not_needed", done_on=day, note="Benign.")
    case_step_record(step=step, at=story.later(hours=1), **act)
    case_strike(case_id=other.pk, reason="Other child.", by=by, at=story.later(hours=1))


def test_everything_a_visit_brings_to_light_comes_back_as_it_was(story: Story) -> None:
    everything(story)
    told = journey_export(story.journey_id)
    elsewhere = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    Resource.objects.create(center=elsewhere, name="Machine 1")
    for known in (story.nurse, story.clinician):
        person(f"{known.name.lower()}@c.example", known.name, known.memberships.get().role, elsewhere)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": "C", "id": str(uuid4())}
    until = timezone.now() + timedelta(days=3650)
    done = journey_import(file=read(json.dumps(moved), now=until), by=Actor.system("import"))
    again = journey_export(done.journey_id)["events"]
    assert [event["kind"] for event in again] == [event["kind"] for event in told["events"]]
    for before, after in zip(told["events"], again, strict=True):
        assert after["data"] == before["data"], before["kind"]
    assert verify(done.journey_id).breaks == []
    for rows, name in ((Visit, "journey"), (Infection, "journey"), (AddedFindings, "visit__journey")):
        both = [
            rows.objects.filter(**{name: key, "struck_at": None}).count()
            for key in (story.journey_id, done.journey_id)
        ]
        assert both == [1, 1], rows
    cases = MalignancyCase.objects.filter(journey=done.journey_id).order_by("number")
    assert [(case.outcome, case.struck_at is None) for case in cases] == [("car_positive", True), ("", False)]
    assert CaseStep.objects.filter(case__journey=done.journey_id).count() == len(MalignancyStep) + 1
    words = timeline(Journey.objects.get(pk=done.journey_id), list(timeline_events(done.journey_id)))
    said = " ".join(f"{entry.title} {entry.detail}" for entry in words)
    for expected in ("Findings added", "310 mg/dL", "Infection:", "New malignancy suspected", "Positive"):
        assert expected in said
