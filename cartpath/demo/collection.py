"""The days of collection of a demo journey: identity, the record, adverse events, frozen bags."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import DAYS_SINCE_CARTPATH, Day
from cartpath.demo.teller import Teller
from leukapheresis.collection_bags import cells_freeze
from leukapheresis.inputs import AdverseEventDetails, BagDetails, CollectionDayDetails, IdentityCheckDetails
from leukapheresis.models import CollectionDay
from leukapheresis.rules.bags import DIVISIONS
from leukapheresis.services import collection_complete, collection_day_record, collection_identity_verify
from patients.donors import donor_of
from patients.inputs import BodyMeasurement
from patients.models import Journey
from patients.services import measurement_record

BILLION: Final = 10**9
UL_PER_ML: Final = 1000
BLOOD_PRIME_BELOW_KG: Final = 25
WHOLE_BLOOD_ML: Final = 50
CRYOPROTECTANT_ML: Final = 10.0
# One day in so many brings tingling.
TINGLING_EVERY: Final = 5
# A facility as it stands in examples of the standard.
FACILITY: Final = "A9999"
BEFORE_CARTPATH: Final = "Taken over from the time before CARTPath."
FROZEN_AFTER: Final = timedelta(hours=7)
ACTIONS: Final = {
    "hypocalcemia": (2, "Calcium gluconate by infusion, slower return."),
    "access_failure": (1, "Line flushed and turned, 20 minutes lost."),
    "paresthesia": (1, "Calcium given."),
}


def collection_told(teller: Teller, day: date, days: Sequence[Day]) -> None:
    """Weight, the collection days, and the sum."""
    weight_kg, height_cm = teller.size_on(day)
    measurement_record(
        measurement=BodyMeasurement(weight_kg=weight_kg, height_cm=height_cm),
        **teller.act(Role.APHERESIS_NURSE, teller.at(day, 7, 30)),
    )
    for number, told in enumerate(days):
        _day_told(teller, day + timedelta(days=number), told, weight_kg)
    done_on = day + timedelta(days=len(days) - 1)
    collection_complete(
        reason=teller.plot.collection_reason, **teller.act(Role.CELL_LAB, teller.at(done_on, 17))
    )


def days_of(teller: Teller) -> Sequence[Day]:
    """The plot's collection days, or one good day."""
    dice = teller.dice
    if teller.plot.whole_blood:
        return (Day(tnc_e9=0.31, cd3_e9=0.06),)
    return teller.plot.days or (
        Day(tnc_e9=round(dice.uniform(3.4, 8.4), 1), cd3_e9=round(dice.uniform(1.3, 3.1), 1)),
    )


def _day_told(teller: Teller, on: date, told: Day, weight_kg: float) -> None:
    at = teller.at(on, 8, 30)
    is_checked = (teller.now - at).days <= DAYS_SINCE_CARTPATH
    if is_checked:
        collection_identity_verify(
            journey_id=teller.journey_id,
            first=teller.person(Role.APHERESIS_NURSE),
            second=teller.person(Role.CLINICIAN),
            check=IdentityCheckDetails(identifiers=("name_and_birth", "wristband")),
            at=at - timedelta(minutes=20),
        )
    details = _drawn(teller, told, at) if teller.plot.whole_blood else _collected(teller, told, weight_kg, at)
    missing = "" if is_checked else BEFORE_CARTPATH
    row = collection_day_record(day=_with(details, missing), **teller.act(Role.APHERESIS_NURSE, at))
    if teller.plot.bags:
        _frozen(teller, row, at + FROZEN_AFTER)


def _with(details: dict[str, object], missing: str) -> CollectionDayDetails:
    return CollectionDayDetails(**details, identity_missing_reason=missing)  # type: ignore[arg-type]


