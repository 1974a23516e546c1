"""What follows from the day of a collection: product, lymphodepletion, infusion and visits, by the protocol.

Days are expectations to plan by, the earliest that the rows of the protocol allow; no row, no day.

Source: the milestones, regimens, windows and visits of the protocol; each step names its row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from cartpath.core.sentences import say
from cartpath.protocols.expected import due_days
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import Protocol
from cartpath.protocols.sections import Regimen

StepKind = Literal["product", "lymphodepletion", "infusion", "follow_up"]
VISITS: Final = ("visit_month_1", "visit_month_3", "visit_month_12", "visit_year_15")
RELEASED: Final = "released"
RECEIVED: Final = "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that is expected on a day, or from a day on until another (the last one included)."""

    kind: StepKind
    key: str
    label: str
    on: date
    until: date | None = None
    rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Everything expected after a collection that ends on a day, in order."""

    collected_on: date
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step | None:
        """The step of that key, None when the protocol has no day for it."""
        return next((step for step in self.steps if step.key == key), None)


def course(protocol: Protocol, collected_on: date) -> Course:
    """Expect everything that follows by the rows in force on the day of collection.

    Source: the rows that each step names.
    """
    return Course(collected_on=collected_on, steps=tuple(_steps(protocol, collected_on)))


def _steps(protocol: Protocol, collected_on: date) -> Iterator[Step]:
    received_on = None
    for row in in_force(protocol.manufacturing.milestones, collected_on):
        if row.id in (RELEASED, RECEIVED) and row.expected_days is not None:
            on = collected_on + timedelta(days=row.expected_days)
            received_on = on if row.id == RECEIVED else received_on
            yield Step(
                kind="product",
                key=row.id,
                label=row.label,
                on=on,
                rules=(row.id,),
                sources=(protocol.cite(row),),
            )
    regimen = protocol.lymphodepletion_regimen(collected_on)
    if received_on is None or regimen is None:
        return
    length = _length(regimen)
    ends_on = received_on + timedelta(days=length - 1)
    yield Step(
        kind="lymphodepletion",
        key="lymphodepletion",
        label=say("Lymphodepletion, at the earliest"),
        on=received_on,
        until=ends_on,
        rules=(regimen.id,),
        sources=(protocol.cite(regimen),),
    )
    infused = _infusion(protocol, regimen, received_on, ends_on, collected_on)
    if infused is None:
        return
    yield infused
    yield from _visits(protocol, infused.on)


def _length(regimen: Regimen) -> int:
    """How many days a regimen takes, gaps included."""
    if all(drug.first_day is not None for drug in regimen.drugs):
        first = min(drug.first_day for drug in regimen.drugs if drug.first_day is not None)
        last = max(drug.first_day + drug.days for drug in regimen.drugs if drug.first_day is not None)
        return last - first
    return max(drug.days for drug in regimen.drugs)


def _infusion(protocol: Protocol, regimen: Regimen, begins_on: date, ends_on: date, on: date) -> Step | None:
    """The infusion on the day the regimen counts to, else from the earliest day of the window."""
    window = next(iter(in_force(protocol.lymphodepletion.window, on)), None)
    counted = [drug.first_day for drug in regimen.drugs if drug.first_day is not None]
    if counted:
        earliest = begins_on - timedelta(days=min(counted))
    elif window is not None:
        earliest = ends_on + timedelta(days=window.min_days)
    else:
        return None
    latest = None
    if window is not None and window.max_days is not None:
        latest = ends_on + timedelta(days=window.max_days)
    row = window or regimen
    return Step(
        kind="infusion",
        key="infusion",
        label=say("Infusion, at the earliest"),
        on=earliest,
        until=latest,
        rules=(row.id,),
        sources=(protocol.cite(row),),
    )


def _visits(protocol: Protocol, infused_on: date) -> Iterator[Step]:
    for name in VISITS:
        item = protocol.item(name)
        if item is not None:
            _first, due_on, _last = due_days(item, infused_on)
            sources = tuple(protocol.sources.get(key, key) for key in item.source)
            yield Step(
                kind="follow_up", key=name, label=item.label, on=due_on, rules=(item.series,), sources=sources
            )
