"""Arranged visits, and what resets a plan, in a journey file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day
from cartpath.exchange.scene import Handler, Strike, named, plain, strike_of
from cartpath.ledger.kinds import EventKind
from followup.arranging import Arrangement, Unarrangement, visit_arrange, visit_unarrange
from followup.models import DiseaseEvent
from followup.services import disease_event_strike
from infusion.second_infusion import reinfusion_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinfusion:
    """The day of an infusion in another journey of the child, and its product."""

    __pydantic_config__ = INPUT_CONFIG

    infused_on: Day
    product: Annotated[str, MinLen(1), MaxLen(40)]


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.VISIT_PLANNED: Handler((Arrangement,), named(visit_arrange, "arrangement")),
    EventKind.VISIT_UNPLANNED: Handler((Unarrangement,), plain(visit_unarrange), checked=("planned_on",)),
    EventKind.REINFUSED: Handler((Reinfusion,), plain(reinfusion_record)),
}
_STRIKE: Final = strike_of(DiseaseEvent, disease_event_strike, "row_id")
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.TRANSPLANTED: _STRIKE,
    EventKind.RELAPSED: _STRIKE,
}
