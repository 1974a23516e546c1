"""Whether the next part of a split dose may be given on a day.

Source: the `fractions` rows of the product's protocol. A row names the day of the part in the maker's own
count, how far it may move, and the grades of CRS and ICANS that postpone or end the series. Makers count
the day of the first infusion as day 0 or as day 1; everything here is told as D+n too, counted from D0.
A grade that is not known is never taken for grade 0: the gate is then unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from cartpath.core.dates import day_post
from cartpath.core.sentences import say
from cartpath.protocols.sections import DoseFraction

GateVerdict = Literal["allowed", "wait", "stop", "unknown"]
WaitFor = Literal["day", "grade"]

FIRST_FRACTION: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class GradeSince:
    """One scale since the part before: the grade of today and the worst; None is unknown.

    `is_lower_bound` when today's grade left something unexamined and may be higher;
    `earlier_is_lower_bound` when that holds for a grade of an earlier day.
    """

    current: int | None = None
    worst: int | None = None
    is_lower_bound: bool = False
    earlier_is_lower_bound: bool = False

    @property
    def highest(self) -> int | None:
        """The highest grade known since the part before."""
        known = [grade for grade in (self.current, self.worst) if grade is not None]
        return max(known, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class FractionDays:
    """When a part is due, in the center's calendar; all None where the maker names no day.

    `last_on` ends the tolerance of the day, `postponed_to` is the last day to which a grade may move it.
    """

    due_on: date | None
    first_on: date | None
    last_on: date | None
    postponed_to: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """The verdict before one part, and why.

    `wait_until` is the first day of the part when it waits for its day; when it waits for a grade, the last
    day to which it may be moved (None where no such day is stated).
    """

    fraction: int
    verdict: GateVerdict
    row: DoseFraction | None
    days: FractionDays | None
    wait_until: date | None
    wait_for: WaitFor | None
    inputs: Mapping[str, object]
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The verdict in one English sentence."""
        return self.explanation[-1]


@dataclass(frozen=True, slots=True)
class _Scale:
    """One scale with the grades that the row allows and forbids."""

    name: str
    field: str
    grades: GradeSince
    most: int | None
    stop_from: int | None

    @property
    def is_judged(self) -> bool:
        return self.most is not None or self.stop_from is not None

    @property
    def stops(self) -> bool:
        highest = self.grades.highest
        return self.stop_from is not None and highest is not None and highest >= self.stop_from

    @property
    def is_too_high(self) -> bool:
        current = self.grades.current
        return self.most is not None and current is not None and current > self.most

    @property
    def has_postponed(self) -> bool:
        highest = self.grades.highest
        return self.most is not None and highest is not None and highest > self.most

    @property
    def is_unknown(self) -> bool:
        if not self.is_judged:
            return False
        return self.grades.current is None or (self.grades.is_lower_bound and not self.is_too_high)


def fraction_days(row: DoseFraction, *, first_infusion_day: int, infused_on: date) -> FractionDays:
    """The days of a part. `infused_on` is the day of the first part: D0, whatever the maker calls it.

    Source: the fraction rows of the protocol.
    """
    if row.on_day is None:
        return FractionDays(due_on=None, first_on=None, last_on=None, postponed_to=None)
    due_on = infused_on + timedelta(days=row.on_day - first_infusion_day)
    tolerance = timedelta(days=row.day_tolerance)
    postponed = row.postpone_until_day
    return FractionDays(
        due_on=due_on,
        first_on=due_on - tolerance,
        last_on=due_on + tolerance,
        postponed_to=(
            None if postponed is None else infused_on + timedelta(days=postponed - first_infusion_day)
        ),
    )


def gate(
    row: DoseFraction,
    *,
    first_infusion_day: int,
    infused_on: date,
    on: date,
    crs: GradeSince,
    icans: GradeSince,
) -> Gate:
    """Whether the part of `row` may be given on a day.

    A grade that ends the series outweighs everything; then come the days, then a grade that is too high,
    then what is unknown. The last day moves to `postpone_until_day` only when a grade since the part before
    was too high.

    Source: the fraction rows of the protocol.
    """
    days = fraction_days(row, first_infusion_day=first_infusion_day, infused_on=infused_on)
    scales = (
        _Scale("CRS", "crs_grade", crs, row.max_crs_grade, row.stop_from_crs_grade),
        _Scale("ICANS", "icans_grade", icans, row.max_icans_grade, row.stop_from_icans_grade),
    )
    last_on = _last_day(days, scales)
    told = (_day_said(row, days, first_infusion_day, infused_on), *(_grade_said(scale) for scale in scales))
    flags = _flags(scales)
    missing = tuple(scale.field for scale in scales if scale.is_unknown)

    def answer(
        verdict: GateVerdict, said: str, *, until: date | None = None, wait_for: WaitFor | None = None
    ) -> Gate:
        return Gate(
            fraction=row.fraction,
            verdict=verdict,
            row=row,
            days=days,
            wait_until=until,
            wait_for=wait_for,
            inputs=_inputs(row.fraction, infused_on, on, crs, icans),
            explanation=(*told, said),
            missing=missing,
            flags=(*flags, *(("too_late",) if verdict == "stop" and not _stops(scales) else ())),
        )

    if stopping := next((scale for scale in scales if scale.stops), None):
        return answer("stop", _stop_said(stopping))
    if last_on is not None and on > last_on:
        return answer("stop", say("The last day for this part was {last}.", last=last_on.isoformat()))
    if days.first_on is not None and on < days.first_on:
        first = days.first_on
        return answer(
            "wait",
            say("This part waits for its first day, {first}.", first=first.isoformat()),
            until=first,
            wait_for="day",
        )
    if high := next((scale for scale in scales if scale.is_too_high), None):
        return answer("wait", _wait_said(high, last_on), until=last_on, wait_for="grade")
    if unknown := [scale.name for scale in scales if scale.is_unknown]:
        return answer(
            "unknown", say("Not judged: the grade of {scales} is unknown.", scales=" / ".join(unknown))
        )
    return answer("allowed", say("The part may be given on {day}.", day=on.isoformat()))


