"""Whose blood goes through the machine: the child's, or the donor's for a product made of donor cells."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from leukapheresis.rules.blood_volume import BloodVolume, blood_volume
from leukapheresis.rules.tables import Sex
from patients.donor import Donor
from patients.donors import donor_of, needs_donor
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.selectors import latest_height, latest_weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person on the machine, with the size known of them at a time. None is unknown.

    `name` is empty and everything unknown while a donor is needed and none is recorded.
    """

    is_donor: bool
    name: str
    weight_kg: float | None
    height_cm: float | None
    sex: Sex | None
    measured_on: date | None
    birth_date: date | None

    def blood_volume(self, journey: Journey) -> BloodVolume | None:
        """The person's blood volume by the protocol's figures; None without a weight."""
        if self.weight_kg is None:
            return None
        rules = protocol_for(journey).apheresis
        return blood_volume(rules, weight_kg=self.weight_kg, height_cm=self.height_cm, sex=self.sex)


def person_collected(journey: Journey, *, at: datetime) -> Person:
    """Who is collected in a journey, as known at a time."""
    return _donor(donor_of(journey)) if needs_donor(journey) else _child(journey, at)


def _donor(donor: Donor | None) -> Person:
    return Person(
        is_donor=True,
        name=str(donor) if donor else "",
        weight_kg=float(donor.weight_kg) if donor and donor.weight_kg else None,
        height_cm=float(donor.height_cm) if donor and donor.height_cm else None,
        sex=_known_sex(donor.sex) if donor else None,
        measured_on=donor.measured_on if donor else None,
        birth_date=donor.birth_date if donor else None,
    )


def _child(journey: Journey, at: datetime) -> Person:
    weighed = latest_weight(journey.patient_id, at=at)
    measured = latest_height(journey.patient_id, at=at)
    return Person(
        is_donor=False,
        name=str(journey.patient),
        weight_kg=float(weighed.weight_kg) if weighed and weighed.weight_kg else None,
        height_cm=float(measured.height_cm) if measured and measured.height_cm else None,
        sex=_known_sex(journey.patient.sex),
        measured_on=weighed.measured_at.astimezone(journey.center.zone).date() if weighed else None,
        birth_date=journey.patient.birth_date,
    )


def _known_sex(sex: str) -> Sex | None:
    return cast("Sex", sex) if sex in ("male", "female") else None
