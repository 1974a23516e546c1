"""Every word of the protocol files that a person sees, so that it can be translated.

The files are English. Pages show `gettext(row.label)`; the message extractor calls `protocol_strings` to
put those strings into the catalogs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from cartpath.protocols.plan import Series
from cartpath.protocols.registry import all_protocols
from cartpath.protocols.schema import Protocol

# Fields of the schema that hold words for people. Sources are citations and stay as they are.
_HUMAN_FIELDS = frozenset(
    {"title", "label", "rule", "text", "question", "note", "schedule", "step_up", "when", "drug"}
)


def protocol_strings(protocols: Iterable[Protocol] | None = None) -> tuple[str, ...]:
    """Every translatable string of the protocols, each once, sorted. Units aren't translated."""
    chosen = all_protocols() if protocols is None else protocols
    return tuple(sorted({text for protocol in chosen for text in _strings(protocol)}))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, Series):
        yield from (item.label for item in value.items())
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            content = getattr(value, item.name)
            if item.name in _HUMAN_FIELDS and isinstance(content, str):
                yield content
            else:
                yield from _strings(content)
    elif isinstance(value, tuple):
        for element in value:
            yield from _strings(element)
