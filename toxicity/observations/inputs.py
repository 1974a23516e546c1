"""What one person saw of one child at one time."""

from dataclasses import asdict, dataclass, fields
from typing import Annotated, Final

from annotated_types import Ge, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import say
from toxicity.grading.capd import CapdAnswers
from toxicity.grading.crs import OxygenDevice
from toxicity.grading.icans import Consciousness, RaisedIcp, Seizure
from toxicity.grading.ice import Ice
from toxicity.observations.catalog import (
    CATALOG,
    VITAL_CODES,
    Handwriting,
    NotTakenReason,
    ObservationCode,
    TemperatureSite,
)

NO_DEVICE: Final = frozenset({None, OxygenDevice.NONE})
# What is said beside the values: it changes how they are graded and is no observation of its own.
CIRCUMSTANCES: Final = (
    "temperature_site",
    "fever_other_cause",
    "hypotension",
    "oxygen_for_comfort",
    "oxygen_baseline_support",
    "capd_unable",
    "new_change_attributed",
    "consciousness_other_cause",
    "intracranial_hemorrhage",
    "developmental_delay",
    "not_taken",
)
# What can be said not to have been taken; every other observation is simply left open.
CAN_BE_NOT_TAKEN: Final = VITAL_CODES

Agents = Annotated[tuple[Annotated[str, MinLen(1), MaxLen(100)], ...], MaxLen(20)]


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A vital sign that somebody came for and could not take, and why; it is unknown like any left open."""

    __pydantic_config__ = INPUT_CONFIG

    code: ObservationCode
    reason: NotTakenReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationEntry:
    """One set of observations; what was not observed is None and never taken for normal.

    `oxygen_device` `none` is room air and an empty list of `vasopressors` says that none is running. ICE and
    CAPD are kept by their items, a total alone is not taken. `hypotension` is a person's judgment from the
    child's own baseline; without it the pressure is compared with the limit of the age. Temperature in °C,
    pressures in mmHg, rates per minute, `spo2` and `fio2` in percent, flow in L/min, urine in mL since the
    last entry.
    """

    __pydantic_config__ = INPUT_CONFIG

    temperature_c: Annotated[float, Ge(25), Le(45)] | None = None
    temperature_site: TemperatureSite | None = None
    fever_other_cause: bool = False
    heart_rate: Annotated[int, Ge(20), Le(300)] | None = None
    systolic: Annotated[int, Ge(20), Le(260)] | None = None
    diastolic: Annotated[int, Ge(10), Le(200)] | None = None
    hypotension: bool | None = None
    respiratory_rate: Annotated[int, Ge(4), Le(150)] | None = None
    spo2: Annotated[int, Ge(30), Le(100)] | None = None
    oxygen_device: OxygenDevice | None = None
    oxygen_flow: Annotated[float, Ge(0.1), Le(80)] | None = None
    fio2: Annotated[int, Ge(21), Le(100)] | None = None
    oxygen_for_comfort: bool = False
    oxygen_baseline_support: bool = False
    vasopressors: Agents | None = None
    urine_ml: Annotated[int, Ge(0), Le(5000)] | None = None
    weight_kg: Annotated[float, Ge(0.3), Le(300)] | None = None
    ice: Ice | None = None
    capd: CapdAnswers | None = None
    capd_unable: bool = False
    new_change_attributed: bool = False
    consciousness: Consciousness | None = None
    consciousness_other_cause: bool = False
    seizure: Seizure | None = None
    motor_weakness: bool | None = None
    raised_icp: RaisedIcp | None = None
    intracranial_hemorrhage: bool = False
    handwriting: Handwriting | None = None
    developmental_delay: bool = False
    not_taken: Annotated[tuple[NotTaken, ...], MaxLen(len(CAN_BE_NOT_TAKEN))] = ()
    note: Annotated[str, MaxLen(400)] = ""

    def __post_init__(self) -> None:
        refused = _impossible_numbers(self) | _contradictions(self)
        if refused:
            raise invalid_input(refused)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was observed, and nothing said why not."""
        return not self.observed and not self.capd_unable and not self.not_taken

    @property
    def observed(self) -> frozenset[ObservationCode]:
        """What was observed."""
        return frozenset(code for code in ObservationCode if getattr(self, code) is not None)

    @property
    def circumstances(self) -> dict[str, object]:
        """What was said beside the values, without what was left open."""
        said = {name: getattr(self, name) for name in CIRCUMSTANCES}
        said["not_taken"] = tuple(asdict(each) for each in self.not_taken)
        return {name: value for name, value in said.items() if value not in (None, False, ())} | (
            {"hypotension": False} if self.hypotension is False else {}
        )


# Names of an entry, for who reads one from JSON or a form.
ENTRY_NAMES: Final = tuple(field.name for field in fields(ObservationEntry))


def _impossible_numbers(entry: ObservationEntry) -> dict[str, str]:
    """Ranges and digits, also for entries that no edge has checked."""
    refused: dict[str, str] = {}
    for code, kind in CATALOG.items():
        value = getattr(entry, code) if kind.kept == "number" else None
        if value is None or kind.low is None or kind.high is None:
            continue
        if not kind.low <= value <= kind.high:
            refused[code] = say(
                "must lie between {low:g} and {high:g} {unit}",
                low=kind.low,
                high=kind.high,
                unit=kind.printed,
            )
        elif round(value, kind.decimals) != value:
            refused[code] = say(
                "has more digits than anybody measures; at most {decimals} behind the mark",
                decimals=kind.decimals,
            )
    return refused


def _contradictions(entry: ObservationEntry) -> dict[str, str]:
    refused: dict[str, str] = {}
    if entry.oxygen_flow is not None and entry.oxygen_device in NO_DEVICE:
        refused["oxygen_flow"] = say("there is no flow without a device")
    if entry.fio2 is not None and entry.fio2 > 21 and entry.oxygen_device in NO_DEVICE:
        refused["fio2"] = say("there is no added oxygen without a device")
    if entry.diastolic is not None and entry.systolic is not None and entry.diastolic >= entry.systolic:
        refused["diastolic"] = say("must lie below the systolic pressure")
    if entry.diastolic is not None and entry.systolic is None:
        refused["systolic"] = say("the diastolic pressure was given without it")
    if entry.capd_unable and entry.capd is not None:
        refused["capd_unable"] = say("contradicts the CAPD that was given")
    if entry.ice is not None and all(points is None for points in _points(entry.ice)):
        refused["ice"] = say("no item was tested")
    refused |= _not_taken(entry)
    for place, agent in enumerate(entry.vasopressors or ()):
        if not agent.strip():
            refused[f"vasopressors.{place}"] = say("must name an agent")
    return refused


def _not_taken(entry: ObservationEntry) -> dict[str, str]:
    """Each is said once, of a vital sign, and not of one that was taken."""
    refused: dict[str, str] = {}
    codes = [each.code for each in entry.not_taken]
    for place, code in enumerate(codes):
        if code not in CAN_BE_NOT_TAKEN:
            refused[f"not_taken.{place}"] = say("only vital signs are said not to have been taken")
        elif code in codes[:place]:
            refused[f"not_taken.{place}"] = say("is given twice")
        elif code in entry.observed:
            refused[f"not_taken.{place}"] = say("was taken in the same round")
    return refused


def _points(ice: Ice) -> tuple[int | None, ...]:
    return ice.orientation, ice.naming, ice.command, ice.writing, ice.attention
