"""Protocols and their parts: the shape of the files, validated at load (see loader), and what they become.

Two kinds of file. A *part* holds rules that several products share (washouts, apheresis, follow-up …) and
is versioned by itself. A *protocol* names its parts by `name/version` and adds what is the product's own.
`Protocol` is the two put together: what a journey is pinned to.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Annotated, Final

from annotated_types import MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.protocols.advice_rows import AdviceRow
from cartpath.protocols.alert_rows import AlertRule
from cartpath.protocols.bedside_rows import BedsideFigures, bedside_figures
from cartpath.protocols.bundle import BundleRule, MaterialRule
from cartpath.protocols.immune_rows import ImmuneRules
from cartpath.protocols.plan import ExpectedItem, Series
from cartpath.protocols.portal_rows import PortalField
from cartpath.protocols.ready_rows import HoldReason, StopRule
from cartpath.protocols.rows import Criterion, Figure, HighCountRule, Limit, Row, Text, WashoutRule, in_force
from cartpath.protocols.sections import (
    Assessment,
    BCellAplasia,
    ChecklistItem,
    Collection,
    CollectionTarget,
    DoseBand,
    EscalationStep,
    Infusion,
    Lymphodepletion,
    Manufacturing,
    Monitoring,
    Product,
    Regimen,
)

_RUN: Final = re.compile(r"(\d+)\.\.(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What every shared part has: its name and version, a title, and the sources its rows cite."""

    __pydantic_config__ = INPUT_CONFIG

    id: Text
    version: Text
    title: Text
    sources: dict[str, Text]


