"""A center's changes put into a shipped protocol. Pure: a protocol and changes in, a protocol out.

Four kinds of change, each about one row: a draft is approved, a row is altered, a row is retired, a row is
added. What was approved, altered or added becomes a center's default; what was retired gets the status
`retired`: it stays where it is to be read, and does nothing on any day. (An end of its validity would not do:
a row that plans from an anchor in the past would still hold.) Each changed row keeps its sources and adds one
of its own, `CENTER:<row id>`, whose text says who decided, when and why. Nothing else changes.
"""

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from functools import cache, reduce
from types import MappingProxyType, UnionType
from typing import Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from cartpath.core.inputs import json_name
from cartpath.core.sentences import Sentence, say
from cartpath.protocols.checks import Path, row_problems, rows_of
from cartpath.protocols.difference import row_label
from cartpath.protocols.rows import Row
from cartpath.protocols.schema import Part, Protocol

ChangeKind = Literal["approve", "alter", "retire", "add"]

# What a row is cannot be altered, only what it says; nor what rules rely on when they look a figure up.
FIXED: Final = frozenset({"id", "status", "source", "unit", "item", "quantity", "class", "sign"})
# Rules look these rows up by name, so another one would do nothing.
CLOSED_SECTIONS: Final = frozenset(
    {
        "apheresis.figures",
        "apheresis.limits",
        "apheresis.counts",
        "collection.donor",
        "manufacturing.milestones",
        "pathway.figures",
        "infusion.limits",
        "infusion.figures",
        "follow_up.immunoglobulin",
    }
)
_DOSE: Final = "product.dose"
_DONE: Final[Mapping[ChangeKind, str]] = {
    "approve": "approved",
    "alter": "altered",
    "retire": "retired",
    "add": "added",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One decision about one row: what, why, by whom and when.

    `section` is where the row stands, such as `product.dose`. `values` are the fields an altered or added row
    gets, as JSON; `on` is the day of the decision in the center.
    """

    kind: ChangeKind
    row_id: str
    section: str
    reason: str
    by: str
    by_id: str
    at: datetime
    on: date
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Change":
        """A change as it is stored in an edition."""
        names = {item.name for item in fields(cls)}
        given = {name: value for name, value in stored.items() if name in names}
        at, on = datetime.fromisoformat(given["at"]), date.fromisoformat(given["on"])
        return cls(**given | {"at": at, "on": on})

    def stored(self) -> dict[str, Any]:
        """The change as JSON."""
        whole = {item.name: getattr(self, item.name) for item in fields(self)}
        at, on = self.at.astimezone(UTC).isoformat(), self.on.isoformat()
        return whole | {"at": at, "on": on, "values": dict(self.values)}

    @property
    def source_key(self) -> str:
        """The key of the source that the change adds to its row."""
        return f"CENTER:{self.row_id}"

    @property
    def citation(self) -> str:
        """The text of that source: who decided, when and why."""
        return f"Center's decision, {_DONE[self.kind]} by {self.by} on {self.on.isoformat()}: {self.reason}"


class ChangeRefused(Exception):
    """A change can't be made: what is wrong with which field; an empty field is the row itself."""

    def __init__(self, label: str, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in fields.items()))
        self.label = label
        self.fields = dict(fields)


def apply(base: Protocol, changes: Sequence[Change], *, version: str) -> Protocol:
    """The protocol with the changes, under another version. Each row is checked, the whole is not.

    Raises ChangeRefused for a change that doesn't fit the base.
    """
    added = {change.source_key: change.citation for change in changes}
    protocol = replace(_cited(base, added), version=version)
    return reduce(_changed, changes, protocol)


def carried_over(
    changes: Sequence[Change], old: Protocol, new: Protocol
) -> tuple[list[Change], list[tuple[Change, str]]]:
    """Which changes of an edition on `old` hold on `new` too, and which don't, each with the reason.

    A decision about a row is carried only while the row is what it was when the decision was made.
    """
    kept: list[Change] = []
    left: list[tuple[Change, str]] = []
    before, after = rows_by_id(old), rows_by_id(new)
    for change in changes:
        reason = _misfit(change, before.get(change.row_id), after.get(change.row_id))
        if reason is None:
            try:
                apply(new, [*kept, change], version=new.version)
            except ChangeRefused as refused:
                reason = next(iter(refused.fields.values()))
        if reason is None:
            kept.append(change)
        else:
            left.append((change, reason))
    return kept, left


