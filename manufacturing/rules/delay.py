"""What a later product means for the child: bridging, lymphodepletion, the infusion, and what is arranged.

Source: DESIGN, with the window row of the protocol (days from lymphodepletion to infusion) and its regimen
(days of lymphodepletion). Lymphodepletion isn't begun before the product is there: EBMT/JACIE 2020, page 71.
Nothing is moved: each effect names what a person has to decide.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cartpath.core.sentences import say

EffectCode = Literal[
    "bridging", "lymphodepletion", "infusion", "planned_lymphodepletion", "planned_infusion", "family_away"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a delay can touch. The product's day as planned and as expected now; None where unknown.

    `depletion_days` is the number of days from the first to the last one of lymphodepletion, `first_after`
    and `last_after` the days from its last one to the infusion. `depletion_on` and `infusion_on` are days
    already arranged, `away` the family's absences, the last day included.
    """

    planned_on: date | None
    expected_on: date | None
    depletion_days: int | None = None
    first_after: int | None = None
    last_after: int | None = None
    depletion_on: date | None = None
    infusion_on: date | None = None
    away: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """One consequence in words. `must_move` when something arranged doesn't fit any longer."""

    code: EffectCode
    said: str
    must_move: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Delay:
    """Days of delay (None while a day is unknown), the earliest days that remain, and the effects."""

    days: int | None
    depletion_from: date | None
    infusion_from: date | None
    infusion_until: date | None
    effects: tuple[Effect, ...]


def delay(plan: Plan) -> Delay:
    """The effect of the day on which the product is expected now. Source: see the module."""
    if plan.expected_on is None:
        return Delay(days=None, depletion_from=None, infusion_from=None, infusion_until=None, effects=())
    days = (plan.expected_on - plan.planned_on).days if plan.planned_on else None
    first, last = _infusion(plan, plan.expected_on)
    effects = [*_later(plan, days, first), *_arranged(plan, first), *_absences(plan, first)]
    return Delay(
        days=days,
        depletion_from=plan.expected_on,
        infusion_from=first,
        infusion_until=last,
        effects=tuple(effects),
    )


def _infusion(plan: Plan, depletion_on: date) -> tuple[date | None, date | None]:
    """First and last day of the infusion when lymphodepletion begins on a day."""
    if plan.depletion_days is None:
        return None, None
    ended_on = depletion_on + timedelta(days=plan.depletion_days - 1)
    first = None if plan.first_after is None else ended_on + timedelta(days=plan.first_after)
    last = None if plan.last_after is None else ended_on + timedelta(days=plan.last_after)
    return first, last


def _later(plan: Plan, days: int | None, infusion_from: date | None) -> list[Effect]:
    if days is None or days <= 0 or plan.expected_on is None:
        return []
    until = plan.expected_on.isoformat()
    effects = [
        Effect(
            code="bridging",
            said=say("Bridging has to hold {days} d longer, until {day}.", days=days, day=until),
        ),
        Effect(
            code="lymphodepletion",
            said=say("Lymphodepletion can't begin before {day}, {days} d later.", days=days, day=until),
        ),
    ]
    if infusion_from is not None:
        first = infusion_from.isoformat()
        effects.append(
            Effect(
                code="infusion",
                said=say("The infusion can't be before {day}, {days} d later.", days=days, day=first),
            )
        )
    return effects


def _arranged(plan: Plan, infusion_from: date | None) -> list[Effect]:
    effects = []
    if plan.depletion_on and plan.expected_on and plan.depletion_on < plan.expected_on:
        effects.append(
            Effect(
                code="planned_lymphodepletion",
                said=say(
                    "Lymphodepletion is planned for {planned}, before the product is expected on {day}.",
                    planned=plan.depletion_on.isoformat(),
                    day=plan.expected_on.isoformat(),
                ),
                must_move=True,
            )
        )
    if plan.infusion_on and infusion_from and plan.infusion_on < infusion_from:
        effects.append(
            Effect(
                code="planned_infusion",
                said=say(
                    "The infusion is planned for {planned}; the first day possible is {day}.",
                    planned=plan.infusion_on.isoformat(),
                    day=infusion_from.isoformat(),
                ),
                must_move=True,
            )
        )
    return effects


def _absences(plan: Plan, infusion_from: date | None) -> list[Effect]:
    """Absences of the family that overlap the days from the product to the first day of infusion."""
    if plan.expected_on is None:
        return []
    until = infusion_from or plan.expected_on
    return [
        Effect(
            code="family_away",
            said=say(
                "The family is away from {first} to {last}.", first=first.isoformat(), last=last.isoformat()
            ),
            must_move=True,
        )
        for first, last in plan.away
        if first <= until and last >= plan.expected_on
    ]