@dataclass(frozen=True, kw_only=True, slots=True)
class EligibilityPart(Part):
    """Criteria that several products share."""

    criteria: Annotated[tuple[Criterion, ...], MinLen(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class WashoutRuleSet(Part):
    """Washouts of one disease. Rule sets are never mixed."""

    rules: Annotated[tuple[WashoutRule, ...], MinLen(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ApheresisRules(Part):
    """Blood volume, extracorporeal volume, counts to go ahead: figures by id (see checks for the list)."""

    figures: tuple[Figure, ...]
    limits: tuple[Limit, ...]
    counts: tuple[Limit, ...]
    high_counts: tuple[HighCountRule, ...] = ()
    bundle: tuple[BundleRule, ...] = ()
    materials: tuple[MaterialRule, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pathway(Part):
    """What is expected on the way, what holds at the bedside, and who hears of what stays undone.

    At the bedside there are red flags, suggestions and figures (see `bedside_rows` for the list), before the
    infusion reasons to wait, who may go on against a stop, and figures (see `ready_rows`).
    """

    items: Annotated[tuple[Series, ...], MinLen(1)]
    escalation: tuple[EscalationStep, ...]
    alerts: tuple[AlertRule, ...] = ()
    advice: tuple[AdviceRow, ...] = ()
    figures: tuple[Figure, ...] = ()
    holds: tuple[HoldReason, ...] = ()
    stops: tuple[StopRule, ...] = ()
    ready: tuple[Figure, ...] = ()
    portal: tuple[PortalField, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUp(Part):
    """The plan after the infusion: visits, registry forms, what is examined when, B cells, immunoglobulin.

    `tasks` are what else is to be done, counted from whatever makes it necessary; they are no visits.
    Without `b_cell_aplasia` the product doesn't act on B cells, and nothing about them is asked or judged.
    """

    visits: Annotated[tuple[Series, ...], MinLen(1)]
    registry: tuple[Series, ...]
    assessments: tuple[Assessment, ...]
    b_cell_aplasia: BCellAplasia | None = None
    immunoglobulin: tuple[Figure, ...]
    immune: ImmuneRules = field(default_factory=ImmuneRules)
    tasks: tuple[Series, ...] = ()

    def assessments_at(self, item: str, on: date | None = None) -> tuple[tuple[Assessment, bool], ...]:
        """What to examine at a visit: each assessment, with False where it is only if indicated."""
        chosen = []
        for row in in_force(self.assessments, on):
            if covers(row.due, item):
                chosen.append((row, True))
            elif covers(row.if_indicated, item):
                chosen.append((row, False))
        return tuple(chosen)


def covers(patterns: tuple[str, ...], item: str) -> bool:
    """Whether one of the patterns of an assessment, such as `visit_month_15..24`, stands for the item."""
    series, _, number = item.rpartition("_")
    for pattern in patterns:
        if pattern == item:
            return True
        pattern_series, _, run = pattern.rpartition("_")
        found = _RUN.fullmatch(run)
        in_series = found is not None and pattern_series == series and number.isdecimal()
        if found and in_series and int(found[1]) <= int(number) <= int(found[2]):
            return True
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class PartNames:
    """Which parts a protocol uses, each as `name/version`."""

    __pydantic_config__ = INPUT_CONFIG

    eligibility: Text
    washouts: Text
    apheresis: Text
    pathway: Text
    follow_up: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtocolFile:
    """A protocol as it is written: its own rules and the names of its parts.

    `eligibility` and `assessments` are added to the criteria and the examinations of the parts.
    """

    __pydantic_config__ = INPUT_CONFIG

    id: Text
    version: Text
    title: Text
    sources: dict[str, Text]
    parts: PartNames
    product: Product
    eligibility: tuple[Criterion, ...]
    collection: Collection
    manufacturing: Manufacturing
    lymphodepletion: Lymphodepletion
    infusion: Infusion
    monitoring: Monitoring
    assessments: tuple[Assessment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A protocol with its parts: everything a journey is pinned to by `id` and `version`.

    Without slots, so that the unrolled plan can be kept: lists of journeys ask for items by the hundred.
    """

    id: str
    version: str
    title: str
    sources: Mapping[str, str]
    product: Product
    eligibility: tuple[Criterion, ...]
    washouts: WashoutRuleSet
    apheresis: ApheresisRules
    collection: Collection
    manufacturing: Manufacturing
    lymphodepletion: Lymphodepletion
    infusion: Infusion
    monitoring: Monitoring
    pathway: Pathway
    follow_up: FollowUp

    def plan(self) -> Iterator[Series]:
        """Every row that expects something: pathway, acute monitoring, visits, registry forms, tasks."""
        yield from self.pathway.items
        yield from self.monitoring.items
        yield from self.follow_up.visits
        yield from self.follow_up.registry
        yield from self.follow_up.tasks

    def expected_items(self, on: date | None = None) -> tuple[ExpectedItem, ...]:
        """Every expected item in force on a day, in the order of the plan; see `Row.in_force`."""
        return tuple(item for row, items in self._unrolled if row.in_force(on) for item in items)

    def items_of(self, rows: Iterable[Series], on: date) -> Iterator[ExpectedItem]:
        """The items of those of the plan's rows that are in force on a day."""
        for row in rows:
            if row.in_force(on):
                yield from self._items_by_row[row.id]

    def item(self, name: str) -> ExpectedItem | None:
        """The expected item of that name, whatever its validity or status; None when there is none."""
        return self._by_name.get(name)

    @cached_property
    def bedside(self) -> BedsideFigures:
        """How long something counts at the bedside, and what is marked there."""
        return bedside_figures(self.pathway.figures)

    @cached_property
    def _unrolled(self) -> tuple[tuple[Series, tuple[ExpectedItem, ...]], ...]:
        return tuple((row, row.items()) for row in self.plan())

    @cached_property
    def _items_by_row(self) -> dict[str, tuple[ExpectedItem, ...]]:
        return {row.id: items for row, items in self._unrolled}

    @cached_property
    def _by_name(self) -> dict[str, ExpectedItem]:
        # Of an item that a center gave up in one row and wants in another, the live row counts.
        live_last = sorted(self._unrolled, key=lambda unrolled: not unrolled[0].is_off)
        return {item.item: item for _, items in live_last for item in items}

    def criterion(self, criterion_id: str, on: date | None = None) -> Criterion | None:
        """The eligibility criterion of that id that is in force on a day; None when there is none."""
        return next((row for row in in_force(self.eligibility, on) if row.id == criterion_id), None)

    def criteria(self, on: date | None = None) -> tuple[Criterion, ...]:
        """The eligibility criteria in force, E1 first."""
        return in_force(self.eligibility, on)

    def washout_rules(self, on: date | None = None) -> tuple[WashoutRule, ...]:
        """The washouts in force before leukapheresis."""
        return in_force(self.washouts.rules, on)

    def collection_targets(self, on: date | None = None) -> tuple[CollectionTarget, ...]:
        """What the collected cells must hold; empty when no rule is known."""
        return in_force(self.collection.targets, on)

    def dose_rules(self, on: date | None = None) -> tuple[DoseBand, ...]:
        """The dose by band of weight."""
        return in_force(self.product.dose, on)

    def lymphodepletion_regimen(self, on: date | None = None) -> Regimen | None:
        """The regimen proposed; None while none is approved."""
        return next((row for row in in_force(self.lymphodepletion.regimens, on) if row.default), None)

    def checklist_items(self, on: date | None = None) -> tuple[ChecklistItem, ...]:
        """What is to be confirmed before lymphodepletion and before the infusion."""
        return in_force(self.infusion.checklist, on)

    def cite(self, row: Row) -> str:
        """The sources of a rule as text for people."""
        return "; ".join(self.sources[key] for key in row.source)
