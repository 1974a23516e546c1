"""Findings that contradict each other, and which performance scale fits an age.

Source: DESIGN; Lansky below 16 years, Karnofsky from 16, as in the follow-up part of the protocols.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

from cartpath.core.dates import age_on
from cartpath.core.sentences import say

KARNOFSKY_FROM_YEARS: Final = 16
# A result and what tells how it was got: none of the others without the first.
_GOES_WITH: Final = (
    ("mrd_result", ("mrd_method", "mrd_sensitivity", "mrd_material")),
    ("chimerism_donor_percent", ("chimerism_material",)),
    ("pedsql_total", ("pedsql_respondent",)),
)
_CAR_VALUES: Final = {"car_copies_per_ug": "qpcr", "car_percent": "flow"}


def performance_scale(birth: date, on: date) -> Literal["lansky", "karnofsky"]:
    """The scale for somebody born then, on a day.

    Source: the follow-up part of the protocols, examination `assess_visit`.
    """
    return "karnofsky" if age_on(birth, on).years >= KARNOFSKY_FROM_YEARS else "lansky"


def contradictions(found: Mapping[str, Any], on: date) -> dict[str, str]:
    """What can't be true together among the findings of a visit on a day: a sentence by field.

    Source: DESIGN.
    """
    wrong: dict[str, str] = {}
    for result, details in _GOES_WITH:
        if found.get(result) is None and any(found.get(name) is not None for name in details):
            wrong[result] = say("Give the result, or leave the rest of it open.")
    if found.get("mrd_result") and not found.get("mrd_method"):
        wrong["mrd_method"] = say("An MRD result needs its method.")
    if found.get("pedsql_total") is not None and not found.get("pedsql_respondent"):
        wrong["pedsql_respondent"] = say("Say who answered the questionnaire.")
    wrong |= _immunoglobulin(found, on) | _car(found)
    tested_on = found.get("neurocognition_on")
    if tested_on and tested_on > on:
        wrong["neurocognition_on"] = say("This lies after the visit.")
    return wrong


def _immunoglobulin(found: Mapping[str, Any], on: date) -> dict[str, str]:
    replaced_on = found.get("last_immunoglobulin_on")
    if replaced_on is None:
        return {}
    if replaced_on > on:
        return {"last_immunoglobulin_on": say("This lies after the visit.")}
    if found.get("ever_replaced") is False:
        return {"ever_replaced": say("A day of immunoglobulin is given as well.")}
    return {}


def _car(found: Mapping[str, Any]) -> dict[str, str]:
    """A method for every result; qPCR counts copies, flow cytometry a share; nothing below the limit."""
    method, result = found.get("car_method"), found.get("car_result")
    values = [name for name in _CAR_VALUES if found.get(name) is not None]
    told = bool(result or values)
    if told and not method:
        return {"car_method": say("Say by which method.")}
    if (method or found.get("car_limit") is not None) and not told:
        return {"car_result": say("Give the result, or leave the rest of it open.")}
    for name in values:
        if _CAR_VALUES[name] != method:
            return {name: say("This is not what the method measures.")}
        if result == "below_limit":
            return {name: say("Below the limit of detection there is no number.")}
    return {}
