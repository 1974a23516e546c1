"""The immune system in the demo: prophylaxis, immunoglobulin, vaccines, samples of home hospitals."""

from datetime import date, timedelta
from typing import Any, Final

from cartpath.accounts.enums import Role
from cartpath.core.dates import add_months
from cartpath.demo.plot import Step
from cartpath.demo.teller import Teller
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
    immunoglobulin_give,
    sample_record,
    vaccine_give,
)

# One child's years are told whole; another's B cells were just seen again at the home hospital.
WHOLE: Final = "year_4"
SUSPECTED: Final = "adult_product"
SUSPECTED_AGO: Final = 9
PROTECTED: Final = frozenset({"day_28_today", "b_cells_back", WHOLE, SUSPECTED})

_FROM_DAY: Final = {"pjp": 28, "viral": -5}
_DRUGS: Final = {"pjp": "Cotrimoxazole", "viral": "Aciclovir"}
_STOP_MONTH: Final = 13
_REPLACED_FOR_DAYS: Final = 168
_EVERY_DAYS: Final = 28
# Vaccines of the whole story: code and the months after the infusion in which a dose was given.
_VACCINES: Final = {
    "influenza": (8, 20, 32, 44),
    "covid": (4, 5, 10),
    "pcv": (26, 28, 30),
    "dtap": (26, 28, 30),
    "hib": (26, 28),
    "hbv": (26,),
}
_HOUR: Final = 10


def immune_told(teller: Teller) -> None:
    """What a child's story has of it; nothing for most."""
    key = teller.plot.key
    if key in PROTECTED:
        _prophylaxis(teller)
    if key == WHOLE:
        _vaccines(teller)
        _replacement(teller)
    if key == SUSPECTED:
        day = teller.today - timedelta(days=SUSPECTED_AGO)
        _sample(teller, day, origin="home", b_cells_percent=2.4, b_cells_per_ul=130.0, igg_mg_dl=610.0)


def _prophylaxis(teller: Teller) -> None:
    """Begun with the treatment; ended after a year, once the list had been confirmed complete."""
    infused_on = teller.day(Step.INFUSED)
    ends_on = add_months(infused_on, _STOP_MONTH)
    is_over = ends_on < teller.ended_on
    if is_over:
        _sample(teller, ends_on - timedelta(days=2), list_complete=True)
    for group, days in _FROM_DAY.items():
        started_on = infused_on + timedelta(days=days)
        if started_on >= teller.ended_on:
            continue
        course = course_start(
            course=CourseDetails(group=group, drug=_DRUGS[group], started_on=started_on),  # type: ignore[arg-type]
            **_act(teller, started_on),
        )
        if is_over:
            end = CourseEnd(stopped_on=ends_on, reason="CD4 above 200 twice, no steroids.")
            act = _act(teller, ends_on)
            course_stop(course_id=course.pk, end=end, by=act["by"], at=act["at"])


def _vaccines(teller: Teller) -> None:
    given = [
        (add_months(teller.day(Step.INFUSED), month), vaccine, number)
        for vaccine, months in _VACCINES.items()
        for number, month in enumerate(months, start=1)
    ]
    for day, vaccine, number in sorted(given):
        if day < teller.ended_on:
            vaccine_give(
                vaccination=VaccinationDetails(
                    vaccine=vaccine,
                    given_on=day,
                    dose_number=number,
                    lot=f"{vaccine.upper()}-{teller.number}{number}",
                    place="Pediatrician",
                ),
                **_act(teller, day),
            )


def _replacement(teller: Teller) -> None:
    """Immunoglobulin every four weeks of late, and a sample from before the last dose."""
    for ago in range(_REPLACED_FOR_DAYS, 0, -_EVERY_DAYS):
        day = teller.today - timedelta(days=ago)
        weight_kg, _height = teller.size_on(day)
        immunoglobulin_give(
            dose=ImmunoglobulinDetails(given_on=day, route="iv", dose_g=round(weight_kg * 0.45, 1)),
            **_act(teller, day),
        )
    _sample(
        teller,
        teller.today - timedelta(days=_EVERY_DAYS + 1),
        igg_mg_dl=742.0,
        iga_mg_dl=9.0,
        igm_mg_dl=12.0,
        cd4_per_ul=910.0,
        list_complete=True,
    )


def _sample(teller: Teller, day: date, **found: Any) -> None:
    sample_record(sample=SampleDetails(taken_on=day, **found), **_act(teller, day))


def _act(teller: Teller, day: date) -> dict[str, Any]:
    return teller.act(Role.CLINICIAN, teller.at(day, _HOUR))
