"""What becomes of an alert when the state of its sign changes. Pure.

* A sign that is there raises an alert, once. While it stands it is raised anew only when the state has become
  worse by as much as the rule says; the old one ends then, so that never two of a rule stand.
* An alert clears when its sign was seen gone for so long as the rule says: from the first look without it to
  the last. What is only unknown clears nothing, nor does a single look after hours in which nobody looked. An
  emergency stands until somebody has answered it, even when its sign has gone.
* When what raised it turns out to be an error of entry, it ends, and what remains is judged afresh.

Source: DESIGN (group alerts by patient, raise again only on a worse state).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final, Literal

from cartpath.protocols.alert_rows import AlertRule
from toxicity.alerts.rules.facts import Seen

# Degrees are differences of measured values; what arithmetic loses is no difference.
_CLOSE: Final = 1e-6
# A sign that was never there in all that is looked at is gone after so long, whatever the rule says.
_LONG_AGO: Final = timedelta(hours=24)

Cause = Literal["eased", "worse", "entered_in_error"]


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that stands: how bad it was when raised, and what showed it."""

    degree: float
    evidence: str
    evidence_at: datetime
    is_answered: bool


@dataclass(frozen=True, slots=True)
class End:
    """The standing alert ends; `eased_at` is when its sign was last seen gone."""

    cause: Cause
    eased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Raise:
    """An alert is raised by what was seen."""

    seen: Seen


Step = End | Raise


def decide(
    rule: AlertRule,
    seen: Sequence[Seen],
    standing: Standing | None,
    *,
    settled_at: datetime | None,
    since: datetime,
) -> list[Step]:
    """The steps that follow from all that was seen, in order; none when nothing changed.

    `settled_at` is when the sign was last seen gone for good: what lies before is over. `since` is how far
    back `seen` reaches. Source: DESIGN.
    """
    recent = [each for each in seen if settled_at is None or each.at > settled_at]
    run = _run(rule, recent)
    worst = max(run, key=lambda each: (each.degree, each.at), default=None)
    raised: list[Step] = [Raise(worst)] if worst else []
    if standing is None:
        return raised
    if standing.evidence_at >= since and not _shown(standing, recent):
        return [End("entered_in_error"), *raised]
    if worst and rule.worse_by and worst.degree + _CLOSE >= standing.degree + rule.worse_by:
        return [End("worse"), *raised]
    latest = max(recent, key=lambda each: each.at, default=None)
    may_clear = standing.is_answered or rule.urgency != "emergency"
    if latest and may_clear and _is_gone(rule, recent):
        return [End("eased", latest.at)]
    return []


def _run(rule: AlertRule, seen: Sequence[Seen]) -> list[Seen]:
    """The moments at which the sign was there, since it was last seen gone for long enough."""
    quiet = timedelta(hours=rule.quiet_hours)
    run: list[Seen] = []
    for each in sorted(seen, key=lambda each: each.at):
        if each.holds:
            run.append(each)
        elif run and each.at - run[-1].at >= quiet:
            run = []
    return run


def _is_gone(rule: AlertRule, seen: Sequence[Seen]) -> bool:
    """Whether the looks without the sign, since it was last there, span as long as the rule says."""
    in_order = sorted(seen, key=lambda each: each.at)
    free = [*takewhile(lambda each: not each.holds, reversed(in_order))]
    quiet = timedelta(hours=rule.quiet_hours)
    if len(free) == len(in_order):
        # What raised it lies further back than anything looked at.
        quiet = min(quiet, _LONG_AGO)
    return bool(free) and free[0].at - free[-1].at >= quiet


def _shown(standing: Standing, seen: Sequence[Seen]) -> bool:
    """Whether what raised the alert still shows it, as bad as it was."""
    return any(
        each.ref == standing.evidence and each.holds and each.degree + _CLOSE >= standing.degree
        for each in seen
    )
