"""Whether a batch keeps its specification, parameter by parameter.

Source: the release rows of the protocol (`cartpath/protocols/data`): limits in figures, findings in words.
A parameter nobody told about is unknown, and unknown is not met.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from cartpath.core.sentences import say
from cartpath.protocols.rows import Limit
from cartpath.protocols.sections import Statement

Verdict = Literal["met", "not_met", "unknown"]
# Rows that a value of the batch itself answers; every other row is answered under its own id.
MEASURED: Final[Mapping[str, str]] = MappingProxyType(
    {"release_viability": "viability_percent", "release_dose": "cells_per_kg"}
)
FINDINGS: Final[Mapping[str | None, Verdict]] = MappingProxyType({"met": "met", "not_met": "not_met"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One line of the specification. A parameter in words has no limit in figures: `op` and `limit` are None.

    `decides` is False for a limit that only warns or informs.
    """

    id: str
    label: str
    op: str | None
    limit: float | None
    unit: str
    value: float | None
    verdict: Verdict
    decides: bool
    said: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """`unknown` while a value is not told, or without any criterion; one missed makes `not_met`."""

    verdict: Verdict
    parameters: tuple[Parameter, ...]
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]

    def of(self, verdict: Verdict) -> tuple[Parameter, ...]:
        """The parameters that decide and have this verdict."""
        return tuple(each for each in self.parameters if each.decides and each.verdict == verdict)


def release(
    limits: Sequence[Limit],
    measured: Mapping[str, float | None],
    findings: Sequence[Statement] = (),
    found: Mapping[str, str | None] = MappingProxyType({}),
) -> Release:
    """Hold a batch against the rows in force.

    `measured` is by the names of the batch's values (`MEASURED`) or by row, in the row's unit; `found` says
    of each parameter in words `met` or `not_met`. Nothing told stays unknown.

    Source: the release rows of the protocol.
    """
    if not limits and not findings:
        nothing = say("The protocol has no criterion of release.")
        return Release(verdict="unknown", parameters=(), explanation=(nothing,), missing=(), flags=())
    parameters = (
        *(_figure(limit, measured) for limit in limits),
        *(_finding(row, found.get(row.id)) for row in findings),
    )
    deciding = [each for each in parameters if each.decides]
    order: tuple[Verdict, ...] = ("not_met", "unknown", "met")
    return Release(
        verdict=next(
            (verdict for verdict in order if any(e.verdict == verdict for e in deciding)), "unknown"
        ),
        parameters=parameters,
        explanation=tuple(each.said for verdict in order for each in parameters if each.verdict == verdict),
        missing=tuple(MEASURED.get(each.id, each.id) for each in deciding if each.verdict == "unknown"),
        flags=tuple(f"{each.id}_missed" for each in deciding if each.verdict == "not_met"),
    )


def _figure(limit: Limit, measured: Mapping[str, float | None]) -> Parameter:
    value = measured.get(MEASURED.get(limit.id, limit.id))
    words = {"label": limit.label, "op": limit.op, "limit": limit.value, "unit": limit.unit}
    if value is None:
        verdict: Verdict = "unknown"
        said = say("{label}: unknown, needed {op} {limit:g} {unit}.", **words)
    elif limit.holds(value):
        verdict = "met"
        said = say("{label}: {value:g} {unit}, needed {op} {limit:g}: met.", value=value, **words)
    else:
        verdict = "not_met"
        said = say("{label}: {value:g} {unit}, needed {op} {limit:g}.", value=value, **words)
    return Parameter(
        id=limit.id,
        label=limit.label,
        op=limit.op,
        limit=limit.value,
        unit=limit.unit,
        value=value,
        verdict=verdict,
        decides=limit.severity == "block",
        said=said,
    )


def _finding(row: Statement, found: str | None) -> Parameter:
    verdict = FINDINGS.get(found, "unknown")
    sentence = {
        "met": say("{text} Found: conforms.", text=say(row.text)),
        "not_met": say("{text} Found: does not conform.", text=say(row.text)),
        "unknown": say("{text} Found: unknown.", text=say(row.text)),
    }
    return Parameter(
        id=row.id,
        label=row.text,
        op=None,
        limit=None,
        unit="",
        value=None,
        verdict=verdict,
        decides=True,
        said=sentence[verdict],
    )