def _drawn(teller: Teller, told: Day, at: datetime) -> dict[str, object]:
    """A small volume of the donor's blood: no machine, no prime."""
    donor = donor_of(Journey.objects.get(pk=teller.journey_id))
    weight_kg = float(donor.weight_kg) if donor and donor.weight_kg else None
    return {
        "decision": told.decision,
        "method": "whole_blood",
        "ended_at": at + timedelta(minutes=15),
        "access": "peripheral",
        "weight_kg": weight_kg,
        "alc_per_ul": 1850,
        "pre_cd3_per_ul": 1240,
        "product_volume_ml": WHOLE_BLOOD_ML,
        "tnc": round(told.tnc_e9 * BILLION),
        "cd3": round(told.cd3_e9 * BILLION),
        "viability_percent": 98.5,
        "din": _din(teller, at),
        "label_checked": True,
    }


def _collected(teller: Teller, told: Day, weight_kg: float, at: datetime) -> dict[str, object]:
    dice = teller.dice
    platelets = dice.randint(70, 240)
    is_small = weight_kg < BLOOD_PRIME_BELOW_KG
    processed = round(min(weight_kg * dice.uniform(180, 250), 11_000))
    # The count before fits the cells in the bag: the machine took such a share of what passed.
    efficiency = dice.uniform(0.42, 0.78)
    pre_cd3 = round(told.cd3_e9 * BILLION / (processed * UL_PER_ML * efficiency))
    lymphocytes = round(pre_cd3 / dice.uniform(0.5, 0.75))
    anticoagulant = round(processed / 13)
    return {
        "decision": told.decision,
        "ended_at": at + timedelta(minutes=dice.randint(150, 260)),
        "device": "Spectra Optia",
        "program": "CMNC",
        "access": "central",
        "prime": "red_cells" if is_small else "none",
        "weight_kg": weight_kg,
        "alc_per_ul": lymphocytes,
        "pre_cd3_per_ul": pre_cd3,
        "pre_platelets_e9_per_l": platelets,
        "post_platelets_e9_per_l": round(platelets * dice.uniform(0.45, 0.7)),
        "post_cd3_per_ul": round(pre_cd3 * 0.7),
        "anticoagulant_ratio": 13.0,
        "anticoagulant_ml": anticoagulant,
        "inlet_volume_ml": processed + anticoagulant,
        "product_volume_ml": dice.randint(40, 90) if is_small else dice.randint(110, 220),
        "tnc": round(told.tnc_e9 * BILLION),
        "cd3": round(told.cd3_e9 * BILLION),
        "viability_percent": round(dice.uniform(94, 99.5), 1),
        "din": _din(teller, at),
        "label_checked": True,
        "adverse": tuple(_adverse(teller, told, at)),
    }


def _adverse(teller: Teller, told: Day, at: datetime) -> list[AdverseEventDetails]:
    is_tingling = not told.adverse and teller.dice.randint(1, TINGLING_EVERY) == 1
    kind = "paresthesia" if is_tingling else told.adverse
    if not kind:
        return []
    grade, action = ACTIONS[kind]
    return [
        AdverseEventDetails(
            kind=kind,
            grade=grade,
            at=at + timedelta(minutes=70),
            action=action,
        )
    ]


def _din(teller: Teller, at: datetime) -> str:
    """A donation number of its own: the journey's number and the day of the year."""
    return f"{FACILITY}{at:%y}{teller.number % 1000:03d}{at:%j}"


def _frozen(teller: Teller, row: CollectionDay, at: datetime) -> None:
    """The cells of a day in bags of equal size."""
    if at >= teller.now or row.product_volume_ml is None or row.tnc is None or row.cd3 is None:
        return
    count = teller.plot.bags
    bags = [
        BagDetails(
            division=code,
            volume_ml=float(row.product_volume_ml // count),
            cryoprotectant_ml=CRYOPROTECTANT_ML,
            tnc=row.tnc // count,
            cd3=row.cd3 // count,
            location=f"Tank 2, rack {row.number}, place {code[0]}",
        )
        for code in DIVISIONS[:count]
    ]
    cells_freeze(day_id=row.pk, bags=bags, by=teller.person(Role.CELL_LAB).actor, at=at)
