"""The cases behind the charts: collection days and whole collections of one center, without names."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import FloatField, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, User
from leukapheresis.enums import DayDecision
from leukapheresis.models import Collection, CollectionAdverseEvent, CollectionDay
from leukapheresis.panels import ANCHOR
from leukapheresis.progress import efficiency_of
from leukapheresis.quality.measures import UNKNOWN, Filters, Measure, device_name
from leukapheresis.quality.words import band_text
from leukapheresis.rules.weight_bands import WeightBand, band_of
from patients.enums import Stage
from patients.models import Journey
from patients.results import RuleResult

MILLION: Final = 10**6

# A round of collection of a journey.
Round = tuple[UUID, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One collection day, or one whole collection (`day` is None), and its value for a measure.

    `value` is the quantity, or 1 and 0 for an event that happened or didn't; None is unknown. `notes` say
    what happened. `devices` are all those used, none when no device is told. A person who was not weighed on
    that day has the weight known before.
    """

    journey_id: UUID
    on: date
    round: int
    day: int | None
    weight_kg: float | None
    is_weighed: bool
    devices: tuple[str, ...]
    value: float | None
    notes: tuple[str, ...] = ()

    @property
    def band(self) -> WeightBand | None:
        """The weight band; None when the weight is unknown."""
        return band_of(self.weight_kg)

    @property
    def band_key(self) -> str:
        """The band as an address names it."""
        return self.band.key if self.band else UNKNOWN

    @property
    def band_text(self) -> str:
        """The band in words; empty when the weight is unknown."""
        return band_text(self.band) if self.band else ""

    @property
    def url(self) -> str:
        """The journey behind the case, at its collection."""
        return f"{reverse('web:journey', args=[self.journey_id])}#{ANCHOR}"

    @property
    def device_keys(self) -> tuple[str, ...]:
        """The devices as they are compared: however somebody wrote the capitals."""
        return tuple(device.casefold() for device in self.devices) or (UNKNOWN,)

    def fits(self, filters: Filters) -> bool:
        """Whether the case belongs to a weight band and a device."""
        return filters.band in ("", self.band_key) and (
            not filters.device or filters.device.casefold() in self.device_keys
        )


def cases_of(user: User, center: Center, measure: Measure) -> list[Case]:
    """All cases of a measure in a center, as far as the person may see it, in the order of time.

    Days entered in error, whole blood drawn without a machine and cells taken over are left out.
    """
    days = _days(user, center)
    if measure is Measure.FAILURE:
        return _collections(days, center)
    value = _VALUES[measure]
    return [_day_case(day, center, value(day)) for day in days]


def _days(user: User, center: Center) -> list[CollectionDay]:
    """The days of the center with the weight their own rules reckoned with and their adverse events."""
    reckoned = (
        RuleResult.objects.counting()
        .filter(event_id=OuterRef("event_id"), rule="total_blood_volume")
        .order_by("position")
        .values(weight=Cast(KeyTextTransform("weight_kg", "inputs"), FloatField()))[:1]
    )
    days = (
        CollectionDay.objects.filter(center=center, journey__in=Journey.objects.visible_to(user))
        .filter(struck_at=None, history_reason="")
        .annotate(reckoned_weight_kg=Subquery(reckoned))
        .select_related("journey")
        .prefetch_related("adverse")
        .order_by("started_at", "pk")
    )
    return [day for day in days if not day.is_whole_blood]


def _day_case(day: CollectionDay, center: Center, found: tuple[float | None, tuple[str, ...]]) -> Case:
    value, notes = found
    return Case(
        journey_id=day.journey_id,
        on=center.local_day(day.started_at),
        round=day.round,
        day=day.number,
        weight_kg=_weight_kg(day),
        is_weighed=day.weight_kg is not None,
        devices=_devices([day]),
        value=value,
        notes=notes,
    )


def _weight_kg(day: CollectionDay) -> float | None:
    """The weight of that day; else the one that its blood volume was reckoned with."""
    reckoned: float | None = getattr(day, "reckoned_weight_kg", None)
    return reckoned if day.weight_kg is None else float(day.weight_kg)


