"""Whether the end of a prophylaxis is to be thought of.

Source: the `immune.stops` rows of the follow-up part. The sources name a time; the design of CARTPath asks
for two CD4 counts a month apart and for no steroids beside it, because early stops were followed by late
infections. A proposal with its reasons, never an order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cartpath.core.dates import age_on
from cartpath.core.sentences import say
from cartpath.protocols.immune_rows import ImmuneRules, ProphylaxisGroup, StopRule
from cartpath.protocols.rows import in_force
from followup.rules.drugs import DrugCourse, last_given
from followup.rules.lines import Line, Verdict, day_after_months, first_day, flags_of, missing_of, together

# Below this age counts of CD4 are naturally higher, so a limit for adults tells less.
YOUNG_YEARS = 6
_ADULT_YEARS = 18


@dataclass(frozen=True, kw_only=True, slots=True)
class CellCounts:
    """Blood cells of one sample: CD4 per microliter and as a share of lymphocytes, neutrophils."""

    taken_on: date
    cd4_per_ul: float | None = None
    cd4_percent: float | None = None
    anc_per_ul: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StopFacts:
    """What is asked of a child. `counted_from` is the latest infusion, or a transplant after it."""

    birth: date
    counted_from: date
    counts: tuple[CellCounts, ...] = ()
    drugs: tuple[DrugCourse, ...] = ()
    drugs_complete_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StopProposal:
    """Whether one prophylaxis may end: `verdict`, the lines, and the first day if all of them have one.

    Without a rule for the group and age, `row` is None and nothing is proposed.
    """

    group: ProphylaxisGroup
    row: str | None
    verdict: Verdict
    from_on: date | None
    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


def stop_proposal(
    immune: ImmuneRules, group: ProphylaxisGroup, facts: StopFacts, *, on: date
) -> StopProposal:
    """Hold what is known on a day against the rule in force for a group of prophylaxis.

    Source: the `immune.stops` rows of the protocol.
    """
    years = age_on(facts.birth, on).years
    rule = _rule_for(in_force(immune.stops, on), group, years)
    if rule is None:
        return StopProposal(
            group=group, row=None, verdict="unknown", from_on=None, lines=(), missing=("stop_rule",), flags=()
        )
    lines = _lines(rule, facts, on)
    by_count = rule.cd4_above_per_ul is not None
    flags = (
        *flags_of(lines),
        *(("adult_limit",) if rule.adult_based and years < _ADULT_YEARS else ()),
        *(("cd4_of_young_child",) if by_count and years < YOUNG_YEARS else ()),
    )
    return StopProposal(
        group=group,
        row=rule.id,
        verdict=together(lines),
        from_on=first_day(lines),
        lines=lines,
        missing=missing_of(lines),
        flags=flags,
    )


def _rule_for(rules: Sequence[StopRule], group: str, years: int) -> StopRule | None:
    """The rule of the narrowest span of age, so that one for small children comes before the general one."""
    fitting = [
        rule
        for rule in rules
        if rule.group == group
        and rule.from_years <= years
        and (rule.below_years is None or years < rule.below_years)
    ]
    return min(fitting, key=lambda rule: (rule.below_years or 1000) - rule.from_years, default=None)


def _lines(rule: StopRule, facts: StopFacts, on: date) -> tuple[Line, ...]:
    lines = []
    if rule.min_months:
        lines.append(_time_line(rule, facts.counted_from, on))
    if rule.cd4_above_per_ul is not None:
        counts = [(each.taken_on, each.cd4_per_ul) for each in facts.counts]
        lines.append(_twice_line(rule, counts, rule.cd4_above_per_ul, "/µL", on))
    if rule.cd4_above_percent is not None:
        shares = [(each.taken_on, each.cd4_percent) for each in facts.counts]
        lines.append(_twice_line(rule, shares, rule.cd4_above_percent, "%", on))
    if rule.anc_above_per_ul is not None:
        lines.append(_neutrophil_line(rule, facts.counts, rule.anc_above_per_ul, on))
    if rule.without_steroids:
        lines.append(_steroid_line(rule, facts, on))
    return tuple(lines)


def _time_line(rule: StopRule, counted_from: date, on: date) -> Line:
    holds_from = day_after_months(counted_from, rule.min_months, longer=False)
    said = say(
        "At least {months} months after {day}: from {from_on}.",
        months=rule.min_months,
        day=counted_from.isoformat(),
        from_on=holds_from.isoformat(),
    )
    verdict: Verdict = "met" if on >= holds_from else "not_met"
    return Line(row=rule.id, verdict=verdict, said=said, holds_from=holds_from)


def _twice_line(
    rule: StopRule, values: Sequence[tuple[date, float | None]], limit: float, unit: str, on: date
) -> Line:
    """Two samples above a limit a calendar month apart, with none between that isn't."""
    known = sorted((day, value) for day, value in values if value is not None and day <= on)
    said = say("CD4 above {limit:g} {unit} in two samples a month apart.", limit=limit, unit=unit)
    if not known:
        return Line(row=rule.id, verdict="unknown", said=said, missing=("cd4",))
    last_on, last = known[-1]
    if last <= limit:
        low = say(
            "CD4 was {value:g} {unit} on {day}, not above {limit:g}.",
            value=last,
            unit=unit,
            day=last_on.isoformat(),
            limit=limit,
        )
        return Line(row=rule.id, verdict="not_met", said=low)
    first_on = _above_since(known, limit)
    if day_after_months(first_on, 1, longer=False) <= last_on:
        twice = say(
            "CD4 above {limit:g} {unit} from {first} to {last}.",
            limit=limit,
            unit=unit,
            first=first_on.isoformat(),
            last=last_on.isoformat(),
        )
        return Line(row=rule.id, verdict="met", said=twice, holds_from=last_on)
    once = say(
        "CD4 above {limit:g} {unit} since {first}; a second sample counts from {next}.",
        limit=limit,
        unit=unit,
        first=first_on.isoformat(),
        next=day_after_months(first_on, 1, longer=False).isoformat(),
    )
    return Line(row=rule.id, verdict="unknown", said=once, missing=("second_cd4",))


