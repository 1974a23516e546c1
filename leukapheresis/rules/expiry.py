"""Until what day collected cells may be used.

Source: the expiry rows of the product's protocol; calendar months from the day of leukapheresis, clamped
to the month's end. Of rows that followed each other the one in force on the day of the decision counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cartpath.core.dates import add_months
from cartpath.core.sentences import say
from cartpath.protocols.rows import in_force
from cartpath.protocols.sections import Expiry


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpiryDay:
    """The last day on which the cells may be used, and the row that says so; None without a rule."""

    last_day: date | None
    rule: Expiry | None
    explanation: tuple[str, ...]

    def has_passed(self, on: date) -> bool | None:
        """Whether the cells have expired on a day; None without a rule."""
        return None if self.last_day is None else on > self.last_day


def expiry_day(rules: Sequence[Expiry], *, collected_on: date, decided_on: date) -> ExpiryDay:
    """The expiry of cells collected on a day, by the rule in force when it is asked.

    Source: the expiry rows of the protocol.
    """
    rule = next(iter(in_force(rules, decided_on)), None)
    if rule is None:
        said = say("No rule of expiry is in force on {day}.", day=decided_on.isoformat())
        return ExpiryDay(last_day=None, rule=None, explanation=(said,))
    last_day = add_months(collected_on, rule.months)
    said = say(
        "{months} calendar months from {first}: {last}.",
        months=rule.months,
        first=collected_on.isoformat(),
        last=last_day.isoformat(),
    )
    return ExpiryDay(last_day=last_day, rule=rule, explanation=(said,))
