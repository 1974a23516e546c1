"""Rounds at the bedside in a journey file; the grades they give are compared and never made twice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from annotated_types import MaxLen, MinLen
from pydantic import TypeAdapter, ValidationError

from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.exchange.scene import Handler, Scene, Strike, strike_of
from cartpath.ledger.kinds import EventKind
from toxicity.models import ObservationSet
from toxicity.observations.inputs import ENTRY_NAMES, ObservationEntry
from toxicity.observations.rows import said
from toxicity.observations.services import (
    observations_correct,
    observations_record,
    observations_strike,
    set_entry,
)

# What services add to a set: the checks it completes and what rules said of it.
JUDGED: Final = ("vitals", "neuro", "weight", "ungraded", "below_mmhg")
_ENTRY: Final = TypeAdapter(ObservationEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """A value before and after; None is none."""

    __pydantic_config__ = INPUT_CONFIG

    to: Any = None
    from_: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationsCorrected:
    """What was put right of a set, by the names of an entry, and why."""

    __pydantic_config__ = INPUT_CONFIG

    changes: dict[str, ValueChange]
    reason: Annotated[str, MinLen(1), MaxLen(400)]


def _record(scene: Scene, entry: ObservationEntry) -> object:
    return observations_record(
        journey_id=scene.journey_id, observed_at=scene.at, entry=entry, by=scene.by, at=scene.at
    )


def _correct(scene: Scene, told: ObservationsCorrected) -> object:
    named = scene.confirmed
    if named is None or named.kind != EventKind.OBSERVATIONS_RECORDED:
        sentence = "Give the place of a set of observations in `events`, counted from 0."
        raise Invalid("invalid_input", "Nothing is named.", fields={"confirms": sentence})
    found = ObservationSet.objects.get(event_id=named.pk)
    after = said(set_entry(found)) | {name: change.to for name, change in told.changes.items()}
    known = {name: value for name, value in after.items() if value is not None}
    try:
        entry = _ENTRY.validate_json(json.dumps(known))
    except ValidationError as error:
        raise Invalid("invalid_input", str(error), fields={"changes": error.errors()[0]["msg"]}) from error
    changes = {name: getattr(entry, name) for name in told.changes if name in ENTRY_NAMES}
    return observations_correct(
        set_id=found.pk, changes=changes, reason=told.reason, by=scene.by, at=scene.at
    )


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.OBSERVATIONS_RECORDED: Handler((ObservationEntry,), _record, checked=JUDGED),
    EventKind.OBSERVATION_CORRECTED: Handler(
        (ObservationsCorrected,), _correct, checked=JUDGED, ignored=("event",)
    ),
}
# What can be entered in error, and how it is struck.
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.OBSERVATIONS_RECORDED: strike_of(ObservationSet, observations_strike, "set_id"),
}
# A set that is graded makes its assessment itself.
FOLLOWERS: Final = frozenset({EventKind.TOXICITY_ASSESSED})
# Names by its place the set that it puts right.
NAMING: Final = frozenset({EventKind.OBSERVATION_CORRECTED})
