"""Further parts of a dose in a demo journey: given while there is no CRS, waited for while there is."""

from datetime import timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import Step
from cartpath.demo.product import dose_cells
from cartpath.demo.teller import Teller
from cartpath.demo.toxicity import COURSES, crs_on, icans_on
from infusion.inputs import PartDetails
from infusion.part_services import part_record
from infusion.services import identity_verify, thaw_start
from toxicity.inputs import AssessmentDetails
from toxicity.services import assessment_record

# Which part follows how many days after the first one, in percent of the whole.
PARTS: Final = ((2, 2, 30), (3, 4, 60))
FIRST_PERCENT: Final = 10


def first_cells(teller: Teller) -> int:
    """The cells of the first part."""
    return round(dose_cells(teller) * FIRST_PERCENT / 100)


def parts_told(teller: Teller) -> None:
    """Each further part after a look at the child; none while a sign of CRS is there."""
    course = COURSES[teller.plot.toxicity]
    for fraction, after_days, percent in PARTS:
        if course.crs.get(after_days, "none") != "none":
            return
        day = teller.day(Step.INFUSED) + timedelta(days=after_days)
        at = teller.at(day, 9)
        assessment_record(
            assessment=AssessmentDetails(
                crs=crs_on(course, after_days),
                icans=icans_on(course, after_days, years=teller.years_on(day)),
            ),
            **teller.act(Role.APHERESIS_NURSE, at),
        )
        identity_verify(
            journey_id=teller.journey_id,
            first=teller.person(Role.CLINICIAN),
            second=teller.person(Role.APHERESIS_NURSE),
            at=teller.at(day, 10, 30),
            fraction=fraction,
        )
        thaw_start(**teller.act(Role.CELL_LAB, teller.at(day, 10, 45)), fraction=fraction)
        started_at = teller.at(day, 11)
        part_record(
            part=PartDetails(
                fraction=fraction,
                dose_cells=round(dose_cells(teller) * percent / 100),
                ended_at=started_at + timedelta(minutes=12),
            ),
            **teller.act(Role.CLINICIAN, started_at),
        )
