"""What a center sets: how many people sign a step, and how cold items are kept. Rows are only added."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Invalid
from manufacturing.custody.rules.guards import DEFAULT_LIMITS, DEFAULT_SIGNERS, Limit
from manufacturing.custody.rules.steps import RECORDED_AS_HANDOVER
from manufacturing.custody.words import ItemKind, Step
from manufacturing.models import SignatureRule, TemperatureLimit
from manufacturing.models.custody import MOST_PEOPLE

BEDSIDE_LEAST: Final = 2
# Steps whose signatures a center sets. The check before the collection is always by two, a release always by
# the person who releases, and the other steps follow from acts with rules of their own.
SETTABLE: Final = tuple(
    step
    for step in Step.values
    if step == Step.BEDSIDE_CHECK or any(step in steps for steps in RECORDED_AS_HANDOVER.values())
)


@dataclass(frozen=True, slots=True)
class SignersLine:
    """How many sign a step of a product; `rule` is None while the default holds."""

    step: str
    product: str
    people: int
    rule: SignatureRule | None

    @property
    def label(self) -> str:
        """The step in words."""
        return str(Step(self.step).label)


@dataclass(frozen=True, slots=True)
class LimitLine:
    """Between which temperatures a kind of item is kept; `row` is None while the default holds."""

    kind: str
    product: str
    limit: Limit | None
    row: TemperatureLimit | None

    @property
    def label(self) -> str:
        """The kind in words."""
        return str(ItemKind(self.kind).label)


def signers_wanted(center_id: int, product: str, step: str) -> int:
    """How many people sign a step: the center's rule for the product, else for all, else the default."""
    rules = list(
        SignatureRule.objects.filter(center_id=center_id, step=step, product__in=("", product)).order_by(
            "set_at", "pk"
        )
    )
    for wanted in (product, ""):
        found = [rule for rule in rules if rule.product == wanted]
        if found:
            return found[-1].people
    return DEFAULT_SIGNERS.get(step, 0)


def limit_for(center_id: int, product: str, kind: str) -> Limit | None:
    """Between which temperatures an item is kept: the center's row for the product, for all, the default."""
    rows = list(
        TemperatureLimit.objects.filter(center_id=center_id, kind=kind, product__in=("", product)).order_by(
            "set_at", "pk"
        )
    )
    for wanted in (product, ""):
        found = [row for row in rows if row.product == wanted]
        if found:
            return _limit(found[-1])
    return DEFAULT_LIMITS.get(kind)


def _limit(row: TemperatureLimit) -> Limit:
    return Limit(
        lowest_c=_number(row.lowest_c),
        highest_c=_number(row.highest_c),
        due_days=row.due_days,
        source=row.source,
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def signers_lines(center_id: int) -> list[SignersLine]:
    """What holds now: every settable step for all products, then the rules for one product."""
    latest: dict[tuple[str, str], SignatureRule] = {}
    for rule in SignatureRule.objects.filter(center_id=center_id).order_by("set_at", "pk"):
        latest[(rule.product, rule.step)] = rule
    everywhere = [
        SignersLine(step, "", rule.people if rule else DEFAULT_SIGNERS.get(step, 0), rule)
        for step in SETTABLE
        for rule in [latest.get(("", step))]
    ]
    special = sorted(key for key in latest if key[0])
    return everywhere + [
        SignersLine(step, product, latest[(product, step)].people, latest[(product, step)])
        for product, step in special
    ]


def limit_lines(center_id: int) -> list[LimitLine]:
    """What holds now: every kind for all products, then the limits for one product."""
    latest: dict[tuple[str, str], TemperatureLimit] = {}
    for row in TemperatureLimit.objects.filter(center_id=center_id).order_by("set_at", "pk"):
        latest[(row.product, row.kind)] = row
    everywhere = [
        LimitLine(kind, "", _limit(row) if row else DEFAULT_LIMITS.get(kind), row)
        for kind in ItemKind.values
        for row in [latest.get(("", kind))]
    ]
    special = sorted(key for key in latest if key[0])
    return everywhere + [
        LimitLine(kind, product, _limit(latest[(product, kind)]), latest[(product, kind)])
        for product, kind in special
    ]


@transaction.atomic
def signers_set(
    *, center_id: int, product: str, step: str, people: int, reason: str, by: Actor, at: datetime
) -> SignatureRule:
    """Say how many people sign a step, and why: two or more at the bedside, at most five anywhere."""
    if step not in SETTABLE:
        raise unknown_choice("step", Step)
    least = BEDSIDE_LEAST if step == Step.BEDSIDE_CHECK else 0
    problems = {}
    if not least <= people <= MOST_PEOPLE:
        problems["people"] = _("From %(least)d to %(most)d people sign this step.") % {
            "least": least,
            "most": MOST_PEOPLE,
        }
    if not reason.strip():
        problems["reason"] = _("Say why.")
    if problems:
        raise Invalid("invalid_input", _("This can't be set."), fields=problems)
    return SignatureRule.objects.create(
        center_id=center_id,
        product=product,
        step=step,
        people=people,
        reason=reason.strip(),
        set_at=at,
        set_by=by.name,
    )


@transaction.atomic
def limit_set(
    *,
    center_id: int,
    product: str,
    kind: str,
    lowest_c: float | None,
    highest_c: float | None,
    due_days: int,
    source: str,
    by: Actor,
    at: datetime,
) -> TemperatureLimit:
    """Say how cold a kind of item is kept, and by what source. Without bounds no temperature is judged."""
    if kind not in ItemKind.values:
        raise unknown_choice("kind", ItemKind)
    problems = {}
    if lowest_c is not None and highest_c is not None and highest_c < lowest_c:
        problems["highest_c"] = _("The highest temperature can't lie below the lowest.")
    if not source.strip():
        problems["source"] = _("Say where this limit comes from.")
    if problems:
        raise Invalid("invalid_input", _("This can't be set."), fields=problems)
    return TemperatureLimit.objects.create(
        center_id=center_id,
        product=product,
        kind=kind,
        lowest_c=lowest_c,
        highest_c=highest_c,
        due_days=due_days,
        source=source.strip(),
        set_at=at,
        set_by=by.name,
    )
