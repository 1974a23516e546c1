"""Samples, drugs, immunoglobulin and vaccines, in words."""

from collections.abc import Mapping
from typing import Final

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
from followup.enums import BCellState
from followup.immune.enums import BCellStage, DrugPurpose, Route, SampleOrigin, VaccineResponse, VaccineWindow

_MEASURED: Final = (
    ("b_cells_per_ul", "B", "/µL"),
    ("b_cells_percent", "B", "%"),
    ("cd3_per_ul", "CD3", "/µL"),
    ("cd4_per_ul", "CD4", "/µL"),
    ("cd4_percent", "CD4", "%"),
    ("cd8_per_ul", "CD8", "/µL"),
    ("nk_per_ul", "NK", "/µL"),
    ("igg_mg_dl", "IgG", "mg/dL"),
    ("iga_mg_dl", "IgA", "mg/dL"),
    ("igm_mg_dl", "IgM", "mg/dL"),
)


def _sample(names: Names, data: Data) -> Said:
    turn = data.get("b_cell_turn")
    parts: list[Text | None] = [
        labeled(name, quantity(data[key], unit)) for key, name, unit in _MEASURED if data.get(key) is not None
    ]
    if data.get("anc_per_ul") is not None:
        parts.append(labeled(_("neutrophils"), quantity(data["anc_per_ul"], "/µL")))
    if data.get("vaccine_response"):
        parts.append(labeled(_("response to vaccines:"), word(VaccineResponse, data["vaccine_response"])))
    if turn:
        parts.append(labeled(_("B-cell aplasia:"), word(BCellState, turn)))
    if data.get("list_complete"):
        parts.append(_("list confirmed complete"))
    return Said(
        labeled(_("Blood sample"), word(SampleOrigin, data.get("origin"))),
        joined([*parts, data.get("note")]),
        "soon" if turn in (BCellStage.SUSPECTED_LOSS, BCellStage.LOST) else "",
    )


def _started(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Drug begun:"), data.get("drug", "")),
        joined(
            [
                word(DrugPurpose, data.get("group")),
                known(_("from"), _day(data, "started_on")),
                data.get("note"),
            ]
        ),
    )


def _stopped(names: Names, data: Data) -> Said:
    against = data.get("stop_verdict") in ("not_met", "unknown")
    return Said(
        labeled(_("Drug ended:"), data.get("drug", "")),
        joined(
            [
                word(DrugPurpose, data.get("group")),
                labeled(_("last given"), day(data.get("stopped_on"))),
                data.get("reason"),
                _("before the rule proposed it") if against else None,
            ]
        ),
        "soon" if against else "",
    )


def _dose(names: Names, data: Data) -> Said:
    per_kg = data.get("g_per_kg")
    return Said(
        labeled(_("Immunoglobulin given:"), quantity(data.get("dose_g"), "g")),
        joined(
            [
                word(Route, data.get("route")),
                labeled(_("per kg:"), quantity(per_kg, "g/kg")),
                data.get("note"),
            ]
        ),
    )


def _vaccine(names: Names, data: Data) -> Said:
    code = data.get("vaccine", "")
    rows = names.protocol.follow_up.immune.vaccines
    label = next((_(row.label) for row in rows if row.vaccine == code), code)
    against = data.get("vaccine_window") != VaccineWindow.POSSIBLE
    number = data.get("dose_number")
    return Said(
        labeled(_("Vaccine given:"), label),
        joined(
            [
                labeled(_("dose"), str(number)) if number else None,
                known(_("lot"), data.get("lot")),
                data.get("place"),
                labeled(_("by the rules:"), word(VaccineWindow, data.get("vaccine_window"))),
                known(_("given all the same:"), data.get("override_reason")),
                data.get("note"),
            ]
        ),
        "soon" if against else "",
    )


def _day(data: Data, name: str) -> Text | None:
    return day(data[name]) if data.get(name) else None


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.SAMPLE_RECORDED: _sample,
    EventKind.THERAPY_STARTED: _started,
    EventKind.THERAPY_STOPPED: _stopped,
    EventKind.IMMUNOGLOBULIN_GIVEN: _dose,
    EventKind.VACCINE_GIVEN: _vaccine,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.SAMPLE_RECORDED: "test-pipe",
    EventKind.THERAPY_STARTED: "first-aid-kit",
    EventKind.THERAPY_STOPPED: "ban",
    EventKind.IMMUNOGLOBULIN_GIVEN: "droplet",
    EventKind.VACCINE_GIVEN: "vaccine",
}
