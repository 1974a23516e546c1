"""Every condition of the infusion on one page: what was found for each, and what stands in the way."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.protocols.ready_rows import HELD_TOO_LONG_DAYS, ready_figure
from cartpath.protocols.rows import Figure, in_force
from cartpath.protocols.schema import Protocol
from infusion.bridging.selectors import BridgingPicture, bridging_of
from infusion.day import Asked, Window, infusion_limit, infusion_window, repeat_asked, waiver_asked
from infusion.depletion.basis import plan_of
from infusion.fractions import Series, series
from infusion.models import InfusionHold, LymphodepletionPlan
from infusion.readiness import DosePicture, Readiness, dose_picture, readiness
from infusion.ready import making
from infusion.ready.holding import holds_of
from infusion.ready.making import Maker
from infusion.ready.matching import Match, match_of
from infusion.ready.overriding import overrides_of
from infusion.rules.fraction_gate import FIRST_FRACTION
from infusion.rules.ready import Condition, change_percent, in_the_way, to_look_at
from infusion.selectors import ChecklistLine
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.selectors import latest_weight

# The rows of checklists and figures about the drug, in the files of the products.
_TOCILIZUMAB: Final = "tocilizumab"


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of the order and that of today, with the change in percent; unknown is None."""

    ordered_kg: float | None
    now_kg: float | None
    weighed_at: datetime | None
    percent: float | None
    limit_percent: float | None


@dataclass(frozen=True, slots=True)
class Tocilizumab:
    """What the region's rule asks on a day: items of the checklist and figures, and what changes later."""

    region: str
    on: date
    lines: tuple[ChecklistLine, ...]
    figures: tuple[Figure, ...]
    changes_on: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ReadyPicture:
    """The whole page. `fraction` is the part that is given next, `plan` the plan of lymphodepletion."""

    conditions: tuple[Condition, ...]
    ready: Readiness
    match: Match
    dose: DosePicture
    weights: Weights
    window: Window | None
    holds: tuple[InfusionHold, ...]
    held_too_long: Figure | None
    asked: tuple[Asked, ...]
    bridging: BridgingPicture
    parts: Series | None
    fraction: int
    plan: LymphodepletionPlan | None
    tocilizumab: Tocilizumab
    first_day: int

    @property
    def waiting(self) -> tuple[Condition, ...]:
        """What the infusion waits for."""
        return in_the_way(self.conditions)

    @property
    def looked_at(self) -> tuple[Condition, ...]:
        """What doesn't hold the infusion and is not settled."""
        return to_look_at(self.conditions)

    @property
    def sentence(self) -> str:
        """What stands in the way, in one sentence."""
        waiting = self.waiting
        if not waiting:
            return _("Nothing stands in the way of the infusion.")
        named = "; ".join(_(each.label) for each in waiting[:_NAMED])
        if len(waiting) > _NAMED:
            rest = len(waiting) - _NAMED
            return ngettext(
                "The infusion waits. Not met or unknown: %(named)s; and %(rest)d more.",
                "The infusion waits. Not met or unknown: %(named)s; and %(rest)d more.",
                rest,
            ) % {"named": named, "rest": rest}
        return _("The infusion waits. Not met or unknown: %(named)s.") % {"named": named}


# How many conditions the sentence names before it counts the rest.
_NAMED: Final = 3


def ready_picture(journey: Journey, *, at: datetime) -> ReadyPicture:
    """Everything that counts before the next infusion, by the rules of the day of `at`."""
    on = journey.center.local_day(at)
    protocol = protocol_for(journey)
    ready = readiness(journey, at=at)
    parts = series(journey, at=at)
    fraction = (parts.next if parts and parts.is_open else None) or FIRST_FRACTION
    match = match_of(journey, ready.batch, at=at)
    dose = dose_picture(journey, ready.batch, at=at)
    window = infusion_window(journey, at=at)
    holds = tuple(hold for hold in holds_of(journey.pk) if hold.struck_at is None)
    bridging = bridging_of(journey.pk)
    rules = in_force(protocol.pathway.stops, on)
    make = Maker(journey, protocol, rules, overrides_of(journey.pk), on)
    conditions = [
        making.product(make, ready),
        making.match(make, match),
        making.bags(make, match),
        making.hold(make, holds),
        *(
            making.before_first(make, ready, bridging, window)
            if fraction == FIRST_FRACTION
            else making.before_part(make, parts)
        ),
        making.dose(make, ready, dose, parts, fraction),
        *making.weight(make, dose),
        *([make.item(line) for line in ready.lines] if fraction == FIRST_FRACTION else []),
        making.identity(make, ready, fraction),
    ]
    return ReadyPicture(
        conditions=tuple(conditions),
        ready=ready,
        match=match,
        dose=dose,
        weights=_weights(journey, dose, at),
        window=window,
        holds=holds,
        held_too_long=_held_too_long(journey, protocol, ready, holds, on),
        asked=_asked(journey, ready, at),
        bridging=bridging,
        parts=parts,
        fraction=fraction,
        plan=plan_of(journey.pk),
        tocilizumab=_tocilizumab(protocol, ready, on),
        first_day=protocol.product.first_infusion_day,
    )


def _weights(journey: Journey, dose: DosePicture, at: datetime) -> Weights:
    weighed = latest_weight(journey.patient_id, at=at)
    limit = infusion_limit(journey, making.WEIGHT_LIMIT, on=journey.center.local_day(at))
    return Weights(
        ordered_kg=dose.ordered_kg,
        now_kg=dose.weight_kg,
        weighed_at=weighed.measured_at if weighed else None,
        percent=change_percent(ordered_kg=dose.ordered_kg, now_kg=dose.weight_kg),
        limit_percent=limit.value if limit else None,
    )


def _held_too_long(
    journey: Journey, protocol: Protocol, ready: Readiness, holds: tuple[InfusionHold, ...], on: date
) -> Figure | None:
    """The figure that asks about a second lymphodepletion while a hold is open; None while it doesn't."""
    figure = ready_figure(in_force(protocol.pathway.ready, on), HELD_TOO_LONG_DAYS)
    if figure is None or ready.last_dose is None or not any(hold.stands for hold in holds):
        return None
    days = (on - journey.center.local_day(ready.last_dose.given_at)).days
    return figure if days >= figure.value else None


def _asked(journey: Journey, ready: Readiness, at: datetime) -> tuple[Asked, ...]:
    """The repeat question after lymphodepletion, the waiver question before it."""
    if ready.last_dose is not None:
        question = repeat_asked(journey, at=at)
    else:
        question = None if ready.waiver else waiver_asked(journey, at=at)
    return (question,) if question else ()


def _tocilizumab(protocol: Protocol, ready: Readiness, on: date) -> Tocilizumab:
    rows = [row for row in protocol.infusion.checklist if _TOCILIZUMAB in row.id and not row.is_off]
    days = {day for row in rows for day in (row.valid_from, row.valid_to) if day and day > on}
    return Tocilizumab(
        region=protocol.product.region,
        on=on,
        lines=tuple(line for line in ready.lines if _TOCILIZUMAB in line.item),
        figures=tuple(row for row in in_force(protocol.infusion.figures, on) if _TOCILIZUMAB in row.id),
        changes_on=tuple(sorted(days)),
    )
