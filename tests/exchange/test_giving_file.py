"""Interventions and the dosing weight go out in a file and come in again as the same."""

from typing import Any

import pytest

from cartpath.exchange.exporting import journey_export
from cartpath.exchange.journey_file import JourneyFileError
from cartpath.ledger.verify import verify
from tests.exchange.elsewhere import imported
from tests.factories import Story
from toxicity.inputs import DosingWeightDetails, InterventionDetails
from toxicity.interventions.services import (
    intervention_correct,
    intervention_record,
    intervention_stop,
    intervention_stop_strike,
    intervention_strike,
)
from toxicity.interventions.weights import dosing_weight_set, dosing_weight_strike
from toxicity.models import DosingWeight, Intervention

PRESSOR: dict[str, Any] = {"agent": "vasopressor", "drug": "norepinephrine", "rate_unit": "ug/kg/min"}


def everything(story: Story) -> None:
    """Each kind of record once, and each struck once."""
    story.infused()
    by = story.clinician.actor

    def act(**span: float) -> dict[str, Any]:
        return {"by": by, "at": story.later(**span or {"hours": 1})}

    def give(**details: Any) -> Intervention:
        return intervention_record(
            journey_id=story.journey_id, intervention=InterventionDetails(**details), **act()
        )

    def fix(**details: Any) -> DosingWeight:
        return dosing_weight_set(journey_id=story.journey_id, weight=DosingWeightDetails(**details), **act())

    fix(weight_kg=18.4, measured_on=story.at.date())
    wrong = fix(weight_kg=48.1, reason="Typed in a hurry.")
    dosing_weight_strike(dosing_weight_id=wrong.pk, reason="Swapped.", **act())
    give(agent="tocilizumab", dose_mg=220.8)
    give(**PRESSOR, rate=0.1)
    running = give(**PRESSOR, rate=0.25)
    give(agent="oxygen", device="nasal_cannula", rate=2.0, rate_unit="L/min")
    give(agent="fluid_bolus", volume_ml=184.0)
    intervention_stop(intervention_id=running.pk, reason="Holds.", **act())
    intervention_stop_strike(intervention_id=running.pk, reason="Another child.", **act())
    intervention_stop(intervention_id=running.pk, **act())
    anakinra = give(agent="anakinra", dose_mg=3.7, route="iv")
    intervention_correct(
        intervention_id=anakinra.pk,
        intervention=InterventionDetails(agent="anakinra", dose_mg=36.8, route="iv", every_hours=6),
        given_at=anakinra.given_at,
        reason="The comma.",
        **act(),
    )
    twice = give(agent="dexamethasone", dose_mg=9.0)
    intervention_strike(intervention_id=twice.pk, reason="Not given.", **act())


def test_every_record_comes_back_as_it_was(story: Story) -> None:
    everything(story)
    told = journey_export(story.journey_id)
    made = imported(story, told)
    again = journey_export(made)
    assert [event["kind"] for event in again["events"]] == [event["kind"] for event in told["events"]]
    for before, after in zip(told["events"], again["events"], strict=True):
        assert after["data"] == before["data"], before["kind"]
    assert verify().breaks == []
    assert rows_of(made) == rows_of(str(story.journey_id))


def test_a_file_that_stops_what_nobody_began_is_refused(story: Story) -> None:
    everything(story)
    told = journey_export(story.journey_id)
    first = next(place for place, event in enumerate(told["events"]) if event["kind"] == "dosing_weight_set")
    stops = [event for event in told["events"] if event["kind"] == "intervention_stopped"]
    kept = [*told["events"][:first], stops[0]]
    with pytest.raises(JourneyFileError, match="Nothing of that kind was begun"):
        imported(story, told | {"events": kept})


def rows_of(journey_id: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    given = Intervention.objects.filter(journey_id=journey_id).order_by("event_id")
    weights = DosingWeight.objects.filter(journey_id=journey_id).order_by("event_id")
    return (
        list(
            given.values_list(
                *("agent", "drug", "given_at", "stopped_at", "dose_mg", "rate", "rate_unit", "device"),
                *("volume_ml", "every_hours", "route", "weight_kg", "weight_from", "struck_reason"),
            )
        ),
        list(weights.values_list("weight_kg", "set_at", "measured_on", "reason", "struck_reason")),
    )
