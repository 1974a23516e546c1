"""Journeys of the demo that show scheduling: one holds a slot, one waits for one to be freed."""

from typing import Final

from cartpath.demo.plot import Plot, Step, Waits

SLOT_PLOTS: Final = (
    Plot(
        key="slot_held",
        reached=Step.ACCEPTED,
        ago=3,
        years=7.2,
        sex="female",
        held_in=7,
    ),
    Plot(
        key="waits_for_a_slot",
        reached=Step.ACCEPTED,
        ago=5,
        years=11.3,
        sex="male",
        waits=Waits(priority=1, reason="Blasts double every week.", for_days=14),
    ),
)
