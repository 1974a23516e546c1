"""B-cell aplasia of a journey, from every sample so far."""

from dataclasses import dataclass
from datetime import date

from cartpath.core.sentences import say
from cartpath.protocols.sections import BCellAplasia
from followup.immune.history import History
from followup.immune.inputs import SampleDetails
from followup.immune.samples import of_details, of_visit
from followup.inputs import VisitDetails
from followup.rules.b_cell_aplasia import BCellCourse, BCellSample, b_cell_course
from patients.eligibility import protocol_for
from patients.models import Journey


@dataclass(frozen=True, slots=True, kw_only=True)
class BCellFinding:
    """B-cell aplasia by the protocol's definition, and what it was judged from; without `rule` it isn't."""

    rule: BCellAplasia | None
    course: BCellCourse
    samples: tuple[BCellSample, ...] = ()
    infused_on: date | None = None
    infused_again_on: date | None = None
    conditioning_on: date | None = None
    anti_b_cell_on: tuple[date, ...] = ()

    @property
    def state(self) -> str | None:
        """The state as the status row names it; None while nothing is known."""
        return self.course.state

    @property
    def is_alarming(self) -> bool:
        """Whether B cells came back early, so that treatment is to be discussed; never after a transplant."""
        return "early_loss" in self.course.flags


def b_cell_finding(
    journey: Journey,
    *,
    another: VisitDetails | SampleDetails | None = None,
    history: History | None = None,
) -> BCellFinding:
    """B-cell aplasia from every sample so far; `another` is a visit or a sample about to be recorded.

    `not_applicable` where the product doesn't act on B cells.
    """
    rule = protocol_for(journey).follow_up.b_cell_aplasia
    if rule is None:
        said = say("The product doesn't act on B cells.")
        return BCellFinding(rule=None, course=BCellCourse(state="not_applicable", explanation=(said,)))
    known = history or History(journey)
    taken = [*known.samples]
    if another is not None:
        taken.append(of_visit(another) if isinstance(another, VisitDetails) else of_details(another))
    samples = tuple(sample.b_cells for sample in taken if sample.has_b_cells)
    course = b_cell_course(
        rule,
        samples,
        infused_on=known.own_infusion_on,
        conditioning_on=known.conditioning_on,
        depleting_drug_on=known.anti_b_cell_on,
        infused_again_on=known.infused_again_on,
    )
    return BCellFinding(
        rule=rule,
        course=course,
        samples=samples,
        infused_on=known.own_infusion_on,
        infused_again_on=known.infused_again_on,
        conditioning_on=known.conditioning_on,
        anti_b_cell_on=tuple(known.anti_b_cell_on),
    )
