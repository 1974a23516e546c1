"""What differs between two versions of a protocol: in its rules, and in the plan they make. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from itertools import chain
from typing import Final, Literal

from cartpath.protocols.checks import rows_of
from cartpath.protocols.expected import Occurrence, occurrences
from cartpath.protocols.plan import AnchorMode, ExpectedItem
from cartpath.protocols.rows import Row
from cartpath.protocols.schema import Protocol

RowKind = Literal["added", "removed", "changed", "same"]
PlanKind = Literal["new", "gone", "moved", "changed", "same"]

# When an event happened, by its kind and by which of several is meant.
AnchorKey = tuple[str, AnchorMode]
Anchors = Mapping[AnchorKey, datetime]

_LABELS: Final = ("label", "text", "question")
_OF_EVERY_ROW: Final = frozenset(item.name for item in fields(Row))


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field of a row in both versions. Sources are given as the texts they stand for."""

    name: str
    old: object
    new: object


@dataclass(frozen=True, kw_only=True, slots=True)
class RowDifference:
    """One row in both versions; `old` is None for an added row, `new` for a removed one.

    `section` is where the row stands, such as `product.dose`. `fields` are those that differ, the row's own
    first and then what every row has; empty unless the row is `changed`.
    """

    section: str
    row_id: str
    label: str
    kind: RowKind
    old: Row | None
    new: Row | None
    fields: tuple[FieldDifference, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """One item as a version expects it; `times` is empty when what it is counted from hasn't happened."""

    item: ExpectedItem
    times: tuple[Occurrence, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanDifference:
    """One expected item in both versions; `old` is None for a new item, `new` for one that is gone.

    `moved` is another due time or window; `changed` the same times for another role, priority or event.
    """

    item: str
    label: str
    kind: PlanKind
    old: Expectation | None
    new: Expectation | None


def section_of(path: tuple[str | int, ...]) -> str:
    """Where a row stands, without its place in the list: `product.dose`."""
    return ".".join(step for step in path if isinstance(step, str))


def rows_by_section(protocol: Protocol) -> Iterator[tuple[str, Row]]:
    """Every row of a protocol with its section, in the order of the document."""
    for path, row in rows_of(protocol):
        yield section_of(path), row


def row_label(row: Row) -> str:
    """The words a row is known by, in English; its id when it has none."""
    words = (getattr(row, name, None) for name in _LABELS)
    return next((text for text in words if text), row.id)


def row_differences(old: Protocol, new: Protocol) -> tuple[RowDifference, ...]:
    """Every row of both versions, by section and id: the new version's order, then what was removed.

    A row that only changed its place in the list is the same row. A source is compared by its text, so a key
    that is spelled anew makes no difference.
    """
    before = {(section, row.id): row for section, row in rows_by_section(old)}
    after = {(section, row.id): row for section, row in rows_by_section(new)}
    keys = _in_order(list(after), list(before))
    return tuple(_row_difference(key, before.get(key), after.get(key), old, new) for key in keys)


def _in_order(first: list[tuple[str, str]], second: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """All keys, those of one section together, in the order in which the sections appear."""
    sections = dict.fromkeys(section for section, _row_id in chain(first, second))
    keys = dict.fromkeys(chain(first, second))
    return [key for section in sections for key in keys if key[0] == section]


def _row_difference(
    key: tuple[str, str], before: Row | None, after: Row | None, old: Protocol, new: Protocol
) -> RowDifference:
    section, row_id = key
    shown = after or before
    found: tuple[FieldDifference, ...] = ()
    kind: RowKind = "added" if before is None else "removed"
    if before is not None and after is not None:
        found = tuple(_field_differences(before, after, old, new))
        kind = "changed" if found else "same"
    return RowDifference(
        section=section,
        row_id=row_id,
        label=row_label(shown) if shown else row_id,
        kind=kind,
        old=before,
        new=after,
        fields=found,
    )


def _field_differences(before: Row, after: Row, old: Protocol, new: Protocol) -> Iterator[FieldDifference]:
    names = dict.fromkeys(item.name for row in (after, before) for item in fields(row))
    for name in sorted(names, key=_OF_EVERY_ROW.__contains__):
        first, second = _content(before, name, old), _content(after, name, new)
        if first != second:
            yield FieldDifference(name, first, second)


def _content(row: Row, name: str, protocol: Protocol) -> object:
    if name == "source":
        return tuple(protocol.sources[key] for key in row.source)
    return getattr(row, name, None)


def anchored_once(times: Mapping[str, datetime]) -> Anchors:
    """Anchors of a story in which each kind of event happened once."""
    anchors: dict[AnchorKey, datetime] = {}
    for kind, at in times.items():
        anchors[kind, "first"] = anchors[kind, "latest"] = at
    return anchors


def plan_differences(
    old: Protocol, new: Protocol, anchors: Anchors, tz: tzinfo
) -> tuple[PlanDifference, ...]:
    """Every item that either version expects, in the new version's order, then what is gone.

    `anchors` says when the events were that items are counted from; an item without one is compared by its
    distance instead. `tz` is the center's zone. Rows with days of validity are taken as in force on the
    anchor's local day, as the planner does. Raises ValueError when an anchor carries no offset.
    """
    before, after = _expectations(old, anchors, tz), _expectations(new, anchors, tz)
    found = []
    for name in dict.fromkeys(chain(after, before)):
        first, second = before.get(name), after.get(name)
        shown = second or first
        if shown is not None:
            kind = _plan_kind(first, second)
            found.append(PlanDifference(item=name, label=shown.item.label, kind=kind, old=first, new=second))
    return tuple(found)


def _expectations(protocol: Protocol, anchors: Anchors, tz: tzinfo) -> dict[str, Expectation]:
    found: dict[str, Expectation] = {}
    for row in protocol.plan():
        # Of several events, only the planner knows which ones carry the values a row wants.
        anchor_at = None if row.anchor_match else anchors.get((row.anchor, row.anchor_event))
        on = anchor_at.astimezone(tz).date() if anchor_at else None
        if not row.in_force(on):
            continue
        for item in row.items():
            times = tuple(occurrences(item, anchor_at, tz)) if anchor_at else ()
            found[item.item] = Expectation(item=item, times=times)
    return found


def _plan_kind(first: Expectation | None, second: Expectation | None) -> PlanKind:
    if first is None:
        return "new"
    if second is None:
        return "gone"
    if _times(first) != _times(second) or _distance(first.item) != _distance(second.item):
        return "moved"
    return "changed" if _others(first.item) != _others(second.item) else "same"


def _times(expectation: Expectation) -> list[tuple[datetime, datetime, datetime]]:
    return [(time.opens_at, time.due_at, time.closes_at) for time in expectation.times]


def _distance(item: ExpectedItem) -> object:
    counted_from = item.anchor, item.anchor_event, item.anchor_match
    return *counted_from, item.offset, item.recurrence, item.window


def _others(item: ExpectedItem) -> object:
    kinds = item.fulfilled_by, item.skipped_by, item.stops_with, item.same, item.clock
    return item.role, item.priority, kinds
