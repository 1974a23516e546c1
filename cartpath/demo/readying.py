"""What comes before the infusion: bridging, the plan of lymphodepletion, and an infusion that waits."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import Step
from cartpath.demo.teller import Teller
from cartpath.protocols.sections import Regimen
from infusion.bridging.inputs import Class, CourseDetails, CourseEnd, Response
from infusion.bridging.services import bridging_end, bridging_start
from infusion.depletion.inputs import PlanDetails
from infusion.depletion.services import depletion_plan
from infusion.ready.holding import infusion_hold
from infusion.ready.inputs import HoldDetails
from infusion.rules.depletion_days import counts_back

# One child in so many waits for its cells without any bridging.
_WITHOUT_EVERY: Final = 4
_COURSES: Final[tuple[tuple[Class, str, bool], ...]] = (
    ("low_maintenance", "Mercaptopurine 50 mg/m² daily, methotrexate 20 mg/m² weekly, vincristine", False),
    ("intensive_cytarabine", "Cytarabine 1 g/m² every 12 h, 4 doses", False),
    ("low_three_drugs", "Vincristine, dexamethasone, daunorubicin 25 mg/m²", True),
    ("inotuzumab", "Inotuzumab ozogamicin 0.5 mg/m², day 1", False),
)
_RESPONSES: Final[tuple[Response, ...]] = ("remission", "partial", "stable")
_LAST_BEFORE: Final = timedelta(days=10)
_STAGED_BEFORE: Final = timedelta(days=4)
_WAITING: Final = "infusion_waits"


def bridging_told(teller: Teller, at: datetime) -> None:
    """A course between the collection and lymphodepletion, its end and the staging after it."""
    day, collected_on = teller.day(Step.DEPLETED), teller.day(Step.COLLECTED)
    ended_on = day - _LAST_BEFORE
    if teller.plot.is_from_paper or teller.number % _WITHOUT_EVERY == 0 or ended_on <= collected_on:
        return
    dice = Random(f"{teller.plot.key}/bridging")
    kind, regimen, is_cardiotoxic = dice.choice(_COURSES)
    bridging_start(
        course=CourseDetails(
            bridging_class=kind,
            regimen=regimen,
            started_on=collected_on + timedelta(days=1),
            with_intrathecal=dice.random() < 0.5,
            is_cardiotoxic=is_cardiotoxic,
        ),
        **teller.act(Role.CLINICIAN, at),
    )
    bridging_end(
        number=1,
        end=CourseEnd(
            ended_on=ended_on,
            response=dice.choice(_RESPONSES),
            complications=("infection",) if dice.random() < 0.2 else (),
            staged_on=day - _STAGED_BEFORE,
            staging="flow",
        ),
        **teller.act(Role.CLINICIAN, teller.after(at, minutes=5)),
    )


def plan_told(teller: Teller, regimen: Regimen, at: datetime) -> None:
    """The doses and days of a regimen in force; one that waits for approval is given without a plan."""
    if teller.plot.is_from_paper or regimen.is_off:
        return
    plan = PlanDetails(
        regimen=regimen.id,
        starts_on=None if counts_back(regimen) else teller.day(Step.DEPLETED),
        infusion_on=teller.day(Step.INFUSED),
        clearance_ml_min=110.0,
        clearance_on=teller.day(Step.DEPLETED),
    )
    depletion_plan(plan=plan, **teller.act(Role.CLINICIAN, at))


def hold_told(teller: Teller) -> None:
    """One child has fever after lymphodepletion: its infusion waits, to be looked at again tomorrow."""
    if teller.plot.key != _WAITING:
        return
    at = teller.now - timedelta(hours=3)
    hold = HoldDetails(
        reason="hold_infection",
        note="Fever of 38.7 °C since the morning, blood cultures taken.",
        review_at=teller.now + timedelta(hours=20),
    )
    infusion_hold(hold=hold, **teller.act(Role.CLINICIAN, at))
