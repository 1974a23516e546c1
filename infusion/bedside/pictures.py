"""What the bedside page shows: every bag with its next step, and what was recorded around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from infusion.bedside.bags import FINISHED, cells_of, fraction_now
from infusion.bedside.checking import SIGNATURE_HOLDS, people_wanted
from infusion.bedside.timing import Lead, lead_of, minutes_between
from infusion.bedside.words import BagState
from infusion.day import infusion_limit
from infusion.doses import DoseVerdict, first_dose
from infusion.fractions import Series, series
from infusion.models import (
    BagInfusion,
    BedsideSignature,
    IdentityCheck,
    InfusionReaction,
    Premedication,
)
from infusion.readiness import ThawTimer, thaw_timer
from infusion.rules.fraction_gate import FIRST_FRACTION
from manufacturing.custody.selectors import bags_of
from manufacturing.models import Batch, CustodyItem
from manufacturing.selectors import usable_batch
from patients.enums import Stage
from patients.models import Journey

PREMEDICATION_LEAST: Final = "premedication_least_minutes"
PREMEDICATION_MOST: Final = "premedication_most_minutes"
# Stages in which a bag may be worked with, and those in which observations are taken at the bedside.
OPEN_STAGES: Final = (Stage.RELEASED, Stage.LYMPHODEPLETION, Stage.INFUSED)
OBSERVED_STAGES: Final = (Stage.LYMPHODEPLETION, Stage.INFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BagCard:
    """One bag at the bedside; `signed` are those who signed and wait for another person."""

    item: CustodyItem
    state: BagState
    row: BagInfusion | None
    check: IdentityCheck | None
    signed: tuple[str, ...]
    timer: ThawTimer | None
    minutes: int | None

    @property
    def is_active(self) -> bool:
        """Whether it has been checked and not yet run in: it comes first on the page."""
        return self.state in (BagState.CHECKED, BagState.THAWED, BagState.RUNNING)

    @property
    def is_blocked(self) -> bool:
        """Whether the bag's own record forbids to go on."""
        return self.item.is_quarantined


@dataclass(frozen=True, slots=True)
class GivenBefore:
    """A drug given before the cells, with the minutes between."""

    row: Premedication
    lead: Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Bedside:
    """The bedside of one child at a time."""

    bags: tuple[BagCard, ...]
    batch: Batch | None
    fraction: int
    parts: Series | None
    people: int
    dose: DoseVerdict | None
    dose_cells: int | None
    premedications: tuple[GivenBefore, ...]
    reactions: tuple[InfusionReaction, ...]
    is_open: bool
    may_observe: bool

    @property
    def is_first(self) -> bool:
        """Whether the next bag's start is that of the dose, or of its part."""
        begun = (bag.row for bag in self.bags if bag.row is not None and bag.row.started_at is not None)
        return all(row.fraction != self.fraction for row in begun)

    @property
    def running(self) -> BagCard | None:
        """The bag that runs now."""
        return next((bag for bag in self.bags if bag.state == BagState.RUNNING), None)

    @property
    def given(self) -> int:
        """How many bags have run in."""
        return sum(bag.state == BagState.GIVEN for bag in self.bags)

    @property
    def to_check(self) -> bool:
        """Whether a bag still has to be scanned."""
        return any(bag.state in (BagState.WAITING, BagState.SIGNED) for bag in self.bags)

    @property
    def asked(self) -> tuple[str, ...]:
        """The fields that the start of the next bag asks for beside its time."""
        if not self.is_first:
            return ()
        fields = ["override_reason"] if self.dose is None or self.dose.in_range is not True else []
        if self.parts is not None:
            fields = ["dose_cells", "override_reason"]
            if self.fraction == FIRST_FRACTION and _in_percent(self.parts):
                fields.append("total_cells")
            if self.parts.gate is not None and self.parts.gate.verdict != "allowed":
                fields.append("gate_reason")
        elif self.dose_cells is None:
            fields.append("dose_cells")
        return tuple(fields)


