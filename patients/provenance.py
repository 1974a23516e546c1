"""The record that every stored verdict carries: which rule, from what, with what result, who confirmed it.

A service that stores what a rule answered puts `computed(…)` into its event's data, in a list of that name.
The record is complete on its own, so that the ledger alone can say in fifteen years why a value was what it
was. `patients.result_reader` keeps a table of these records.
"""

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from cartpath.core.actor import Actor
from cartpath.core.answers import Answer
from cartpath.core.sentences import Sentence, say
from cartpath.core.version import VERSION
from cartpath.ledger.chain import canonical
from cartpath.protocols.rows import Row
from cartpath.protocols.schema import Protocol

Record = dict[str, Any]
COMPUTED: Final = "computed"
# Where a person's value differs from the rule's and nobody was asked why, the record says so.
NO_REASON: Final = say("No reason was recorded.")

_NAMESPACE: Final = UUID("6b7c8f2e-0f0a-5c39-9d0e-3c5f2a9e71b4")


def computed(
    rule: str,
    *,
    value: object,
    inputs: Mapping[str, object],
    answer: Answer | Mapping[str, Any],
    unit: str = "",
    protocol: Protocol | None = None,
    rows: Iterable[Row | str] = (),
    confirmed: object = None,
    by: Actor | None = None,
    reason: str = "",
) -> Record:
    """The record of one answer, with JSON types only.

    `value` is the one value that counts (None is unknown), `unit` its unit; `answer` the rule's whole answer,
    also as `asdict` makes it. `inputs` is everything the rule was asked, `rows` the rows of `protocol` that
    decided, as rows or ids. `confirmed` is the value a person put in its place or agreed to, `by` that person
    and `reason` why it differs. The rule's version is that of its scale or rule set, else CARTPath's own.
    """
    told = asdict(answer) if isinstance(answer, Answer) else answer
    return {
        "rule": rule,
        "rule_version": _rule_version(told, protocol),
        "software": VERSION,
        "protocol": {"id": protocol.id, "version": protocol.version} if protocol else None,
        "rows": list(dict.fromkeys(row if isinstance(row, str) else row.id for row in rows)),
        "inputs": canonical(inputs),
        "value": value_text(value),
        "unit": unit,
        "result": canonical(told["result"]),
        "source": str(told["source"]),
        "explanation": [sentence_record(sentence) for sentence in told["explanation"]],
        "missing": [str(name) for name in told["missing"]],
        "flags": [str(flag) for flag in told["flags"]],
        "confirmed": value_text(confirmed),
        "confirmed_by": by.name if by and confirmed is not None else None,
        "reason": str(reason) if confirmed is not None and reason else None,
    }


def _rule_version(told: Mapping[str, Any], protocol: Protocol | None) -> str:
    if told.get("scale"):
        return f"{told['scale']} {told.get('scale_version') or ''}".rstrip()
    if protocol is not None:
        return f"{protocol.id} {protocol.version}"
    return f"CARTPath {VERSION}"


def value_text(value: object) -> str | None:
    """A value as the ledger keeps it: `true`, `12.5`, an ISO time, a word; None is unknown."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case Decimal():
            return value_text(float(value))
        case datetime() | date():
            return str(canonical(value))
    return str(value)


def result_key(event_id: int, rule: str, position: int) -> UUID:
    """The identity of a stored result: the same each time the ledger is replayed."""
    return uuid5(_NAMESPACE, f"{event_id}:{rule}:{position}")


def sentence_record(sentence: str) -> dict[str, Any]:
    """A rule's sentence as JSON. A sentence that can't be made again from its parts keeps its text alone."""
    text = str(sentence)
    if not isinstance(sentence, Sentence):
        return {"text": text, "template": text, "values": {}}
    values = _told_values(sentence)
    try:
        same = str(Sentence(sentence.template, _said_again(values))) == text
    except (ValueError, KeyError, TypeError):
        same = False
    if not same:
        return {"text": text, "template": text, "values": {}}
    return {"text": text, "template": sentence.template, "values": values}


def sentence_of(record: Mapping[str, Any]) -> str:
    """The sentence that a record was made of, ready to be said in any language."""
    if not record["values"]:
        return Sentence(record["template"], {})
    return Sentence(record["template"], _said_again(record["values"]))


def sentences_of(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every sentence of an explanation as stored."""
    return [sentence_of(record) for record in records]


def _told_values(sentence: Sentence) -> dict[str, Any]:
    """The values of a sentence in JSON types; a number that prints differently as JSON becomes its text."""
    formatted = {name for _, name, spec, _ in string.Formatter().parse(sentence.template) if name and spec}
    told: dict[str, Any] = {}
    for name, value in sentence.values.items():
        if isinstance(value, Sentence) and value.values:
            told[name] = sentence_record(value)
        else:
            plain = canonical(value)
            told[name] = plain if name in formatted or str(plain) == str(value) else str(value)
    return told


def _said_again(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: sentence_of(value) if isinstance(value, Mapping) else value for name, value in values.items()
    }
