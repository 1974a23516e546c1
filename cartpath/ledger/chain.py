"""The hash chain, as pure functions: what is hashed, and how."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cartpath.core.errors import Invalid

GENESIS = "0" * 64


def canonical(value: Any) -> Any:
    """`value` with JSON types only, in the one form that survives a trip through `jsonb`.

    A whole float becomes an int (PostgreSQL prints 1e16 without a point) and times become UTC text.
    Raises `TypeError` for anything JSON can't hold.
    """
    match value:
        case str():
            return _storable(value)
        case None | bool() | int():
            return value
        case float():
            if value != value or value in (float("inf"), float("-inf")):
                raise TypeError("NaN and infinity are not facts.")
            return int(value) if value.is_integer() else value
        case datetime():
            return value.astimezone(UTC).isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return {_storable(str(key)): canonical(item) for key, item in value.items()}
        case Sequence():
            return [canonical(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "as_integer_ratio"):  # Decimal
        return canonical(float(value))
    raise TypeError(f"{type(value).__name__} can't stand in the ledger.")


def _storable(text: str) -> str:
    """Plain text that PostgreSQL can hold; raises `Invalid` for NUL and for half of a surrogate pair."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid("invalid_input", "Text holds a character that can't be stored.")
    return str(text)


def digest(fields: Mapping[str, Any], prev_hash: str) -> str:
    """SHA-256 over every column of an event but the hash itself, and the hash before it."""
    text = json.dumps(
        canonical({**fields, "prev_hash": prev_hash}),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()
