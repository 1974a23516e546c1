"""The bags at the bedside in words: premedication, each bag's start and end, reactions."""

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
    cells,
    joined,
    known,
    labeled,
    quantity,
    word,
)
from infusion.bedside.words import AfterReaction, Premedicant, PremedicationRoute, ReactionSign


def _premedication(names: Names, data: Data) -> Said:
    drug = data.get("name") or word(Premedicant, data.get("drug"))
    route = data.get("route")
    return Said(
        labeled(_("Premedication:"), drug),
        joined([quantity(data.get("dose_mg"), "mg"), word(PremedicationRoute, route) if route else None]),
    )


def _started(names: Names, data: Data) -> Said:
    late, dose = data.get("late_reason"), data.get("dose_cells")
    return Said(
        labeled(_("Bag started:"), data.get("bag") or ""),
        joined(
            [
                labeled(_("CAR-positive viable cells"), cells(dose)) if dose is not None else None,
                data.get("override_reason"),
                data.get("gate_reason"),
                known(_("second clinician"), data.get("second")) if data.get("second") else None,
                labeled(_("after the time since the thaw:"), late) if late else None,
            ]
        ),
        "soon" if late else "good",
    )


def _ended(names: Names, data: Data) -> Said:
    late = data.get("in_time") is False
    return Said(
        labeled(_("Bag ended:"), data.get("bag") or ""),
        joined(
            [
                labeled(_("volume given"), quantity(data.get("volume_ml"), "mL")),
                _whole(data),
                data.get("note"),
                labeled(_("thaw to end"), quantity(data.get("minutes_since_thaw"), "min")),
                _("longer than the limit") if late else None,
            ]
        ),
        "soon" if late or data.get("is_whole") is False else "good",
    )


def _whole(data: Data) -> Text:
    whole = data.get("is_whole")
    if whole is None:
        return _("unknown whether the whole bag was given")
    return _("whole bag") if whole else _("not the whole bag")


def _reaction(names: Names, data: Data) -> Said:
    grade = data.get("grade")
    return Said(
        labeled(
            _("Reaction during the infusion:"),
            ", ".join(str(word(ReactionSign, sign)) for sign in data.get("signs") or ()),
        ),
        joined(
            [
                labeled(_("grade"), str(grade)) if grade is not None else known(_("grade"), None),
                labeled(_("infusion"), word(AfterReaction, data.get("action"))),
                known(_("bag"), data.get("bag")) if data.get("bag") else None,
                data.get("note"),
            ]
        ),
        "harm" if data.get("action") == AfterReaction.STOPPED else "soon",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.PREMEDICATION_GIVEN: _premedication,
    EventKind.BAG_INFUSION_STARTED: _started,
    EventKind.BAG_INFUSION_ENDED: _ended,
    EventKind.INFUSION_REACTION_RECORDED: _reaction,
}

ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.PREMEDICATION_GIVEN: "first-aid-kit",
    EventKind.BAG_INFUSION_STARTED: "vaccine",
    EventKind.BAG_INFUSION_ENDED: "check",
    EventKind.INFUSION_REACTION_RECORDED: "alert-triangle",
}