def gate_of_candidates(
    rows: Sequence[DoseFraction],
    *,
    first_infusion_day: int,
    infused_on: date,
    on: date,
    crs: GradeSince,
    icans: GradeSince,
) -> Gate:
    """The gate before a part that several rows may hold for: theirs where they agree, else unknown.

    Source: the fraction rows of the protocol.
    """
    gates = [
        gate(row, first_infusion_day=first_infusion_day, infused_on=infused_on, on=on, crs=crs, icans=icans)
        for row in rows
    ]
    first = gates[0]
    if all((each.verdict, each.days) == (first.verdict, first.days) for each in gates[1:]):
        return first
    return Gate(
        fraction=first.fraction,
        verdict="unknown",
        row=None,
        days=None,
        wait_until=None,
        wait_for=None,
        inputs=first.inputs,
        explanation=(say("Not judged: it isn't known which row of the protocol holds for this part."),),
        missing=("blasts_percent",),
        flags=(),
    )


def _inputs(
    fraction: int, infused_on: date, on: date, crs: GradeSince, icans: GradeSince
) -> dict[str, object]:
    """What the gate was asked, by the names of the `fractions` calculator."""
    return {
        "fraction": fraction,
        "infused_on": infused_on,
        "today": on,
        "crs_grade": crs.current,
        "crs_worst": crs.worst,
        "icans_grade": icans.current,
        "icans_worst": icans.worst,
    }


def _last_day(days: FractionDays, scales: Sequence[_Scale]) -> date | None:
    if days.postponed_to is not None and any(scale.has_postponed for scale in scales):
        return days.postponed_to
    return days.last_on


def _stops(scales: Sequence[_Scale]) -> bool:
    return any(scale.stops for scale in scales)


def _flags(scales: Sequence[_Scale]) -> tuple[str, ...]:
    flags = []
    if any(scale.is_judged and scale.grades.is_lower_bound for scale in scales):
        flags.append("grade_at_least")
    if any(scale.is_judged and scale.grades.earlier_is_lower_bound for scale in scales):
        flags.append("earlier_grade_at_least")
    if any(scale.has_postponed and not scale.is_too_high for scale in scales):
        flags.append("grade_was_higher")
    flags += [
        f"{scale.field}_without_limit" for scale in scales if not scale.is_judged and scale.grades.highest
    ]
    return tuple(flags)


def _day_said(row: DoseFraction, days: FractionDays, first_infusion_day: int, infused_on: date) -> str:
    if days.due_on is None or row.on_day is None:
        return say("The maker names no day for this part.")
    number, due = day_post(infused_on, days.due_on), days.due_on.isoformat()
    if first_infusion_day == 0:
        return say(
            "Due on D+{number}, {due}, ± {tolerance} days.",
            number=number,
            due=due,
            tolerance=row.day_tolerance,
        )
    return say(
        "Due on day {maker} of the maker's count = D+{number}, {due}, ± {tolerance} days.",
        maker=row.on_day,
        number=number,
        due=due,
        tolerance=row.day_tolerance,
    )


def _grade_said(scale: _Scale) -> str:
    grades = scale.grades
    if not scale.is_judged:
        return _unlimited_said(scale)
    if grades.current is None:
        if grades.highest is None:
            return say("{scale}: no grade is known since the part before.", scale=scale.name)
        return say(
            "{scale}: today's grade is unknown; worst so far {worst}.", scale=scale.name, worst=grades.highest
        )
    if grades.is_lower_bound:
        return say(
            "{scale}: at least grade {current}, not everything was examined; worst {worst}.",
            scale=scale.name,
            current=grades.current,
            worst=grades.highest,
        )
    return say(
        "{scale}: grade {current}, worst {worst}.",
        scale=scale.name,
        current=grades.current,
        worst=grades.highest,
    )


def _unlimited_said(scale: _Scale) -> str:
    highest = scale.grades.highest
    if highest is None:
        return say("{scale}: the protocol states no limit before this part.", scale=scale.name)
    return say(
        "{scale}: worst grade {worst}; the protocol states no limit before this part.",
        scale=scale.name,
        worst=highest,
    )


def _stop_said(scale: _Scale) -> str:
    return say(
        "{scale} reached grade {worst}: from grade {limit} no further part is given.",
        scale=scale.name,
        worst=scale.grades.highest,
        limit=scale.stop_from,
    )


def _wait_said(scale: _Scale, last_on: date | None) -> str:
    if last_on is None:
        return say(
            "{scale} is grade {current}: the part waits until it is {most} or less.",
            scale=scale.name,
            current=scale.grades.current,
            most=scale.most,
        )
    return say(
        "{scale} is grade {current}: the part waits until it is {most} or less, at the latest {last}.",
        scale=scale.name,
        current=scale.grades.current,
        most=scale.most,
        last=last_on.isoformat(),
    )