def _devices(days: Iterable[CollectionDay]) -> tuple[str, ...]:
    """The devices of some days, each once."""
    named = {name.casefold(): name for day in days if (name := device_name(day.device))}
    return tuple(named.values())


# --- The value of a day ------------------------------------------------------------------------------------


def _ce2(day: CollectionDay) -> tuple[float | None, tuple[str, ...]]:
    """CE2 of CD3+ cells in percent, by the same formula for every day."""
    found = efficiency_of(day)
    return found.ce2_percent if found else None, ()


def _cd3_per_kg(day: CollectionDay) -> tuple[float | None, tuple[str, ...]]:
    """CD3+ cells per kilogram in millions, by the weight of that day: one measured earlier won't do."""
    if day.cd3 is None or not day.weight_kg:
        return None, ()
    return day.cd3 / float(day.weight_kg) / MILLION, ()


def _adverse(day: CollectionDay) -> tuple[float | None, tuple[str, ...]]:
    """Whether any adverse event is recorded, and which; days of before they had rows have a sentence."""
    events = sorted(day.adverse.all(), key=lambda event: event.pk)
    notes = tuple(_event_text(event) for event in events)
    if day.adverse_events:
        notes += (day.adverse_events,)
    return float(bool(notes)), notes


def _event_text(event: CollectionAdverseEvent) -> str:
    kind = event.get_kind_display()
    return _("%(event)s, grade %(grade)d") % {"event": kind, "grade": event.grade} if event.grade else kind


_VALUES: Final[dict[Measure, Callable[[CollectionDay], tuple[float | None, tuple[str, ...]]]]] = {
    Measure.CE2: _ce2,
    Measure.CD3_PER_KG: _cd3_per_kg,
    Measure.ADVERSE: _adverse,
}


# --- Whole collections -------------------------------------------------------------------------------------


def _collections(days: Sequence[CollectionDay], center: Center) -> list[Case]:
    """One case per round that is over, on its last day; its weight is that of the first day."""
    rounds: dict[Round, list[CollectionDay]] = {}
    for day in days:
        rounds.setdefault((day.journey_id, day.round), []).append(day)
    completed = {
        (each.journey_id, each.round): each
        for each in Collection.objects.filter(journey_id__in={journey_id for journey_id, _number in rounds})
    }
    cases = [
        Case(
            journey_id=key[0],
            on=center.local_day(its_days[-1].started_at),
            round=key[1],
            day=None,
            weight_kg=_weight_kg(its_days[0]),
            is_weighed=its_days[0].weight_kg is not None,
            devices=_devices(its_days),
            value=_failed(its_days[-1], completed.get(key)),
            notes=_why(its_days[-1], completed.get(key)),
        )
        for key, its_days in rounds.items()
        if _is_over(its_days[-1], completed.get(key))
    ]
    return sorted(cases, key=lambda case: case.on)


def _is_over(last: CollectionDay, completed: Collection | None) -> bool:
    """Whether a round is complete, was stopped, or will never be completed because the journey closed."""
    return completed is not None or last.decision == DayDecision.STOP or last.journey.stage == Stage.CLOSED


def _failed(last: CollectionDay, completed: Collection | None) -> float | None:
    """Whether the cells missed the product's acceptance, or the collection was stopped.

    Unknown without a target, with numbers missing, and in a journey that closed before anybody judged.
    """
    if last.decision == DayDecision.STOP:
        return 1.0
    if completed is None or completed.is_accepted is None:
        return None
    return float(not completed.is_accepted)


def _why(last: CollectionDay, completed: Collection | None) -> tuple[str, ...]:
    """Why a collection counts as failed, or why nobody knows."""
    if last.decision == DayDecision.STOP:
        return (_("Stopped"),)
    if completed is None:
        return (_("Journey closed before the collection was judged"),)
    if completed.is_accepted is None:
        return (_("No target, or numbers missing"),)
    return () if completed.is_accepted else (_("Below the target"),)
