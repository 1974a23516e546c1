"""The donor of a demo journey whose product is made of somebody else's cells."""

from datetime import date, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import Step
from cartpath.demo.teller import Teller
from patients.donors import donor_consent_record, donor_record
from patients.inputs import DonationConsent, DonorDetails

ABOUT_YEARS_OLDER: Final = 29
SEROLOGY_BEFORE_BOOKING: Final = timedelta(days=3)
SIZES: Final = {"mother": (62.0, 165.0), "father": (79.5, 178.0)}
SEXES: Final = {"mother": "female", "father": "male"}


def donor_told(teller: Teller) -> None:
    """A parent as haploidentical donor: typed, tested, and consented before the booking."""
    day = teller.day(Step.ACCEPTED)
    donor_record(donor=_donor(teller, day), **teller.act(Role.COORDINATOR, teller.at(day, 15)))
    donor_consent_record(
        consent=DonationConsent(
            signer="donor", given_by=teller.name.parent, document_version="Donor 1.3", signed_on=day
        ),
        **teller.act(Role.CLINICIAN, teller.at(day, 15, 40)),
    )


def _donor(teller: Teller, day: date) -> DonorDetails:
    relation = teller.name.relation
    given, family = teller.name.parent.split(" ", 1)
    weight_kg, height_cm = SIZES[relation]
    tested_on = day - SEROLOGY_BEFORE_BOOKING
    return DonorDetails(
        local_id=f"DON-{teller.number}",
        family_name=family,
        given_name=given,
        birth_date=teller.birth.replace(day=1) - timedelta(days=round(ABOUT_YEARS_OLDER * 365.25)),
        sex=SEXES[relation],  # type: ignore[arg-type]
        relation=relation,
        hla_matched=5,
        hla_typed=10,
        hla_note="Haploidentical; donor of the transplant.",
        weight_kg=weight_kg,
        height_cm=height_cm,
        measured_on=tested_on,
        hbv="negative",
        hbv_on=tested_on,
        hcv="negative",
        hcv_on=tested_on,
        hiv="negative",
        hiv_on=tested_on,
    )
