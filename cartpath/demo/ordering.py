"""What coordinators type into portals, what quality control tells, and a manufacturer who is late."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import Step
from cartpath.demo.teller import Teller
from cartpath.protocols.rows import Limit, in_force
from manufacturing.inputs import MilestoneDate, PortalPageTyped, QualityEntry, QualityReport
from manufacturing.portals.selectors import asked_of
from manufacturing.portals.services import milestone_expect, portal_entry_record
from manufacturing.quality.services import quality_record
from patients.eligibility import protocol_for
from patients.models import Journey

# A result well inside its limit: the share of the limit that is found.
_INSIDE: Final = {">=": 1.25, ">": 2.0, "<=": 0.4, "<": 0.4}
LATE_EVERY: Final = 5
LATE_DAYS: Final = 6


def portal_told(teller: Teller, page: str, at: datetime) -> None:
    """Somebody typed a page of the manufacturer's portal; not everybody looks at the clock."""
    if teller.plot.is_from_paper:
        return
    journey = Journey.objects.select_related("center").get(pk=teller.journey_id)
    dice = Random(f"{teller.plot.key}/{page}")
    entry = PortalPageTyped(
        page=page,  # type: ignore[arg-type]
        asked=tuple(row.id for row in asked_of(journey, page=page, at=at)),
        minutes=dice.choice((6, 8, 11, 14, 19, None)),
    )
    portal_entry_record(entry=entry, **teller.act(Role.COORDINATOR, at))


def delay_told(teller: Teller, at: datetime) -> None:
    """Every fifth product is announced late."""
    if teller.plot.is_from_paper or teller.number % LATE_EVERY:
        return
    expected_on = teller.day(Step.RELEASED) + timedelta(days=LATE_DAYS)
    told = MilestoneDate(
        milestone="released", expected_on=expected_on, reason_code="cell_growth", note="Told by phone."
    )
    milestone_expect(told=told, **teller.act(Role.COORDINATOR, at))


def results_told(teller: Teller, at: datetime) -> None:
    """Every parameter of the specification in force is found to conform."""
    journey = Journey.objects.select_related("center").get(pk=teller.journey_id)
    section, on = protocol_for(journey).manufacturing, journey.center.local_day(at)
    figures = [QualityEntry(parameter=row.id, value=_found(row)) for row in in_force(section.release, on)]
    findings = [
        QualityEntry(parameter=row.id, finding="met") for row in in_force(section.release_findings, on)
    ]
    if figures or findings:
        report = QualityReport(results=(*figures, *findings), certificate=f"CERT-{teller.code}")
        quality_record(report=report, **teller.act(Role.CELL_LAB, at))


def _found(limit: Limit) -> float:
    return round(limit.value * _INSIDE[limit.op], 2)
