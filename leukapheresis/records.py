"""What the leukapheresis room keeps beside its verdicts: washout, blood volume, prime, cells, expiry."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Literal, cast

from cartpath.core.actor import Actor
from cartpath.core.answers import Answer
from cartpath.core.sentences import say
from cartpath.protocols.rows import Row, figure
from cartpath.protocols.schema import Protocol
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import CollectionDay
from leukapheresis.person import person_collected
from leukapheresis.rules.acceptance import Acceptance
from leukapheresis.rules.blood_volume import BloodVolume, blood_volume
from leukapheresis.rules.efficiency import CollectionEfficiencyInput, calculate_collection_efficiency
from leukapheresis.rules.expiry import expiry_day
from leukapheresis.rules.plan import circuit, platelets_after
from leukapheresis.rules.tables import Sex
from leukapheresis.rules.washout import Exposure, Washout
from leukapheresis.selectors import Totals, live_booking
from patients.donor_rules import DonorReadiness
from patients.donors import donor_of, serology_of
from patients.models import Journey
from patients.provenance import Record, computed

WashoutState = Literal["open", "over", "unknown", "none"]


def washout_state(washout: Washout, at: datetime) -> WashoutState:
    """The washout of all treatments together at a time; `none` where no treatment is recorded."""
    if washout.is_unknown:
        return "unknown"
    if washout.earliest is None:
        return "none"
    return "open" if washout.is_open(at) else "over"


def washout_answer(journey: Journey, protocol: Protocol, washout: Washout) -> Answer:
    """The washout with its reasons: the whole in one sentence, then each treatment."""
    rows = [line.rule for line in washout.lines if line.rule]
    return Answer(
        name="washout",
        result={
            "earliest": washout.earliest.isoformat() if washout.earliest else None,
            "binding": washout.binding,
            "unknown": list(washout.unknown),
        },
        source=_cited(protocol, rows) or protocol.washouts.title,
        scale=protocol.washouts.id,
        scale_version=protocol.washouts.version,
        explanation=[
            washout.sentence(journey.center.zone),
            *(line.explanation for line in washout.lines),
        ],
        missing=list(washout.unknown),
        flags=list(washout.flags),
    )


def washout_record(
    journey: Journey,
    protocol: Protocol,
    washout: Washout,
    *,
    starts_at: datetime,
    override_reason: str,
    by: Actor,
) -> Record:
    """The washout at the start of a booked slot; booking all the same is the confirmed `waived`."""
    return computed(
        "washout",
        value=washout_state(washout, starts_at),
        inputs={
            "rule_set": protocol.washouts.id,
            "exposures": [_exposure(line.exposure) for line in washout.lines],
            "at": starts_at,
        },
        answer=washout_answer(journey, protocol, washout),
        protocol=protocol,
        rows=[line.rule for line in washout.lines if line.rule],
        confirmed="waived" if override_reason else None,
        by=by,
        reason=override_reason,
    )


def donor_readiness_record(
    journey: Journey,
    protocol: Protocol,
    found: DonorReadiness,
    *,
    starts_at: datetime,
    override_reason: str,
    by: Actor,
) -> Record:
    """The donor as found for a booked slot; collecting in spite of an infection is the confirmed `waived`."""
    on = starts_at.astimezone(journey.center.zone).date()
    rows = protocol.collection.donor
    donor = donor_of(journey)
    serology = {test.name: [test.result, test.tested_on] for test in serology_of(donor)} if donor else {}
    return computed(
        "donor_readiness",
        value="ready" if found.is_ready else "positive",
        inputs={"on": on, "serology": serology},
        answer=Answer(
            name="donor_readiness",
            result={"ready": found.is_ready},
            source=_cited(protocol, rows),
            scale=protocol.id,
            scale_version=protocol.version,
            explanation=list(found.reasons) or [say("Donor recorded, consent signed, serology in date.")],
        ),
        protocol=protocol,
        rows=rows,
        confirmed="waived" if override_reason else None,
        by=by,
        reason=override_reason,
    )


def _exposure(exposure: Exposure) -> dict[str, object]:
    last_dose = exposure.last_dose
    return {
        "class": exposure.drug_class,
        "last_dose": last_dose.isoformat() if last_dose else None,
        "half_life_hours": exposure.half_life_hours,
    }


def day_records(
    journey: Journey, protocol: Protocol, day: CollectionDayDetails, *, at: datetime
) -> list[Record]:
    """What one day of collection lets the rules say; what is not known is left out, never guessed."""
    return [
        *_volumes(journey, protocol, day, at=at),
        *_efficiency(day),
        *_platelets(protocol, day),
    ]


def _volumes(
    journey: Journey, protocol: Protocol, day: CollectionDayDetails, *, at: datetime
) -> Iterator[Record]:
    body = _body(journey, day, at=at)
    if body["weight_kg"] is None:
        return
    rules = protocol.apheresis
    weight_kg = cast("float", body["weight_kg"])
    volume = blood_volume(
        rules,
        weight_kg=weight_kg,
        height_cm=cast("float | None", body["height_cm"]),
        sex=cast("Sex | None", body["sex"]),
    )
    yield computed(
        "total_blood_volume",
        value=round(volume.ml, 2),
        unit="mL",
        inputs=body,
        answer=_volume_answer(protocol, volume),
        protocol=protocol,
        rows=[figure(rules.figures, "nadler_from_kg"), *_factor(protocol, volume)],
    )
    ecv_ml = _extracorporeal_volume_ml(journey)
    if ecv_ml is None:
        return
    outside = circuit(rules, volume, weight_kg=weight_kg, device_ecv_ml=ecv_ml)
    yield computed(
        "extracorporeal_volume",
        value=round(outside.ecv_percent, 1),
        unit="%",
        inputs={"weight_kg": weight_kg, "tbv_ml": round(volume.ml, 2), "device_ecv_ml": ecv_ml},
        answer=Answer(
            name="extracorporeal_volume",
            result={
                "ecv_percent": round(outside.ecv_percent, 1),
                "prime_required": outside.prime_required,
            },
            source=outside.source,
            scale=rules.id,
            scale_version=rules.version,
            explanation=list(outside.explanation),
            flags=list(outside.flags),
        ),
        protocol=protocol,
        rows=["ecv_prime_percent", "prime_weight_kg"],
    )


def _body(journey: Journey, day: CollectionDayDetails, *, at: datetime) -> dict[str, float | str | None]:
    """Weight, height and sex of the person on the machine, child or donor, as far as they are known."""
    person = person_collected(journey, at=at)
    weight_kg = person.weight_kg if day.weight_kg is None else day.weight_kg
    return {"weight_kg": weight_kg, "height_cm": person.height_cm, "sex": person.sex}


def _volume_answer(protocol: Protocol, volume: BloodVolume) -> Answer:
    return Answer(
        name="total_blood_volume",
        result={"ml": round(volume.ml, 2), "method": volume.method},
        source=volume.source,
        scale=protocol.apheresis.id,
        scale_version=protocol.apheresis.version,
        explanation=list(volume.explanation),
        missing=list(volume.missing),
        flags=list(volume.flags),
    )


def _factor(protocol: Protocol, volume: BloodVolume) -> list[Row]:
    rules = protocol.apheresis
    return [figure(rules.figures, "blood_volume_ml_per_kg")] if volume.method == "per_kg" else []


def _extracorporeal_volume_ml(journey: Journey) -> int | None:
    booking = live_booking(journey.pk)
    return booking.slot.resource.extracorporeal_volume_ml if booking else None


def _efficiency(day: CollectionDayDetails) -> Iterator[Record]:
    if day.cd3 is None or not day.pre_cd3_per_ul or not day.volume_processed_ml:
        return
    asked = CollectionEfficiencyInput(
        product_cells=day.cd3,
        pre_count_per_ul=day.pre_cd3_per_ul,
        volume_processed_ml=day.volume_processed_ml,
    )
    answer = calculate_collection_efficiency(asked)
    yield computed(
        "collection_efficiency",
        value=answer.result["ce2_percent"],
        unit="%",
        inputs=asdict(asked),
        answer=answer,
    )


def _platelets(protocol: Protocol, day: CollectionDayDetails) -> Iterator[Record]:
    before = day.pre_platelets_e9_per_l
    if before is None:
        return
    rules = protocol.apheresis
    after = platelets_after(rules, before)
    yield computed(
        "platelets_after_apheresis",
        value=round(after.platelets, 1),
        unit="×10⁹/L",
        inputs={"pre_platelets": before},
        answer=Answer(
            name="platelets_after_apheresis",
            result={"predicted_platelets": round(after.platelets, 1)},
            source=after.source,
            scale=rules.id,
            scale_version=rules.version,
            explanation=list(after.explanation),
            flags=list(after.flags),
        ),
        protocol=protocol,
        rows=["platelet_fall_percent", "platelets_after"],
    )


def completion_records(
    journey: Journey,
    protocol: Protocol,
    days: Sequence[CollectionDay],
    added: Totals,
    verdict: Acceptance,
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> list[Record]:
    """Whether the cells of a round are enough, and until when they may be used."""
    zone = journey.center.zone
    collected_on = min(day.started_at for day in days).astimezone(zone).date()
    decided_on = at.astimezone(zone).date()
    return [
        _acceptance(protocol, added, verdict, reason=reason, by=by, on=decided_on),
        *_expiry(protocol, collected_on=collected_on, decided_on=decided_on),
    ]


def _acceptance(
    protocol: Protocol, added: Totals, verdict: Acceptance, *, reason: str, by: Actor, on: date
) -> Record:
    """Cells used although the target isn't shown to be met are the confirmed `true`."""
    targets = protocol.collection_targets(on)
    return computed(
        "collection_acceptance",
        value=verdict.accepted,
        inputs={"product": protocol.product.name, "tnc": added.tnc, "cd3": added.cd3},
        answer=Answer(
            name="collection_acceptance",
            result={"accepted": verdict.accepted, "reasons": list(verdict.reasons)},
            source=_cited(protocol, targets),
            scale=protocol.id,
            scale_version=protocol.version,
            explanation=list(verdict.explanation),
            missing=list(verdict.missing),
            flags=list(verdict.flags),
        ),
        protocol=protocol,
        rows=targets,
        confirmed=True if verdict.accepted is not True else None,
        by=by,
        reason=reason,
    )


def _expiry(protocol: Protocol, *, collected_on: date, decided_on: date) -> Iterator[Record]:
    """Counted from the first day of the round; nothing where the protocol knows no such rule."""
    if not protocol.product.expiry:
        return
    found = expiry_day(protocol.product.expiry, collected_on=collected_on, decided_on=decided_on)
    rows = [found.rule] if found.rule else []
    yield computed(
        "collection_expiry",
        value=found.last_day,
        inputs={"collected_on": collected_on, "decided_on": decided_on},
        answer=Answer(
            name="collection_expiry",
            result={"last_day": found.last_day.isoformat() if found.last_day else None},
            source=_cited(protocol, rows),
            scale=protocol.id,
            scale_version=protocol.version,
            explanation=list(found.explanation),
        ),
        protocol=protocol,
        rows=rows,
    )


def _cited(protocol: Protocol, rows: Sequence[Row]) -> str:
    return "; ".join(dict.fromkeys(protocol.cite(row) for row in rows))
