"""Laboratory values and IEC-HS considered, in a journey file."""

from collections.abc import Mapping
from typing import Final

from cartpath.exchange.scene import Handler, Scene, Strike, named, strike_of
from cartpath.ledger.kinds import EventKind
from toxicity.laboratory.inputs import HyperinflammationDetails, LabEntry
from toxicity.laboratory.services import (
    hyperinflammation_consider,
    hyperinflammation_strike,
    laboratory_record,
    laboratory_strike,
)
from toxicity.models import HyperinflammationReview, LabSet


def record(scene: Scene, entry: LabEntry) -> object:
    """Values of a specimen: the event's time is the time it was taken."""
    return laboratory_record(entry=entry, taken_at=scene.at, **scene.call)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.LABORATORY_RECORDED: Handler((LabEntry,), record),
    EventKind.HYPERINFLAMMATION_CONSIDERED: Handler(
        (HyperinflammationDetails,), named(hyperinflammation_consider, "details"), checked=("trigger",)
    ),
}
# What can be entered in error, and how it is struck.
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.LABORATORY_RECORDED: strike_of(LabSet, laboratory_strike, "set_id"),
    EventKind.HYPERINFLAMMATION_CONSIDERED: strike_of(
        HyperinflammationReview, hyperinflammation_strike, "review_id"
    ),
}
