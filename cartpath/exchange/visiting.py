"""What visits bring to light, in a journey file: findings added later, infections, a new malignancy."""

from collections.abc import Mapping
from typing import Final

from cartpath.exchange.immune import JUDGED
from cartpath.exchange.scene import Handler, Scene, Strike, named, strike_of
from cartpath.ledger.kinds import EventKind
from followup.cases import case_close, case_step_record, case_strike, malignancy_suspect
from followup.infections import infection_record, infection_strike
from followup.inputs import CaseEnd, CaseStepDetails, InfectionDetails, LaterFindings, SuspicionDetails
from followup.later_findings import findings_add, findings_strike
from followup.models import AddedFindings, CaseStep, Infection, MalignancyCase, Visit
from followup.services import visit_strike


def _strike_step(scene: Scene, event_id: int, reason: str) -> object:
    """A step is struck with its case, whose own correction follows in the file."""
    row = CaseStep.objects.get(event_id=event_id)
    return case_strike(case_id=row.case_id, reason=reason, by=scene.by, at=scene.at)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.FINDINGS_ADDED: Handler((LaterFindings,), named(findings_add, "added"), checked=JUDGED),
    EventKind.INFECTION_RECORDED: Handler((InfectionDetails,), named(infection_record, "infection")),
    EventKind.MALIGNANCY_SUSPECTED: Handler(
        (SuspicionDetails,), named(malignancy_suspect, "suspicion"), checked=("case",)
    ),
    EventKind.MALIGNANCY_STEP_RECORDED: Handler((CaseStepDetails,), named(case_step_record, "step")),
    EventKind.MALIGNANCY_CLOSED: Handler((CaseEnd,), named(case_close, "end")),
}
# What can be entered in error, and how it is struck.
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.VISIT_RECORDED: strike_of(Visit, visit_strike, "visit_id"),
    EventKind.FINDINGS_ADDED: strike_of(AddedFindings, findings_strike, "addition_id"),
    EventKind.INFECTION_RECORDED: strike_of(Infection, infection_strike, "infection_id"),
    EventKind.MALIGNANCY_SUSPECTED: strike_of(MalignancyCase, case_strike, "case_id"),
    EventKind.MALIGNANCY_STEP_RECORDED: _strike_step,
}