def bedside_picture(journey: Journey, *, at: datetime) -> Bedside:
    """Everything on record at the bedside, as it is at a time."""
    batch = usable_batch(journey.pk)
    items = bags_of(journey)
    fraction = fraction_now(journey, at=at)
    parts = series(journey, at=at)
    cells = cells_of(items, batch) if batch and parts is None else None
    at_once = parts is None and batch is not None
    return Bedside(
        bags=_cards(journey, items, fraction, at=at),
        batch=batch,
        fraction=fraction,
        parts=parts,
        people=people_wanted(journey),
        dose=first_dose(journey, dose_cells=cells, total_cells=None, at=at) if at_once else None,
        dose_cells=cells,
        premedications=_before(journey),
        reactions=tuple(
            InfusionReaction.objects.filter(journey=journey).select_related("bag__item").order_by("-seen_at")
        ),
        is_open=journey.stage in OPEN_STAGES,
        may_observe=journey.stage in OBSERVED_STAGES,
    )


def _in_percent(parts: Series) -> bool:
    return any(row.percent is not None for part in parts.split.parts for row in part.rows)


def _cards(
    journey: Journey, items: Sequence[CustodyItem], fraction: int, *, at: datetime
) -> tuple[BagCard, ...]:
    rows = {row.item_id: row for row in BagInfusion.objects.filter(journey=journey)}
    checks = {
        check.item_id: check
        for check in IdentityCheck.objects.filter(journey=journey, item__isnull=False)
        .select_related("first", "second")
        .order_by("verified_at", "pk")
        if check.item_id is not None and (check.fraction == fraction or check.item_id in rows)
    }
    waiting: dict[UUID, list[str]] = {}
    for signature in (
        BedsideSignature.objects.filter(journey=journey, fraction=fraction, check_made__isnull=True)
        .select_related("person")
        .order_by("signed_at", "pk")
    ):
        if signature.signed_at > at - SIGNATURE_HOLDS:
            waiting.setdefault(signature.item_id, []).append(signature.person.name)
    return tuple(_card(journey, item, rows, checks, waiting, at) for item in items)


def _card(
    journey: Journey,
    item: CustodyItem,
    rows: Mapping[UUID, BagInfusion],
    checks: Mapping[UUID, IdentityCheck],
    waiting: Mapping[UUID, Sequence[str]],
    at: datetime,
) -> BagCard:
    row, check = rows.get(item.pk), checks.get(item.pk)
    signed = tuple(waiting.get(item.pk, ()))
    thawed = row.thaw_started_at if row else None
    ends_at = row.ended_at if row and row.ended_at else at
    return BagCard(
        item=item,
        state=_state(item, row, check, signed),
        row=row,
        check=check,
        signed=signed,
        timer=thaw_timer(journey, thawed, at=ends_at) if thawed else None,
        minutes=minutes_between(thawed, row.ended_at if row else None),
    )


def _state(
    item: CustodyItem, row: BagInfusion | None, check: IdentityCheck | None, signed: Sequence[str]
) -> BagState:
    if row is not None and row.started_at:
        return BagState.GIVEN if row.ended_at else BagState.RUNNING
    if item.state in FINISHED:
        return BagState.GIVEN
    if row is not None and row.thaw_started_at:
        return BagState.THAWED
    if check is not None:
        return BagState.CHECKED
    return BagState.SIGNED if signed else BagState.WAITING


def _before(journey: Journey) -> tuple[GivenBefore, ...]:
    """Premedication with the minutes to the first bag of its part."""
    starts: dict[int, datetime] = {}
    for row in BagInfusion.objects.filter(journey=journey, started_at__isnull=False).order_by("started_at"):
        if row.started_at:
            starts.setdefault(row.fraction, row.started_at)
    rows = Premedication.objects.filter(journey=journey).order_by("-given_at")
    return tuple(GivenBefore(row, _lead(journey, row, starts.get(row.fraction))) for row in rows)


def _lead(journey: Journey, row: Premedication, infused_at: datetime | None) -> Lead:
    on = journey.center.local_day(row.given_at)
    return lead_of(
        row.given_at,
        infused_at,
        least=infusion_limit(journey, PREMEDICATION_LEAST, on=on),
        most=infusion_limit(journey, PREMEDICATION_MOST, on=on),
    )
