"""What is given against toxicity in the demo: dosing weight, doses, and courses that follow the signs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cartpath.accounts.enums import Role
from cartpath.demo.teller import Teller
from cartpath.demo.toxicity import Agent, Course, CrsSign, dose_mg
from toxicity.inputs import DosingWeightDetails, InterventionDetails
from toxicity.interventions.services import intervention_record, intervention_stop
from toxicity.interventions.weights import dosing_weight_set
from toxicity.models import Intervention

Run = dict[str, Any]

_NOREPINEPHRINE: Final[Run] = {"agent": "vasopressor", "drug": "norepinephrine", "rate_unit": "ug/kg/min"}
_EPINEPHRINE: Final[Run] = _NOREPINEPHRINE | {"drug": "epinephrine", "rate": 0.05}
_CANNULA: Final[Run] = {"agent": "oxygen", "device": "nasal_cannula", "rate_unit": "L/min"}
# What runs while a sign lasts; the same devices and drugs as the assessments of that day name.
RUNNING: Final[dict[CrsSign, tuple[Run, ...]]] = {
    "none": (),
    "fever": (),
    "fluids": (),
    "oxygen": (_CANNULA | {"rate": 2.0},),
    "vasopressor": (_NOREPINEPHRINE | {"rate": 0.1}, _CANNULA | {"rate": 3.0}),
    "two_vasopressors": (
        _NOREPINEPHRINE | {"rate": 0.3},
        _EPINEPHRINE,
        {"agent": "oxygen", "device": "high_flow_nasal_cannula", "rate_unit": "L/min", "rate": 12.0},
    ),
}
ANTIMICROBIAL: Final = {"drug": "Piperacillin/tazobactam", "every_hours": 6, "route": "iv"}


@dataclass(slots=True)
class Giving:
    """One child's doses and courses: what was given already, and what runs."""

    teller: Teller
    course: Course
    waiting: dict[tuple[int, Agent], None] = field(init=False)
    running: dict[str, tuple[Run, Intervention]] = field(default_factory=dict)
    courses: list[Intervention] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waiting = dict.fromkeys(each for each in self.course.given if each[1] != "vasopressor")

    def fix_weight(self, at: datetime) -> None:
        """Fix the dosing weight."""
        weight_kg, _height = self.teller.size_on(at.date())
        day = at.astimezone(self.teller.crew.center.zone).date()
        weight = DosingWeightDetails(weight_kg=weight_kg, measured_on=day, reason="Weighed at admission.")
        dosing_weight_set(weight=weight, **self.teller.act(Role.CLINICIAN, at))

    def tell(self, day: int, at: datetime) -> None:
        """What is given and what runs after the signs of a day were seen at `at`."""
        self._let_run(RUNNING[self.course.crs.get(day, "none")], at)
        for given_on, agent in [each for each in self.waiting if each[0] <= day]:
            del self.waiting[given_on, agent]
            row = self._give({"agent": agent} | self._dose(agent, at), at)
            if row.is_course:
                self.courses.append(row)
        while self.courses and day > self.course.last_day + 1:
            self._stop(self.courses.pop(), at)

    def _dose(self, agent: Agent, at: datetime) -> Run:
        if agent == "antimicrobial":
            return dict(ANTIMICROBIAL)
        weight_kg, _height = self.teller.size_on(at.date())
        every = {"every_hours": 12} if agent == "levetiracetam" else {}
        return {"dose_mg": dose_mg(agent, weight_kg), "route": "iv"} | every

    def _let_run(self, wanted: tuple[Run, ...], at: datetime) -> None:
        wanted_by_key = {_key(run): run for run in wanted}
        for key, (run, row) in list(self.running.items()):
            if wanted_by_key.get(key) == run:
                del wanted_by_key[key]
            elif key not in wanted_by_key:
                del self.running[key]
                self._stop(row, at)
        for key, run in wanted_by_key.items():
            self.running[key] = (run, self._give(run, at))

    def _stop(self, row: Intervention, at: datetime) -> None:
        stopped_at = self.teller.after(at, minutes=20)
        by = self.teller.person(Role.CLINICIAN).actor
        intervention_stop(intervention_id=row.pk, by=by, at=stopped_at)

    def _give(self, details: Run, at: datetime) -> Intervention:
        return intervention_record(
            intervention=InterventionDetails(**details),
            **self.teller.act(Role.CLINICIAN, self.teller.after(at, minutes=25)),
        )


def _key(run: Run) -> str:
    """A child has one oxygen device at a time, and each vasopressor once."""
    return str(run.get("drug", run["agent"]))
