"""What the family keeps to after the infusion, and until which day.

Source: the restriction rows of the product's protocol that are in force on the day of the infusion. A rule
that changes later doesn't shorten or lengthen what this family was told. The days are counted from the last
part given; the last day belongs to the restriction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cartpath.core.sentences import say
from cartpath.protocols.rows import in_force
from cartpath.protocols.sections import Restriction


@dataclass(frozen=True, kw_only=True, slots=True)
class RestrictionDay:
    """One restriction with its last day for this child."""

    rule: Restriction
    last_on: date
    explanation: tuple[str, ...]

    def is_over(self, on: date) -> bool:
        """Whether it has ended on a day."""
        return on > self.last_on

    def days_left(self, on: date) -> int:
        """Days to go after this one; 0 on the last day and later."""
        return max((self.last_on - on).days, 0)


def restriction_days(
    rules: Sequence[Restriction], *, infused_on: date, last_part_on: date | None = None
) -> tuple[RestrictionDay, ...]:
    """Every restriction in force on the day of the infusion, with its last day.

    Source: the restriction rows of the protocol.
    """
    counted_from = last_part_on or infused_on
    return tuple(
        RestrictionDay(
            rule=rule,
            last_on=counted_from + timedelta(days=rule.days),
            explanation=(
                say(
                    "{label}: {days} days from {first}, by the rule in force on {infused}.",
                    label=rule.label,
                    days=rule.days,
                    first=counted_from.isoformat(),
                    infused=infused_on.isoformat(),
                ),
            ),
        )
        for rule in in_force(rules, infused_on)
    )
