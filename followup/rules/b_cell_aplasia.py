"""B-cell aplasia after CAR T cells, folded over blood samples.

Source: the `b_cell_aplasia` rows of the follow-up part: what shows B cells (Cincinnati), how a second
sample confirms it, what is early (ASH Education 2025). Absent B cells show that CAR T cells still work;
their return, that they don't.

After a transplant, from the start of conditioning, donor B cells return whatever the CAR T cells do:
aplasia is no longer followed. A drug against B cells keeps them away by itself: flagged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from cartpath.core.dates import add_months
from cartpath.core.sentences import say
from cartpath.protocols.sections import BCellAplasia

State = Literal["ongoing", "suspected_loss", "lost", "not_applicable"]
Amount = float | Decimal


@dataclass(frozen=True, slots=True)
class BCellSample:
    """One blood sample: CD19+ cells as a percentage and per microliter; unknown is None."""

    taken_on: date
    percent: Amount | None = None
    per_ul: Amount | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BCellCourse:
    """What is known of B-cell aplasia.

    `state` is None while no sample tells anything. `since` is the day from which it holds. After a sample
    over the threshold, `first_positive_on` is its day, and a second one from `confirm_from` to
    `confirm_until` confirms the loss. `is_early` tells whether that first sample lies before the limit.
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


def b_cell_course(
    rule: BCellAplasia,
    samples: Sequence[BCellSample],
    *,
    infused_on: date | None,
    conditioning_on: date | None = None,
    depleting_drug_on: Sequence[date] = (),
) -> BCellCourse:
    """Fold the samples, in order of their days, into the present state.

    Samples before the infusion, and from conditioning on, don't count. One value over its threshold shows
    B cells, whatever the other; a sample with one value only, below, is taken as aplasia and the other is
    listed in `missing`.

    Source: the `b_cell_aplasia` rows of the protocol (Cincinnati).
    """
    if infused_on is None:
        return BCellCourse(explanation=(say("There was no infusion yet."),))
    course = BCellCourse()
    for sample in sorted(samples, key=lambda each: each.taken_on):
        after_conditioning = conditioning_on is not None and sample.taken_on >= conditioning_on
        if sample.taken_on >= infused_on and not after_conditioning:
            course = _step(course, sample, rule, infused_on)
    if conditioning_on is not None:
        return _ended(course, conditioning_on)
    if any(day >= infused_on for day in depleting_drug_on) and course.state is not None:
        return replace(course, flags=(*course.flags, "b_cell_depleting_drug"))
    return course


def b_cell_aplasia(
    rule: BCellAplasia,
    samples: Sequence[BCellSample],
    *,
    infused_on: date | None,
    conditioning_on: date | None = None,
) -> State | None:
    """The state alone; see `b_cell_course`.

    Source: the `b_cell_aplasia` rows of the protocol (Cincinnati).
    """
    return b_cell_course(rule, samples, infused_on=infused_on, conditioning_on=conditioning_on).state


def shows_b_cells(rule: BCellAplasia, sample: BCellSample) -> bool | None:
    """Whether a sample is over a threshold; None when neither value is known.

    Source: the `b_cell_aplasia` rows of the protocol (Cincinnati).
    """
    if sample.percent is None and sample.per_ul is None:
        return None
    over_percent = sample.percent is not None and sample.percent > rule.loss.percent_above
    return over_percent or (sample.per_ul is not None and sample.per_ul > rule.loss.per_ul_above)


def _step(course: BCellCourse, sample: BCellSample, rule: BCellAplasia, infused_on: date) -> BCellCourse:
    positive = shows_b_cells(rule, sample)
    if positive is None or course.state == "lost":
        return course
    if not positive:
        return _aplastic(course, sample)
    if course.state != "suspected_loss":
        return _suspected(sample, rule, infused_on)
    return _confirmed(course, sample)


def _aplastic(course: BCellCourse, sample: BCellSample) -> BCellCourse:
    # A sample that doesn't confirm takes the suspicion back.
    unknown = [name for name in ("percent", "per_ul") if getattr(sample, name) is None]
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
        explanation=(*course.explanation, said),
        flags=(*course.flags, *late),
    )


def _ended(course: BCellCourse, conditioning_on: date) -> BCellCourse:
    said = say(
        "Not followed from {day} on: after conditioning, B cells come from the donor.",
        day=conditioning_on.isoformat(),
    )
    return replace(
        course,
        state="not_applicable",
        since=conditioning_on,
        explanation=(*course.explanation, said),
        flags=tuple(flag for flag in course.flags if flag != "early_loss"),
    )
