"""Which details belong to which agent, so that nothing is stored that can't be meant. Pure.

Source: this project's own design.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cartpath.core.sentences import say
from toxicity.grading.crs import OxygenDevice
from toxicity.inputs import InterventionDetails

VASOPRESSORS: Final = frozenset(
    {
        *("norepinephrine", "epinephrine", "dopamine", "phenylephrine", "vasopressin", "angiotensin"),
        *("milrinone", "dobutamine", "levosimendan"),
    }
)
# Agents that are groups: which drug of the group has to be said.
NAMED: Final = frozenset({"vasopressor", "antimicrobial", "other_steroid", "other_anti_cytokine", "other"})
# Given as a volume, once.
BY_VOLUME: Final = frozenset({"fluid_bolus", "platelets"})
PRESSOR_UNITS: Final = frozenset({"ug/kg/min", "mU/kg/min", "ng/kg/min"})
FLOW_UNIT: Final = "L/min"
MOST_FLOW_L_MIN: Final = 80.0
MOST_PRESSOR_RATE: Final = 200.0

Problems = Mapping[str, str]


def refused(given: InterventionDetails, *, at: datetime) -> Problems:
    """What contradicts itself or the agent, by field; a detail that is merely missing is not refused.

    Source: this project's own design.
    """
    problems: dict[str, str] = {}
    if given.stopped_at is not None and given.stopped_at < at:
        problems["stopped_at"] = say("The end must lie after the start.")
    problems |= _rate(given)
    if given.agent == "vasopressor" and given.drug and given.drug not in VASOPRESSORS:
        problems["drug"] = say("Not one of the known vasopressors.")
    if given.agent == "oxygen" and given.device == OxygenDevice.NONE:
        problems["device"] = say("Room air is no oxygen: stop what was given before.")
    if given.agent != "oxygen":
        problems |= _only("device", given.device, say("Only oxygen has a device."))
        problems |= _only("fio2_percent", given.fio2_percent, say("Only oxygen has an FiO₂."))
    if given.agent not in BY_VOLUME:
        problems |= _only(
            "volume_ml", given.volume_ml, say("Only a fluid bolus or a transfusion has a volume.")
        )
    if given.agent in BY_VOLUME | {"oxygen", "vasopressor"}:
        problems |= _only("dose_mg", given.dose_mg, say("This is not dosed in mg."))
        problems |= _only("every_hours", given.every_hours, say("This is not given every so many hours."))
    return problems


def missing(given: InterventionDetails) -> Problems:
    """What a person at the bedside is asked for although a file from elsewhere may not know it.

    Source: this project's own design.
    """
    problems: dict[str, str] = {}
    if given.agent in NAMED and not given.drug:
        problems["drug"] = say("Say which drug.")
    if given.agent == "oxygen" and not given.device:
        problems["device"] = say("Say how oxygen is given.")
    return problems


def _rate(given: InterventionDetails) -> Problems:
    if given.rate is None:
        return _only("rate_unit", given.rate_unit, say("Give the rate too."))
    if given.agent == "oxygen":
        return _flow(given, given.rate)
    if given.agent == "vasopressor":
        if given.rate_unit not in PRESSOR_UNITS:
            return {"rate_unit": say("Give the unit of the rate.")}
        if given.rate > MOST_PRESSOR_RATE:
            return {"rate": say("More than {most:g} is not a possible rate.", most=MOST_PRESSOR_RATE)}
        return {}
    return {"rate": say("Only vasopressors and oxygen have a rate.")}


def _flow(given: InterventionDetails, flow: float) -> Problems:
    if given.rate_unit != FLOW_UNIT:
        return {"rate_unit": say("The flow of oxygen is given in L/min.")}
    if not given.device or given.device == OxygenDevice.NONE:
        return {"device": say("A flow needs the device it goes through.")}
    if flow > MOST_FLOW_L_MIN:
        return {"rate": say("More than {most:g} L/min is not a possible flow.", most=MOST_FLOW_L_MIN)}
    return {}


def _only(field: str, value: object, sentence: str) -> Problems:
    return {field: sentence} if value not in (None, "") else {}
