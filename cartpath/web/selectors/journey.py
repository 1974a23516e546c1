"""The patient page: the panels of all stages in their order, what is due, and what stands in the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.core.said import said_text
from cartpath.reminders.enums import Timing
from cartpath.reminders.selectors import lines_of
from cartpath.web.due import DueLine, due_line
from cartpath.web.wording import moment_text
from followup.growing.panel import panel as growing_panel
from followup.panels import ANCHOR as FOLLOW_UP
from followup.panels import panel as follow_up_panel
from infusion.panels import ANCHOR as INFUSION
from infusion.panels import panel as infusion_panel
from leukapheresis.offers import washout_picture
from leukapheresis.panels import ANCHOR as APHERESIS
from leukapheresis.panels import panel as apheresis_panel
from manufacturing.panels import ANCHOR as MANUFACTURING
from manufacturing.panels import panel as manufacturing_panel
from manufacturing.selectors import open_deviation
from patients.donor_panel import donor_panel
from patients.donors import donor_ready
from patients.enums import Stage
from patients.models import Journey
from patients.overview import ELIGIBILITY, REFERRAL, eligibility_panel, patient_panel, referral_panel
from patients.panels import StagePanel
from patients.selectors import latest_results
from toxicity.panels import ANCHOR as TOXICITY
from toxicity.panels import panel as toxicity_panel

Panel = Callable[[Journey, User, datetime], StagePanel | None]

PANELS: Final[tuple[Panel, ...]] = (
    referral_panel,
    eligibility_panel,
    apheresis_panel,
    manufacturing_panel,
    infusion_panel,
    toxicity_panel,
    follow_up_panel,
    growing_panel,
)
# Which panels stand open on top in each stage, in this order: where the next act is.
CURRENT: Final[dict[Stage, tuple[str, ...]]] = {
    Stage.REFERRED: (REFERRAL, ELIGIBILITY),
    Stage.ACCEPTED: (APHERESIS,),
    Stage.APHERESIS_PLANNED: (APHERESIS, MANUFACTURING),
    Stage.COLLECTED: (MANUFACTURING,),
    Stage.MANUFACTURING: (MANUFACTURING,),
    Stage.RELEASED: (INFUSION, MANUFACTURING),
    Stage.LYMPHODEPLETION: (INFUSION,),
    Stage.INFUSED: (TOXICITY, INFUSION),
    Stage.FOLLOW_UP: (FOLLOW_UP,),
    Stage.CLOSED: (),
}
UPCOMING_SHOWN: Final = 3
# The stored values that a panel shows with their reasons, beside what it draws itself.
COMPUTED: Final[dict[str, tuple[str, ...]]] = {
    ELIGIBILITY: ("eligibility", "age_criterion"),
    APHERESIS: (
        "washout",
        "donor_readiness",
        "total_blood_volume",
        "extracorporeal_volume",
        "platelets_after_apheresis",
        "collection_efficiency",
        "collection_acceptance",
        "collection_expiry",
    ),
    MANUFACTURING: ("release_criteria",),
    INFUSION: ("lymphodepletion", "infusion_window", "dose_range", "fractions", "fraction_gate"),
    TOXICITY: ("capd",),
    FOLLOW_UP: ("b_cell_aplasia", "immunoglobulin", "growth_velocity"),
}
# Of a slot that was given back, the verdict no longer matters.
_OF_THE_SLOT: Final = frozenset({"washout", "donor_readiness"})


@dataclass(frozen=True, slots=True)
class Due:
    """What the journey waits for: everything late or due, and the next few things to come."""

    lines: Sequence[DueLine]
    later: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The patient page. `current` stands open, `past` is folded, `ahead` has not come yet."""

    current: Sequence[StagePanel]
    past: Sequence[StagePanel]
    ahead: Sequence[StagePanel]
    patient: StagePanel
    donor: StagePanel | None
    due: Due
    others: Sequence[Journey]


def overview(journey: Journey, user: User, *, at: datetime) -> Overview:
    """Everything on the patient page; the number of queries doesn't depend on what there is."""
    built = [panel for build in PANELS if (panel := build(journey, user, at)) is not None]
    panels = with_results(journey, built)
    order = CURRENT[Stage(journey.stage)]
    return Overview(
        current=sorted((p for p in panels if p.anchor in order), key=lambda p: order.index(p.anchor)),
        past=[p for p in reversed(panels) if p.anchor not in order and not p.quiet],
        ahead=[p for p in panels if p.anchor not in order and p.quiet],
        patient=patient_panel(journey, user, at),
        donor=donor_panel(journey, user, at),
        due=due(journey, user, at=at),
        others=other_journeys(journey),
    )


def with_results(journey: Journey, panels: Sequence[StagePanel]) -> list[StagePanel]:
    """The panels with the last stored value of each of their rules; one query."""
    found = latest_results(journey.pk, (rule for rules in COMPUTED.values() for rule in rules))
    if journey.stage == Stage.ACCEPTED:
        found = {rule: result for rule, result in found.items() if rule not in _OF_THE_SLOT}
    return [
        replace(
            panel, computed=tuple(found[rule] for rule in COMPUTED.get(panel.anchor, ()) if rule in found)
        )
        for panel in panels
    ]


def due(journey: Journey, user: User, *, at: datetime) -> Due:
    """What the journey waits for."""
    found = lines_of(journey.pk, at=at)
    pressing = [line for line in found if line.timing != Timing.UPCOMING]
    upcoming = found[len(pressing) :]
    lines = [due_line(line, user, journey, at=at) for line in pressing]
    # What lies ahead is only told: its form would be filled in too early.
    lines += [replace(due_line(line, user, journey, at=at), act=None) for line in upcoming[:UPCOMING_SHOWN]]
    return Due(lines, max(len(upcoming) - UPCOMING_SHOWN, 0))


def other_journeys(journey: Journey) -> list[Journey]:
    """Further courses of the same child, the latest first."""
    others = Journey.objects.filter(patient_id=journey.patient_id).exclude(pk=journey.pk)
    return list(others.order_by("-created_at"))


def blocked(journey: Journey, *, at: datetime) -> str:
    """What stands in the way of the next stage, in words; empty when nothing is known to."""
    match journey.stage:
        case Stage.ACCEPTED | Stage.APHERESIS_PLANNED:
            return _washout(journey, at)
        case Stage.MANUFACTURING:
            return _deviation(journey)
    return ""


def _washout(journey: Journey, at: datetime) -> str:
    """The washout as it will stand when the cells are to be collected, or now when no slot is booked."""
    collected_at = journey.status.planned_apheresis_at or at
    picture = washout_picture(journey, at=collected_at)
    if picture.of_donor:
        found = donor_ready(journey, on=collected_at.astimezone(journey.center.zone).date())
        return " ".join(said_text(reason) for reason in found.reasons)
    if picture.state == "unknown":
        drugs = ", ".join(row.treatment.drug for row in picture.unknown)
        return _("Washout unknown: %(drugs)s") % {"drugs": drugs}
    if picture.state == "open" and picture.binding and picture.binding.ends_at:
        named = {"drug": picture.binding.treatment.drug, "until": moment_text(picture.binding.ends_at)}
        return _("Washout open: %(drug)s until %(until)s") % named
    return ""


def _deviation(journey: Journey) -> str:
    batch = open_deviation(journey.pk)
    if batch is None:
        return ""
    report = batch.out_of_specification
    said = " ".join(part for part in (report.parameter, report.value) if part)
    return _("Out of specification: %(said)s. A physician's decision is awaited.") % {"said": said}
