"""Rounds at the bedside: what a nurse enters of a child that has the signs of a day."""

from datetime import datetime, timedelta
from typing import Any, Final

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from cartpath.demo.teller import Teller
from cartpath.demo.toxicity import Course, crs_on, icans_on
from toxicity.grading.capd import CapdAnswer
from toxicity.grading.crs import CrsInput, OxygenDevice
from toxicity.grading.hypotension import systolic_limit
from toxicity.grading.icans import IcansInput
from toxicity.grading.ice import ICE_ITEM_POINTS, Ice
from toxicity.models import CheckPlan
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.limits import Band, age_in_years, band_of
from toxicity.observations.services import observations_record

VITALS_EVERY_HOURS: Final = 4
NEURO_EVERY_HOURS: Final = 12
WEIGHT_EVERY_HOURS: Final = 24
# Before that, a round every twelve hours tells the story well enough.
CLOSELY_FOR: Final = timedelta(days=3)
# The last hours are told as the plan of checks wanted them, hour by hour where it says so.
TO_THE_HOUR_FOR: Final = timedelta(hours=8)

_ANSWERS: Final = tuple(CapdAnswer)
_MOST: Final = len(_ANSWERS) - 1
_CAPD_ITEMS: Final = 8
_REVERSED_ITEMS: Final = 4
# A fever makes the heart beat faster by about ten a minute for each degree.
_BEATS_PER_DEGREE: Final = 10
_USUAL_C: Final = 37.0


def checks_of(teller: Teller, at: datetime, hours: int) -> frozenset[str]:
    """What is done at an hour after the infusion: what is due by then, else the usual; often nothing."""
    usual = _usual(hours)
    ago = teller.now - at
    if ago >= CLOSELY_FOR:
        return usual if hours % NEURO_EVERY_HOURS == 0 else frozenset()
    if not usual and ago >= TO_THE_HOUR_FOR:
        return frozenset()
    due = CheckPlan.objects.filter(journey_id=teller.journey_id, due_at__lte=at)
    return usual | frozenset(due.values_list("check_kind", flat=True))


def _usual(hours: int) -> frozenset[str]:
    every = {
        "vitals": VITALS_EVERY_HOURS,
        "neuro": NEURO_EVERY_HOURS,
        "weight": WEIGHT_EVERY_HOURS,
        "laboratory": WEIGHT_EVERY_HOURS,
    }
    return frozenset(check for check, interval in every.items() if hours % interval == 0)


def round_told(teller: Teller, course: Course, at: datetime, day: int, checks: frozenset[str]) -> None:
    """One round: vital signs, and what else is wanted then."""
    signs = crs_on(course, day)
    seen = _vitals(teller, signs, at) | _support(signs)
    if "neuro" in checks:
        seen |= _neuro(icans_on(course, day, years=teller.years_on(at.date())))
    if "weight" in checks:
        weight_kg, _height = teller.size_on(at.date())
        seen["weight_kg"] = round(weight_kg, 1)
    observations_record(
        journey_id=teller.journey_id,
        observed_at=at,
        entry=ObservationEntry(**seen),
        by=_nurse(teller).actor,
        at=at,
    )


def _nurse(teller: Teller) -> User:
    """The nurse of the ward, where the center has one."""
    return teller.crew.people.get(Role.WARD_NURSE) or teller.person(Role.APHERESIS_NURSE)


def _vitals(teller: Teller, signs: CrsInput, at: datetime) -> dict[str, Any]:
    born, on = teller.birth, at.date()
    band = band_of(born, on)
    temperature_c = round((signs.temperature_c or _USUAL_C) + teller.dice.uniform(-0.3, 0.3), 1)
    systolic = _systolic(teller, signs, band, systolic_limit(age_in_years(born, on)))
    faster = _BEATS_PER_DEGREE * max(temperature_c - _USUAL_C, 0)
    needs_oxygen = signs.oxygen is not None and signs.oxygen.device is not OxygenDevice.NONE
    return {
        "temperature_c": temperature_c,
        "heart_rate": round(_middle(band.heart_rate) + faster) + teller.dice.randint(-6, 6),
        "systolic": systolic,
        "diastolic": round(systolic * 0.6),
        "respiratory_rate": _middle(band.respiratory_rate)
        + (8 if needs_oxygen else teller.dice.randint(-2, 2)),
        "spo2": teller.dice.randint(93, 96) if needs_oxygen else teller.dice.randint(97, 99),
    }


def _systolic(teller: Teller, signs: CrsInput, band: Band, danger: float) -> int:
    """Under the limit of the age while fluid is all the child got; kept above it by vasopressors."""
    if signs.hypotension and not signs.vasopressors:
        return int(danger) - teller.dice.randint(2, 8)
    if signs.vasopressors:
        return int(danger) + teller.dice.randint(1, 6)
    return _middle(band.systolic) + teller.dice.randint(-5, 5)


def _support(signs: CrsInput) -> dict[str, Any]:
    oxygen = signs.oxygen
    return {
        "vasopressors": signs.vasopressors,
        "oxygen_device": oxygen.device if oxygen else None,
        "oxygen_flow": oxygen.flow_l_min if oxygen else None,
    }


def _neuro(signs: IcansInput) -> dict[str, Any]:
    return {
        "ice": None if signs.ice_total is None else ice_of(signs.ice_total),
        "capd": None if signs.capd_total is None else capd_of(signs.capd_total),
        "new_change_attributed": signs.new_change_attributed,
        "consciousness": signs.consciousness,
        "seizure": signs.seizure,
        "motor_weakness": signs.motor_weakness,
        "raised_icp": signs.raised_icp,
    }


def ice_of(total: int) -> Ice:
    """Items that add up to a total: what is hardest, counting and writing, is lost first."""
    points: dict[str, int] = {}
    for item, most in ICE_ITEM_POINTS.items():
        points[item] = min(most, total)
        total -= points[item]
    return Ice(**points)


def capd_of(total: int) -> tuple[CapdAnswer, ...]:
    """Answers that add up to a total, spread over the items."""
    scores = [total // _CAPD_ITEMS + (item < total % _CAPD_ITEMS) for item in range(_CAPD_ITEMS)]
    return tuple(
        _ANSWERS[_MOST - score if item < _REVERSED_ITEMS else score] for item, score in enumerate(scores)
    )


def _middle(span: tuple[int, int]) -> int:
    return sum(span) // 2
