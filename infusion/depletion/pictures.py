"""The plan of lymphodepletion as a page shows it: its days beside what was given, and the kidney."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from cartpath.protocols.ready_rows import FLU_AUC_LOW, FLU_CLEARANCE_ASKS, ready_figure
from cartpath.protocols.rows import Figure, in_force
from cartpath.protocols.schema import Protocol
from infusion.day import Window, infusion_window
from infusion.depletion.basis import plan_of
from infusion.models import LymphodepletionDose, LymphodepletionPlan
from infusion.rules.depletion_days import (
    GivenDose,
    KidneyNote,
    PlannedDose,
    StripDay,
    kidney_note,
    strip,
)
from infusion.rules.window import InfusionDays, infusion_days
from patients.eligibility import protocol_for
from patients.models import Journey

FLUDARABINE = "fludarabine"


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """A plan with its days. `planned_days` is the window that the plan opens, None without a rule.

    `window` is the one after the doses given until now, `kidney` None where the plan has no fludarabine.
    """

    plan: LymphodepletionPlan
    label: str
    days: tuple[StripDay, ...]
    planned_days: InfusionDays | None
    window: Window | None
    kidney: KidneyNote | None
    figures: tuple[Figure, ...]
    sources: str
    doses: tuple[PlannedDose, ...]

    @property
    def infusion_place(self) -> str:
        """Where the planned infusion lies in the window that the plan opens; "" without a rule."""
        return self.planned_days.place_of(self.plan.infusion_on) if self.planned_days else ""

    @property
    def days_to_infusion(self) -> int:
        """Days from today to the planned infusion, negative once it has passed."""
        today = next((day for day in self.days if day.is_today), None)
        return 0 if today is None else -today.day

    @property
    def own_doses(self) -> list[PlannedDose]:
        """One dose of each drug whose dose isn't the rule's."""
        own = {dose.drug: dose for dose in self.doses if dose.mg != dose.rule_mg}
        return list(own.values())


def plan_picture(journey: Journey, *, at: datetime) -> PlanPicture | None:
    """The plan that holds, beside what was given; None while nobody planned."""
    plan = plan_of(journey.pk)
    if plan is None:
        return None
    on = journey.center.local_day(at)
    protocol = protocol_for(journey)
    doses = planned(plan)
    given = [
        GivenDose(
            drug=row.drug,
            on=journey.center.local_day(row.given_at),
            mg=None if row.dose_mg is None else float(row.dose_mg),
        )
        for row in LymphodepletionDose.objects.filter(journey=journey).order_by("given_at")
    ]
    row = next((row for row in protocol.lymphodepletion.regimens if row.id == plan.regimen), None)
    figures = _figures(protocol, on)
    return PlanPicture(
        plan=plan,
        label=_(row.label) if row else plan.regimen,
        days=strip(doses, _since(given, doses), infusion_on=plan.infusion_on, today=on),
        planned_days=_planned_days(protocol, doses, on),
        window=infusion_window(journey, at=at),
        kidney=_kidney(plan, figures) if any(dose.drug == FLUDARABINE for dose in doses) else None,
        figures=figures,
        sources="; ".join(dict.fromkeys(protocol.cite(figure) for figure in figures)),
        doses=doses,
    )


def planned(plan: LymphodepletionPlan) -> tuple[PlannedDose, ...]:
    """The doses of a plan as it was kept."""
    return tuple(
        PlannedDose(
            drug=dose["drug"],
            on=date.fromisoformat(dose["on"]),
            rule_mg=float(dose["rule_mg"]),
            mg=float(dose["mg"]),
        )
        for dose in plan.doses
    )


def _since(given: list[GivenDose], doses: tuple[PlannedDose, ...]) -> list[GivenDose]:
    """What was given from the plan's first day on: an earlier lymphodepletion isn't part of this one."""
    first = min((dose.on for dose in doses), default=None)
    return [dose for dose in given if first is None or dose.on >= first]


def _planned_days(protocol: Protocol, doses: tuple[PlannedDose, ...], on: date) -> InfusionDays | None:
    rule = next(iter(in_force(protocol.lymphodepletion.window, on)), None)
    last = max((dose.on for dose in doses), default=None)
    if rule is None or last is None:
        return None
    return infusion_days(rule, lymphodepletion_ended_on=last)


def _figures(protocol: Protocol, on: date) -> tuple[Figure, ...]:
    rows = in_force(protocol.pathway.ready, on)
    found = (ready_figure(rows, name) for name in (FLU_CLEARANCE_ASKS, FLU_AUC_LOW))
    return tuple(figure for figure in found if figure is not None)


def _kidney(plan: LymphodepletionPlan, figures: tuple[Figure, ...]) -> KidneyNote:
    return kidney_note(
        clearance_ml_min=None if plan.clearance_ml_min is None else float(plan.clearance_ml_min),
        flu_auc=None if plan.flu_auc is None else float(plan.flu_auc),
        asks=ready_figure(figures, FLU_CLEARANCE_ASKS),
        low=ready_figure(figures, FLU_AUC_LOW),
    )
