"""Cytokine release syndrome after the ASTCT consensus of 2019.

Source: Lee et al., Biol Blood Marrow Transplant 2019;25:625-638, doi 10.1016/j.bbmt.2018.12.758.

Fever opens the gate. Once there was CRS and an antipyretic, an anti-cytokine or a steroid was given, the
gate stays open without fever and the grade follows from hypotension and hypoxia alone. Without either,
hypotension and hypoxia are not CRS: grade 0, with a flag that another cause must be looked for. Organ
laboratories never change the grade. A missing domain makes the grade a lower bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from annotated_types import Ge, Le, MaxLen, MinLen

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import Sentence, listed, say
from toxicity.grading.astct import ASTCT, ASTCT_SOURCE, ASTCT_VERSION, DEATH_GRADE
from toxicity.grading.findings import Finding, least
from toxicity.grading.vasopressors import INOTROPES, VASOPRESSIN, WORDS_OF_AGENT, agents_in

__all__ = [
    "CrsGrade",
    "CrsInput",
    "Oxygen",
    "OxygenDevice",
    "calculate_crs",
    "grade_crs",
]

FEVER_FROM_C: Final = 38.0
FEVER_ALONE_GRADE: Final = 1

FLUID_ONLY_GRADE: Final = 2
ONE_VASOPRESSOR_GRADE: Final = 3
SEVERAL_VASOPRESSORS_GRADE: Final = 4

# The flag of hypotension or hypoxia that is not CRS: another cause must be looked for.
UNEXPLAINED_SIGNS: Final = "hypotension_or_hypoxia_without_fever"

# The cut is absolute, not per kilogram: a child on a high-flow circuit at 6 L/min or less is on low flow
# by the letter, which a flag makes visible.
LOW_FLOW_UP_TO_L_MIN: Final = 6.0
LOW_FLOW_GRADE: Final = 2
HIGH_FLOW_GRADE: Final = 3


class OxygenDevice(StrEnum):
    """How oxygen is given."""

    NONE = "none"
    NASAL_CANNULA = "nasal_cannula"
    HIGH_FLOW_NASAL_CANNULA = "high_flow_nasal_cannula"
    BLOW_BY = "blow_by"
    FACE_MASK = "face_mask"
    NON_REBREATHER = "non_rebreather"
    VENTURI = "venturi"
    CPAP = "cpap"
    BIPAP = "bipap"
    MECHANICAL_VENTILATION = "mechanical_ventilation"


# Devices whose grade does not depend on the flow; blow-by is named by the consensus as low flow.
GRADE_OF_DEVICE: Final[Mapping[OxygenDevice, int]] = MappingProxyType(
    {
        OxygenDevice.NONE: 0,
        OxygenDevice.BLOW_BY: LOW_FLOW_GRADE,
        OxygenDevice.FACE_MASK: HIGH_FLOW_GRADE,
        OxygenDevice.NON_REBREATHER: HIGH_FLOW_GRADE,
        OxygenDevice.VENTURI: HIGH_FLOW_GRADE,
        OxygenDevice.CPAP: 4,
        OxygenDevice.BIPAP: 4,
        OxygenDevice.MECHANICAL_VENTILATION: 4,
    }
)


WORDS_OF_DEVICE: Final[Mapping[OxygenDevice, Sentence]] = MappingProxyType(
    {
        OxygenDevice.NASAL_CANNULA: say("nasal cannula"),
        OxygenDevice.HIGH_FLOW_NASAL_CANNULA: say("high-flow nasal cannula"),
        OxygenDevice.BLOW_BY: say("blow-by"),
        OxygenDevice.FACE_MASK: say("face mask"),
        OxygenDevice.NON_REBREATHER: say("non-rebreather mask"),
        OxygenDevice.VENTURI: say("Venturi mask"),
        OxygenDevice.CPAP: say("CPAP"),
        OxygenDevice.BIPAP: say("BiPAP"),
        OxygenDevice.MECHANICAL_VENTILATION: say("mechanical ventilation"),
    }
)


@dataclass(frozen=True, slots=True)
class Oxygen:
    """Oxygen being given; `flow_l_min` in liters a minute.

    `for_comfort`: given without a deficit. `baseline_support`: the child's usual support at home, unchanged.
    Neither counts as hypoxia. An unknown device is None, which is not the same as "none".
    """

    __pydantic_config__ = INPUT_CONFIG

    device: OxygenDevice | None = None
    flow_l_min: Annotated[float, Ge(0), Le(100)] | None = None
    for_comfort: bool = False
    baseline_support: bool = False


@dataclass(frozen=True, slots=True)
class CrsInput:
    """What was found at one time; None is unknown.

    `vasopressors` are the agents running together (a change from one to another is one agent). `prior_crs`:
    a CRS grade of 1 or more earlier in this episode. `modifier_given`: antipyretic, anti-cytokine or steroid
    since the onset.
    """

    __pydantic_config__ = INPUT_CONFIG

    temperature_c: Annotated[float, Ge(25), Le(45)] | None = None
    fever_other_cause: bool = False
    prior_crs: bool = False
    modifier_given: bool = False
    hypotension: bool | None = None
    vasopressors: Annotated[tuple[Annotated[str, MinLen(1), MaxLen(100)], ...], MaxLen(20)] | None = None
    oxygen: Oxygen | None = None
    death_from_crs: bool = False

    def __post_init__(self) -> None:
        refused: dict[str, str] = {}
        for place, agent in enumerate(self.vasopressors or ()):
            if not agent.strip():
                refused[f"vasopressors.{place}"] = say("must name an agent")
        oxygen = self.oxygen
        if oxygen is not None and oxygen.device is OxygenDevice.NONE and oxygen.flow_l_min:
            refused["oxygen.flow_l_min"] = say("there is no flow without a device")
        if refused:
            raise invalid_input(refused)


@dataclass(frozen=True, slots=True)
class CrsGrade:
    """The grade with the reasons for it.

    `eligible` and `fever` are None when the temperature is unknown and nothing else decides. `hypotension`
    and `hypoxia` are the grades each sign would give, None when unknown. `missing` names the domains that
    were not (fully) given; then `at_least` is true and the grade is a lower bound.
    """

    grade: int
    at_least: bool
    eligible: bool | None
    fever: bool | None
    hypotension: int | None
    hypoxia: int | None
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    explanation: tuple[str, ...]


def grade_crs(given: CrsInput) -> CrsGrade:
    """Grade CRS from 0 to 5 (ASTCT 2019). Source: ASTCT 2019."""
    fever, fever_because = _fever(given)
    eligible, gate_because = _gate(given, fever)
    hypotension = _hypotension(given)
    hypoxia = _hypoxia(given.oxygen)
    signs = max(least(hypotension), least(hypoxia))
    grade, because = _grade(given, eligible, fever, signs)

    missing = [
        domain
        for domain, known in (
            ("fever", fever is not None),
            ("hypotension", hypotension.complete),
            ("hypoxia", hypoxia.complete),
        )
        if not known
    ]
    flags = [*hypotension.flags, *hypoxia.flags]
    if eligible is False and signs:
        flags.append(UNEXPLAINED_SIGNS)
    return CrsGrade(
        grade=grade,
        at_least=bool(missing),
        eligible=eligible,
        fever=fever,
        hypotension=hypotension.grade,
        hypoxia=hypoxia.grade,
        missing=tuple(missing),
        flags=tuple(flags),
        explanation=(fever_because, gate_because, hypotension.because, hypoxia.because, because),
    )


def calculate_crs(given: CrsInput) -> Answer:
    """The `crs` calculator: `grade_crs` in the shape promised to the outside. Source: ASTCT 2019."""
    graded = grade_crs(given)
    return Answer(
        name="crs",
        result={
            "grade": graded.grade,
            "eligible": graded.eligible,
            "at_least": graded.at_least,
            "domains": {
                "fever": graded.fever,
                "hypotension": graded.hypotension,
                "hypoxia": graded.hypoxia,
            },
        },
        scale=ASTCT,
        scale_version=ASTCT_VERSION,
        source=ASTCT_SOURCE,
        explanation=list(graded.explanation),
        missing=list(graded.missing),
        flags=list(graded.flags),
    )


def _fever(given: CrsInput) -> tuple[bool | None, str]:
    temperature = given.temperature_c
    if temperature is None:
        return None, say("The temperature is unknown.")
    if temperature < FEVER_FROM_C:
        return False, say(
            "{temperature} °C is below {limit} °C: no fever.", temperature=temperature, limit=FEVER_FROM_C
        )
    if given.fever_other_cause:
        return False, say(
            "The fever of {temperature} °C has another cause and does not count.", temperature=temperature
        )
    return True, say(
        "{temperature} °C is fever ({limit} °C or more, no other cause).",
        temperature=temperature,
        limit=FEVER_FROM_C,
    )


def _gate(given: CrsInput, fever: bool | None) -> tuple[bool | None, str]:
    if fever:
        return True, say("Fever makes the child eligible for a CRS grade.")
    if given.prior_crs and given.modifier_given:
        return True, say(
            "There was CRS in this episode and an antipyretic, anti-cytokine or steroid was given since: "
            "fever is no longer required."
        )
    if fever is None:
        return None, say("Without a temperature it can't be said whether this is CRS.")
    return False, say("No fever, and no treated CRS earlier in this episode: not eligible for a CRS grade.")


def _hypotension(given: CrsInput) -> Finding:
    """Vasopressors decide first: a child who needs one to keep a normal pressure counts as hypotensive."""
    if given.vasopressors is None:
        return _hypotension_without_list(given.hypotension)
    agents = {agent for name in given.vasopressors for agent in agents_in(name)}
    flags = ("inotrope_not_counted",) if agents & INOTROPES else ()
    counted = sorted(agents - INOTROPES - {VASOPRESSIN})
    complete = given.hypotension is not None
    if len(counted) > 1:
        because = say(
            "Several vasopressors without counting vasopressin ({agents}): grade 4.",
            agents=listed(WORDS_OF_AGENT.get(agent, agent) for agent in counted),
        )
        return Finding(SEVERAL_VASOPRESSORS_GRADE, complete, because, flags)
    if counted:
        because = say(
            "One vasopressor, with or without vasopressin ({agent}): grade 3.",
            agent=WORDS_OF_AGENT.get(counted[0], counted[0]),
        )
        return Finding(ONE_VASOPRESSOR_GRADE, complete, because, flags)
    if VASOPRESSIN in agents:
        because = say("Vasopressin alone is treated as one vasopressor: grade 3.")
        return Finding(ONE_VASOPRESSOR_GRADE, complete, because, ("vasopressin_only", *flags))
    if given.hypotension is None:
        return Finding(None, False, say("Whether there is hypotension is unknown."), flags)
    if given.hypotension:
        return Finding(FLUID_ONLY_GRADE, True, say("Hypotension that needs no vasopressor: grade 2."), flags)
    return Finding(0, True, say("No hypotension."), flags)


def _hypotension_without_list(hypotension: bool | None) -> Finding:
    if hypotension is None:
        return Finding(None, False, say("Whether there is hypotension is unknown."))
    if hypotension:
        return Finding(
            FLUID_ONLY_GRADE,
            False,
            say("Hypotension; which vasopressors are given is unknown: at least grade 2."),
        )
    return Finding(0, True, say("No hypotension."))


def _hypoxia(oxygen: Oxygen | None) -> Finding:
    if oxygen is None:
        return Finding(None, False, say("Whether oxygen is needed is unknown."))
    device = oxygen.device
    if device is OxygenDevice.NONE:
        return Finding(0, True, say("No oxygen is given."))
    if oxygen.for_comfort or oxygen.baseline_support:
        # An unknown device stays unknown: what else is given may still be hypoxia.
        because = say("Oxygen for comfort, or the usual support at home unchanged, is not hypoxia.")
        return Finding(0 if device else None, device is not None, because)
    if device is None:
        if oxygen.flow_l_min:
            return Finding(LOW_FLOW_GRADE, False, say("Oxygen by an unknown device: at least grade 2."))
        return Finding(None, False, say("The oxygen device is unknown."))
    if device in GRADE_OF_DEVICE:
        grade = GRADE_OF_DEVICE[device]
        return Finding(
            grade,
            True,
            say("Oxygen by {device}: grade {grade}.", device=WORDS_OF_DEVICE[device], grade=grade),
        )
    return _cannula(device, oxygen.flow_l_min)


def _cannula(device: OxygenDevice, flow_l_min: float | None) -> Finding:
    if flow_l_min is None:
        return Finding(
            LOW_FLOW_GRADE,
            False,
            say("Oxygen by {device}, flow unknown: at least grade 2.", device=WORDS_OF_DEVICE[device]),
        )
    if flow_l_min > LOW_FLOW_UP_TO_L_MIN:
        return Finding(
            HIGH_FLOW_GRADE,
            True,
            say(
                "{flow:g} L/min by {device} is more than {limit:g} L/min: grade 3.",
                flow=flow_l_min,
                device=WORDS_OF_DEVICE[device],
                limit=LOW_FLOW_UP_TO_L_MIN,
            ),
        )
    because = say(
        "{flow:g} L/min by {device} is low flow ({limit:g} L/min or less): grade 2.",
        flow=flow_l_min,
        device=WORDS_OF_DEVICE[device],
        limit=LOW_FLOW_UP_TO_L_MIN,
    )
    if device is OxygenDevice.HIGH_FLOW_NASAL_CANNULA:
        return Finding(LOW_FLOW_GRADE, True, because, ("high_flow_device_at_low_flow",))
    return Finding(LOW_FLOW_GRADE, True, because)


def _grade(given: CrsInput, eligible: bool | None, fever: bool | None, signs: int) -> tuple[int, str]:
    if given.death_from_crs:
        return DEATH_GRADE, say("Death from CRS: grade 5.")
    if eligible is None and signs:
        return 0, say("Without a temperature hypotension and hypoxia can't be graded: at least grade 0.")
    if not eligible:
        if signs:
            return 0, say("Hypotension or hypoxia alone is not CRS by this scale: look for another cause.")
        return 0, say("Grade 0.")
    if signs:
        return signs, say("The more severe of hypotension and hypoxia decides: grade {grade}.", grade=signs)
    if fever:
        return FEVER_ALONE_GRADE, say("Fever alone: grade 1.")
    return 0, say("No gradeable sign now: grade 0. The episode stays open until it is signed as resolved.")