def _above_since(known: Sequence[tuple[date, float]], limit: float) -> date:
    """The first day of the run of samples above the limit that reaches to the latest one."""
    since = known[-1][0]
    for day, value in reversed(known):
        if value <= limit:
            break
        since = day
    return since


def _neutrophil_line(rule: StopRule, counts: Sequence[CellCounts], limit: float, on: date) -> Line:
    known = [(each.taken_on, each.anc_per_ul) for each in counts if each.anc_per_ul is not None]
    latest = max(((day, value) for day, value in known if day <= on), default=None)
    if latest is None:
        said = say("Neutrophils above {limit:g}/µL: no count is recorded.", limit=limit)
        return Line(row=rule.id, verdict="unknown", said=said, missing=("neutrophils",))
    day, value = latest
    said = say(
        "Neutrophils {value:g}/µL on {day}; above {limit:g} is asked for.",
        value=value,
        day=day.isoformat(),
        limit=limit,
    )
    if value > limit:
        return Line(row=rule.id, verdict="met", said=said, holds_from=day)
    return Line(row=rule.id, verdict="not_met", said=said)


def _steroid_line(rule: StopRule, facts: StopFacts, on: date) -> Line:
    last = last_given(facts.drugs, ("steroid",), on=on, complete_on=facts.drugs_complete_on)
    if last.running:
        said = say("{drug} is still given.", drug=last.running)
        return Line(row=rule.id, verdict="not_met", said=said)
    if not last.is_known:
        said = say("Whether steroids are given isn't known: nobody confirmed that the list is complete.")
        return Line(row=rule.id, verdict="unknown", said=said, missing=("steroids",))
    return Line(row=rule.id, verdict="met", said=say("No steroids are given."), holds_from=last.on)
