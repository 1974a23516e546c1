"""Reads about quality: a product's specification as it stands, and the whole story of every order."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from manufacturing.models import Batch, Order, OutOfSpecification, QualityResult, SecondStage
from manufacturing.quality.releasing import details_of, judged_on, results_of
from manufacturing.quality.words import SecondStageState
from manufacturing.rules.release import Parameter, Release
from manufacturing.selectors import live_order
from patients.models import Journey


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """One parameter with its verdict and the result that gave it; None when nothing was told."""

    parameter: Parameter
    result: QualityResult | None

    @property
    def is_missed(self) -> bool:
        """Whether a parameter that decides doesn't conform."""
        return self.parameter.decides and self.parameter.verdict == "not_met"

    @property
    def limit_text(self) -> str:
        """`>= 70 %`; empty for a parameter in words."""
        each = self.parameter
        return "" if each.limit is None else f"{each.op} {each.limit:g} {each.unit}"


@dataclass(frozen=True, slots=True)
class Specification:
    """The specification of one order's product as it stands on a day."""

    order: Order
    batch: Batch | None
    judged: Release
    lines: tuple[ParameterLine, ...]
    second_stage: SecondStage | None

    @property
    def is_conditional(self) -> bool:
        """Whether the product went on before all its results were there."""
        return self.second_stage is not None and self.second_stage.state == SecondStageState.OPEN

    @property
    def is_withdrawn(self) -> bool:
        """Whether the release was withdrawn."""
        return self.second_stage is not None and self.second_stage.state == SecondStageState.RECALLED

    @property
    def still_out(self) -> tuple[ParameterLine, ...]:
        """The parameters named as pending at the release that are unknown still."""
        named = {test["parameter"] for test in self.second_stage.pending} if self.second_stage else set()
        return tuple(
            line for line in self.lines if line.parameter.id in named and line.parameter.verdict == "unknown"
        )


@dataclass(frozen=True, slots=True)
class OrderStory:
    """Everything about one order that an inspector asks for, the reports entered in error marked as such."""

    order: Order
    specification: Specification
    results: tuple[QualityResult, ...]
    deviation: OutOfSpecification | None


def specification_of(journey: Journey, order: Order, *, on: date) -> Specification:
    """The specification in force on a day, held against what was told of an order's product."""
    batch = (
        Batch.objects.filter(order=order)
        .select_related("out_of_specification", "second_stage")
        .order_by("-released_at")
        .first()
    )
    results = results_of(order)
    judged = judged_on(journey, order, details_of(batch), results, on=on)
    return Specification(
        order=order,
        batch=batch,
        judged=judged,
        lines=tuple(ParameterLine(each, results.get(each.id)) for each in judged.parameters),
        second_stage=getattr(batch, "second_stage", None),
    )


def current_specification(journey: Journey, *, at: datetime) -> Specification | None:
    """The specification of the order under way; None without an order."""
    order = live_order(journey.pk)
    return specification_of(journey, order, on=journey.center.local_day(at)) if order else None


def first_missed(specification: Specification | None) -> dict[str, str]:
    """What a report of a deviation begins with: the first parameter missed, its limit and its value."""
    missed = [line for line in specification.lines if line.is_missed] if specification else []
    if not missed:
        return {}
    line = missed[0]
    each = line.parameter
    return {
        "parameter": _(each.label).rstrip("."),
        "parameter_id": each.id,
        "limit": line.limit_text,
        "value": "" if each.value is None else f"{each.value:g} {each.unit}",
    }


def quality_story(journey: Journey, *, at: datetime) -> tuple[OrderStory, ...]:
    """Every order of a journey, the oldest first; each judged by the rows in force when it was decided."""
    return tuple(_story(journey, order, at=at) for order in _orders(journey))


def _orders(journey: Journey) -> Any:
    return (
        Order.objects.filter(journey=journey)
        .prefetch_related("milestones", "expectations")
        .order_by("ordered_at")
    )


def _story(journey: Journey, order: Order, *, at: datetime) -> OrderStory:
    batch = Batch.objects.filter(order=order).select_related("out_of_specification").first()
    deviation = getattr(batch, "out_of_specification", None)
    decided_at = (batch.released_at if batch else None) or (deviation.reported_at if deviation else None)
    on = journey.center.local_day(decided_at or at)
    return OrderStory(
        order=order,
        specification=specification_of(journey, order, on=on),
        results=tuple(QualityResult.objects.filter(order=order).order_by("recorded_at", "pk")),
        deviation=deviation,
    )
