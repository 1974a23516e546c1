"""B-cell aplasia after CAR T cells, folded over blood samples.

Source: the `b_cell_aplasia` rows of the follow-up part: what shows B cells (Cincinnati), how a second
sample confirms it, what is early (ASH Education 2025). Absent B cells show that CAR T cells still work;
their return, that they don't.

The machine: aplasia → suspected loss (first sample over the threshold) → loss (a second one confirms) →
recovered (a further one). A sample without B cells takes a suspicion back; after a confirmed loss it is noted
and changes nothing. After a transplant, from the start of conditioning, donor B cells return whatever the
CAR T cells do: aplasia is no longer followed. A drug against B cells keeps them away by itself: flagged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from cartpath.core.dates import add_months
from cartpath.core.sentences import say
from cartpath.protocols.sections import BCellAplasia, BCellLoss, BCellRecovery

# The states as they are published; a recovery is a loss to the outside.
State = Literal["ongoing", "suspected_loss", "lost", "not_applicable"]
Stage = Literal["ongoing", "suspected_loss", "lost", "recovered", "not_applicable"]
Amount = float | Decimal


@dataclass(frozen=True, slots=True)
class BCellSample:
    """One blood sample: CD19+ cells as a percentage and per microliter; unknown is None."""

    taken_on: date
    percent: Amount | None = None
    per_ul: Amount | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of the course: its stage, from a day on."""

    stage: Stage
    since: date


@dataclass(frozen=True, kw_only=True, slots=True)
class BCellCourse:
    """What is known of B-cell aplasia.

    `state` is None while no sample tells anything. `since` is the day from which it holds. After a sample
    over the threshold, `first_positive_on` is its day, and a second one from `confirm_from` to
    `confirm_until` confirms the loss, on `confirmed_on`. `is_early` tells whether that first sample lies
    before the limit. `recovered_on` is the day of the further sample with B cells, `absent_again_on` the
    latest day without any after a loss. `phases` is the whole course.
    """

    state: State | None = None
    since: date | None = None
    first_positive_on: date | None = None
    confirm_from: date | None = None
    confirm_until: date | None = None
    is_early: bool | None = None
    explanation: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    confirmed_on: date | None = None
    recovered_on: date | None = None
    absent_again_on: date | None = None
    phases: tuple[Phase, ...] = ()

    @property
    def stage(self) -> Stage | None:
        """The state, with a recovery told from a loss."""
        return "recovered" if self.state == "lost" and self.recovered_on else self.state


def b_cell_course(
    rule: BCellAplasia,
    samples: Iterable[BCellSample],
    *,
    infused_on: date | None,
    conditioning_on: date | None = None,
    depleting_drug_on: Sequence[date] = (),
    infused_again_on: date | None = None,
) -> BCellCourse:
    """Fold the samples, in order of their days, into the present state.

    Samples before the infusion, and from conditioning or a further infusion on, don't count. Of several
    samples of one day the highest values count. A sample with one value only, below, is taken as aplasia
    where either value is enough, and the other is listed in `missing`.

    Source: the `b_cell_aplasia` rows of the protocol (Cincinnati).
    """
    if infused_on is None:
        return BCellCourse(explanation=(say("There was no infusion yet."),))
    course = BCellCourse()
    end = min((day for day in (conditioning_on, infused_again_on) if day is not None), default=date.max)
    for sample in _by_day(samples):
        if infused_on <= sample.taken_on < end:
            course = _phased(course, _step(course, sample, rule, infused_on), sample.taken_on)
    if conditioning_on is not None and conditioning_on == end:
        said = say(
            "Not followed from {day} on: after conditioning, B cells come from the donor.",
            day=end.isoformat(),
        )
        return _ended(course, end, said)
    if infused_again_on is not None:
        said = say(
            "Not followed from {day} on: a further infusion is followed in its own journey.",
            day=end.isoformat(),
        )
        return _ended(course, end, said)
    if any(day >= infused_on for day in depleting_drug_on) and course.state is not None:
        return replace(course, flags=(*course.flags, "b_cell_depleting_drug"))
    return course


def b_cell_aplasia(
    rule: BCellAplasia,
    samples: Iterable[BCellSample],
    *,
    infused_on: date | None,
    conditioning_on: date | None = None,
) -> State | None:
    """The state alone; see `b_cell_course`.

    Source: the `b_cell_aplasia` rows of the protocol (Cincinnati).
    """
    return b_cell_course(rule, samples, infused_on=infused_on, conditioning_on=conditioning_on).state


def shows_b_cells(rule: BCellAplasia, sample: BCellSample) -> bool | None:
    """Whether a sample shows B cells by the center's definition; None when its values don't tell.

    Where both limits must be passed, one value below is enough to say no, and one above tells nothing alone.

    Source: the `b_cell_aplasia` rows of the protocol (Cincinnati).
    """
    loss = rule.loss
    over = [
        None if value is None else _is_over(loss, value, limit)
        for value, limit in ((sample.percent, loss.percent_above), (sample.per_ul, loss.per_ul_above))
        if limit is not None
    ]
    if loss.require == "all":
        return False if False in over else None if None in over else True
    return True if True in over else False if False in over else None


