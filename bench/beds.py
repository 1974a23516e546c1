"""Children at the bedside in any number, with rounds of four hours, for benchmarks and tests of speed.

One child is told through the services; the others, and the rounds of weeks, are copies of its rows, for what
a page costs depends on how many rows there are and not on how they came to be.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from django.db.models import Model

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from patients.enums import Stage
from patients.inputs import BodyMeasurement, PatientDetails, ReferralDetails
from patients.models import Journey, Status
from patients.referrals import referral_accept, referral_register
from patients.results import RuleResult
from patients.services import measurement_record
from toxicity.grading.capd import CapdAnswer
from toxicity.grading.crs import OxygenDevice
from toxicity.grading.icans import Consciousness, RaisedIcp, Seizure
from toxicity.laboratory.catalog import CATALOG
from toxicity.laboratory.inputs import LabEntry, LabResult
from toxicity.laboratory.services import laboratory_record
from toxicity.models import Alert, Assessment, CheckPlan, LabSet, LabValue, Observation, ObservationSet
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.services import observations_record

NURSE: Final = Actor.system("bench")
EVERY: Final = timedelta(hours=4)
WAY: Final = (Stage.COLLECTED, Stage.MANUFACTURING, Stage.RELEASED, Stage.INFUSED)
VITALS: Final = ObservationEntry(
    temperature_c=38.6,
    heart_rate=128,
    systolic=101,
    diastolic=58,
    respiratory_rate=26,
    spo2=97,
    oxygen_device=OxygenDevice.NONE,
    vasopressors=(),
    urine_ml=180,
)
NEURO: Final = replace(
    VITALS,
    capd=(*[CapdAnswer.ALWAYS] * 4, *[CapdAnswer.NEVER] * 4),
    consciousness=Consciousness.SPONTANEOUS,
    seizure=Seizure.NONE,
    motor_weakness=False,
    raised_icp=RaisedIcp.NONE,
)
BLOOD: Final = ("ferritin", "crp", "anc", "platelets", "fibrinogen", "alt")

_Row = TypeVar("_Row", bound=Model)
# Copies are in no ledger: their events have numbers that no event has.
_unwritten = count(-1, -1)


def child_infuse(center: Center, *, number: int, at: datetime) -> Journey:
    """A child of six, infused at `at`."""
    made = referral_register(
        center=center,
        patient=PatientDetails(
            mrn=f"BED-{number}",
            family_name=f"Family{number}",
            given_name="Given",
            birth_date=date(at.year - 6, 1, 1),
            sex="female",
        ),
        referral=ReferralDetails(referring_center="Elsewhere", product="tisagenlecleucel", diagnosis="b_all"),
        by=NURSE,
        at=at - timedelta(days=40),
    )
    act: dict[str, Any] = {"journey_id": made.pk, "by": NURSE, "at": at - timedelta(days=39)}
    measurement_record(measurement=BodyMeasurement(weight_kg=20, height_cm=115), **act)
    referral_accept(override_reason="For the benchmark.", **act)
    for stage in WAY:
        Journey.objects.filter(pk=made.pk).update(stage=stage, stage_since=at)
    Journey.objects.filter(pk=made.pk).update(infused_at=at)
    moved = {"from": Stage.RELEASED.value, "to": Stage.INFUSED.value, "reason": ""}
    told = [NewEvent(EventKind.INFUSED, at), NewEvent(EventKind.STAGE_CHANGED, at, moved)]
    append(made.pk, told, by=NURSE)
    return Journey.objects.select_related("patient", "center", "status").get(pk=made.pk)


def round_record(journey: Journey, *, at: datetime, number: int) -> ObservationSet:
    """One round; every third has the neurological check."""
    entry = NEURO if number % 3 == 0 else VITALS
    warmer = replace(entry, temperature_c=36.5 + number % 26 / 10)
    return observations_record(journey_id=journey.pk, observed_at=at, entry=warmer, by=NURSE, at=at)


def blood_record(journey: Journey, *, at: datetime) -> LabSet:
    """One specimen in the units of the catalog."""
    results = tuple(LabResult(analyte=code, value=120, unit=CATALOG[code].unit) for code in BLOOD)
    return laboratory_record(
        journey_id=journey.pk, taken_at=at, entry=LabEntry(results=results), by=NURSE, at=at
    )


def rounds_copy(journey: Journey, *, rounds: int, since: datetime) -> None:
    """Repeat the latest round and its grades from `since` on, so many times."""
    last = ObservationSet.objects.filter(journey=journey).latest("observed_at")
    values = list(last.observations.all())
    times = [since + place * EVERY for place in range(rounds)]
    graded = {at: _made(last.assessment, assessed_at=at) for at in times if last.assessment}
    Assessment.objects.bulk_create(graded.values())
    sets = [
        _made(last, observed_at=at, recorded_at=at, assessment=graded.get(at), measurement=None)
        for at in times
    ]
    ObservationSet.objects.bulk_create(sets)
    Observation.objects.bulk_create(
        _copied(value, observation_set=each, event_id=each.event_id) for each in sets for value in values
    )


def blood_copy(journey: Journey, *, days: int, since: datetime) -> None:
    """Repeat the latest specimen every day from `since` on."""
    last = LabSet.objects.filter(journey=journey).latest("taken_at")
    values = list(last.values.all())
    sets = [_made(last, taken_at=since + timedelta(days=day)) for day in range(days)]
    LabSet.objects.bulk_create(sets)
    LabValue.objects.bulk_create(
        _copied(value, lab_set=each, taken_at=each.taken_at) for each in sets for value in values
    )


def children_copy(journey: Journey, copies: int, *, named: str = "Family") -> list[Journey]:
    """So many children as this one is: in acute monitoring, with rounds, grades, checks and alerts."""
    made = [_child(journey, f"{named}{number:02}") for number in range(copies)]
    for model in (CheckPlan, Alert):
        model.objects.bulk_create(_of_others(model.objects.filter(journey=journey), made))
    graded = {row.pk: row for row in Assessment.objects.filter(journey=journey)}
    results = list(RuleResult.objects.filter(event_id__in=[row.event_id for row in graded.values()]))
    for other in made:
        copies_of = {pk: _made(row, journey=other) for pk, row in graded.items()}
        Assessment.objects.bulk_create(copies_of.values())
        event_of = {graded[pk].event_id: row.event_id for pk, row in copies_of.items()}
        RuleResult.objects.bulk_create(
            _copied(row, journey=other, event_id=event_of[row.event_id]) for row in results
        )
        _rounds_of(journey, other, copies_of)
    return made


def _rounds_of(journey: Journey, other: Journey, graded: Mapping[UUID, Assessment]) -> None:
    rounds = ObservationSet.objects.filter(journey=journey).prefetch_related("observations")
    for row in rounds:
        assessment = graded[row.assessment_id] if row.assessment_id else None
        mine = _made(row, journey=other, assessment=assessment, measurement=None)
        ObservationSet.objects.bulk_create([mine])
        Observation.objects.bulk_create(
            _copied(value, observation_set=mine, event_id=mine.event_id) for value in row.observations.all()
        )


def _child(journey: Journey, name: str) -> Journey:
    patient = _copied(journey.patient, mrn=f"BED-{name}", family_name=name)
    patient.save(force_insert=True)
    other: Journey = _copied(journey, patient=patient, stage=Stage.REFERRED)
    other.save(force_insert=True)
    for stage in (Stage.ACCEPTED, *WAY):
        Journey.objects.filter(pk=other.pk).update(stage=stage)
    status: Status = copy(journey.status)
    status.journey, status.patient = other, patient
    Status.objects.bulk_create([status])
    other.stage = Stage.INFUSED
    return other


def _of_others(rows: Any, others: list[Journey]) -> Iterator[Any]:
    found = list(rows)
    return (_made(row, journey=other) for other in others for row in found)


def _made(row: _Row, **changes: Any) -> _Row:
    """A copy of a row that stands for an event of its own."""
    return _copied(row, event_id=next(_unwritten), **changes)


def _copied(row: _Row, **changes: Any) -> _Row:
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    fields["id"] = uuid4() if isinstance(fields["id"], UUID) else None
    for name, value in changes.items():
        if isinstance(value, Model):
            fields[f"{name}_id"] = value.pk
        else:
            fields.pop(f"{name}_id", None)
            fields[name] = value
    return type(row)(**fields)
