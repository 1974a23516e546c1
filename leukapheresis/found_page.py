"""What was found, as the page shows it: weeks of dates, offers with their parts, and the rest folded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from leukapheresis.enums import PartState, ResourceKind, SlotState
from leukapheresis.models import Slot
from leukapheresis.rules.presence import Almanac
from leukapheresis.rules.quota import week_of
from leukapheresis.rules.search import DateAnswer, Offer, OfferedDay, Opportunity, Reason
from leukapheresis.scheduling.bundles import Part
from leukapheresis.scheduling.finding import Found
from leukapheresis.scheduling_forms import PartsForm, times_text

MOST_REJECTED: Final = 40
# So many weeks with dates stand open, the others are folded.
WEEKS_OPEN: Final = 2
# Reasons that fit on a few lines are told at once, more of them on a press.
FEW_REASONS: Final = 3


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of an offer: the resource it takes, or that it is undecided and whether it would be free."""

    label: str
    name: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class OfferedTime:
    """One day of an offer."""

    starts_at: datetime
    ends_at: datetime
    machine: str


@dataclass(frozen=True, slots=True)
class OfferCard:
    """One offer: its days, its parts, and what its buttons send. `reasons` stand in its way."""

    value: str
    days: tuple[OfferedTime, ...]
    chips: tuple[Chip, ...]
    is_early: bool = False
    reasons: tuple[Reason, ...] = ()

    @property
    def taken(self) -> list[Chip]:
        """The parts with the resources they take."""
        return [chip for chip in self.chips if chip.tone == "good"]

    @property
    def open(self) -> list[Chip]:
        """The parts that somebody must still decide on, or arrange elsewhere."""
        return [chip for chip in self.chips if chip.tone != "good"]

    @property
    def can_be_taken(self) -> bool:
        """Whether nothing stands in the way that nobody can override."""
        return all(reason.is_overridable for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class DateCard:
    """A date with its offers; `reasons` are told of dates before the end of a washout."""

    on: date
    offers: tuple[OfferCard, ...]
    reasons: tuple[Reason, ...]

    @property
    def others(self) -> int:
        """How many offers the date has besides the first."""
        return len(self.offers) - 1


@dataclass(frozen=True, slots=True)
class Week:
    """The dates of one week, by its Monday. Later weeks are folded."""

    monday: date
    dates: tuple[DateCard, ...]
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Dates in a row that are rejected for the same reasons."""

    first: date
    last: date
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of the bundle with the form fields that decide on it."""

    part: Part
    resource: str
    decision: Any
    why: Any
    depends: str = ""

    @property
    def tone(self) -> str:
        """How the state is colored."""
        if self.depends:
            return "info"
        return {
            PartState.CLAIMED.value: "good",
            PartState.UNDECIDED.value: "soon",
            PartState.OUTSIDE.value: "info",
        }.get(self.part.state, "")

    @property
    def state_word(self) -> str:
        """What becomes of the part, in words."""
        if self.depends:
            return _("Depends on the machine")
        return str(PartState(self.part.state).label) if self.resource else _word(self.part.state)

    @property
    def is_opened(self) -> bool:
        """Whether the decision is asked for now: something is unknown, or was typed."""
        return self.is_undecided or bool(self.decision.value() or self.why.value())

    @property
    def is_undecided(self) -> bool:
        """Whether somebody must decide before anything can be booked."""
        return self.part.state == PartState.UNDECIDED and not self.depends


@dataclass(frozen=True, slots=True)
class PartRows:
    """The parts in two lists: those that the collection takes or may take, and those it doesn't need."""

    asked: list[PartRow]
    others: list[PartRow]

    @property
    def undecided(self) -> list[PartRow]:
        """The parts that somebody must decide on before anything is booked."""
        return [row for row in self.asked if row.is_undecided]

    @property
    def settled(self) -> list[PartRow]:
        """The other parts that the collection takes."""
        return [row for row in self.asked if not row.is_undecided]

    @property
    def others_opened(self) -> bool:
        """Whether something was typed about a part that isn't needed."""
        return any(row.is_opened for row in self.others)


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Everything that was found, in the page's order.

    `before` are the rejected dates before the first one that is offered, `between` those after it. What
    stands in the way of all of them alike is told once, in `before_reasons` and `early_reasons`.
    """

    before: list[Rejected]
    before_reasons: tuple[Reason, ...]
    weeks: list[Week]
    early: list[Week]
    early_reasons: tuple[Reason, ...]
    between: list[Rejected]
    chosen: OfferCard | None

    @property
    def before_days(self) -> int:
        """How many days are rejected before the first date."""
        return sum((each.last - each.first).days + 1 for each in self.before)

    @property
    def before_opened(self) -> bool:
        """Whether the reasons are few enough to be told at once, or all there is to tell."""
        return len(self.before) <= FEW_REASONS or not self.weeks


def found_page(found: Found, *, chosen: Slot | None) -> FoundPage:
    """Arrange what was found; `chosen` is a slot that somebody came for."""
    first = found.offered[0].on if found.offered else date.max
    early = [_card(answer, found) for answer in found.early]
    alike = {card.reasons for card in early}
    if len(alike) == 1:
        early = [replace(card, reasons=()) for card in early]
    before = _rejected([each for each in found.rejected if each.on < first])[:MOST_REJECTED]
    shared = _shared(before)
    return FoundPage(
        before=[_without(each, shared) for each in before],
        before_reasons=shared,
        weeks=_weeks(_card(answer, found) for answer in found.offered),
        early=_weeks(early),
        early_reasons=alike.pop() if len(alike) == 1 else (),
        between=_rejected([each for each in found.rejected if each.on > first])[:MOST_REJECTED],
        chosen=_chosen(chosen, found) if chosen is not None else None,
    )


def part_rows(
    parts: Iterable[Part],
    form: PartsForm,
    resources: Mapping[str, str],
    depends: Mapping[str, str] | None = None,
) -> PartRows:
    """Every part that can be decided on, also those that no rule speaks of.

    `resources` and what a part depends on are named by part.
    """
    known = {part.part: part for part in parts}
    rows = []
    for kind in ResourceKind.values:
        part = known.get(kind)
        if kind == ResourceKind.MACHINE:
            continue
        if part is None:
            part = Part(
                part=kind,
                state=PartState.NOT_NEEDED,
                verdict="not_needed",
                because=[],
                rows=[],
                sources=[],
                missing=[],
            )
        decision, why = form.of_part(kind)
        rows.append(PartRow(part, resources.get(kind, ""), decision, why, (depends or {}).get(kind, "")))
    order = [PartState.UNDECIDED, PartState.CLAIMED, PartState.OUTSIDE, PartState.LEFT_OUT]
    rank = {state.value: number for number, state in enumerate(order)}
    rows.sort(key=lambda row: rank.get(row.part.state, len(order)))
    return PartRows(
        asked=[row for row in rows if row.part.state != PartState.NOT_NEEDED],
        others=[row for row in rows if row.part.state == PartState.NOT_NEEDED],
    )


def found_parts(found: Found) -> tuple[list[Part], dict[str, str]]:
    """The parts of what was found, and for those that one machine takes and another doesn't, which do.

    Where every machine agrees, there is nothing to depend on.
    """
    parts, depends = [], {}
    for part in found.parts:
        told = found.by_machine.get(part.part, {})
        states = {each.state for each in told.values()}
        if len(states) == 1:
            parts.append(next(iter(told.values())))
        else:
            parts.append(part)
        if len(states) > 1:
            depends[part.part] = _depends(told)
    return parts, depends


def _depends(told: Mapping[str, Part]) -> str:
    """On which machines a part is taken, and on which it isn't."""
    by_state: dict[str, list[str]] = {}
    for machine, part in told.items():
        by_state.setdefault(part.state, []).append(machine)
    return "; ".join(f"{', '.join(names)}: {_word(state)}" for state, names in by_state.items())


def _word(state: str) -> str:
    """What becomes of a part before any resource is named."""
    return _("Needed") if state == PartState.CLAIMED else str(PartState(state).label)


def _weeks(cards: Iterable[DateCard]) -> list[Week]:
    grouped = groupby(cards, key=lambda card: week_of(card.on)[0])
    return [
        Week(monday, tuple(dates), is_folded=number >= WEEKS_OPEN)
        for number, (monday, dates) in enumerate(grouped)
    ]


def _card(answer: DateAnswer, found: Found) -> DateCard:
    offers = answer.offers
    if answer.is_offered:
        offers = tuple(offer for offer in offers if not offer.is_early)
    return DateCard(answer.on, tuple(_offer(offer, found) for offer in offers), answer.reasons)


def _offer(offer: Offer, found: Found) -> OfferCard:
    return OfferCard(
        value=_value(day.time for day in offer.days),
        days=tuple(_time(day.time, found.almanac) for day in offer.days),
        chips=tuple(_chips(offer.days, found.parts)),
        is_early=offer.is_early,
    )


def _chosen(slot: Slot, found: Found) -> OfferCard:
    """The slot somebody came for, with everything that stands in its way."""
    start, end = int(slot.starts_at.timestamp()), int(slot.ends_at.timestamp())
    machine = found.machines.get(slot.resource_id)
    times = (OfferedTime(slot.starts_at, slot.ends_at, slot.resource.name),)
    inside = found.almanac.begins <= start and end + 2 * 86_400 < found.almanac.ends
    if machine is None or slot.state == SlotState.BLOCKED or not inside:
        reason = Reason(code="no_slot", sentence=_("This slot can't be booked."))
        return OfferCard(str(slot.pk), times, (), reasons=(reason,))
    time = Opportunity(machine=machine, start=start, end=end, slot=slot.pk)
    planned, reasons = found.finder.judge(time)
    is_early = any(reason.is_overridable for reason in reasons)
    return OfferCard(str(slot.pk), times, tuple(_chips((planned,), found.parts)), is_early, reasons)


def _value(times: Iterable[Opportunity]) -> str:
    return times_text([(time.slot, time.machine.key, time.start, time.end) for time in times])


def _time(time: Opportunity, almanac: Almanac) -> OfferedTime:
    return OfferedTime(almanac.moment(time.start), almanac.moment(time.end), time.machine.name)


def _chips(days: Sequence[OfferedDay], parts: Iterable[Part]) -> Iterable[Chip]:
    """The parts of an offer over all its days, in the order in which parts are shown."""
    names: dict[str, dict[str, None]] = {}
    unsure: dict[str, bool] = {}
    for day in days:
        for seat in day.seats:
            names.setdefault(seat.part, {})[seat.name] = None
        for part, is_free in day.unsure:
            unsure[part] = unsure.get(part, True) and is_free
    outside = {part.part for part in parts if part.state == PartState.OUTSIDE}
    for kind in ResourceKind:
        if kind == ResourceKind.MACHINE:
            continue
        if kind in names:
            yield Chip(str(kind.label), ", ".join(names[kind]), "good", "check")
        elif kind in unsure:
            word = _("undecided, free") if unsure[kind] else _("undecided, not free")
            yield Chip(str(kind.label), word, "soon", "help-circle")
        elif kind in outside:
            yield Chip(str(kind.label), _("outside CARTPath"), "info", "arrow-up-right")


def _rejected(answers: Sequence[DateAnswer]) -> list[Rejected]:
    found: list[Rejected] = []
    for answer in answers:
        last = found[-1] if found else None
        if last and last.reasons == answer.reasons and answer.on == last.last + timedelta(days=1):
            found[-1] = Rejected(last.first, answer.on, last.reasons)
        else:
            found.append(Rejected(answer.on, answer.on, answer.reasons))
    return found


def _shared(rejected: Sequence[Rejected]) -> tuple[Reason, ...]:
    """The reasons that all of several rejected dates have, though none of them has only these."""
    if len(rejected) < 2:
        return ()
    shared = tuple(
        reason for reason in rejected[0].reasons if all(reason in each.reasons for each in rejected)
    )
    return () if any(len(each.reasons) == len(shared) for each in rejected) else shared


def _without(rejected: Rejected, told: Sequence[Reason]) -> Rejected:
    """The rejected dates without the reasons that were told already."""
    return replace(rejected, reasons=tuple(each for each in rejected.reasons if each not in told))


def slot_chosen(text: str, center_id: int) -> Slot | None:
    """The slot an address names, None when there is no such slot in the center."""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    return Slot.objects.filter(pk=wanted, center_id=center_id).select_related("resource").first()