def _is_over(loss: BCellLoss, value: Amount, limit: float) -> bool:
    return value >= limit if loss.or_equal else value > limit


def _by_day(samples: Iterable[BCellSample]) -> list[BCellSample]:
    """One sample a day: B cells that one tube shows aren't hidden by another."""
    days: dict[date, list[BCellSample]] = {}
    for sample in samples:
        days.setdefault(sample.taken_on, []).append(sample)
    return [
        BCellSample(day, _highest(each.percent for each in taken), _highest(each.per_ul for each in taken))
        for day, taken in sorted(days.items())
    ]


def _highest(values: Iterable[Amount | None]) -> Amount | None:
    return max((value for value in values if value is not None), default=None)


def _step(course: BCellCourse, sample: BCellSample, rule: BCellAplasia, infused_on: date) -> BCellCourse:
    positive = shows_b_cells(rule, sample)
    if positive is None:
        return course
    if course.state == "lost":
        return _after_loss(course, sample.taken_on, positive, rule.recovery)
    if not positive:
        return _aplastic(course, sample, rule.loss)
    if course.state != "suspected_loss":
        return _suspected(sample, rule, infused_on)
    return _confirmed(course, sample)


def _phased(before: BCellCourse, after: BCellCourse, day: date) -> BCellCourse:
    if after.stage is None or after.stage == before.stage:
        return replace(after, phases=before.phases)
    return replace(after, phases=(*before.phases, Phase(after.stage, day)))


def _aplastic(course: BCellCourse, sample: BCellSample, loss: BCellLoss) -> BCellCourse:
    # A sample that doesn't confirm takes the suspicion back.
    limits = {"percent": loss.percent_above, "per_ul": loss.per_ul_above}
    unknown = [name for name, limit in limits.items() if limit is not None and getattr(sample, name) is None]
    return BCellCourse(
        state="ongoing",
        since=course.since if course.state == "ongoing" else sample.taken_on,
        explanation=(say("No B cells over the threshold on {day}.", day=sample.taken_on.isoformat()),),
        missing=tuple(f"b_cells_{name}" for name in unknown),
    )


def _suspected(sample: BCellSample, rule: BCellAplasia, infused_on: date) -> BCellCourse:
    first = sample.taken_on
    is_early = first < add_months(infused_on, rule.early_loss.before_months)
    return BCellCourse(
        state="suspected_loss",
        since=first,
        first_positive_on=first,
        confirm_from=first + timedelta(days=rule.confirmation.after_days),
        confirm_until=first + timedelta(days=rule.confirmation.within_days),
        is_early=is_early,
        explanation=(
            say("B cells over the threshold for the first time on {day}.", day=first.isoformat()),
            *(
                [say("That is before {months} months: early.", months=rule.early_loss.before_months)]
                if is_early
                else []
            ),
        ),
        flags=("early_loss",) if is_early else (),
    )


def _confirmed(course: BCellCourse, sample: BCellSample) -> BCellCourse:
    start, end = course.confirm_from, course.confirm_until
    if start is None or end is None or sample.taken_on < start:
        return course  # too soon after the first one to confirm it
    # A second sample that comes late still shows B cells; a loss is better known late than never.
    late = ("confirmed_late",) if sample.taken_on > end else ()
    said = say("Confirmed by a second sample on {day}.", day=sample.taken_on.isoformat())
    return replace(
        course,
        state="lost",
        confirmed_on=sample.taken_on,
        explanation=(*course.explanation, said),
        flags=(*course.flags, *late),
    )


def _after_loss(course: BCellCourse, day: date, positive: bool, rule: BCellRecovery | None) -> BCellCourse:
    if not positive:
        said = say("No B cells again on {day}: noted, the loss stands.", day=day.isoformat())
        again = () if "b_cells_absent_again" in course.flags else ("b_cells_absent_again",)
        return replace(
            course,
            absent_again_on=day,
            explanation=(*course.explanation, said),
            flags=(*course.flags, *again),
        )
    if rule is None or course.confirmed_on is None or course.recovered_on is not None:
        return course
    if day < course.confirmed_on + timedelta(days=rule.after_days):
        return course  # too soon after the sample that confirmed the loss
    said = say("B cells seen again on {day}: they are back for good.", day=day.isoformat())
    return replace(course, recovered_on=day, explanation=(*course.explanation, said))


def _ended(course: BCellCourse, on: date, said: str) -> BCellCourse:
    return replace(
        course,
        state="not_applicable",
        since=on,
        explanation=(*course.explanation, said),
        flags=tuple(flag for flag in course.flags if flag != "early_loss"),
        phases=(*course.phases, Phase("not_applicable", on)),
    )
