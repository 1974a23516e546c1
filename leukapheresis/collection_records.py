"""What is kept beside the verdicts of a collection: volumes, efficiency, what follows, acceptance, expiry."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final, cast

from cartpath.core.actor import Actor
from cartpath.core.answers import Answer
from cartpath.core.quantities import cells_text
from cartpath.core.sentences import say
from cartpath.protocols.rows import Row, figure
from cartpath.protocols.schema import Protocol
from leukapheresis.enums import WHOLE_BLOOD, CollectionSource
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import CollectionDay
from leukapheresis.person import person_collected
from leukapheresis.records import cited
from leukapheresis.rules.blood_volume import BloodVolume, blood_volume
from leukapheresis.rules.counts import BloodCounts
from leukapheresis.rules.efficiency import CollectionEfficiencyInput, calculate_collection_efficiency
from leukapheresis.rules.next_day import next_day
from leukapheresis.rules.plan import circuit, platelets_after
from leukapheresis.rules.tables import Sex
from leukapheresis.selectors import machine_booked
from patients.models import Journey
from patients.provenance import NO_REASON, Record, computed

ARITHMETIC: Final = "Arithmetic"


def day_records(
    journey: Journey,
    protocol: Protocol,
    day: CollectionDayDetails,
    *,
    source: CollectionSource,
    others: Sequence[CollectionDay],
    at: datetime,
    by: Actor | None = None,
) -> list[Record]:
    """What one day of collection lets the rules say; what is not known is left out, never guessed.

    `others` are the other days of the round: together with this one they lead to what the rules propose next.
    """
    next_one = _next_day(journey, protocol, day, others=others, at=at, by=by)
    if source in WHOLE_BLOOD:
        return [*_cells_per_kg(day), *next_one]
    return [
        *_volumes(journey, protocol, day, at=at),
        *_processed(day),
        *_efficiency(day),
        *_cells_per_kg(day),
        *_platelets(protocol, day),
        *next_one,
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
    ecv_ml = machine_volume_ml(journey, day, at=at)
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


def machine_volume_ml(journey: Journey, day: CollectionDayDetails, *, at: datetime) -> int | None:
    """The extracorporeal volume as told, else that of the machine booked for the day; None is unknown."""
    if day.ecv_ml is not None:
        return day.ecv_ml
    machine = machine_booked(journey, at=at)
    return machine.extracorporeal_volume_ml if machine else None


def processed_ml(day: CollectionDayDetails) -> int | None:
    """The volume processed; without it, inlet less anticoagulant when both are known."""
    if day.volume_processed_ml is not None:
        return day.volume_processed_ml
    if day.inlet_volume_ml is None or day.anticoagulant_ml is None:
        return None
    return day.inlet_volume_ml - day.anticoagulant_ml


def _processed(day: CollectionDayDetails) -> Iterator[Record]:
    """The volume processed where it is computed, not told."""
    volume = processed_ml(day)
    if volume is None or day.volume_processed_ml is not None:
        return
    yield computed(
        "volume_processed",
        value=volume,
        unit="mL",
        inputs={"inlet_volume_ml": day.inlet_volume_ml, "anticoagulant_ml": day.anticoagulant_ml},
        answer=Answer(
            name="volume_processed",
            result={"volume_processed_ml": volume},
            source=ARITHMETIC,
            explanation=[say("Inlet volume less the anticoagulant in it: {volume} mL.", volume=volume)],
        ),
    )


def _efficiency(day: CollectionDayDetails) -> Iterator[Record]:
    volume = processed_ml(day)
    if day.cd3 is None or not day.pre_cd3_per_ul or not volume:
        return
    asked = CollectionEfficiencyInput(
        product_cells=day.cd3,
        pre_count_per_ul=day.pre_cd3_per_ul,
        volume_processed_ml=volume,
        post_count_per_ul=day.post_cd3_per_ul,
    )
    answer = calculate_collection_efficiency(asked)
    yield computed(
        "collection_efficiency",
        value=answer.result["ce2_percent"],
        unit="%",
        inputs=asdict(asked),
        answer=answer,
    )


def _cells_per_kg(day: CollectionDayDetails) -> Iterator[Record]:
    if day.cd3 is None or day.weight_kg is None:
        return
    per_kg = day.cd3 / day.weight_kg
    yield computed(
        "cd3_per_kg",
        value=round(per_kg),
        unit="/kg",
        inputs={"cd3": day.cd3, "weight_kg": day.weight_kg},
        answer=Answer(
            name="cd3_per_kg",
            result={"cd3_per_kg": round(per_kg)},
            source=ARITHMETIC,
            explanation=[
                say(
                    "{cells} CD3+ cells ÷ {weight:g} kg = {per_kg} per kg.",
                    cells=cells_text(day.cd3),
                    weight=day.weight_kg,
                    per_kg=cells_text(per_kg),
                )
            ],
        ),
    )


def _next_day(
    journey: Journey,
    protocol: Protocol,
    day: CollectionDayDetails,
    *,
    others: Sequence[CollectionDay],
    at: datetime,
    by: Actor | None,
) -> Iterator[Record]:
    """What the rules propose after this day; the decision is the confirmed one where it differs."""
    on = journey.center.local_day(at)
    targets = protocol.collection_targets(on)
    tnc = _together([each.tnc for each in others], day.tnc)
    cd3 = _together([each.cd3 for each in others], day.cd3)
    found = next_day(
        protocol.apheresis,
        targets,
        days=len(others) + 1,
        tnc=tnc,
        cd3=cd3,
        after=blood_after(day),
    )
    if found.proposal is None:
        return
    differs = found.proposal != day.decision
    yield computed(
        "collection_next_day",
        value=found.proposal,
        inputs={
            "days": len(others) + 1,
            "tnc": tnc,
            "cd3": cd3,
            "post_cd3_per_ul": day.post_cd3_per_ul,
            "post_platelets": day.post_platelets_e9_per_l,
            "post_hemoglobin": day.post_hemoglobin_g_dl,
        },
        answer=Answer(
            name="collection_next_day",
            result={"proposal": found.proposal},
            source=cited(protocol, targets),
            scale=protocol.id,
            scale_version=protocol.version,
            explanation=list(found.explanation),
            missing=list(found.missing),
        ),
        protocol=protocol,
        rows=list(found.rows),
        confirmed=day.decision if differs else None,
        by=by,
        reason=day.decision_reason or NO_REASON,
    )


def blood_after(day: CollectionDayDetails | CollectionDay) -> BloodCounts:
    """The blood after a day, as far as it was counted."""
    hemoglobin = day.post_hemoglobin_g_dl
    return BloodCounts(
        cd3_per_ul=day.post_cd3_per_ul,
        platelets_e9_per_l=day.post_platelets_e9_per_l,
        hemoglobin_g_dl=None if hemoglobin is None else float(hemoglobin),
    )


def _together(before: Sequence[int | None], now: int | None) -> int | None:
    numbers = [*before, now]
    return None if any(each is None for each in numbers) else sum(each or 0 for each in numbers)


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
