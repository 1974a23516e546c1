"""Findings added to visits, infections, and cases of a new malignancy, in words."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import (
    Data,
    Names,
    Said,
    Tell,
    Text,
    day,
    joined,
    known,
    labeled,
    quantity,
    word,
)
from cartpath.web.wording import day_text
from followup.finding_enums import (
    CaseOutcome,
    InfectionKind,
    InfectionSeverity,
    InfectionSite,
    MalignancyKind,
    MalignancyStep,
    SampleSent,
    StepState,
    TransgeneResult,
)
from followup.findings import FINDINGS, Finding
from followup.findings_pictures import found_line

_SERIOUS: Final = frozenset({InfectionSeverity.SEVERE.value, InfectionSeverity.LIFE_THREATENING.value})


def finding_text(finding: Finding, value: Any) -> Text:
    """One finding of the ledger with its name."""
    if finding.look == "day":
        return labeled(str(finding.label), day_text(date.fromisoformat(value)))
    line = found_line(finding, value)
    told = quantity(line.number, str(finding.unit)) if line.number is not None else str(line.words)
    return labeled(str(line.label), told)


def _told(data: Data) -> Iterator[Text]:
    every = {**data, **(data.get("findings") or {})}
    for name, finding in FINDINGS.items():
        if every.get(name) is not None:
            yield finding_text(finding, every[name])
    yield from (every.get("other") or {}).values()


def _added(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Findings added:"), names.item(data.get("item", ""))),
        joined([*_told(data), data.get("note")]),
        "harm" if data.get("response") in ("relapse", "NR") else "",
    )


def _infection(names: Names, data: Data) -> Said:
    severity, hospitalized = data.get("severity"), data.get("hospitalized")
    ended = data.get("ended_on")
    return Said(
        labeled(_("Infection:"), word(InfectionSite, data.get("site"))),
        joined(
            [
                word(InfectionKind, data.get("kind")),
                data.get("organism"),
                labeled(_("severity"), word(InfectionSeverity, severity)),
                _("admitted to hospital") if hospitalized else None,
                labeled(_("over since"), day(ended)) if ended else None,
                data.get("note"),
            ]
        ),
        "soon" if severity in _SERIOUS or hospitalized else "",
    )


def _suspected(names: Names, data: Data) -> Said:
    diagnosed = data.get("diagnosed_on")
    return Said(
        labeled(_("New malignancy suspected:"), word(MalignancyKind, data.get("kind"))),
        joined([data.get("description"), labeled(_("diagnosed"), day(diagnosed)) if diagnosed else None]),
        "harm",
    )


def _step(names: Names, data: Data) -> Said:
    state, result = data.get("state"), data.get("result")
    needed = state != StepState.NOT_NEEDED
    return Said(
        labeled(_("New malignancy:"), word(MalignancyStep, data.get("step"))),
        joined(
            [
                None if needed else word(StepState, state),
                word(SampleSent, data.get("sample")) if data.get("sample") else None,
                labeled(_("CAR transgene"), word(TransgeneResult, result)) if result else None,
                known(_("reference"), data.get("reference")),
                data.get("note"),
            ]
        ),
        "harm" if result == TransgeneResult.POSITIVE else "",
    )


def _case_closed(names: Names, data: Data) -> Said:
    outcome = data.get("outcome")
    return Said(
        labeled(_("Case of a new malignancy closed:"), word(CaseOutcome, outcome)),
        joined([data.get("note")]),
        "good" if outcome == CaseOutcome.EXCLUDED else "harm",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.FINDINGS_ADDED: _added,
    EventKind.INFECTION_RECORDED: _infection,
    EventKind.MALIGNANCY_SUSPECTED: _suspected,
    EventKind.MALIGNANCY_STEP_RECORDED: _step,
    EventKind.MALIGNANCY_CLOSED: _case_closed,
}

ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.FINDINGS_ADDED: "test-pipe",
    EventKind.INFECTION_RECORDED: "first-aid-kit",
    EventKind.MALIGNANCY_SUSPECTED: "alert-triangle",
    EventKind.MALIGNANCY_STEP_RECORDED: "list-check",
    EventKind.MALIGNANCY_CLOSED: "flag",
}
