"""What a child shows in the days after the infusion, in a few courses that look like real ones."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from cartpath.demo.plot import Toxicity
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.grading.icans import ICE_FROM_YEARS, Consciousness, IcansInput, RaisedIcp, Seizure

CrsSign = Literal["none", "fever", "fluids", "oxygen", "vasopressor", "two_vasopressors"]
IcansSign = Literal["clear", "mild", "moderate", "severe"]
Agent = Literal["tocilizumab", "dexamethasone", "levetiracetam", "antimicrobial", "vasopressor"]

LAST_DAY: Final = 10
TOCILIZUMAB_MAX_MG: Final = 800.0
TOCILIZUMAB_HEAVY_FROM_KG: Final = 30


@dataclass(frozen=True, slots=True)
class Course:
    """Signs by day after infusion (days not named are free of signs) and what was given on which day."""

    crs: dict[int, CrsSign]
    icans: dict[int, IcansSign]
    given: tuple[tuple[int, Agent], ...] = ()

    @property
    def last_day(self) -> int:
        """The last day with a sign; 0 when there is none."""
        return max((*self.crs, *self.icans, 0))


COURSES: Final[dict[Toxicity, Course]] = {
    "quiet": Course({}, {}),
    "fever": Course({3: "fever", 4: "fever", 5: "fever"}, {}, ((3, "antimicrobial"),)),
    "moderate": Course(
        {2: "fever", 3: "fluids", 4: "oxygen", 5: "fever"}, {}, ((2, "antimicrobial"), (3, "tocilizumab"))
    ),
    "severe": Course(
        {
            1: "fever",
            2: "fluids",
            3: "vasopressor",
            4: "two_vasopressors",
            5: "vasopressor",
            6: "fluids",
            7: "fever",
        },
        {5: "mild", 6: "moderate", 7: "mild"},
        (
            (1, "antimicrobial"),
            (2, "tocilizumab"),
            (3, "tocilizumab"),
            (3, "vasopressor"),
            (4, "dexamethasone"),
            (5, "dexamethasone"),
        ),
    ),
    "neurotoxic": Course(
        {2: "fever", 3: "fever", 4: "fluids", 5: "fever"},
        {5: "mild", 6: "moderate", 7: "severe", 8: "moderate", 9: "mild"},
        (
            (4, "tocilizumab"),
            (6, "dexamethasone"),
            (6, "levetiracetam"),
            (7, "dexamethasone"),
            (8, "dexamethasone"),
        ),
    ),
}

_ROOM_AIR: Final = Oxygen(device=OxygenDevice.NONE)
_CRS: Final[dict[CrsSign, dict[str, Any]]] = {
    "none": {"temperature_c": 36.8, "hypotension": False, "vasopressors": (), "oxygen": _ROOM_AIR},
    "fever": {"temperature_c": 38.9, "hypotension": False, "vasopressors": (), "oxygen": _ROOM_AIR},
    "fluids": {"temperature_c": 39.6, "hypotension": True, "vasopressors": (), "oxygen": _ROOM_AIR},
    "oxygen": {
        "temperature_c": 38.4,
        "hypotension": False,
        "vasopressors": (),
        "oxygen": Oxygen(device=OxygenDevice.NASAL_CANNULA, flow_l_min=2),
    },
    "vasopressor": {
        "temperature_c": 39.2,
        "hypotension": True,
        "vasopressors": ("norepinephrine",),
        "oxygen": Oxygen(device=OxygenDevice.NASAL_CANNULA, flow_l_min=3),
    },
    "two_vasopressors": {
        "temperature_c": 38.7,
        "hypotension": True,
        "vasopressors": ("norepinephrine", "epinephrine"),
        "oxygen": Oxygen(device=OxygenDevice.HIGH_FLOW_NASAL_CANNULA, flow_l_min=12),
    },
}
_ICANS: Final[dict[IcansSign, dict[str, Any]]] = {
    "clear": {"ice_total": 10, "capd_total": 3, "consciousness": Consciousness.SPONTANEOUS},
    "mild": {
        "ice_total": 8,
        "capd_total": 7,
        "new_change_attributed": True,
        "consciousness": Consciousness.SPONTANEOUS,
    },
    "moderate": {"ice_total": 5, "capd_total": 8, "consciousness": Consciousness.VOICE},
    "severe": {"ice_total": 2, "capd_total": 14, "consciousness": Consciousness.TOUCH},
}


def crs_on(course: Course, day: int) -> CrsInput:
    """What is found of CRS on a day after infusion."""
    return CrsInput(**_CRS[course.crs.get(day, "none")])


def icans_on(course: Course, day: int, *, years: float) -> IcansInput:
    """What is found of neurotoxicity on a day after infusion, with the test that fits the age."""
    found = _ICANS[course.icans.get(day, "clear")]
    other_test = "capd_total" if years >= ICE_FROM_YEARS else "ice_total"
    return IcansInput(
        **{name: value for name, value in found.items() if name != other_test},
        seizure=Seizure.NONE,
        motor_weakness=False,
        raised_icp=RaisedIcp.NONE,
    )


def dose_mg(agent: Agent, weight_kg: float) -> float | None:
    """A dose a ward would give; None for what is not dosed in milligrams here."""
    match agent:
        case "tocilizumab":
            per_kg = 8 if weight_kg >= TOCILIZUMAB_HEAVY_FROM_KG else 12
            return min(round(weight_kg * per_kg, 1), TOCILIZUMAB_MAX_MG)
        case "dexamethasone":
            return min(round(weight_kg * 0.5, 1), 10.0)
        case "levetiracetam":
            return min(round(weight_kg * 10.0), 500.0)
    return None
