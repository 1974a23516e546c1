"""Writes of the laboratory: sets of values, their correction, and what a clinician makes of IEC-HS."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, refuse_closed, refuse_future, require_stage
from toxicity.laboratory.catalog import Analyte
from toxicity.laboratory.inputs import HyperinflammationDetails, LabEntry, LabResult
from toxicity.laboratory.prompting import considered_answer, hyperinflammation_record
from toxicity.laboratory.units import canonical, checked, number_text, unit_of
from toxicity.models import HyperinflammationReview, LabSet, LabValue
from toxicity.reviewing import review
from toxicity.writing import bedside_write

Checked = Sequence[tuple[LabResult, Analyte, Decimal]]


def laboratory_record(
    *, journey_id: UUID, taken_at: datetime, entry: LabEntry, by: Actor, at: datetime
) -> LabSet:
    """Store at `at` the values of the specimen taken at `taken_at`; also before the infusion, for baselines.

    Raises `Invalid` with every value that is not possible or whose unit can't be converted, and `Conflict`
    `already_recorded` when the specimen has one of the values already.
    """
    with bedside_write(journey_id) as journey:
        refuse_closed(journey)
        made = _store(journey, entry, taken_at=taken_at, by=by, at=at)
        review(journey, at=at, by=by)
        return made


def laboratory_correct(
    *, set_id: UUID, taken_at: datetime, entry: LabEntry, reason: str, by: Actor, at: datetime
) -> LabSet:
    """Strike a set and record the right one instead, in one transaction."""
    journey_id = LabSet.objects.values_list("journey_id", flat=True).get(pk=set_id)
    with bedside_write(journey_id) as journey:
        refuse_closed(journey)
        _strike(set_id, reason=reason, by=by, at=at)
        made = _store(journey, entry, taken_at=taken_at, by=by, at=at)
        review(journey, at=at, by=by)
        return made


def laboratory_strike(*, set_id: UUID, reason: str, by: Actor, at: datetime) -> LabSet:
    """Mark a set as entered in error. It stays visible, struck through."""
    journey_id = LabSet.objects.values_list("journey_id", flat=True).get(pk=set_id)
    with bedside_write(journey_id) as journey:
        struck = _strike(set_id, reason=reason, by=by, at=at)
        review(journey, at=at, by=by)
        return struck


def hyperinflammation_consider(
    *, journey_id: UUID, details: HyperinflammationDetails, by: Actor, at: datetime
) -> HyperinflammationReview:
    """Keep what a clinician concludes about IEC-HS, with the checklist as the values stand at `at`.

    Raises `Invalid` for a grade without IEC-HS; the grade is the clinician's own, no rule gives one.
    """
    if details.grade is not None and details.decision != "present":
        sentence = _("Only IEC-HS that is present has a grade, from 1 to 5.")
        raise Invalid("invalid_input", sentence, fields={"grade": sentence})
    with bedside_write(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        answer = considered_answer(journey, details, at=at)
        facts = asdict(details) | {
            "trigger": answer["result"]["trigger"],
            "computed": [hyperinflammation_record(answer, details, by=by)],
        }
        new = NewEvent(EventKind.HYPERINFLAMMATION_CONSIDERED, at, facts)
        (event,) = append(journey_id, [new], by=by)
        made = HyperinflammationReview.objects.create(
            journey=journey,
            center_id=journey.center_id,
            considered_at=at,
            decision=details.decision,
            grade=details.grade,
            answer=answer,
            note=details.note,
            considered_by=by.name,
            event_id=event.id,
        )
        review(journey, at=at, by=by)
        return made


def hyperinflammation_strike(
    *, review_id: UUID, reason: str, by: Actor, at: datetime
) -> HyperinflammationReview:
    """Mark what was concluded about IEC-HS as entered in error."""
    journey_id = HyperinflammationReview.objects.values_list("journey_id", flat=True).get(pk=review_id)
    with bedside_write(journey_id) as journey:
        row = HyperinflammationReview.objects.select_for_update().get(pk=review_id)
        if row.struck_at:
            raise _struck_already()
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at)
        row.struck_at, row.struck_reason = at, reason
        row.save(update_fields=["struck_at", "struck_reason"])
        review(journey, at=at, by=by)
        return row


def _store(journey: Journey, entry: LabEntry, *, taken_at: datetime, by: Actor, at: datetime) -> LabSet:
    _refuse_impossible_time(journey, taken_at, at)
    found = _checked(entry)
    _refuse_known(journey, found, taken_at)
    facts = asdict(entry) | {"results": [_told(result, analyte) for result, analyte, _value in found]}
    (event,) = append(journey.pk, [NewEvent(EventKind.LABORATORY_RECORDED, taken_at, facts)], by=by)
    made = LabSet.objects.create(
        journey=journey,
        center_id=journey.center_id,
        taken_at=taken_at,
        source=entry.source,
        order=entry.order,
        note=entry.note,
        recorded_by=by.name,
        event_id=event.id,
    )
    LabValue.objects.bulk_create(
        LabValue(
            lab_set=made,
            journey=journey,
            taken_at=taken_at,
            analyte=analyte.code.value,
            value=value,
            comparator=result.comparator,
            low=_limit(analyte, result, result.low),
            high=_limit(analyte, result, result.high),
            given=number_text(result.value),
            given_unit=result.unit,
        )
        for result, analyte, value in found
    )
    return made


def _refuse_impossible_time(journey: Journey, taken_at: datetime, now: datetime) -> None:
    refuse_future(taken_at, now)
    if taken_at.astimezone(journey.center.zone).date() < journey.patient.birth_date:
        sentence = _("Give a time after the child was born.")
        raise Invalid("invalid_input", sentence, fields={"at": sentence})


def _checked(entry: LabEntry) -> Checked:
    """Every result with its analyte and value; what is wrong with any of them is said at once."""
    found: list[tuple[LabResult, Analyte, Decimal]] = []
    wrong: dict[str, str] = {}
    seen: set[str] = set()
    for place, result in enumerate(entry.results):
        try:
            analyte, value = checked(result)
        except Invalid as refusal:
            wrong |= {f"results.{place}.{field}": why for field, why in refusal.fields.items()}
            continue
        if analyte.code.value in seen:
            wrong[f"results.{place}.analyte"] = _("Give each analyte once.")
        seen.add(analyte.code.value)
        found.append((result, analyte, value))
    if wrong:
        raise Invalid("invalid_input", _("Some values can't be taken."), fields=wrong)
    return found


def _refuse_known(journey: Journey, found: Checked, at: datetime) -> None:
    wanted = {analyte.code.value: analyte for _result, analyte, _value in found}
    known = LabValue.objects.filter(journey=journey, taken_at=at, struck=False, analyte__in=wanted)
    names = ", ".join(str(wanted[code].label) for code in known.values_list("analyte", flat=True))
    if names:
        raise Conflict(
            "already_recorded",
            _("This specimen has these values already: %(names)s. Correct them instead.") % {"names": names},
        )


def _told(result: LabResult, analyte: Analyte) -> dict[str, Any]:
    """A result as the ledger keeps it: as given, its unit in UCUM."""
    return asdict(result) | {"unit": unit_of(analyte, result.unit)}


def _limit(analyte: Analyte, result: LabResult, limit: float | None) -> Decimal | None:
    unit = unit_of(analyte, result.unit)
    return None if limit is None or unit is None else canonical(analyte, limit, unit)


def _strike(set_id: UUID, *, reason: str, by: Actor, at: datetime) -> LabSet:
    row = LabSet.objects.select_for_update().get(pk=set_id)
    if row.struck_at:
        raise _struck_already()
    event_strike(row.journey_id, row.event_id, reason=reason, by=by, at=at)
    row.struck_at, row.struck_reason = at, reason
    row.save(update_fields=["struck_at", "struck_reason"])
    row.values.update(struck=True)
    return row


def _struck_already() -> Conflict:
    return Conflict("already_struck", _("This is already marked as entered in error."))
