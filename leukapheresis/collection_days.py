"""Writes of single days of collection: recorded, corrected, struck as entered in error."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.core.said import said_text
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from leukapheresis.collection_identity import check_for
from leukapheresis.collection_records import day_records, machine_volume_ml
from leukapheresis.completion import acceptance_record
from leukapheresis.enums import WHOLE_BLOOD, CollectionSource
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import Collection, CollectionAdverseEvent, CollectionDay, CryoBag
from leukapheresis.person import person_collected
from leukapheresis.rules.acceptance import acceptance
from leukapheresis.rules.bags import din_problem, too_much
from leukapheresis.selectors import Totals, collection_days, current_round, source_expected, totals
from patients.donors import donor_of, needs_donor
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, refuse_closed, require_stage

COLLECTING: Final = (Stage.ACCEPTED, Stage.APHERESIS_PLANNED)
# Of blood drawn without a machine none of these can be known.
OF_THE_MACHINE: Final = (
    *("device", "program", "prime", "prime_unit", "ecv_ml", "inlet_volume_ml", "volume_processed_ml"),
    *("anticoagulant_ratio", "anticoagulant_ml"),
)
_NOT_COLUMNS: Final = ("method", "adverse", "prime", "access", "ecv_ml")


def collection_day_record(
    *, journey_id: UUID, day: CollectionDayDetails, by: Actor, at: datetime
) -> CollectionDay:
    """Record one day of collection that started at `at`; its number follows from the days around it.

    Without an identity check by two people before the start a reason is needed. Cells collected before this
    treatment was planned (`history_reason`) can be recorded from the referral on, and need no check here.
    """
    with journey_locked(journey_id) as journey:
        stages = (Stage.REFERRED, *COLLECTING) if day.history_reason.strip() else COLLECTING
        require_stage(journey, *stages)
        round_number = current_round(journey_id)
        days = collection_days(journey_id, round_number=round_number)
        number = _place(days, at)
        facts, columns, adverse = _judged(journey, day, days, round_number, number, by=by, at=at)
        (event,) = append(journey_id, [NewEvent(EventKind.COLLECTION_DAY_RECORDED, at, facts)], by=by)
        try:
            with transaction.atomic():
                row = CollectionDay.objects.create(
                    journey=journey,
                    center_id=journey.center_id,
                    round=round_number,
                    number=number,
                    started_at=at,
                    event_id=event.id,
                    **columns,
                )
        except IntegrityError as error:
            raise _din_taken(error) from error
        _adverse_kept(row, adverse)
        return row


def collection_day_correct(
    *, day_id: int, day: CollectionDayDetails, started_at: datetime, reason: str, by: Actor, at: datetime
) -> CollectionDay:
    """Put right what was recorded of a day; the ledger keeps what stood there and why it changed.

    Raises `Conflict` `more_in_bags` when the bags hold more than the day then brought.
    """
    known = CollectionDay.objects.get(pk=day_id)
    with journey_locked(known.journey_id) as journey:
        row = _live_day(known.pk)
        refuse_closed(journey)
        _refuse_no_reason(reason)
        others = [each for each in collection_days(journey.pk, round_number=row.round) if each.pk != row.pk]
        if _place(others, started_at, own=row.number) != row.number:
            raise _out_of_order()
        facts, columns, adverse = _judged(journey, day, others, row.round, row.number, by=by, at=started_at)
        struck_event = row.event_id
        for name, value in {**columns, "started_at": started_at}.items():
            setattr(row, name, value)
        _refuse_more_in_bags(row)
        whole = _completed_again(journey, row.round, [*others, row], reason=reason, by=by, at=at)
        records = [*facts["computed"], *whole.pop("computed", [])]
        facts |= {"reason": reason, "started_at": started_at, **whole, "computed": records}
        event, _struck = append(
            journey.pk,
            [
                NewEvent(EventKind.COLLECTION_DAY_CORRECTED, at, facts),
                NewEvent(EventKind.ENTERED_IN_ERROR, at, {"reason": reason}, corrects=struck_event),
            ],
            by=by,
        )
        row.event_id = event.id
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise _din_taken(error) from error
        CollectionAdverseEvent.objects.filter(day=row).delete()
        _adverse_kept(row, adverse)
        return row


def collection_day_strike(*, day_id: int, reason: str, by: Actor, at: datetime) -> CollectionDay:
    """Take a day out that was entered in error; the totals are those of the days that are left.

    Raises `Conflict` `already_struck`, `bags_exist` while bags of that day are kept, and `only_day` for the
    only day of a completed collection, which can be corrected.
    """
    known = CollectionDay.objects.get(pk=day_id)
    with journey_locked(known.journey_id) as journey:
        row = _live_day(known.pk)
        refuse_closed(journey)
        _refuse_no_reason(reason)
        if CryoBag.objects.filter(day=row, struck_at=None).exists():
            raise Conflict("bags_exist", _("Strike the frozen bags of this day first."))
        rest = [each for each in collection_days(journey.pk, round_number=row.round) if each.pk != row.pk]
        facts = _completed_again(journey, row.round, rest, reason=reason, by=by, at=at)
        CollectionDay.objects.filter(pk=row.pk).update(struck_at=at)
        event_strike(journey.pk, row.event_id, reason=reason, by=by, at=at, facts=facts)
        return CollectionDay.objects.get(pk=row.pk)


def _live_day(day_id: int) -> CollectionDay:
    row = CollectionDay.objects.get(pk=day_id)
    if row.struck_at is not None:
        raise Conflict("already_struck", _("This day was struck already."))
    return row


def _refuse_no_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"reason": _("Say what was wrong.")})


def _place(days: Sequence[CollectionDay], at: datetime, *, own: int | None = None) -> int:
    """The number of a day that starts at `at` between the others; `own` is kept where it fits."""
    before = [each for each in days if each.started_at < at]
    after = [each for each in days if each.started_at >= at]
    lowest = before[-1].number + 1 if before else 1
    if after and lowest >= after[0].number:
        raise _out_of_order()
    if own is not None and own >= lowest and (not after or own < after[0].number):
        return own
    return lowest


def _out_of_order() -> Invalid:
    return Invalid(
        "invalid_input",
        _("A day before the last one."),
        fields={"started_at": _("The start must lie after the collection day before.")},
    )


def _judged(
    journey: Journey,
    day: CollectionDayDetails,
    others: Sequence[CollectionDay],
    round_number: int,
    number: int,
    *,
    by: Actor,
    at: datetime,
) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """The event's data, the row's columns and the adverse events of a day, once nothing speaks against it."""
    protocol = protocol_for(journey)
    expected = source_expected(journey, on=journey.center.local_day(at))
    source = _source(expected, day)
    _refuse_unknown_donor(journey)
    _refuse_impossible(day, source, at)
    _refuse_other_source(others, source)
    day = replace(day, din=day.din.replace(" ", "").upper())
    check = None if day.history_reason else check_for(journey, round_number, number, at=at)
    if check is None and not day.history_reason and not day.identity_missing_reason.strip():
        raise Invalid(
            "identity_not_verified",
            _("Two people have not confirmed who is collected."),
            fields={"identity_missing_reason": _("Say why, or confirm identity before the start.")},
        )
    if check is not None:
        day = replace(day, identity_missing_reason="")
    records = day_records(journey, protocol, day, source=source, others=others, at=at, by=by)
    facts = {
        "round": round_number,
        "day": number,
        "source": source.value,
        "identity_verified": check is not None,
        **asdict(day),
        "computed": records,
    }
    given = asdict(day)
    columns = {name: value for name, value in given.items() if name not in _NOT_COLUMNS}
    columns |= {
        "prime": day.prime or "",
        "access": day.access or "",
        "source": source,
        "identity": check,
        "ecv_ml": None if source in WHOLE_BLOOD else machine_volume_ml(journey, day, at=at),
        **_blood_volume(journey, day, at=at),
    }
    return facts, columns, list(given["adverse"])


def _blood_volume(journey: Journey, day: CollectionDayDetails, *, at: datetime) -> dict[str, Any]:
    person = person_collected(journey, at=at)
    if day.weight_kg is not None:
        person = replace(person, weight_kg=day.weight_kg)
    volume = person.blood_volume(journey)
    if volume is None:
        return {"blood_volume_ml": None, "blood_volume_method": ""}
    return {"blood_volume_ml": round(volume.ml), "blood_volume_method": volume.method}


def _source(expected: CollectionSource, day: CollectionDayDetails) -> CollectionSource:
    """Whose cells, as the product says, and how they were taken, as the person says."""
    if day.method is None:
        return expected
    whose = "donor" if expected.value.startswith("donor") else "autologous"
    return CollectionSource(f"{whose}_{day.method}")


def _refuse_other_source(others: Sequence[CollectionDay], source: CollectionSource) -> None:
    if any(each.source != source for each in others):
        raise Conflict(
            "other_source",
            _("The days before were collected another way: complete that round first."),
            fields={"method": _("All days of one round are collected the same way.")},
        )


def _refuse_unknown_donor(journey: Journey) -> None:
    """What was done is recorded even with a late test, but never without knowing whose cells they are."""
    if needs_donor(journey) and donor_of(journey) is None:
        raise Conflict("donor_not_ready", _("Record the donor first: these cells are not the child's own."))


def _refuse_impossible(day: CollectionDayDetails, source: CollectionSource, at: datetime) -> None:
    problems: dict[str, str] = {}
    if day.tnc is not None and day.cd3 is not None and day.cd3 > day.tnc:
        problems["cd3"] = _("CD3+ cells can't exceed nucleated cells.")
    if day.ended_at is not None and day.ended_at <= at:
        problems["ended_at"] = _("The end must lie after the start.")
    if day.prime_unit and day.prime in ("none", "albumin"):
        problems["prime_unit"] = _("Only a prime with red cells or whole blood has a unit.")
    if _is_less(day.inlet_volume_ml, day.anticoagulant_ml):
        problems["anticoagulant_ml"] = _("The anticoagulant is part of the inlet volume: it can't exceed it.")
    if _is_less(day.inlet_volume_ml, day.volume_processed_ml):
        problems["volume_processed_ml"] = _("No more can be processed than came in.")
    if _is_less(day.ionized_calcium_before_mmol_l, day.ionized_calcium_lowest_mmol_l):
        problems["ionized_calcium_lowest_mmol_l"] = _("The lowest value can't exceed the one before.")
    if day.din and (problem := din_problem(day.din.upper())):
        problems["din"] = said_text(problem)
    if source in WHOLE_BLOOD:
        problems |= {
            name: _("Whole blood is drawn without a machine.")
            for name in OF_THE_MACHINE
            if getattr(day, name) not in (None, "", "none")
        }
    if any(each.at is not None and each.at < at for each in day.adverse):
        problems["adverse"] = _("An adverse event of this day can't lie before its start.")
    if problems:
        raise Invalid("invalid_input", _("The collection day is not possible."), fields=problems)


def _is_less(whole: float | None, part: float | None) -> bool:
    return whole is not None and part is not None and whole < part


def _refuse_more_in_bags(row: CollectionDay) -> None:
    bags = [bag.filled for bag in CryoBag.objects.filter(day=row, struck_at=None)]
    problems = too_much(bags, volume_ml=row.product_volume_ml, tnc=row.tnc, cd3=row.cd3)
    if problems:
        told = {
            "product_volume_ml" if name == "volume_ml" else name: said_text(sentence)
            for name, sentence in problems.items()
        }
        raise Conflict("more_in_bags", " ".join(told.values()), fields=told)


def _din_taken(error: IntegrityError) -> Exception:
    if "collection_din_once" not in str(error):
        return error
    sentence = _("This donation number belongs to another collection day.")
    return Conflict("din_taken", sentence, fields={"din": sentence})


def _adverse_kept(row: CollectionDay, adverse: Sequence[dict[str, Any]]) -> None:
    CollectionAdverseEvent.objects.bulk_create(
        CollectionAdverseEvent(day=row, **{**each, "at": each["at"]}) for each in adverse
    )


def _completed_again(
    journey: Journey,
    round_number: int,
    days: Sequence[CollectionDay],
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> dict[str, Any]:
    """The sums of a completed round with its days as they are now, judged anew; nothing of an open one."""
    whole = Collection.objects.filter(journey=journey, round=round_number).first()
    if whole is None:
        return {}
    if not days:
        raise Conflict("only_day", _("It is the only day of a completed collection: correct it instead."))
    added: Totals = totals(sorted(days, key=lambda each: each.number))
    protocol = protocol_for(journey)
    on = journey.center.local_day(whole.completed_at)
    verdict = acceptance(protocol.collection_targets(on), tnc=added.tnc, cd3=added.cd3)
    why = whole.decision_reason or ("" if verdict.accepted is True else reason)
    Collection.objects.filter(pk=whole.pk).update(
        days=added.days,
        tnc_total=added.tnc,
        cd3_total=added.cd3,
        is_accepted=verdict.accepted,
        reasons=list(verdict.reasons),
        decision_reason=why,
    )
    return {
        "days": added.days,
        "tnc_total": added.tnc,
        "cd3_total": added.cd3,
        "accepted": verdict.accepted,
        "computed": [acceptance_record(protocol, added, verdict, reason=why, by=by, on=on)],
    }
