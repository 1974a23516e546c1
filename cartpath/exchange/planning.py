"""Arranged visits, and what resets a plan, in a journey file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day
from cartpath.exchange.scene import Handler, Scene, named, plain
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


def strike(scene: Scene, event_id: int, reason: str) -> object:
    """Mark a transplant or a relapse as entered in error."""
    row = DiseaseEvent.objects.get(event_id=event_id)
    return disease_event_strike(row_id=row.pk, reason=reason, by=scene.by, at=scene.at)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.VISIT_PLANNED: Handler((Arrangement,), named(visit_arrange, "arrangement")),
    EventKind.VISIT_UNPLANNED: Handler((Unarrangement,), plain(visit_unarrange), checked=("planned_on",)),
    EventKind.REINFUSED: Handler((Reinfusion,), plain(reinfusion_record)),
}
STRIKES: Final[Mapping[EventKind, Callable[[Scene, int, str], object]]] = {
    EventKind.TRANSPLANTED: strike,
    EventKind.RELAPSED: strike,
}
