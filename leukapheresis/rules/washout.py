"""From what day blood may be collected, given what the child was treated with.

Source: the rows of a washout rule set (`cartpath/protocols/parts/washouts`). The engine is the working
rule of the clinical reference: the latest end of any interval binds; a treatment without a last dose, or
of a class without a rule, makes the answer unknown and never "clear".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from annotated_types import Gt, Le, MaxLen, MinLen

from cartpath.core.answers import Answer
from cartpath.core.dates import add_elapsed, local_midnight, parse_moment
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import listed, say
from cartpath.protocols import registry
from cartpath.protocols.rows import WashoutRule, in_force


@dataclass(frozen=True, slots=True)
class Exposure:
    """One previous treatment. `last_dose` is a time with an offset, a day, or unknown."""

    drug_class: str
    last_dose: datetime | date | None
    half_life_hours: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WashoutLine:
    """What one exposure means: when its washout ends, None when that is unknown."""

    exposure: Exposure
    rule: WashoutRule | None
    ends_at: datetime | None
    explanation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Washout:
    """When the child may be collected.

    `earliest` is None with anything unknown, and without any exposure: nothing binds then. `binding` is
    the class whose washout ends last. `known_until` is the latest end among what is known.
    """

    earliest: datetime | None
    binding: str | None
    unknown: tuple[str, ...]
    known_until: datetime | None
    lines: tuple[WashoutLine, ...]
    flags: tuple[str, ...]

    @property
    def is_unknown(self) -> bool:
        """Whether something keeps the answer open."""
        return bool(self.unknown)

    def is_open(self, at: datetime) -> bool:
        """Whether blood may not be collected at `at`: a washout runs, or isn't known to have ended."""
        return self.is_unknown or (self.earliest is not None and at < self.earliest)

    def sentence(self, zone: tzinfo) -> str:
        """The washout in one English sentence, times in the given zone."""
        if self.unknown:
            return say(
                "Washout unknown: no last dose or no rule for {classes}.",
                classes=listed(self._label(drug_class) for drug_class in self.unknown),
            )
        if self.earliest is None or self.binding is None:
            return say("No washout applies: no previous treatment is recorded.")
        until = f"{self.earliest.astimezone(zone):%d-%b-%Y %H:%M}"
        return say("Washout: {binding} until {until}.", binding=self._label(self.binding), until=until)

    def _label(self, drug_class: str) -> str:
        rules = (line.rule for line in self.lines if line.exposure.drug_class == drug_class)
        return next((rule.label for rule in rules if rule is not None), drug_class)


def washout(rules: Sequence[WashoutRule], exposures: Sequence[Exposure], *, zone: tzinfo) -> Washout:
    """Judge all exposures by the rules of one rule set.

    Intervals are elapsed time, in hours or in days of 24 h, counted from the time of the last dose. When
    only its day is known they are counted from the end of that day in `zone`: the dose may have been given
    just before midnight. `earliest` keeps the offset of the dose it is counted from.

    Source: the rows of the washout rule set.
    """
    by_class = {rule.drug_class: rule for rule in rules}
    lines = tuple(_line(exposure, by_class.get(exposure.drug_class), zone) for exposure in exposures)
    unknown = dict.fromkeys(line.exposure.drug_class for line in lines if line.ends_at is None)
    # Of equal ends the first exposure binds. Compared in UTC: the wall clocks of two offsets can't be.
    ends = [(line.ends_at, line.exposure.drug_class) for line in lines if line.ends_at is not None]
    known_until, binding = max(ends, key=lambda end: end[0].astimezone(UTC), default=(None, None))
    return Washout(
        earliest=None if unknown else known_until,
        binding=None if unknown else binding,
        unknown=tuple(unknown),
        known_until=known_until,
        lines=lines,
        flags=_flags(lines),
    )


def _line(exposure: Exposure, rule: WashoutRule | None, zone: tzinfo) -> WashoutLine:
    if rule is None:
        name = exposure.drug_class
        return WashoutLine(
            exposure=exposure,
            rule=None,
            ends_at=None,
            explanation=say("{name}: no rule for this class, so its washout is unknown.", name=name),
        )
    if exposure.last_dose is None:
        return WashoutLine(
            exposure=exposure,
            rule=rule,
            ends_at=None,
            explanation=say("{name}: the last dose isn't known, so its washout is unknown.", name=rule.label),
        )
    counted_from = _counted_from(exposure.last_dose, zone)
    span = interval(rule, exposure.half_life_hours)
    ends_at = add_elapsed(counted_from, span)
    return WashoutLine(
        exposure=exposure,
        rule=rule,
        ends_at=ends_at,
        explanation=_interval_said(rule, span, counted_from, ends_at),
    )


