"""Samples, drugs, immunoglobulin and vaccines in a journey file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.exchange import shapes
from cartpath.exchange.scene import Handler, Scene, Strike, named, strike_of
from cartpath.ledger.kinds import EventKind
from cartpath.protocols.immune_rows import DrugGroup
from followup.immune.inputs import (
    CourseDetails,
    CourseEnd,
    ImmunoglobulinDetails,
    SampleDetails,
    VaccinationDetails,
)
from followup.immune.services import (
    course_start,
    course_stop,
    course_strike,
    immunoglobulin_give,
    immunoglobulin_strike,
    sample_record,
    sample_strike,
    vaccine_give,
    vaccine_strike,
)
from followup.models import Course, ImmuneSample, Immunoglobulin, Vaccination

# What services add to a visit or a sample because rules said so.
JUDGED: Final = ("b_cell_aplasia", "b_cell_turn", "b_cell_alert", "igg_level")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugNamed:
    """Which running drug: its group and name."""

    __pydantic_config__ = INPUT_CONFIG

    group: DrugGroup
    drug: shapes.Text


def stop_drug(scene: Scene, which: DrugNamed, end: CourseEnd) -> object:
    """End a running drug named by group and name."""
    course = Course.objects.filter(
        journey_id=scene.journey_id, group=which.group, drug=which.drug, stopped_on=None, struck_at=None
    ).first()
    if course is None:
        sentence = "No such drug is running before."
        raise Invalid("invalid_input", sentence, fields={"drug": sentence})
    return course_stop(course_id=course.pk, end=end, by=scene.by, at=scene.at)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.SAMPLE_RECORDED: Handler((SampleDetails,), named(sample_record, "sample"), checked=JUDGED),
    EventKind.THERAPY_STARTED: Handler((CourseDetails,), named(course_start, "course")),
    EventKind.THERAPY_STOPPED: Handler((DrugNamed, CourseEnd), stop_drug, checked=("stop_verdict",)),
    EventKind.IMMUNOGLOBULIN_GIVEN: Handler(
        (ImmunoglobulinDetails,),
        named(immunoglobulin_give, "dose"),
        checked=("weight_kg", "weighed_on", "g_per_kg"),
    ),
    EventKind.VACCINE_GIVEN: Handler(
        (VaccinationDetails,), named(vaccine_give, "vaccination"), checked=("vaccine_window",)
    ),
}
# What can be entered in error, and how it is struck.
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.SAMPLE_RECORDED: strike_of(ImmuneSample, sample_strike, "sample_id"),
    EventKind.THERAPY_STARTED: strike_of(Course, course_strike, "course_id"),
    EventKind.THERAPY_STOPPED: strike_of(Course, course_strike, "course_id", column="stop_event_id"),
    EventKind.IMMUNOGLOBULIN_GIVEN: strike_of(Immunoglobulin, immunoglobulin_strike, "dose_id"),
    EventKind.VACCINE_GIVEN: strike_of(Vaccination, vaccine_strike, "vaccination_id"),
}
