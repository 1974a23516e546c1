"""Bridging, the plan of lymphodepletion and holds of the infusion in a journey file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.exchange.scene import Handler, Scene, Strike, named, strike_of
from cartpath.ledger.kinds import EventKind
from infusion.bridging.inputs import CourseDetails, CourseEnd, CourseName, CourseNumber
from infusion.bridging.services import bridging_end, bridging_start, bridging_strike
from infusion.depletion.inputs import PlanDetails
from infusion.depletion.services import depletion_plan, depletion_plan_strike
from infusion.models import BridgingCourse, InfusionHold, LymphodepletionPlan
from infusion.ready.holding import hold_strike, infusion_hold, infusion_hold_end
from infusion.ready.inputs import HoldDetails, HoldEnding


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseBegun:
    """The number of a course that begins; a file may leave it out."""

    __pydantic_config__ = INPUT_CONFIG

    number: CourseNumber | None = None


def begin(scene: Scene, course: CourseDetails, begun: CourseBegun) -> object:
    """A course of bridging begins."""
    return bridging_start(course=course, number=begun.number, **scene.call)


def end(scene: Scene, ended: CourseEnd, course: CourseName) -> object:
    """A course of bridging ends."""
    return bridging_end(end=ended, number=course.number, **scene.call)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.BRIDGING_STARTED: Handler((CourseDetails, CourseBegun), begin),
    EventKind.BRIDGING_ENDED: Handler((CourseEnd, CourseName), end),
    EventKind.LYMPHODEPLETION_PLANNED: Handler(
        (PlanDetails,),
        named(depletion_plan, "plan"),
        checked=(
            *("weight_kg", "weighed_on", "height_cm", "measured_on", "body_surface_m2"),
            *("first_on", "last_on", "days"),
        ),
    ),
    EventKind.INFUSION_HELD: Handler((HoldDetails,), named(infusion_hold, "hold")),
    EventKind.INFUSION_HOLD_ENDED: Handler((HoldEnding,), named(infusion_hold_end, "ending")),
}
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.BRIDGING_STARTED: strike_of(BridgingCourse, bridging_strike, "course_id"),
    EventKind.LYMPHODEPLETION_PLANNED: strike_of(LymphodepletionPlan, depletion_plan_strike, "plan_id"),
    EventKind.INFUSION_HELD: strike_of(InfusionHold, hold_strike, "hold_id"),
}
