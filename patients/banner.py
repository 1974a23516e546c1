"""What stands on top of every page about a child: the banner and the milestone strip."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cartpath.core.dates import day_post
from cartpath.protocols import registry
from patients.eligibility import protocol_for
from patients.enums import ClosingReason, Stage
from patients.models import Journey, Measurement, Patient, Status
from patients.pace import days_allowed
from patients.selectors import latest_weights


@dataclass(frozen=True, slots=True)
class Banner:
    """The child at a glance; `on` is today in the center's zone, `day` counts from the infusion.

    `from_donor` says that the cells are somebody else's.
    """

    patient: Patient
    on: date
    weight: Measurement | None
    weight_change_percent: float | None
    product: str
    from_donor: bool
    day: int | None
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One milestone of the strip: `state` is done, now, next, later or blocked."""

    label: str | Promise
    state: str
    on: date | None = None
    days: int | None = None
    expected: str | None = None
    note: str | None = None
    url: str = ""


def banner(journey: Journey, at: datetime) -> Banner:
    """The banner of one journey at a time. One query for the weights."""
    today = at.astimezone(journey.center.zone).date()
    weights = latest_weights(journey.patient_id, at=at)
    return Banner(
        patient=journey.patient,
        on=today,
        weight=weights[0] if weights else None,
        weight_change_percent=_change_percent(weights),
        product=product_label(journey.product),
        from_donor=is_from_donor(journey.product),
        day=day_of(journey, today),
        url=reverse("web:journey", args=[journey.pk]),
    )


def product_label(product: str) -> str:
    """The product's name as people write it; the code itself for one without a protocol."""
    return next((p.product.label for p in registry.all_protocols() if p.product.name == product), product)


def is_from_donor(product: str) -> bool:
    """Whether a product is made of a donor's cells."""
    return any(p.product.is_from_donor for p in registry.all_protocols() if p.product.name == product)


def product_choices() -> list[tuple[str, Any]]:
    """Products that have a protocol, by name, for a field in which nothing is chosen yet."""
    labels = {protocol.product.name: protocol.product.label for protocol in registry.all_protocols()}
    return [("", _("Choose a product")), *sorted(labels.items(), key=lambda pair: pair[1])]


def day_of(journey: Journey, today: date) -> int | None:
    """Days since the infusion in the center's zone; None before it."""
    if journey.infused_at is None:
        return None
    return day_post(journey.infused_at.astimezone(journey.center.zone).date(), today)


def _change_percent(weights: list[Measurement]) -> float | None:
    if len(weights) < 2 or not (weights[0].weight_kg and weights[1].weight_kg):
        return None
    return float((weights[0].weight_kg - weights[1].weight_kg) / weights[1].weight_kg * 100)


# Where a stage's milestone time stands on the status row.
_REACHED = {
    Stage.REFERRED: "referred_at",
    Stage.ACCEPTED: "accepted_at",
    Stage.COLLECTED: "apheresis_at",
    Stage.MANUFACTURING: "manufacturing_started_at",
    Stage.RELEASED: "released_at",
    Stage.LYMPHODEPLETION: "lymphodepletion_started_at",
    Stage.INFUSED: "infused_at",
}
_ORDER: list[Stage] = [stage for stage in Stage if stage != Stage.CLOSED]


def strip(journey: Journey, at: datetime, *, blocked: str = "") -> list[Step]:
    """Where the child is, since when, and what is next. `blocked` says what stands in the way of the next.

    Stages that were left out on the way (a collection without a booking) are skipped, not done.
    """
    status: Status = journey.status
    today = at.astimezone(journey.center.zone).date()
    if journey.stage == Stage.CLOSED:
        return [*_passed(status, journey, _last_open(status)), _closed_step(journey)]
    here = _ORDER.index(Stage(journey.stage))
    now = Step(
        label=Stage(journey.stage).label,
        state="now",
        on=_day(journey, status.stage_since),
        days=(today - _day(journey, status.stage_since)).days if status.stage_since else None,
        expected=_expected(journey),
    )
    ahead = [_ahead(stage, status, journey) for stage in _ORDER[here + 1 :]]
    if ahead:
        first = ahead[0]
        ahead[0] = (
            Step(label=first.label, state="blocked", on=first.on, note=blocked)
            if blocked
            else Step(label=first.label, state="next", on=first.on, note=first.note)
        )
    return [*_passed(status, journey, here), now, *ahead]


def _expected(journey: Journey) -> str | None:
    days = days_allowed(protocol_for(journey), Stage(journey.stage))
    if days is None:
        return None
    return _("up to %(count)d d") % {"count": days}


def _passed(status: Status, journey: Journey, upto: int) -> list[Step]:
    steps = []
    for stage in _ORDER[:upto]:
        reached = _REACHED.get(stage)
        at = getattr(status, reached) if reached else status.apheresis_at
        steps.append(
            Step(label=stage.label, state="done" if at else "skipped", on=_day(journey, at) if at else None)
        )
    return steps


def _ahead(stage: Stage, status: Status, journey: Journey) -> Step:
    planned = status.planned_apheresis_at if stage == Stage.COLLECTED else None
    note = _("planned") if planned else None
    return Step(label=stage.label, state="later", on=_day(journey, planned) if planned else None, note=note)


def _last_open(status: Status) -> int:
    reached = [index for index, stage in enumerate(_ORDER) if getattr(status, _REACHED.get(stage, ""), None)]
    return max(reached, default=0) + 1


def _closed_step(journey: Journey) -> Step:
    reason = ClosingReason(journey.closing_reason).label
    return Step(label=f"{Stage.CLOSED.label}: {reason}", state="now", on=_day(journey, journey.stage_since))


def _day(journey: Journey, at: datetime) -> date:
    return at.astimezone(journey.center.zone).date()
