"""Whether replacing immunoglobulin is to be thought of, and whether a dose is the usual one.

Source: the `immunoglobulin` and `immune.replacement` rows of the follow-up part (PMC11272770, table 1: Hill,
and AAAAI 2022). They were read for adults; for a child the lower limit of the local laboratory counts beside
them as soon as the center has entered it. A proposal with its reasons, never an order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cartpath.core.dates import MONTHS_PER_YEAR, add_months, age_on
from cartpath.core.sentences import say
from cartpath.protocols.immune_rows import (
    Finding,
    ImmuneRules,
    ImmunoglobulinDose,
    RecurrentInfection,
    ReplacementRule,
    SerumLimit,
)
from cartpath.protocols.rows import Figure, figure, in_force
from followup.rules.lines import Line, Verdict, flags_of, missing_of

ADULT_YEARS = 18
# 1 g is 1000 mg.
_MG_PER_G = 1000

Proposal = Literal["consider", "not_needed", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Serum:
    """Immunoglobulins of one sample in mg/dL; unknown is None."""

    taken_on: date
    igg_mg_dl: float | None = None
    iga_mg_dl: float | None = None
    igm_mg_dl: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InfectionSeen:
    """One infection: its day, and whether it was serious; unknown is None."""

    began_on: date
    is_serious: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplacementFacts:
    """What is asked beside an IgG. `infections_complete` says that the list holds every infection."""

    birth: date
    serum: Serum
    infections: tuple[InfectionSeen, ...] = ()
    infections_complete: bool = False
    vaccine_response_impaired: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """Whether to think of replacing immunoglobulin: one line per rule, any of which is enough."""

    proposal: Proposal
    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


def replacement(
    immune: ImmuneRules, figures: Sequence[Figure], facts: ReplacementFacts, *, on: date
) -> Replacement:
    """Hold an IgG against every rule in force on a day; any rule that is met proposes replacing.

    Source: the `immunoglobulin`, `immune.replacement` and `immune.serum_limits` rows of the protocol.
    """
    found = findings(immune, facts, on=on)
    is_child = age_on(facts.birth, facts.serum.taken_on).years < ADULT_YEARS
    lines = [_up_to_limit(figure(figures, "replace_up_to_mg_dl"), facts.serum, is_child=is_child)]
    lines += [
        _rule_line(rule, facts.serum, found, is_child=is_child) for rule in in_force(immune.replacement, on)
    ]
    lines += [
        _child_limit(limit, facts.serum)
        for limit in _limits(immune, "igg", facts.birth, facts.serum.taken_on, on)
    ]
    met = [line for line in lines if line.verdict == "met"]
    has_child_limit = any(line.row == limit.id for limit in immune.serum_limits for line in lines)
    flags = (*flags_of(met), *(("no_local_limit",) if is_child and not has_child_limit else ()))
    if met:
        return Replacement(proposal="consider", lines=tuple(lines), missing=missing_of(met), flags=flags)
    open_lines = [line for line in lines if line.verdict == "unknown"]
    proposal: Proposal = "unknown" if open_lines else "not_needed"
    return Replacement(proposal=proposal, lines=tuple(lines), missing=missing_of(open_lines), flags=flags)


def findings(immune: ImmuneRules, facts: ReplacementFacts, *, on: date) -> Mapping[Finding, bool | None]:
    """What the rules ask beside an IgG; None while it isn't known.

    Source: the `immune.recurrent` and `immune.serum_limits` rows of the protocol.
    """
    rows = in_force(immune.recurrent, on)
    recurrent = is_recurrent(rows[0], facts, on=facts.serum.taken_on) if rows else None
    return {
        "recurrent_infection": recurrent,
        "serious_or_recurrent_infection": _either(recurrent, _is_serious(facts, rows)),
        "low_iga_or_igm": _either(
            _is_low(immune, "iga", facts.serum.iga_mg_dl, facts, on),
            _is_low(immune, "igm", facts.serum.igm_mg_dl, facts, on),
        ),
        "impaired_vaccine_response": facts.vaccine_response_impaired,
    }


def is_recurrent(rule: RecurrentInfection, facts: ReplacementFacts, *, on: date) -> bool | None:
    """Whether so many infections began within the rule's months before a day; None while that isn't known.

    Source: the `immune.recurrent` rows of the protocol.
    """
    since = add_months(on, -rule.within_months)
    seen = sum(since < each.began_on <= on for each in facts.infections)
    if seen >= rule.infections:
        return True
    return False if facts.infections_complete else None


def _is_serious(facts: ReplacementFacts, rows: Sequence[RecurrentInfection]) -> bool | None:
    months = rows[0].within_months if rows else MONTHS_PER_YEAR
    on = facts.serum.taken_on
    recent = [each for each in facts.infections if add_months(on, -months) < each.began_on <= on]
    if any(each.is_serious for each in recent):
        return True
    if not facts.infections_complete or any(each.is_serious is None for each in recent):
        return None
    return False


def _either(first: bool | None, second: bool | None) -> bool | None:
    if first or second:
        return True
    return None if first is None or second is None else False


def _is_low(
    immune: ImmuneRules,
    serum: Literal["iga", "igm"],
    value: float | None,
    facts: ReplacementFacts,
    on: date,
) -> bool | None:
    limits = _limits(immune, serum, facts.birth, facts.serum.taken_on, on)
    if value is None or not limits:
        return None
    return any(value < limit.below_mg_dl for limit in limits)


def _limits(immune: ImmuneRules, serum: str, birth: date, taken_on: date, on: date) -> list[SerumLimit]:
    years = age_on(birth, taken_on).years
    return [
        row
        for row in in_force(immune.serum_limits, on)
        if row.serum == serum
        and row.from_years <= years
        and (row.below_years is None or years < row.below_years)
    ]


def _up_to_limit(limit: Figure, serum: Serum, *, is_child: bool) -> Line:
    said = say("IgG up to {limit:g} mg/dL.", limit=limit.value)
    if serum.igg_mg_dl is None:
        return Line(row=limit.id, verdict="unknown", said=said, missing=("igg_mg_dl",))
    verdict: Verdict = "met" if serum.igg_mg_dl <= limit.value else "not_met"
    return Line(row=limit.id, verdict=verdict, said=said, flags=("adult_limit",) if is_child else ())


def _child_limit(limit: SerumLimit, serum: Serum) -> Line:
    said = say("IgG below {limit:g} mg/dL, the local lower limit at this age.", limit=limit.below_mg_dl)
    if serum.igg_mg_dl is None:
        return Line(row=limit.id, verdict="unknown", said=said, missing=("igg_mg_dl",))
    return Line(row=limit.id, verdict="met" if serum.igg_mg_dl < limit.below_mg_dl else "not_met", said=said)


def _rule_line(
    rule: ReplacementRule, serum: Serum, found: Mapping[Finding, bool | None], *, is_child: bool
) -> Line:
    said = say("{rule}.", rule=say(rule.label))
    if serum.igg_mg_dl is None:
        return Line(row=rule.id, verdict="unknown", said=said, missing=("igg_mg_dl",))
    if not _in_span(rule, serum.igg_mg_dl) or any(found[name] is False for name in rule.needs):
        return Line(row=rule.id, verdict="not_met", said=said)
    missing = tuple(name for name in rule.needs if found[name] is None)
    flags = ("adult_limit",) if rule.adult_based and is_child else ()
    return Line(row=rule.id, verdict="unknown" if missing else "met", said=said, missing=missing, flags=flags)


def _in_span(rule: ReplacementRule, igg: float) -> bool:
    return (
        (rule.igg_above_mg_dl is None or igg > rule.igg_above_mg_dl)
        and (rule.igg_up_to_mg_dl is None or igg <= rule.igg_up_to_mg_dl)
        and (rule.igg_below_mg_dl is None or igg < rule.igg_below_mg_dl)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseReading:
    """A dose per kilogram of a named weight; None without a weight. `row` is the rule it was held against."""

    g_per_kg: float | None
    row: str | None
    is_usual: bool | None
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


def read_dose(
    rules: Sequence[ImmunoglobulinDose],
    *,
    route: str,
    dose_g: float,
    weight_kg: float | None,
    weighed_on: date | None,
    on: date,
) -> DoseReading:
    """A dose of immunoglobulin in grams per kilogram, beside the usual one of its route.

    Source: the `immune.doses` rows of the protocol.
    """
    if weight_kg is None or weighed_on is None:
        said = say("No weight is known: the dose per kilogram is unknown.")
        return DoseReading(
            g_per_kg=None, row=None, is_usual=None, explanation=(said,), missing=("weight_kg",), flags=()
        )
    g_per_kg = round(dose_g / weight_kg, 3)
    said = say(
        "{dose:g} g at {weight:g} kg, weighed on {day}, is {each:g} g/kg.",
        dose=dose_g,
        weight=weight_kg,
        day=weighed_on.isoformat(),
        each=g_per_kg,
    )
    rule = next((row for row in in_force(rules, on) if row.route == route), None)
    if rule is None:
        none = say("The protocol has no usual dose of this route.")
        return DoseReading(
            g_per_kg=g_per_kg, row=None, is_usual=None, explanation=(said, none), missing=(), flags=()
        )
    is_usual = rule.min_mg_per_kg <= dose_g / weight_kg * _MG_PER_G <= rule.max_mg_per_kg
    usual = say("Usual are {low:g} to {high:g} mg/kg.", low=rule.min_mg_per_kg, high=rule.max_mg_per_kg)
    return DoseReading(
        g_per_kg=g_per_kg,
        row=rule.id,
        is_usual=is_usual,
        explanation=(said, usual),
        missing=(),
        flags=() if is_usual else ("dose_unusual",),
    )
