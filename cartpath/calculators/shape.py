"""The shape of a calculator's input, read from its dataclass: what a form has to ask for.

A new field of a rule appears on its page by itself; only its words have to be added.
"""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Len, MaxLen, MinLen

from cartpath.core.inputs import json_name

__all__ = ["Leaf", "Listing", "Node", "Record", "leaves", "shape_of"]

Kind = Literal["tick", "yes_no", "number", "whole", "choice", "day", "text"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """One value. `required`: null is refused. `above`: the low end itself is not allowed."""

    path: str
    kind: Kind
    required: bool
    low: float | None = None
    above: bool = False
    high: float | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A group of values; null when nothing of it is known and it is not `required`."""

    path: str
    parts: tuple["Node", ...]
    required: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """A list of `entry`, whose path is empty; `length` is set when it always has so many entries.

    `columns` are set when each entry is itself a list of that many values, such as a day and a count.
    """

    path: str
    entry: "Node"
    required: bool
    length: int | None = None
    columns: tuple[Leaf, ...] = ()


Node = Leaf | Record | Listing


def shape_of(input_type: type[Any]) -> tuple[Node, ...]:
    """The fields of an input in their order, by the names they have outside."""
    hints = get_type_hints(input_type, include_extras=True)
    return tuple(
        _node(json_name(field.name), hints[field.name], field.default is MISSING)
        for field in fields(input_type)
    )


def leaves(nodes: tuple[Node, ...]) -> Iterator[str]:
    """The path of everything that needs words: each field, and each part of one."""
    for node in nodes:
        yield node.path
        match node:
            case Record():
                yield from (f"{node.path}.{part}" for part in leaves(node.parts))
            case Listing(columns=(), entry=Record(parts=parts)):
                yield from (f"{node.path}.{part}" for part in leaves(parts))
            case Listing(length=int() as length):
                yield from (f"{node.path}.{place}" for place in range(length))


def _node(path: str, hint: Any, required: bool) -> Node:
    limits, hint = _plain(hint)
    more, hint, nullable = _without_none(hint)
    limits = (*limits, *more)
    required = required and not nullable
    if get_origin(hint) is tuple:
        return _listing(path, hint, limits, required)
    if is_dataclass(hint):
        return Record(path=path, parts=shape_of(hint), required=required)  # type: ignore[arg-type]
    return _leaf(path, hint, limits, required, nullable)


def _plain(hint: Any) -> tuple[tuple[Any, ...], Any]:
    """The limits of an annotated type, and the type without them."""
    if get_origin(hint) is Annotated:
        return hint.__metadata__, hint.__origin__
    return (), hint


def _without_none(hint: Any) -> tuple[tuple[Any, ...], Any, bool]:
    if get_origin(hint) not in (Union, UnionType):
        return (), hint, False
    (known,) = (each for each in get_args(hint) if each is not type(None))
    return (*_plain(known), True)


def _listing(path: str, hint: Any, limits: tuple[Any, ...], required: bool) -> Listing:
    each = get_args(hint)[0]
    lengths = [limit.min_length for limit in limits if isinstance(limit, Len | MinLen)]
    most = [limit.max_length for limit in limits if isinstance(limit, Len | MaxLen)]
    _limits, inner = _plain(each)
    columns: tuple[Leaf, ...] = ()
    if get_origin(inner) is tuple:
        found = [_node(str(place), part, True) for place, part in enumerate(get_args(inner))]
        columns = tuple(leaf for leaf in found if isinstance(leaf, Leaf))
    return Listing(
        path=path,
        entry=Record(path="", parts=columns, required=True) if columns else _node("", each, True),
        required=required,
        length=lengths[0] if lengths and lengths[:1] == most[:1] else None,
        columns=columns,
    )


def _leaf(path: str, hint: Any, limits: tuple[Any, ...], required: bool, nullable: bool) -> Leaf:
    codes: tuple[str, ...] = ()
    kind: Kind = "text"
    if hint is bool:
        kind = "yes_no" if nullable else "tick"
    elif hint is float:
        kind = "number"
    elif hint is int:
        kind = "whole"
    elif hint is date:
        kind = "day"
    elif get_origin(hint) is Literal:
        kind, codes = "choice", tuple(str(code) for code in get_args(hint))
    elif isinstance(hint, type) and issubclass(hint, StrEnum):
        kind, codes = "choice", tuple(code.value for code in hint)
    numeric = kind in ("number", "whole")
    low = next((limit.ge for limit in limits if isinstance(limit, Ge)), None) if numeric else None
    over = next((limit.gt for limit in limits if isinstance(limit, Gt)), None) if numeric else None
    high = next((limit.le for limit in limits if isinstance(limit, Le)), None) if numeric else None
    return Leaf(
        path=path,
        kind=kind,
        required=required,
        low=_number(low if over is None else over),
        above=over is not None,
        high=_number(high),
        codes=codes,
    )


def _number(limit: Any) -> float | None:
    """A limit as people write it: 45, not 45.0."""
    if limit is None:
        return None
    return int(limit) if float(limit).is_integer() else float(limit)
