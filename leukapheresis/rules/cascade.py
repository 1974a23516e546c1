"""What moving a collection from one date to another does to everything after it, before anybody confirms it.

A block is what a booking would be refused for, a warning what somebody should think of, the rest is told.

Source: each effect names the row of the protocol, or the center's own plan, that fires.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from cartpath.core.sentences import say
from leukapheresis.rules.course import Course, Step
from leukapheresis.rules.fitting import PART_LABELS
from leukapheresis.rules.quota import week_of
from leukapheresis.rules.search import Reason, ReasonCode

Severity = Literal["block", "warn", "info"]
EffectKind = Literal[
    "washout",
    "counts",
    "lead_time",
    "closed",
    "resource",
    "cut_off",
    "quota",
    "manufacturer",
    "family",
    "bridging",
    "ward_bed",
    "product",
    "lymphodepletion",
    "infusion",
    "follow_up",
    "waiting_list",
]
KINDS: Final[tuple[EffectKind, ...]] = EffectKind.__args__  # type: ignore[attr-defined]
SEVERITIES: Final[tuple[Severity, ...]] = ("block", "warn", "info")
KIND_OF: Final[Mapping[ReasonCode, EffectKind]] = {
    "washout": "washout",
    "washout_unknown": "washout",
    "counts": "counts",
    "manufacturer": "manufacturer",
    "family_away": "family",
    "quota_full": "quota",
    "lead_time": "lead_time",
    "closed": "closed",
    "hours": "closed",
    "cut_off": "cut_off",
}
# What a booking isn't refused for, but somebody should think of.
WARNINGS: Final = frozenset({"counts", "manufacturer", "family_away"})
WARD_BED: Final = "picu_bed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that changes: from when to when, by which rules. A block that can be overridden says so."""

    kind: EffectKind
    severity: Severity
    sentence: str
    before: date | datetime | None = None
    after: date | datetime | None = None
    rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    is_overridable: bool = False

    def told(self) -> dict[str, object]:
        """The effect as JSON types, for the ledger and for the calendar."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "sentence": str(self.sentence),
            "before": self.before.isoformat() if self.before else None,
            "after": self.after.isoformat() if self.after else None,
            "rules": list(self.rules),
            "sources": list(self.sources),
            "overridable": self.is_overridable,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A collection on one side of the change.

    `reasons` is what stands in its way, `parts` the name of the resource and the time from which each part is
    taken, `course` all that follows.
    """

    starts_at: datetime
    first_on: date
    last_on: date
    course: Course
    reasons: Sequence[Reason] = ()
    parts: Mapping[str, tuple[str, datetime]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """Days, the last one included, on which the family is away."""

    first_on: date
    last_on: date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridging:
    """A treatment whose last dose is planned or was given on a day."""

    drug: str
    last_dose_on: date
    rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What else the change touches.

    `near_days` is how long after the infusion the family must stay near, with the rules that say so.
    `fitting` is how many waiting families the freed time would suit, None when nothing is freed.
    """

    trips: Sequence[Trip] = ()
    bridging: Sequence[Bridging] = ()
    near_days: int = 0
    near_rules: tuple[str, ...] = ()
    near_sources: tuple[str, ...] = ()
    fitting: int | None = None
    waits_until: date | None = None


def cascade(before: Side | None, after: Side, around: Surroundings) -> tuple[Effect, ...]:
    """Everything that changes, blocks first; without a side before, everything that a new booking brings.

    Source: the rows that each effect names.
    """
    effects = [
        *_obstacles(before, after),
        *_parts(before, after),
        *_week(before, after),
        *_bridging(before, after, around),
        *_course(before, after),
        *_trips(before, after, around),
        *_waiting(before, after, around),
    ]
    effects.sort(key=lambda effect: (SEVERITIES.index(effect.severity), KINDS.index(effect.kind)))
    return tuple(effects)


def _obstacles(before: Side | None, after: Side) -> Iterator[Effect]:
    """What stands in the way of the new date, and what no longer does."""
    same_week = before is not None and week_of(before.first_on) == week_of(after.first_on)
    for reason in after.reasons:
        # A week that is too full already isn't made fuller.
        is_warning = reason.code in WARNINGS or (reason.code == "quota_full" and same_week)
        yield Effect(
            kind=KIND_OF.get(reason.code, "resource"),
            severity="warn" if is_warning else "block",
            sentence=reason.sentence,
            before=before.first_on if before else None,
            after=after.first_on,
            rules=reason.rules,
            sources=reason.sources,
            is_overridable=reason.is_overridable,
        )
    stands = {reason.sentence for reason in after.reasons}
    for reason in before.reasons if before else ():
        if reason.sentence not in stands:
            yield Effect(
                kind=KIND_OF.get(reason.code, "resource"),
                severity="info",
                sentence=say("No longer in the way: {reason}", reason=reason.sentence),
                before=before.first_on if before else None,
                after=after.first_on,
                rules=reason.rules,
                sources=reason.sources,
            )


def _parts(before: Side | None, after: Side) -> Iterator[Effect]:
    """Other resources for the same parts; the ward's bed always, for somebody else plans it."""
    if after.parts is None:
        return
    had = before.parts if before and before.parts else {}
    for part, (name, since) in after.parts.items():
        old_name, old_since = had.get(part, (None, None))
        if part == WARD_BED:
            yield Effect(
                kind="ward_bed",
                severity="info" if old_since is not None and old_since.date() == since.date() else "warn",
                sentence=say("Intensive care bed: {name}. Tell the ward.", name=name),
                before=old_since,
                after=since,
            )
        elif old_name is not None and old_name != name:
            sentence = say(
                "{part}: {after} instead of {before}.", part=PART_LABELS[part], after=name, before=old_name
            )
            yield Effect(kind="resource", severity="info", sentence=sentence, before=old_since, after=since)
    for part, (name, since) in had.items():
        if part not in after.parts and not any(PART_LABELS[part] in each.sentence for each in after.reasons):
            sentence = say("{part}: {name} is given back.", part=PART_LABELS[part], name=name)
            yield Effect(kind="resource", severity="info", sentence=sentence, before=since)


def _week(before: Side | None, after: Side) -> Iterator[Effect]:
    monday = week_of(after.first_on)[0]
    was = week_of(before.first_on)[0] if before else None
    if was is not None and was != monday:
        sentence = say("The collection counts in another week of the quota.")
        yield Effect(kind="quota", severity="info", sentence=sentence, before=was, after=monday)


def _bridging(before: Side | None, after: Side, around: Surroundings) -> Iterator[Effect]:
    """Treatments that change sides of the collection, and the time there is for bridging."""
    for each in around.bridging:
        was_after = before is not None and each.last_dose_on >= before.first_on
        is_after = each.last_dose_on >= after.first_on
        if before is None or was_after == is_after:
            continue
        template = (
            say("{drug}: its last dose now comes after the collection.", drug=each.drug)
            if is_after
            else say("{drug}: its last dose now comes before the collection.", drug=each.drug)
        )
        yield Effect(
            kind="bridging",
            severity="warn",
            sentence=template,
            before=before.first_on,
            after=after.first_on,
            rules=each.rules,
            sources=each.sources,
        )
    starts = after.course.step("lymphodepletion")
    if starts is not None and (before is None or before.last_on != after.last_on):
        yield Effect(
            kind="bridging",
            severity="info",
            sentence=say(
                "Bridging has {days} d between collection and lymphodepletion.",
                days=(starts.on - after.last_on).days,
            ),
            before=before.last_on if before else None,
            after=after.last_on,
            rules=starts.rules,
            sources=starts.sources,
        )


def _course(before: Side | None, after: Side) -> Iterator[Effect]:
    for step in after.course.steps:
        old = before.course.step(step.key) if before else None
        if old is None or old.on != step.on:
            yield Effect(
                kind=step.kind,
                severity="info",
                sentence=_step_said(step),
                before=old.on if old else None,
                after=step.on,
                rules=step.rules,
                sources=step.sources,
            )


def _step_said(step: Step) -> str:
    if step.until is not None and step.kind == "infusion":
        return say("{label}; not later than {until}.", label=step.label, until=f"{step.until:%d-%b-%Y}")
    return say("{label}.", label=step.label)


def _trips(before: Side | None, after: Side, around: Surroundings) -> Iterator[Effect]:
    """Trips that fall into the time in which the child must be near: from lymphodepletion on."""
    for trip in around.trips:
        if not _is_needed_during(trip, after.course, around.near_days):
            continue
        is_new = before is None or not _is_needed_during(trip, before.course, around.near_days)
        words = {"first": f"{trip.first_on:%d-%b-%Y}", "last": f"{trip.last_on:%d-%b-%Y}"}
        yield Effect(
            kind="family",
            severity="warn" if is_new else "info",
            sentence=say(
                "The family is away from {first} to {last}, when the child should be treated or near.",
                **words,
            ),
            before=trip.first_on,
            after=trip.last_on,
            rules=around.near_rules,
            sources=around.near_sources,
        )


def _is_needed_during(trip: Trip, expected: Course, near_days: int) -> bool:
    begins, infused = expected.step("lymphodepletion"), expected.step("infusion")
    if begins is None or infused is None:
        return False
    return trip.first_on.toordinal() <= infused.on.toordinal() + near_days and trip.last_on >= begins.on


def _waiting(before: Side | None, after: Side, around: Surroundings) -> Iterator[Effect]:
    if around.waits_until is not None and after.first_on > around.waits_until:
        yield Effect(
            kind="waiting_list",
            severity="warn",
            sentence=say("The child's place in the waiting list was for an earlier day."),
            before=around.waits_until,
            after=after.first_on,
        )
    if around.fitting is None or before is None:
        return
    sentence = (
        say("The freed time is offered to the waiting list: {count} would fit.", count=around.fitting)
        if around.fitting
        else say("The freed time fits nobody in the waiting list.")
    )
    yield Effect(
        kind="waiting_list",
        severity="info",
        sentence=sentence,
        before=before.first_on,
    )
