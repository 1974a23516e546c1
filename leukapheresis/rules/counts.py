"""Whether the blood counts before a collection allow it.

Source: counts and high counts of the apheresis part (`cartpath/protocols/parts/apheresis`).
"""

from dataclasses import dataclass
from typing import Literal

from cartpath.core.sentences import say
from cartpath.protocols.rows import HighCountRule, Limit, figure, in_force
from cartpath.protocols.schema import ApheresisRules

Verdict = Literal["go", "warn", "stop", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BloodCounts:
    """Counts before collection: per µL, g/dL, 10⁹/L and percent as named; unknown is None."""

    alc_per_ul: float | None = None
    cd3_per_ul: float | None = None
    hemoglobin_g_dl: float | None = None
    platelets_e9_per_l: float | None = None
    wbc_e9_per_l: float | None = None
    blasts_percent: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GoAhead:
    """The verdict: stop outweighs unknown, unknown outweighs warn. Reasons are English sentences."""

    verdict: Verdict
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class _Finding:
    verdict: Verdict
    said: str
    flag: str | None = None


def go_ahead(rules: ApheresisRules, counts: BloodCounts) -> GoAhead:
    """Judge the counts before a collection.

    Enough lymphocytes or enough CD3+ cells is needed, one of the two. Hemoglobin, platelets and a high
    count with many blasts warn or stop as their rows say; they are only judged when known.

    Source: the counts of the apheresis part.
    """
    findings = [_enough_cells(rules, counts)]
    findings += [
        finding
        for row_id, measured in (
            ("hemoglobin_before", counts.hemoglobin_g_dl),
            ("platelets_before", counts.platelets_e9_per_l),
        )
        for finding in _optional(rules, row_id, measured)
    ]
    findings += [f for row in in_force(rules.high_counts) for f in _high(row, counts)]
    verdicts = {finding.verdict for finding in findings}
    order: tuple[Verdict, ...] = ("stop", "unknown", "warn", "go")
    return GoAhead(
        verdict=next(verdict for verdict in order if verdict in verdicts),
        explanation=tuple(finding.said for finding in findings),
        missing=_missing(counts),
        flags=tuple(finding.flag for finding in findings if finding.flag),
        source="; ".join(dict.fromkeys(rules.sources[key] for row in rules.counts for key in row.source)),
    )


def _enough_cells(rules: ApheresisRules, counts: BloodCounts) -> _Finding:
    alc_row, cd3_row = figure(rules.counts, "alc_minimum"), figure(rules.counts, "cd3_minimum")
    by_alc, by_cd3 = _holds(alc_row, counts.alc_per_ul), _holds(cd3_row, counts.cd3_per_ul)
    if by_alc or by_cd3:
        comfortable = figure(rules.counts, "cd3_comfortable")
        if counts.cd3_per_ul is not None and not comfortable.holds(counts.cd3_per_ul):
            return _Finding(
                "warn", say("Few cells: {limit} isn't reached.", limit=comfortable.text), "cd3_low"
            )
        return _Finding("go", say("Enough cells: {limit}.", limit=(alc_row if by_alc else cd3_row).text))
    alc, cd3 = alc_row.text, cd3_row.text
    if by_alc is None or by_cd3 is None:
        return _Finding("unknown", say("Not shown: {alc} or {cd3}.", alc=alc, cd3=cd3))
    return _Finding("stop", say("Too few cells: neither {alc} nor {cd3}.", alc=alc, cd3=cd3), "cells_too_few")


def _holds(row: Limit, measured: float | None) -> bool | None:
    return None if measured is None else row.holds(measured)


def _optional(rules: ApheresisRules, row_id: str, measured: float | None) -> list[_Finding]:
    row = next((row for row in in_force(rules.counts) if row.id == row_id), None)
    if row is None or measured is None or row.holds(measured):
        return []
    said = say("{limit} isn't reached: {measured:g}.", limit=row.text, measured=measured)
    return [_Finding(_as_verdict(row.severity), said, f"{row_id}_low")]


def _high(row: HighCountRule, counts: BloodCounts) -> list[_Finding]:
    if counts.wbc_e9_per_l is None or counts.blasts_percent is None:
        return []
    if counts.wbc_e9_per_l <= row.wbc_above_e9_per_l or counts.blasts_percent <= row.blasts_above_percent:
        return []
    said = say(
        "White cells above {wbc:g} ×10⁹/L with more than {blasts:g} % blasts.",
        wbc=row.wbc_above_e9_per_l,
        blasts=row.blasts_above_percent,
    )
    return [_Finding(_as_verdict(row.severity), said, row.id)]


def _as_verdict(severity: str) -> Verdict:
    return "stop" if severity == "block" else "warn"


def _missing(counts: BloodCounts) -> tuple[str, ...]:
    named = {
        "alc_per_ul": counts.alc_per_ul,
        "cd3_per_ul": counts.cd3_per_ul,
        "hemoglobin_g_dl": counts.hemoglobin_g_dl,
        "platelets_e9_per_l": counts.platelets_e9_per_l,
        "wbc_e9_per_l": counts.wbc_e9_per_l,
        "blasts_percent": counts.blasts_percent,
    }
    return tuple(name for name, value in named.items() if value is None)