def rows_by_id(protocol: Protocol) -> dict[str, Row]:
    """Every row by its id."""
    return {row.id: row for _, row in rows_of(protocol)}


def section_of(protocol: Protocol, row_id: str) -> str | None:
    """Where a row stands, such as `product.dose`; None when there is no such row."""
    found = _path_of(protocol, row_id)
    return ".".join(step for step in found if isinstance(step, str)) if found else None


@cache
def sections() -> Mapping[str, type[Row]]:
    """Every section to which a center can add rows, with the kind of row it holds."""
    found = dict(_sections(Protocol, ()))
    return MappingProxyType({name: row for name, row in found.items() if name not in CLOSED_SECTIONS})


def alterable(row: Row) -> tuple[str, ...]:
    """The fields of a row that a center can alter, by the names they have in JSON."""
    names = (json_name(item.name) for item in fields(row))
    return tuple(name for name in names if name not in FIXED)


def values_of(row: Row) -> dict[str, Any]:
    """A row as JSON, its fields by the names they have in protocol files."""
    stored: dict[str, Any] = json.loads(_adapter(cast("Hashable", type(row))).dump_json(row, by_alias=True))
    return stored


def _misfit(change: Change, before: Row | None, after: Row | None) -> str | None:
    if change.kind == "add":
        return say("The chosen version has a row of this name itself.") if after else None
    if after is None:
        return say("The chosen version no longer has this row.")
    return None if before == after else say("The chosen version itself changes this row.")


def _cited(protocol: Protocol, added: Mapping[str, str]) -> Protocol:
    """The protocol with further sources; its parts get them too, because rules cite from there."""
    parts: dict[str, Any] = {
        item.name: replace(part, sources={**part.sources, **added})
        for item in fields(protocol)
        if isinstance(part := getattr(protocol, item.name), Part)
    }
    return replace(protocol, sources={**protocol.sources, **added}, **parts)


def _changed(protocol: Protocol, change: Change) -> Protocol:
    if change.kind == "add":
        return _with_added(protocol, change)
    path = _path_of(protocol, change.row_id)
    if path is None:
        raise _refused(change.row_id, "", say("The protocol has no such row."))
    changed: Protocol = _with(protocol, path, _new_row(protocol, path, _at(protocol, path), change))
    return changed


def _new_row(protocol: Protocol, path: Path, row: Row, change: Change) -> Row:
    source = (*row.source, change.source_key)
    if change.kind == "approve":
        if row.status != "draft":
            raise _refused(row_label(row), "", say("Only a draft waits for approval; this row is none."))
        return replace(row, status="center_default", source=source)
    if change.kind == "retire":
        return replace(row, status="retired", source=source)
    return _altered(protocol, path, row, change.values, source)


def _altered(
    protocol: Protocol, path: Path, row: Row, values: Mapping[str, Any], source: tuple[str, ...]
) -> Row:
    given = {json_name(name): value for name, value in values.items()}
    fixed = {name: say("This is fixed; add a row of its own instead.") for name in given if name in FIXED}
    if fixed:
        raise ChangeRefused(row_label(row), fixed)
    before = values_of(row)
    whole = {**before, **given, "status": "center_default", "source": source}
    # Nothing given means the default of the field.
    made = _made(type(row), {name: value for name, value in whole.items() if value is not None}, row)
    _refuse_other_keys(row, made)
    if values_of(made) == {**before, "status": "center_default", "source": [*source]} and not row.is_off:
        raise _refused(row_label(row), "", say("Nothing of the row is altered."))
    _refuse_problems(protocol, path, made)
    return made


def _with_added(protocol: Protocol, change: Change) -> Protocol:
    row_type = sections().get(change.section)
    label = str(change.values.get("label") or change.row_id)
    if row_type is None:
        raise _refused(label, "section", say("No row can be added here; alter one instead."))
    if change.row_id in rows_by_id(protocol):
        raise _refused(label, "id", say("The protocol has a row of this name."))
    given = {json_name(name): value for name, value in change.values.items() if value is not None}
    sources = [*given.get("source", ()), change.source_key]
    row = _made(row_type, given | {"id": change.row_id, "status": "center_default", "source": sources}, None)
    path: Path = tuple(change.section.split("."))
    rows: tuple[Row, ...] = _at(protocol, path)
    _refuse_problems(protocol, (*path, len(rows)), row)
    changed: Protocol = _with(protocol, path, _placed(change.section, (*rows, row)))
    return changed


