"""The days of follow-up, from the day of infusion to year 15.

Source: the follow-up part of the protocol (`cartpath/protocols/parts/follow_up`). Months are counted from
day 0 and clamped to the month's end, never chained.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.dates import FIRST_DAY
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import say
from cartpath.protocols import registry
from cartpath.protocols.expected import due_days
from cartpath.protocols.plan import ExpectedItem
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import FollowUp

# What day 0 is. Combined follow-up after a transplant has a day of its own.
DAY_0: Final = "infused"
# The calendar must still hold the last visit.
LAST_INFUSION_DAY: Final = date(2200, 12, 31)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedItem:
    """One item of follow-up on its day; first and last day of the window are both inside it."""

    item: ExpectedItem
    due_on: date
    first_on: date
    last_on: date


def follow_up_items(plan: FollowUp, on: date | None = None) -> tuple[ExpectedItem, ...]:
    """Visits and registry forms that count from the infusion and are in force on a day; see `Row.in_force`.

    Source: the follow-up part of the protocol.
    """
    rows = in_force((*plan.visits, *plan.registry), on)
    return tuple(item for row in rows if row.anchor == DAY_0 for item in row.items())


def follow_up_schedule(items: Iterable[ExpectedItem], infused_on: date) -> tuple[PlannedItem, ...]:
    """The items on their days, by due day; items of one day keep the order of the plan.

    Source: the follow-up part of the protocol.
    """
    planned = []
    for item in items:
        first_on, due_on, last_on = due_days(item, infused_on)
        planned.append(PlannedItem(item=item, due_on=due_on, first_on=first_on, last_on=last_on))
    return tuple(sorted(planned, key=lambda each: each.due_on))


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUpScheduleInput:
    """A protocol by its id, in its newest version, and day 0."""

    __pydantic_config__ = INPUT_CONFIG

    protocol: str
    infused_on: Annotated[date, Ge(FIRST_DAY), Le(LAST_INFUSION_DAY)]


def calculate_follow_up_schedule(given: FollowUpScheduleInput) -> Answer:
    """Answer the `follow_up_schedule` calculator: `items` with `item`, `due`, `window`.

    Raises Invalid for an unknown protocol.

    Source: the follow-up part of the protocol.
    """
    try:
        protocol = registry.latest(given.protocol)
    except KeyError:
        raise invalid_input({"protocol": say("There is no protocol of this name.")}) from None
    planned = follow_up_schedule(follow_up_items(protocol.follow_up), given.infused_on)
    keys = dict.fromkeys(key for each in planned for key in each.item.source)
    return Answer(
        name="follow_up_schedule",
        result={
            "items": [
                {
                    "item": each.item.item,
                    "due": each.due_on.isoformat(),
                    "window": [each.first_on.isoformat(), each.last_on.isoformat()],
                }
                for each in planned
            ]
        },
        source="; ".join(protocol.sources[key] for key in keys),
        scale=protocol.id,
        scale_version=protocol.version,
        explanation=[
            say("Day 0 is {day}, the day of the infusion.", day=given.infused_on.isoformat()),
            say("Months are counted from day 0 and clamped to the end of the month, never chained."),
        ],
    )
