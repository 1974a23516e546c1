"""Whether a batch keeps the criteria of release.

Source: the release rows of the protocol (`cartpath/protocols/data`). Quality releases a batch by the
maker's whole specification; here only the criteria a protocol puts in figures are held against what was told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from cartpath.core.sentences import say
from cartpath.protocols.rows import Limit

# Which value of the batch each row of release speaks of.
MEASURED: Final[Mapping[str, str]] = MappingProxyType({"release_viability": "viability_percent"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """`unknown` while a value is not told, or without a criterion in figures; one missed makes `not_met`."""

    verdict: Literal["met", "not_met", "unknown"]
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


def release(limits: Sequence[Limit], measured: Mapping[str, float | None]) -> Release:
    """Hold a batch against the criteria in force; `measured` is by the names of the batch's values.

    A criterion that no value of the batch answers stays unknown.

    Source: the release rows of the protocol.
    """
    if not limits:
        nothing = say("The protocol has no criterion of release in figures.")
        return Release(verdict="unknown", explanation=(nothing,), missing=(), flags=())
    missed, unknown, kept = [], [], []
    for limit in limits:
        value = measured.get(MEASURED.get(limit.id, ""))
        words = {"label": limit.label, "op": limit.op, "limit": limit.value, "unit": limit.unit}
        if value is None:
            unknown.append((limit, say("{label}: unknown, needed {op} {limit:g} {unit}.", **words)))
        elif limit.holds(value):
            said = say("{label}: {value:g} {unit}, needed {op} {limit:g}: met.", value=value, **words)
            kept.append((limit, said))
        else:
            said = say("{label}: {value:g} {unit}, needed {op} {limit:g}.", value=value, **words)
            missed.append((limit, said))
    return Release(
        verdict="not_met" if missed else "unknown" if unknown else "met",
        explanation=tuple(said for _limit, said in (*missed, *unknown, *kept)),
        missing=tuple(MEASURED.get(limit.id, limit.id) for limit, _said in unknown),
        flags=tuple(f"{limit.id}_missed" for limit, _said in missed),
    )
