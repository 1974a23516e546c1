"""Writes of bedside observations: recorded as a set, graded in the same transaction, corrected by strikes."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.ledger.chain import canonical
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.services import NewEvent, append
from patients.enums import Stage
from patients.models import Journey, Measurement
from patients.provenance import computed
from patients.services import event_strike, refuse_future, require_stage
from toxicity.assessing import assess, assessment_void
from toxicity.grading.hypotension import HypotensionLimitInput, calculate_hypotension_limit
from toxicity.models import Observation, ObservationSet
from toxicity.observations.catalog import CATALOG, ObservationCode
from toxicity.observations.graded import Graded, completed_by, graded, instrument_of
from toxicity.observations.inputs import ENTRY_NAMES, ObservationEntry
from toxicity.observations.limits import age_in_years
from toxicity.observations.rows import changes as changes_between
from toxicity.observations.rows import entry_of, kept, said
from toxicity.observations.since import refuse_overtaken
from toxicity.reviewing import review
from toxicity.writing import bedside_write

# Children are observed from their admission on; a time long before is a slip of the keyboard.
BEFORE_INFUSION: Final = timedelta(days=30)
STAGES: Final = (Stage.LYMPHODEPLETION, Stage.INFUSED, Stage.FOLLOW_UP)


def observations_record(
    *,
    journey_id: UUID,
    observed_at: datetime,
    entry: ObservationEntry,
    by: Actor,
    at: datetime,
    set_id: UUID | None = None,
) -> ObservationSet:
    """Keep what one person saw of a child at `observed_at`, and grade it; `at` is now.

    From lymphodepletion on; what is seen before the infusion is the child's own baseline and not graded. A
    weight becomes the child's weight of that time. With `set_id`, made where the entry was typed, sending the
    same entry twice keeps it once. Raises `Invalid` for nothing observed, a time in the future or long before
    the infusion, and ICE for a child whose test is CAPD; `Conflict` `wrong_stage`.
    """
    if entry.is_empty:
        raise _nothing_observed()
    refuse_future(observed_at, at)
    with bedside_write(journey_id) as journey:
        if set_id is not None and (sent := ObservationSet.objects.filter(pk=set_id).first()):
            return _sent_before(sent, journey)
        require_stage(journey, *STAGES)
        _refuse_long_ago(journey, observed_at, at)
        done = _completed(journey, entry, observed_at)
        found = graded(journey, entry, at=observed_at)
        facts = said(entry) | done | _judged(journey, entry, found, at=observed_at)
        (event,) = append(journey_id, [NewEvent(EventKind.OBSERVATIONS_RECORDED, observed_at, facts)], by=by)
        made = ObservationSet.objects.create(
            id=set_id or uuid4(),
            journey=journey,
            center_id=journey.center_id,
            observed_at=observed_at,
            recorded_at=at,
            recorded_by=by.name,
            circumstances=_circumstances(entry),
            note=entry.note,
            event_id=event.id,
            **{f"completes_{check}": value for check, value in done.items()},
        )
        _add(made, entry, entry.observed, event_id=event.id, by=by)
        _weigh(made, entry)
        _grade(made, found, by=by)
        review(journey, at=at, by=by)
        return made


def observations_correct(
    *,
    set_id: UUID,
    changes: Mapping[str, Any],
    reason: str,
    by: Actor,
    at: datetime,
    seen: int | None = None,
) -> ObservationSet:
    """Put values of a set right: `changes` holds the new values by the names of an entry, None for none.

    `seen` is the ledger number of the last correction that the writer had before them, 0 for none, None when
    nobody looked. Raises `Stale` `set_changed` when somebody put one of the same values right since.

    The old values stay, struck through. The set is graded anew; a grade that somebody had signed has to be
    signed again, for it was given for other values. Raises `Conflict` `already_struck` and `nothing_changed`,
    `Invalid` without a reason, for an unknown name, or when nothing would be left.
    """
    _refuse_no_reason(reason)
    unknown = {name: _("Not one of the known observations.") for name in changes if name not in ENTRY_NAMES}
    if unknown:
        raise Invalid("invalid_input", _("Not one of the known observations."), fields=unknown)
    with _set_locked(set_id) as (journey, found):
        if seen is not None:
            refuse_overtaken(found, changes, seen=seen)
        before = set_entry(found)
        after = replace(before, **changes)
        if after.is_empty:
            raise _nothing_observed()
        differences = changes_between(before, after)
        if not differences:
            raise Conflict("nothing_changed", _("Nothing is different from what was recorded."))
        done = _completed(journey, after, found.observed_at)
        anew = graded(journey, after, at=found.observed_at, instead_of=found.assessment)
        facts = {
            "event": Event.objects.values_list("seq", flat=True).get(pk=found.event_id),
            "changes": differences,
            "reason": reason,
            **done,
            **_judged(journey, after, anew, at=found.observed_at),
        }
        (event,) = append(journey.pk, [NewEvent(EventKind.OBSERVATION_CORRECTED, at, facts)], by=by)
        _void_grades(found, reason=reason, by=by, at=at)
        _replace_values(found, after, differences, reason=reason, event=event, by=by)
        found.circumstances, found.note = _circumstances(after), after.note
        for check, value in done.items():
            setattr(found, f"completes_{check}", value)
        found.save()
        if "weight_kg" in differences:
            _weigh(found, after)
        _grade(found, anew, by=by)
        review(journey, at=at, by=by)
        return found


def observations_strike(*, set_id: UUID, reason: str, by: Actor, at: datetime) -> ObservationSet:
    """Mark a whole set as entered in error, e.g. for another child, and with it the grade that it gave.

    It stays visible, struck through. Raises `Conflict` `already_struck`, `Invalid` without a reason.
    """
    _refuse_no_reason(reason)
    with _set_locked(set_id) as (journey, found):
        event_strike(journey.pk, found.event_id, reason=reason, by=by, at=at)
        _void_grades(found, reason=reason, by=by, at=at)
        _unweigh(found)
        found.struck_at, found.struck_by, found.struck_reason = at, by.name, reason
        found.save()
        review(journey, at=at, by=by)
        return found


def set_entry(found: ObservationSet) -> ObservationEntry:
    """What counts of a set, as it would be entered."""
    return entry_of(found.observations.all(), circumstances=found.circumstances, note=found.note)


@contextmanager
def _set_locked(set_id: UUID) -> Iterator[tuple[Journey, ObservationSet]]:
    """A standing set and its journey, locked. Raises `NotFound`, `Conflict` `already_struck`."""
    journey_id = ObservationSet.objects.filter(pk=set_id).values_list("journey_id", flat=True).first()
    if journey_id is None:
        raise NotFound
    with bedside_write(journey_id) as journey:
        found = (
            ObservationSet.objects.select_for_update(of=("self",))
            .select_related("assessment", "measurement")
            .get(pk=set_id)
        )
        if found.struck_at is not None:
            raise Conflict("already_struck", _("This set is already marked as entered in error."))
        yield journey, found


def _sent_before(sent: ObservationSet, journey: Journey) -> ObservationSet:
    if sent.journey_id != journey.pk:
        raise Conflict("set_known", _("This entry belongs to another child."))
    return sent


def _nothing_observed() -> Invalid:
    return Invalid(
        "invalid_input",
        _("Nothing observed."),
        fields={ObservationCode.TEMPERATURE_C.value: _("Enter at least one observation.")},
    )


def _refuse_no_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"reason": _("Say what was wrong.")})


def _refuse_long_ago(journey: Journey, observed_at: datetime, at: datetime) -> None:
    if observed_at < (journey.infused_at or at) - BEFORE_INFUSION:
        raise Invalid(
            "invalid_input",
            _("Long before the infusion."),
            fields={"at": _("Give a time within the 30 days before the infusion, or after it.")},
        )


def _completed(journey: Journey, entry: ObservationEntry, observed_at: datetime) -> dict[str, bool]:
    """Which checks the set completes, once its bedside test is known to fit the child."""
    instrument = instrument_of(journey, entry, at=observed_at)
    if entry.ice is not None and instrument == "CAPD":
        raise Invalid(
            "invalid_input",
            _("ICE is not this child's test."),
            fields={"ice": _("Under 12 years, or with a developmental delay, CAPD is the test.")},
        )
    return asdict(completed_by(journey, entry, instrument, at=observed_at))


def _judged(journey: Journey, entry: ObservationEntry, found: Graded, *, at: datetime) -> dict[str, Any]:
    """What rules said of the set besides the grades, with the record of the rule."""
    facts: dict[str, Any] = {"ungraded": found.ungraded} if found.ungraded else {}
    if found.pressure.because != "below_limit" or entry.systolic is None:
        return facts
    day = at.astimezone(journey.center.zone).date()
    asked = HypotensionLimitInput(
        age_years=age_in_years(journey.patient.birth_date, day), systolic=float(entry.systolic)
    )
    record = computed(
        "hypotension_limit",
        value=found.limit,
        unit="mmHg",
        inputs=asdict(asked),
        answer=calculate_hypotension_limit(asked),
    )
    return facts | {"below_mmhg": found.limit, "computed": [record]}


def _circumstances(entry: ObservationEntry) -> dict[str, Any]:
    told: dict[str, Any] = canonical(entry.circumstances)
    return told


def _add(
    made: ObservationSet, entry: ObservationEntry, codes: Iterable[str], *, event_id: int, by: Actor
) -> None:
    Observation.objects.bulk_create(
        Observation(
            observation_set=made,
            code=code.value,
            loinc=CATALOG[code].loinc,
            unit=CATALOG[code].unit,
            event_id=event_id,
            recorded_by=by.name,
            **kept(code, getattr(entry, code)),
        )
        for code in map(ObservationCode, sorted(codes))
    )


def _replace_values(
    found: ObservationSet,
    after: ObservationEntry,
    differences: Mapping[str, Any],
    *,
    reason: str,
    event: Event,
    by: Actor,
) -> None:
    """Strike the values that changed and add the new ones beside them."""
    changed = set(differences) & set(ObservationCode.values)
    found.observations.filter(code__in=changed, struck_at=None).update(
        struck_at=event.occurred_at, struck_by=by.name, struck_reason=reason
    )
    _add(found, after, changed & after.observed, event_id=event.id, by=by)


def _void_grades(found: ObservationSet, *, reason: str, by: Actor, at: datetime) -> None:
    if found.assessment is not None and found.assessment.struck_at is None:
        assessment_void(found.assessment, reason=reason, by=by, at=at)


def _weigh(made: ObservationSet, entry: ObservationEntry) -> None:
    """Let a weight of the set be the child's weight of that time, instead of the one it had before."""
    _unweigh(made)
    if entry.weight_kg is None:
        return
    made.measurement = Measurement.objects.create(
        patient_id=made.journey.patient_id, measured_at=made.observed_at, weight_kg=entry.weight_kg
    )
    made.save(update_fields=["measurement"])


def _unweigh(found: ObservationSet) -> None:
    """Take the weight back; what was recorded stays in the set and in the ledger."""
    if found.measurement is not None:
        found.measurement.delete()
        found.measurement = None


def _grade(made: ObservationSet, found: Graded, *, by: Actor) -> None:
    """Store the grades of the set as an assessment of its time."""
    made.assessment = None
    if found.details is not None:
        made.assessment = assess(
            made.journey, found.details, by=by, at=made.observed_at, answers=found.answers
        )
    made.ungraded = found.ungraded
    made.save(update_fields=["assessment", "ungraded"])
