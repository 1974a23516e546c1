"""Expected items: what a protocol wants to happen, counted from something that happened.

A file writes `Series` rows, one for a whole run of visits; `Series.items` unrolls them into the
`ExpectedItem`s that the planner, the pages and the calculator use.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.protocols.rows import Row, Text
from cartpath.protocols.words import EventWord, Role, Status

_MONTHS_PER_YEAR = 12

# 1: a child may come to harm; 2: a date of the treatment is at stake; 3: routine; 4: paper.
Priority = Annotated[int, Ge(1), Le(4)]
Count = Annotated[int, Ge(0)]

# Which of several events an item is counted from: one of them, or each of them as an anchor of its own.
AnchorMode = Literal["first", "latest", "each"]
# Which of the two clocks of a treated child an item belongs to: how well the cells work, or the fifteen years
# of safety that nothing but death and the end of care stops.
Clock = Literal["efficacy", "safety", "none"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offset:
    """Distance from the anchor, in exactly one unit. Days and months are calendar, hours are elapsed.

    `age` is no distance: it is the birthday on which the child becomes so many years old. Nor is `said`: the
    anchor's data says under that name when the item is due.
    """

    days: int | None = None
    hours: int | None = None
    months: int | None = None
    age: int | None = None
    said: str | None = None

    @property
    def is_calendar(self) -> bool:
        """Whether it leads to a local day rather than to a moment."""
        return self.hours is None and self.said is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recurrence:
    """Repeats every so many elapsed hours until so many days after the anchor, the last moment included."""

    __pydantic_config__ = INPUT_CONFIG

    every_hours: Annotated[int, Ge(1)]
    for_days: Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """How early and how late the item still counts: days for calendar items, hours for elapsed ones."""

    __pydantic_config__ = INPUT_CONFIG

    before_days: Count = 0
    after_days: Count = 0
    before_hours: Count = 0
    after_hours: Count = 0


Alternatives = Annotated[tuple[Text, ...], MinLen(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fulfilment:
    """The event that fulfils an item: its kind, and values its data must have, each one or one of several.

    `also` are further kinds that do as well; `kind` is the one that a page offers.
    """

    __pydantic_config__ = INPUT_CONFIG

    kind: EventWord
    also: tuple[EventWord, ...] = ()
    match: dict[str, bool | Text | Alternatives] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[EventWord, ...]:
        """Every kind that fulfils it."""
        return (self.kind, *self.also)

    def matches(self, kind: str, event_data: Mapping[str, object]) -> bool:
        """Whether an event of that kind with that data fulfils the item."""
        return kind in self.kinds and all(
            _is_one_of(event_data.get(key), self.match[key]) for key in self.match
        )


def _is_one_of(given: object, wanted: bool | str | tuple[str, ...]) -> bool:
    return given in wanted if isinstance(wanted, tuple) else given == wanted


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedItem:
    """One thing the protocol wants.

    `anchor` is the kind of event it is counted from, `anchor_match` the values its data must have and
    `anchor_event` which one when there are several. `same` names a value of the anchor's data that whatever
    fulfils, skips or stops the item must share. `skipped_by` settles it without doing it; any event of a kind
    in `stops_with` ends it. `source` and `status` are those of the row; `series` is the row's id.
    """

    item: str
    series: str
    label: str
    anchor: EventWord
    anchor_event: AnchorMode
    anchor_match: Mapping[str, str]
    same: str | None
    clock: Clock
    offset: Offset
    recurrence: Recurrence | None
    window: Window
    role: Role
    priority: int
    fulfilled_by: Fulfilment
    skipped_by: Fulfilment | None
    stops_with: tuple[EventWord, ...]
    source: tuple[str, ...]
    status: Status


@dataclass(frozen=True, kw_only=True, slots=True)
class At:
    """Offsets of a series in one unit; several make several items. `ages` are birthdays, in years.

    `said` is none: it names the value of the anchor's data that holds the moment the item is due.
    """

    __pydantic_config__ = INPUT_CONFIG

    days: tuple[Count, ...] = ()
    hours: tuple[Count, ...] = ()
    months: tuple[Count, ...] = ()
    years: tuple[Count, ...] = ()
    ages: tuple[Annotated[int, Ge(1)], ...] = ()
    said: Text | None = None

    def units(self) -> tuple[str, ...]:
        """The units that are used; a sound file uses exactly one."""
        return tuple(
            unit for unit in ("days", "hours", "months", "years", "ages", "said") if getattr(self, unit)
        )

    def offsets(self) -> tuple[tuple[int, Offset], ...]:
        """Each number as it is named in the item, with the offset it means."""
        return (
            *((n, Offset(days=n)) for n in self.days),
            *((n, Offset(hours=n)) for n in self.hours),
            *((n, Offset(months=n)) for n in self.months),
            *((n, Offset(months=n * _MONTHS_PER_YEAR)) for n in self.years),
            *((n, Offset(age=n)) for n in self.ages),
        )

    def all_offsets(self) -> tuple[tuple[int | None, Offset], ...]:
        """Every offset, that of a moment that is said too; it has no number."""
        return ((None, Offset(said=self.said)),) if self.said else self.offsets()


@dataclass(frozen=True, kw_only=True, slots=True)
class Series(Row):
    """A row of a plan: one item, or a run of items that differ in their offset only.

    `{n}` in `item` and `label` stands for the offset's number, `{item}` in the values of a match for the
    item's name. With `anchor_event = "each"` every matching event plans the items anew, beside those of the
    others. The event an item is counted from never fulfils it. `anchor_also` are further kinds of event that
    are anchors as well.
    """

    item: Text
    label: Text
    anchor: EventWord
    at: At
    window: Window
    role: Role
    priority: Priority
    fulfilled_by: Fulfilment
    anchor_event: AnchorMode = "first"
    anchor_also: tuple[EventWord, ...] = ()
    anchor_match: dict[str, Text] = field(default_factory=dict)
    same: Text | None = None
    clock: Clock = "none"
    recurrence: Recurrence | None = None
    skipped_by: Fulfilment | None = None
    stops_with: tuple[EventWord, ...] = ("died", "closed")

    def items(self) -> tuple[ExpectedItem, ...]:
        """The expected items this row stands for, in the order of their offsets."""
        return tuple(self._item(number, offset) for number, offset in self.at.all_offsets())

    def _item(self, number: int | None, offset: Offset) -> ExpectedItem:
        item = self.item.replace("{n}", str(number))
        return ExpectedItem(
            item=item,
            series=self.id,
            label=self.label.replace("{n}", str(number)),
            anchor=self.anchor,
            anchor_event=self.anchor_event,
            anchor_match=self.anchor_match,
            same=self.same,
            clock=self.clock,
            offset=offset,
            recurrence=self.recurrence,
            window=self.window,
            role=self.role,
            priority=self.priority,
            fulfilled_by=_named(self.fulfilled_by, item),
            skipped_by=_named(self.skipped_by, item) if self.skipped_by else None,
            stops_with=self.stops_with,
            source=self.source,
            status=self.status,
        )


def _named(fulfilment: Fulfilment, item: str) -> Fulfilment:
    match = {key: _filled(value, item) for key, value in fulfilment.match.items()}
    return Fulfilment(kind=fulfilment.kind, also=fulfilment.also, match=match)


def _filled(value: bool | str | tuple[str, ...], item: str) -> bool | str | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.replace("{item}", item)
    return tuple(each.replace("{item}", item) for each in value)
