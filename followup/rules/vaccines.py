"""Which vaccines may be given from when: each condition by itself, and what is still unknown.

Source: the `immune.conditions` rows of the follow-up part (Hill and Seo 2020, table 3; Transplant
Infectious Disease 2023, e14109). After a transplant the clocks of the transplant
count. A proposal with its reasons, never an order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cartpath.core.dates import age_on
from cartpath.core.sentences import say
from cartpath.protocols.immune_rows import ImmuneRules, VaccineClass, VaccineCondition, VaccineRow
from cartpath.protocols.rows import in_force
from followup.rules.drugs import DrugCourse, LastGiven, last_given
from followup.rules.lines import Line, Verdict, day_after_months, first_day, flags_of, missing_of, together

_ADULT_YEARS = 18

Window = Literal["possible", "not_yet", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class VaccineFacts:
    """What is asked of a child before a vaccine.

    `transplants` are known to be all of them, and `immunoglobulin_on` to be the latest, only when the list
    was confirmed complete on `complete_on`. Counts are pairs of day and cells per microliter.
    """

    birth: date
    infused_on: date
    transplants: tuple[date | None, ...] = ()
    immunoglobulin_on: date | None = None
    drugs: tuple[DrugCourse, ...] = ()
    complete_on: date | None = None
    cd4: tuple[tuple[date, float], ...] = ()
    b_cells: tuple[tuple[date, float], ...] = ()

    @property
    def counted_from(self) -> date:
        """The infusion, or the latest transplant after it."""
        return max([self.infused_on, *(day for day in self.transplants if day is not None)])

    def is_complete(self, on: date) -> bool:
        """Whether somebody confirmed the list to be complete by a day."""
        return self.complete_on is not None and self.complete_on <= on


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassWindow:
    """When vaccines of a class may be given: the conditions, and the first day if every one has a day."""

    vaccine_class: VaccineClass
    window: Window
    from_on: date | None
    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """Doses of one vaccine given since the infusion or transplant, and how many are left."""

    vaccine: VaccineRow
    given: tuple[date, ...]

    @property
    def left(self) -> int:
        """How many doses of a new course are left."""
        return max(0, self.vaccine.doses - len(self.given))


def class_window(
    immune: ImmuneRules, vaccine_class: VaccineClass, facts: VaccineFacts, *, on: date
) -> ClassWindow:
    """Hold what is known on a day against every condition in force for a class of vaccines.

    Source: the `immune.conditions` rows of the protocol.
    """
    rules = [row for row in in_force(immune.conditions, on) if vaccine_class in row.classes]
    lines = tuple(_line(rule, facts, on) for rule in rules)
    verdict = together(lines)
    return ClassWindow(
        vaccine_class=vaccine_class,
        window="possible" if verdict == "met" else "not_yet" if verdict == "not_met" else "unknown",
        from_on=first_day(lines),
        lines=lines,
        missing=missing_of(lines) if rules else ("vaccine_rule",),
        flags=flags_of(lines),
    )


def course_of(vaccine: VaccineRow, given: Sequence[date], *, since: date) -> Course:
    """The doses of a new course: what was given before the infusion or transplant has gone with the B cells.

    Source: the `immune.vaccines` rows of the protocol.
    """
    return Course(vaccine=vaccine, given=tuple(sorted(day for day in given if day >= since)))


def _line(rule: VaccineCondition, facts: VaccineFacts, on: date) -> Line:
    match rule.since:
        case "infusion":
            return _since(rule, facts.counted_from, on, is_known=True, missing="infusion")
        case "transplant":
            return _transplant_line(rule, facts, on)
        case "immunoglobulin":
            given_on = facts.immunoglobulin_on
            known = facts.is_complete(on)
            return _since(rule, given_on, on, is_known=known, missing="last_immunoglobulin_on")
        case "drug":
            last = last_given(facts.drugs, rule.groups, on=on, complete_on=facts.complete_on)
            return _drug_line(rule, last, on)
    return _count_line(rule, facts, on)


def _since(rule: VaccineCondition, day: date | None, on: date, *, is_known: bool, missing: str) -> Line:
    """Time since a day; without a day, never. A day that may not be the last proves only *too soon*."""
    holds_from = day_after_months(day, rule.months or 0, longer=rule.longer) if day else None
    if holds_from is not None and on < holds_from:
        said = say(
            "{rule}: last on {day}, so from {from_on}.",
            rule=say(rule.label),
            day=day.isoformat() if day else "",
            from_on=holds_from.isoformat(),
        )
        known_from = holds_from if is_known else None
        return Line(row=rule.id, verdict="not_met", said=said, holds_from=known_from)
    if not is_known:
        said = say("{rule}: nobody confirmed that the list is complete.", rule=say(rule.label))
        return Line(row=rule.id, verdict="unknown", said=said, missing=(missing,))
    if day is None:
        said = say("{rule}: none on record, and the list is complete.", rule=say(rule.label))
        return Line(row=rule.id, verdict="met", said=said)
    said = say("{rule}: last on {day}.", rule=say(rule.label), day=day.isoformat())
    return Line(row=rule.id, verdict="met", said=said, holds_from=holds_from)


def _transplant_line(rule: VaccineCondition, facts: VaccineFacts, on: date) -> Line:
    if None in facts.transplants:
        said = say("{rule}: the day of a transplant isn't known.", rule=say(rule.label))
        return Line(row=rule.id, verdict="unknown", said=said, missing=("transplant",))
    last = max((day for day in facts.transplants if day is not None), default=None)
    return _since(rule, last, on, is_known=facts.is_complete(on), missing="transplant")


def _drug_line(rule: VaccineCondition, last: LastGiven, on: date) -> Line:
    if last.running:
        said = say("{rule}: {drug} is still given.", rule=say(rule.label), drug=last.running)
        return Line(row=rule.id, verdict="not_met", said=said)
    if last.unsure and (
        last.on is None or on >= day_after_months(last.on, rule.months or 0, longer=rule.longer)
    ):
        said = say("{rule}: nobody knows when {drug} was last given.", rule=say(rule.label), drug=last.unsure)
        return Line(row=rule.id, verdict="unknown", said=said, missing=("last_dose",))
    return _since(rule, last.on, on, is_known=last.is_known, missing="drugs")


def _count_line(rule: VaccineCondition, facts: VaccineFacts, on: date) -> Line:
    values = facts.cd4 if rule.measure == "cd4" else facts.b_cells
    latest = max((pair for pair in values if pair[0] <= on), default=None)
    is_child = age_on(facts.birth, on).years < _ADULT_YEARS
    flags = ("adult_limit",) if rule.adult_based and is_child else ()
    if latest is None or rule.above_per_ul is None:
        said = say("{rule}: no count is recorded.", rule=say(rule.label))
        return Line(
            row=rule.id, verdict="unknown", said=said, missing=(rule.measure or "vaccine_rule",), flags=flags
        )
    day, value = latest
    verdict: Verdict = "met" if value > rule.above_per_ul else "not_met"
    said = say("{rule}: {value:g}/µL on {day}.", rule=say(rule.label), value=value, day=day.isoformat())
    holds_from = day if verdict == "met" else None
    return Line(row=rule.id, verdict=verdict, said=said, holds_from=holds_from, flags=flags)
