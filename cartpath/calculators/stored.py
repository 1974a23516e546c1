"""From the JSON input of a stored result back to what its form shows. What does not fit stays empty."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from cartpath.calculators.shape import Leaf, Listing, Node, Record
from cartpath.calculators.words import FieldWords
from cartpath.core.clinical_fields import NO, YES
from cartpath.core.inputs import json_name

__all__ = ["initial_of", "rows_of", "with_outside_names"]

Words = Mapping[str, FieldWords]


def initial_of(nodes: tuple[Node, ...], inputs: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """The value of each form field for an input."""
    found: dict[str, Any] = {}
    for node in nodes:
        if inputs.get(node.path) is not None:
            found |= _initial(node, node.path, inputs[node.path], words)
    return found


def with_outside_names(inputs: Any) -> Any:
    """An input kept under the names of our own code, under the names that the calculators take."""
    if isinstance(inputs, Mapping):
        return {json_name(name): with_outside_names(value) for name, value in inputs.items()}
    return [with_outside_names(value) for value in inputs] if isinstance(inputs, list) else inputs


def rows_of(nodes: tuple[Node, ...], inputs: Mapping[str, Any]) -> dict[str, int]:
    """How many rows each growing list of an input needs, one more for the next."""
    return {
        node.path: len(inputs[node.path]) + 1
        for node in nodes
        if isinstance(node, Listing) and isinstance(inputs.get(node.path), list) and inputs[node.path]
    }


def _initial(node: Node, name: str, value: Any, words: Words) -> dict[str, Any]:
    match node:
        case Leaf():
            return dict(_of_leaf(node, name, value, words[name]))
        case Record() if isinstance(value, Mapping):
            parts = (
                _initial(part, f"{name}.{part.path}", value[part.path], words)
                for part in node.parts
                if value.get(part.path) is not None
            )
            return {key: each for part in parts for key, each in part.items()}
        case Listing() if isinstance(value, list):
            return _of_list(node, name, value, words)
    return {}


def _of_list(node: Listing, name: str, entries: list[Any], words: Words) -> dict[str, Any]:
    asked = words[name]
    if not entries:
        return {f"{name}.none": True} if asked.none else {name: ["none"]}
    if isinstance(node.entry, Record) and not node.columns:
        found: dict[str, Any] = {}
        for place, entry in enumerate(entries):
            for part in node.entry.parts:
                value = entry.get(part.path) if isinstance(entry, Mapping) else None
                if isinstance(part, Leaf) and value is not None:
                    row = f"{name}.{place}.{part.path}"
                    found |= dict(_of_leaf(part, row, value, words[f"{name}.{part.path}"]))
        return found
    if isinstance(node.entry, Leaf) and (node.length or asked.kind == "moment"):
        return {
            key: each
            for place, entry in enumerate(entries)
            for key, each in _of_leaf(node.entry, f"{name}.{place}", entry, asked)
        }
    return {name: entries}


def _of_leaf(leaf: Leaf, name: str, value: Any, words: FieldWords) -> Iterator[tuple[str, Any]]:
    if leaf.kind == "yes_no":
        yield name, YES if value else NO
    elif words.exponent is not None and isinstance(value, int | float):
        yield name, f"{value / 10**words.exponent:.12g}"
    elif leaf.kind == "day" or words.kind in ("moment", "day_or_moment"):
        yield from _of_time(name, str(value), words)
    else:
        yield name, value


def _of_time(name: str, text: str, words: FieldWords) -> Iterator[tuple[str, Any]]:
    try:
        moment = datetime.fromisoformat(text)
        is_day = len(text) == len("2026-03-02")
    except ValueError:
        return
    if is_day:
        yield name, date.fromisoformat(text)
    elif words.kind == "moment":
        yield name, moment
    elif moment.tzinfo is not None:
        local = timezone.localtime(moment)
        yield name, local.date()
        yield f"{name}.time", local.time()