def _interval_said(rule: WashoutRule, span: timedelta, counted_from: datetime, ends_at: datetime) -> str:
    name, first, last = rule.label, counted_from.isoformat(), ends_at.isoformat()
    if rule.days and span == timedelta(days=rule.days):
        return say(
            "{name}: {days} d from {first} end at {last}.", name=name, days=rule.days, first=first, last=last
        )
    hours = span / timedelta(hours=1)
    return say(
        "{name}: {hours:g} h from {first} end at {last}.", name=name, hours=hours, first=first, last=last
    )


def interval(rule: WashoutRule, half_life_hours: float | None) -> timedelta:
    """The elapsed time a rule asks for.

    A rule "or so many half-lives, whichever is shorter" keeps its full interval while the half-life is
    unknown: the interval is never shorter than the rule allows.

    Source: the rows of the washout rule set.
    """
    span = timedelta(hours=rule.hours or 0, days=rule.days or 0)
    if rule.or_half_lives and half_life_hours is not None:
        return min(span, timedelta(hours=rule.or_half_lives * half_life_hours))
    return span


def _counted_from(last_dose: datetime | date, zone: tzinfo) -> datetime:
    if isinstance(last_dose, datetime):
        return last_dose
    return local_midnight(last_dose + timedelta(days=1), zone).astimezone(zone)


def _is_day(last_dose: datetime | date | None) -> bool:
    return last_dose is not None and not isinstance(last_dose, datetime)


def _flags(lines: Sequence[WashoutLine]) -> tuple[str, ...]:
    flags = []
    if not lines:
        flags.append("no_exposures")
    if any(_is_day(line.exposure.last_dose) for line in lines):
        flags.append("counted_from_end_of_day")
    if any(line.rule and line.rule.or_half_lives and not line.exposure.half_life_hours for line in lines):
        flags.append("half_life_unknown")
    return tuple(flags)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExposureInput:
    """One exposure as it is given from outside; `last_dose` is a time with offset, a day, or null."""

    __pydantic_config__ = INPUT_CONFIG

    drug_class: Annotated[str, MinLen(1), MaxLen(60)]
    last_dose: Annotated[str, MaxLen(40)] | None = None
    half_life_hours: Annotated[float, Gt(0), Le(10_000)] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WashoutInput:
    """Exposures to be judged by a named rule set; `zone` (IANA) is where days without a time are days."""

    __pydantic_config__ = INPUT_CONFIG

    rule_set: str
    exposures: Annotated[tuple[ExposureInput, ...], MaxLen(1000)]
    zone: Annotated[str, MaxLen(60)] | None = None


def calculate_washout(given: WashoutInput) -> Answer:
    """Answer the `washout` calculator: `earliest` (time or null), `binding`, `unknown`.

    Days without a time are read in `zone`, else in the offset of the first exposure that has one, else in
    UTC. Raises Invalid for an unknown rule set or zone, and for a last dose that can't be read.

    Source: the rows of the washout rule set.
    """
    try:
        rule_set = registry.washouts(given.rule_set)
    except KeyError:
        raise invalid_input({"rule_set": say("There is no washout rule set of this name.")}) from None
    exposures = [_exposure(index, row) for index, row in enumerate(given.exposures)]
    zone = _offset(exposures) if given.zone is None else _zone(given.zone)
    found = washout(in_force(rule_set.rules), exposures, zone=zone)
    used = dict.fromkeys(key for line in found.lines if line.rule for key in line.rule.source)
    return Answer(
        name="washout",
        result={
            "earliest": found.earliest.isoformat() if found.earliest else None,
            "binding": found.binding,
            "unknown": list(found.unknown),
        },
        source="; ".join(rule_set.sources[key] for key in used) or rule_set.title,
        scale=rule_set.id,
        scale_version=rule_set.version,
        explanation=[line.explanation for line in found.lines],
        missing=list(found.unknown),
        flags=list(found.flags),
    )


def _exposure(index: int, row: ExposureInput) -> Exposure:
    if row.last_dose is None:
        return Exposure(row.drug_class, None, row.half_life_hours)
    try:
        return Exposure(row.drug_class, parse_moment(row.last_dose), row.half_life_hours)
    except ValueError as error:
        raise invalid_input({f"exposures.{index}.last_dose": error.args[0]}) from None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise invalid_input({"zone": say("is not a known time zone")}) from None


def _offset(exposures: Sequence[Exposure]) -> tzinfo:
    for exposure in exposures:
        if isinstance(exposure.last_dose, datetime):
            return timezone(exposure.last_dose.utcoffset() or timedelta(0))
    return UTC
