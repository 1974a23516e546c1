"""Interventions against toxicity and the dosing weight in a journey file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import MaxLen

from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from cartpath.exchange import shapes
from cartpath.exchange.scene import Handler, Scene, Strike, named, strike_of
from cartpath.ledger.kinds import EventKind
from toxicity.inputs import DosingWeightDetails, InterventionDetails
from toxicity.interventions.services import (
    intervention_record,
    intervention_stop,
    intervention_stop_strike,
    intervention_strike,
)
from toxicity.interventions.weights import dosing_weight_set, dosing_weight_strike
from toxicity.models import DosingWeight, Intervention


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Which course ended: its agent, its drug, and when it began."""

    __pydantic_config__ = INPUT_CONFIG

    agent: shapes.Text
    given_at: Moment
    drug: Annotated[str, MaxLen(60)] = ""
    reason: Annotated[str, MaxLen(400)] = ""


def stop(scene: Scene, told: Stopped) -> object:
    """End the course that a file names."""
    course = Intervention.objects.filter(
        journey_id=scene.journey_id,
        agent=told.agent,
        drug=told.drug,
        given_at=told.given_at,
        stopped_at=None,
        struck_at=None,
    ).first()
    if course is None:
        sentence = "Nothing of that kind was begun then and still runs."
        raise Invalid("invalid_input", sentence, fields={"given_at": sentence})
    return intervention_stop(intervention_id=course.pk, reason=told.reason, by=scene.by, at=scene.at)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.INTERVENTION_GIVEN: Handler(
        (InterventionDetails,),
        named(intervention_record, "intervention"),
        checked=("weight_kg", "weight_from"),
    ),
    EventKind.INTERVENTION_STOPPED: Handler((Stopped,), stop),
    EventKind.DOSING_WEIGHT_SET: Handler((DosingWeightDetails,), named(dosing_weight_set, "weight")),
}
# What can be entered in error, and how it is struck.
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.INTERVENTION_GIVEN: strike_of(Intervention, intervention_strike, "intervention_id"),
    EventKind.INTERVENTION_STOPPED: strike_of(
        Intervention, intervention_stop_strike, "intervention_id", column="stop_event_id"
    ),
    EventKind.DOSING_WEIGHT_SET: strike_of(DosingWeight, dosing_weight_strike, "dosing_weight_id"),
}
