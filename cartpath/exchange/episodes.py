"""Episodes of CRS and ICANS in a journey file: they follow from the grades and are compared, never made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Ge

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from cartpath.exchange.shapes import Grade
from cartpath.ledger.kinds import EventKind

Number = Annotated[int, Ge(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeOpened:
    """An episode that began with a grade."""

    __pydantic_config__ = INPUT_CONFIG

    scale: Literal["crs", "icans"]
    number: Number
    recurrence_of: Number | None = None
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeResolved:
    """An episode that resolved, with its onset and its peak."""

    __pydantic_config__ = INPUT_CONFIG

    scale: Literal["crs", "icans"]
    number: Number
    onset_at: Moment
    onset_grade: Grade
    peak_at: Moment
    peak_grade: Grade
    peak_at_least: bool = False
    last_sign_at: Moment
    settled_at: Moment


COMPANIONS: Final[Mapping[EventKind, type]] = {
    EventKind.EPISODE_OPENED: EpisodeOpened,
    EventKind.EPISODE_RESOLVED: EpisodeResolved,
}