def _placed(section: str, rows: tuple[Any, ...]) -> tuple[Any, ...]:
    """New rows come last, but bands of weight stand in their order."""
    return tuple(sorted(rows, key=lambda band: band.above_kg)) if section == _DOSE else rows


def _made(row_type: type[Row], values: Mapping[str, Any], before: Row | None) -> Row:
    label = row_label(before) if before else str(values.get("label") or values["id"])
    try:
        row: Row = _adapter(cast("Hashable", row_type)).validate_json(json.dumps(values))
    except ValidationError as error:
        wrong = {_name(each["loc"]): _reason(each) for each in reversed(error.errors(include_url=False))}
        raise ChangeRefused(label, dict(reversed(wrong.items()))) from error
    return row


def _refuse_other_keys(before: Row, after: Row) -> None:
    """Tables inside a row keep their keys: rules look their figures up by name."""
    for item in fields(before):
        old, new = getattr(before, item.name), getattr(after, item.name)
        if not isinstance(old, dict) or not isinstance(new, dict):
            continue
        if {key: _kind(value) for key, value in old.items()} != {k: _kind(v) for k, v in new.items()}:
            reason = say("Keep these figures and their kind: {names}.", names=", ".join(old) or "–")
            raise _refused(row_label(before), json_name(item.name), reason)


def _kind(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return "number" if is_number else type(value).__name__


def _refuse_problems(protocol: Protocol, path: Path, row: Row) -> None:
    found = {
        _name(problem.path[len(path) :]): problem.reason
        for problem in row_problems(path, row, protocol.sources)
    }
    if found:
        raise ChangeRefused(row_label(row), found)


def _refused(label: str, name: str, reason: str) -> ChangeRefused:
    return ChangeRefused(label, {name: reason})


def _path_of(protocol: Protocol, row_id: str) -> Path | None:
    return next((path for path, row in rows_of(protocol) if row.id == row_id), None)


def _at(value: Any, path: Path) -> Any:
    return reduce(_inner, path, value)


def _inner(value: Any, step: str | int) -> Any:
    return value[step] if isinstance(step, int) else getattr(value, _attribute(value, step))


def _attribute(value: Any, step: str) -> str:
    return next(item.name for item in fields(value) if json_name(item.name) == step)


def _with(value: Any, path: Path, new: object) -> Any:
    """`value` with another thing at a path; everything beside the path is the same object."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    inner = _with(_inner(value, step), rest, new)
    if isinstance(step, int):
        return (*value[:step], inner, *value[step + 1 :])
    return replace(value, **{_attribute(value, step): inner})


def _sections(shape: Any, path: tuple[str, ...]) -> Iterator[tuple[str, type[Row]]]:
    hints = get_type_hints(shape)
    for item in fields(shape):
        where = (*path, json_name(item.name))
        for kind in _members(hints[item.name]):
            element = get_args(kind)[0] if get_origin(kind) is tuple else kind
            if not isinstance(element, type) or not is_dataclass(element):
                continue
            if get_origin(kind) is tuple and issubclass(element, Row):
                yield ".".join(where), element
            elif not issubclass(element, Row):
                yield from _sections(element, where)


def _members(hint: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


@cache
def _adapter(row_type: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(row_type)


def _name(location: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in location)


def _reason(error: Any) -> Sentence:
    """What is wrong with a value, in a sentence that can be translated."""
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return say("Give a value.")
        case "unexpected_keyword_argument" | "extra_forbidden":
            return say("A row of this kind has no such field.")
        case "greater_than":
            return say("Should be more than {limit}.", limit=limits["gt"])
        case "greater_than_equal":
            return say("Should be {limit} or more.", limit=limits["ge"])
        case "less_than":
            return say("Should be less than {limit}.", limit=limits["lt"])
        case "less_than_equal":
            return say("Should be {limit} or less.", limit=limits["le"])
        case "literal_error":
            return say("Should be one of: {choices}.", choices=limits["expected"])
        case "string_too_short" | "too_short":
            return say("Should not be empty.")
        case "int_type" | "int_from_float":
            return say("Should be a whole number.")
        case "float_type" | "finite_number":
            return say("Should be a number.")
        case "string_type":
            return say("Should be text.")
        case "bool_type":
            return say("Should be yes or no.")
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return say("Should be a day such as 2026-03-05.")
    return say("Doesn't fit this field: {reason}", reason=error["msg"])
