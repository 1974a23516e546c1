"""A child whose bedside has something on every page, for browsers to look at."""

from dataclasses import dataclass
from typing import Any, Final

from cartpath.accounts.models import User
from tests.factories import Story, patient_details
from tests.laboratory.reports import recorded
from tests.toxicity.bedside import ALERT, RESTLESS, WELL, observed
from toxicity.alerts.services import AlertAnswered, alerts_acknowledge
from toxicity.checks.inputs import CheckChange
from toxicity.checks.services import check_change
from toxicity.enums import AlertAnswer
from toxicity.grading.crs import OxygenDevice
from toxicity.inputs import DosingWeightDetails, InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.interventions.weights import dosing_weight_set
from toxicity.models import Alert, Assessment, Intervention, LabSet, ObservationSet
from toxicity.sheets.discharge import discharge_begin
from toxicity.sheets.inputs import SheetDetails, SummaryDetails
from toxicity.sheets.services import hand_over_write

LONG_NAMES: Final = patient_details(
    family_name="Acquaviva Santacroce di Roccaforte", given_name="Massimiliano Alessandro Bartolomeo"
)
LONG_NOTE: Final = "Told the parents, who stay; interpreter for tomorrow's round is asked for. " * 3


@dataclass(frozen=True, slots=True)
class Bed:
    """Where the pages of one child are, with those of single entries."""

    here: str
    observed: str
    laboratory: str
    oxygen: str
    assessed: str
    weight: str
    sheet: str
    summary: str


def full_bed(story: Story, doctor: User) -> Bed:
    """Two days of a child with CRS and the first signs of neurotoxicity, as far as a page can show it."""
    story.child = LONG_NAMES
    story.infused()
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": doctor.actor}
    weight = dosing_weight_set(
        weight=DosingWeightDetails(weight_kg=29.9, reason="Weighed at admission."), at=story.at, **act
    )
    recorded(story, anc=(420, "/uL"), ferritin=(600, "ng/mL"), crp=(12, "mg/L"), platelets=(40, "10*9/L"))
    story.later(hours=8)
    observed(story, WELL)
    story.later(hours=12)
    observed(story, WELL, temperature_c=39.4, heart_rate=168, systolic=70, spo2=91, note=LONG_NOTE)
    given: tuple[dict[str, Any], ...] = (
        {"agent": "tocilizumab", "dose_mg": 358.8, "route": "iv"},
        {"agent": "antimicrobial", "drug": "Piperacillin/tazobactam", "every_hours": 6, "route": "iv"},
        {"agent": "oxygen", "device": "nasal_cannula", "rate": 2.0, "rate_unit": "L/min"},
    )
    for each in given:
        at = story.later(minutes=10)
        intervention_record(intervention=InterventionDetails(**each, note=LONG_NOTE), at=at, **act)
    recorded(story, anc=(90, "/uL"), ferritin=(21000, "ng/mL"), fibrinogen=(120, "mg/dL"), crp=(180, "mg/L"))
    cases = Alert.objects.filter(journey_id=story.journey_id, cleared_at=None).values_list("case", flat=True)
    answered = AlertAnswered(AlertAnswer.HELP_CALLED, LONG_NOTE)
    alerts_acknowledge(cases=list(cases)[:2], answered=answered, at=story.later(minutes=10), **act)
    story.later(hours=6)
    worse: dict[str, Any] = {
        "capd": RESTLESS,
        "oxygen_device": OxygenDevice.NASAL_CANNULA,
        "oxygen_flow": 2.0,
    }
    last = observed(story, ALERT, **worse, temperature_c=38.9, new_change_attributed=True)
    change = CheckChange(check="vitals", every_minutes=30, reason=LONG_NOTE)
    check_change(change=change, at=story.later(minutes=5), **act)
    told = SheetDetails(
        situation=LONG_NOTE, background="Day 1.", assessment="Worse.", recommendation="Call.", language="en"
    )
    sheet = hand_over_write(sheet=told, at=story.later(minutes=5), **act)
    to = SummaryDetails(addressee="Dr. Verdi\nOspedale Maggiore", language="en")
    summary = discharge_begin(summary=to, at=story.later(minutes=5), **act)
    story.later(hours=2)
    return _bed(story, last, weight=str(weight.pk), sheet=str(sheet.pk), summary=str(summary.pk))


def _bed(story: Story, last: ObservationSet, *, weight: str, sheet: str, summary: str) -> Bed:
    journey_id = story.journey_id
    oxygen = Intervention.objects.get(journey_id=journey_id, agent="oxygen")
    laboratory = LabSet.objects.filter(journey_id=journey_id).order_by("-taken_at")[0]
    graded = Assessment.objects.filter(journey_id=journey_id, crs__isnull=False).order_by("-assessed_at")[0]
    return Bed(
        here=f"/journeys/{journey_id}/",
        observed=f"observations/{last.pk}/",
        laboratory=f"laboratory/sets/{laboratory.pk}/",
        oxygen=f"interventions/{oxygen.pk}/",
        assessed=f"toxicity/{graded.pk}/",
        weight=f"dosing-weight/{weight}/",
        sheet=f"hand-over-sheet/{sheet}/",
        summary=f"discharge/{summary}/",
    )


def empty_bed(story: Story) -> str:
    """A child an hour after the infusion of whom nothing is recorded yet."""
    story.infused()
    story.later(hours=1)
    return f"/journeys/{story.journey_id}/"
