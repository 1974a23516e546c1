"""What changes the plan of a demo journey, and the days families were told."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import TISAGENLECLEUCEL, Step
from cartpath.demo.teller import Teller
from followup.arranging import Arrangement, visit_arrange
from followup.pictures import proposed_visits, visit_pictures
from followup.services import relapse_record, transplant_record
from infusion.second_infusion import reinfusion_record

TRANSPLANTED_ON_DAY: Final = 130
RELAPSED_ON_DAY: Final = 213
# Infused again in another hospital, so many days after the first infusion.
REINFUSED_ON_DAY: Final = {"adult_product": 340}
# Families that were told a day, so many days from today.
ARRANGED_IN_DAYS: Final = {"day_28_today": 3, "year_4": 12}

Reset = Callable[[Teller, date], None]


def reset_of(teller: Teller) -> tuple[date, Reset] | None:
    """What resets the plan of a journey, with its day; None when nothing does, or not before its end."""
    after: dict[int, Reset] = {}
    if teller.plot.follow_up == "transplanted":
        after[TRANSPLANTED_ON_DAY] = _transplant
    elif teller.plot.follow_up == "relapsed":
        after[RELAPSED_ON_DAY] = _relapse
    elif teller.plot.key in REINFUSED_ON_DAY:
        after[REINFUSED_ON_DAY[teller.plot.key]] = _reinfuse
    for days, act in after.items():
        day = teller.day(Step.INFUSED) + timedelta(days=days)
        if day < teller.ended_on:
            return day, act
    return None


def _transplant(teller: Teller, day: date) -> None:
    transplant_record(
        transplanted_on=day,
        detail="Allogeneic, matched sibling; consolidation in remission.",
        **teller.act(Role.CLINICIAN, teller.at(day, 18)),
    )


def _relapse(teller: Teller, day: date) -> None:
    relapse_record(
        relapsed_on=day,
        detail="Marrow, CD19-negative.",
        **teller.act(Role.CLINICIAN, teller.at(day, 18)),
    )


def _reinfuse(teller: Teller, day: date) -> None:
    reinfusion_record(
        infused_on=day, product=TISAGENLECLEUCEL, **teller.act(Role.CLINICIAN, teller.at(day, 18))
    )


def arranged_told(teller: Teller) -> None:
    """The first visits that can be held together have a day, told to the family yesterday."""
    in_days = ARRANGED_IN_DAYS.get(teller.plot.key)
    if in_days is None:
        return
    told_on = teller.today - timedelta(days=1)
    journey = teller.journey
    proposed = proposed_visits(journey, visit_pictures(journey, on=told_on), on=told_on)
    if proposed:
        visit_arrange(
            arrangement=Arrangement(
                items=proposed[0].proposal.items,
                planned_on=teller.today + timedelta(days=in_days),
                starts_at="09:30",
                note="Fasting; sedation for the marrow.",
            ),
            **teller.act(Role.COORDINATOR, teller.at(told_on, 15)),
        )
