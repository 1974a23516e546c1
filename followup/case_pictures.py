"""Cases of a new malignancy as pages show them: each step with what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from cartpath.accounts.models import User
from followup.finding_enums import MalignancyStep
from followup.models import CaseStep, Infection, MalignancyCase
from patients.models import Journey


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a case; `row` is None while it is open."""

    step: MalignancyStep
    row: CaseStep | None


@dataclass(frozen=True, slots=True)
class CasePicture:
    """A case with all its steps in order."""

    case: MalignancyCase
    steps: tuple[StepLine, ...]

    @property
    def waiting(self) -> list[StepLine]:
        """Steps that are neither done nor said not to be needed."""
        return [line for line in self.steps if line.row is None]

    @property
    def next(self) -> StepLine | None:
        """The first step that is open."""
        return next(iter(self.waiting), None)


def _picture(case: MalignancyCase) -> CasePicture:
    told = {row.step: row for row in case.steps.all()}
    return CasePicture(case, tuple(StepLine(step, told.get(step.value)) for step in MalignancyStep))


def journey_cases(journey: Journey) -> list[CasePicture]:
    """The cases of a journey, those entered in error left out; the latest first."""
    rows = MalignancyCase.objects.filter(journey=journey, struck_at=None).prefetch_related("steps")
    return [_picture(case) for case in rows.order_by("-number")]


def open_cases(user: User, *, center_id: int) -> list[CasePicture]:
    """The open cases of a center, the oldest suspicion first; also those of closed journeys."""
    visible = Journey.objects.visible_to(user).filter(center_id=center_id)
    rows = MalignancyCase.objects.filter(journey__in=visible, closed_at=None, struck_at=None)
    told = rows.select_related("journey__patient").prefetch_related("steps")
    return [_picture(case) for case in told.order_by("suspected_on", "number")]


def has_open_case(journey: Journey) -> bool:
    """Whether a case of a new malignancy waits for its steps."""
    return MalignancyCase.objects.filter(journey=journey, closed_at=None, struck_at=None).exists()


def infections(journey: Journey) -> Sequence[Infection]:
    """Every infection of a journey, the latest first; those entered in error left out."""
    return list(Infection.objects.filter(journey=journey, struck_at=None).order_by("-began_on", "-event_id"))
