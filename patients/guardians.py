"""Writes and reads of guardians and of the hospital near home."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from patients.inputs import GuardianDetails, HomeHospitalDetails
from patients.models import Guardian, HomeHospital, Patient
from patients.services import journey_locked


def guardian_change(
    *, journey_id: UUID, guardian: GuardianDetails, by: Actor, at: datetime, reason: str = ""
) -> Guardian:
    """Record a guardian, or change the one recorded under the same name (or under `was`).

    A change needs a reason; the ledger keeps what was. Raises `Invalid`.
    """
    with journey_locked(journey_id) as journey:
        patient = journey.patient
        known = patient.guardians.filter(name__iexact=guardian.was or guardian.name).first()
        if guardian.was and known is None:
            raise Invalid(
                "unknown_guardian",
                _("Unknown guardian."),
                fields={"was": _("Nobody is recorded under this name.")},
            )
        if known and not reason.strip():
            raise Invalid(
                "invalid_input", _("No reason."), fields={"reason": _("Say why the guardian changes.")}
            )
        _refuse_impossible(patient, guardian, known)
        row = {name: value for name, value in asdict(guardian).items() if name != "was"}
        stored = known or Guardian(patient=patient)
        for name, value in row.items():
            setattr(stored, name, value)
        stored.save()
        data = asdict(guardian) | {"reason": reason}
        append(journey_id, [NewEvent(EventKind.GUARDIAN_CHANGED, at, data)], by=by)
        return stored


def _refuse_impossible(patient: Patient, guardian: GuardianDetails, known: Guardian | None) -> None:
    problems = {}
    if guardian.from_on and guardian.until_on and guardian.until_on < guardian.from_on:
        problems["until_on"] = _("The last day can't lie before the first.")
    for name in ("from_on", "until_on"):
        day: date | None = getattr(guardian, name)
        if day is not None and day < patient.birth_date:
            problems[name] = _("The day lies before the child's birth.")
    others = patient.guardians.exclude(pk=known.pk) if known else patient.guardians.none()
    if others.filter(name__iexact=guardian.name).exists():
        problems["name"] = _("Another guardian is recorded under this name.")
    if problems:
        raise Invalid("invalid_input", _("These details are not possible."), fields=problems)


def guardians_on(patient: Patient, on: date) -> Sequence[Guardian]:
    """Guardians on a day; one without days counts on every day."""
    return list(
        patient.guardians.filter(
            Q(from_on=None) | Q(from_on__lte=on), Q(until_on=None) | Q(until_on__gte=on)
        ).order_by("name")
    )


def home_hospital_record(
    *, journey_id: UUID, hospital: HomeHospitalDetails, by: Actor, at: datetime
) -> HomeHospital:
    """Record the hospital near home, or what changed about it; the ledger keeps each."""
    with journey_locked(journey_id) as journey:
        row, _created = HomeHospital.objects.update_or_create(
            patient=journey.patient, defaults=asdict(hospital)
        )
        data = asdict(hospital)
        append(journey_id, [NewEvent(EventKind.HOME_HOSPITAL_RECORDED, at, data)], by=by)
        return row


def home_hospital_of(patient: Patient) -> HomeHospital | None:
    """The hospital near home; None while none is recorded."""
    return HomeHospital.objects.filter(pk=patient.pk).first()
