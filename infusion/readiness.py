"""What still stands between a child and the infusion."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.answers import Answer
from infusion.day import THAW_LIMIT, infusion_limit
from infusion.doses import dose_allowed, dose_answer
from infusion.fractions import next_fraction
from infusion.models import (
    IdentityCheck,
    Infusion,
    InfusionPart,
    LymphodepletionDose,
    LymphodepletionWaiver,
)
from infusion.rules.dose import DoseRange, weight_has_changed
from infusion.selectors import ChecklistLine, checklist, identity_check
from manufacturing.models import Batch
from manufacturing.selectors import usable_batch
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.selectors import latest_weight

# Who may open the page of each condition.
PERMISSIONS: Final = {
    "manufacturing:receipt": Permission.RECEIVE_PRODUCT,
    "infusion:lymphodepletion": Permission.RECORD_LYMPHODEPLETION,
    "infusion:checklist": Permission.VIEW_PATIENTS,
    "infusion:identity": Permission.CONFIRM_INFUSION,
    "infusion:thaw": Permission.RECEIVE_PRODUCT,
}


@dataclass(frozen=True, slots=True)
class ReadyStep:
    """One condition of the infusion; `name` is the URL's name of the page where it is met."""

    label: str | Promise
    is_done: bool
    name: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Every condition of the infusion, and what was found for each."""

    batch: Batch | None
    lines: list[ChecklistLine]
    identity: IdentityCheck | None
    infusion: Infusion | None
    last_dose: LymphodepletionDose | None
    waiver: LymphodepletionWaiver | None

    @property
    def is_received(self) -> bool:
        """Whether a usable product is on site."""
        return self.batch is not None and self.batch.received_at is not None

    @property
    def settled(self) -> int:
        """How many items of the checklist no longer stand in the way."""
        return sum(line.is_settled for line in self.lines)

    @property
    def open_stops(self) -> list[ChecklistLine]:
        """Hard stops that stand in the way."""
        return [line for line in self.lines if line.hard_stop and not line.is_settled]

    @property
    def thaw_started_at(self) -> datetime | None:
        """When the thaw began."""
        return self.infusion.thaw_started_at if self.infusion else None

    @property
    def steps(self) -> list[ReadyStep]:
        """The conditions in the order in which they are met."""
        depleted = self.last_dose is not None or self.waiver is not None
        thawed = self.thaw_started_at is not None
        conditions = (
            (_("Product on site"), self.is_received, "manufacturing:receipt"),
            (_("Lymphodepletion given or waived"), depleted, "infusion:lymphodepletion"),
            (_("Checklist without an open hard stop"), not self.open_stops, "infusion:checklist"),
            (_("Identity confirmed by two people"), self.identity is not None, "infusion:identity"),
            (_("Thaw started"), thawed, "infusion:thaw"),
        )
        return [ReadyStep(label, is_done, name) for label, is_done, name in conditions]

    @property
    def next(self) -> ReadyStep | None:
        """The first condition that is not met."""
        return next((step for step in self.steps if not step.is_done), None)


def pages_open_to(user: User, journey: Journey) -> set[str]:
    """The names of the pages on which this person may meet a condition."""
    return {name for name, permission in PERMISSIONS.items() if user.may(permission, journey.center_id)}


def readiness(journey: Journey, *, at: datetime) -> Readiness:
    """What is known before the infusion, by the rules of the day; six queries.

    Once the child is infused, the checklist is that of the day of the infusion.
    """
    on = journey.center.local_day(journey.infused_at or at)
    batch = usable_batch(journey.pk)
    return Readiness(
        batch=batch,
        lines=checklist(journey, on=on),
        identity=identity_check(journey.pk, batch.pk) if batch else None,
        infusion=Infusion.objects.filter(journey=journey).first(),
        last_dose=LymphodepletionDose.objects.filter(journey=journey).order_by("-given_at").first(),
        waiver=LymphodepletionWaiver.objects.filter(journey=journey).first(),
    )


def thawed_at(journey: Journey, *, at: datetime) -> datetime | None:
    """When the product that is about to be given was thawed: the first, or the open further part."""
    if journey.infused_at is None:
        first = Infusion.objects.filter(journey=journey)
        return first.values_list("thaw_started_at", flat=True).first()
    further = InfusionPart.objects.filter(journey=journey, fraction=next_fraction(journey, at=at))
    return further.values_list("thaw_started_at", flat=True).first()


# From here on the time left is shown in red.
SHORT_MINUTES: Final = 10


@dataclass(frozen=True, slots=True)
class ThawTimer:
    """How long the thawed product may still be used; `minutes` is the rule's time, None without a rule."""

    started_at: datetime
    minutes: int | None
    ends_at: datetime | None
    left: int | None

    @property
    def state(self) -> Literal["running", "short", "over", "open"]:
        """`short` in the last ten minutes, `open` when there is no limit."""
        if self.left is None:
            return "open"
        if self.left <= 0:
            return "over"
        return "short" if self.left <= SHORT_MINUTES else "running"


def thaw_timer(journey: Journey, started_at: datetime, *, at: datetime) -> ThawTimer:
    """The time left at `at` to end the infusion, by the protocol."""
    limit = infusion_limit(journey, THAW_LIMIT, on=journey.center.local_day(started_at))
    if limit is None:
        return ThawTimer(started_at, None, None, None)
    ends_at = started_at + timedelta(minutes=limit.value)
    left = int((ends_at - at).total_seconds() // 60)
    return ThawTimer(started_at, int(limit.value), ends_at, left)


@dataclass(frozen=True, slots=True)
class DosePicture:
    """The permitted dose for the child's weight today, and how the weight compares with that of the order."""

    allowed: DoseRange
    why: Answer
    weight_kg: float | None
    ordered_kg: float | None
    weight_changed: bool


def dose_picture(journey: Journey, batch: Batch | None, *, at: datetime) -> DosePicture:
    """The dose of the batch held against the rule at a time."""
    allowed = dose_allowed(journey, dose_cells=batch.car_positive_viable_cells if batch else None, at=at)
    protocol = protocol_for(journey)
    weighed = latest_weight(journey.patient_id, at=at)
    now_kg = float(weighed.weight_kg) if weighed and weighed.weight_kg else None
    ordered_kg = float(batch.order.weight_kg) if batch and batch.order.weight_kg else None
    limit = infusion_limit(journey, "weight_change_percent", on=journey.center.local_day(at))
    changed = False
    if limit and now_kg and ordered_kg:
        changed = weight_has_changed(limit, ordered_kg=ordered_kg, now_kg=now_kg)
    why = dose_answer(protocol, allowed)
    return DosePicture(allowed, why, now_kg, ordered_kg, changed)
