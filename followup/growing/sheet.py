"""The families' sheet: next dates, what for, what to bring, what to keep to, whom to call. In plain words.

A page sets the language before it draws; nothing here is translated before it is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from followup.growing.facts import coming_visits
from followup.growing.plain import (
    CALL_AT_ONCE,
    EXAMINATIONS,
    FOR_APHERESIS,
    FOR_INFUSION,
    FOR_VISIT,
)
from followup.models import ArrangedVisit
from followup.rules.proposals import OpenVisit, Proposal, proposals
from infusion.day import restrictions_of
from infusion.rules.restrictions import RestrictionDay
from leukapheresis.enums import BookingDayState, BookingState
from leukapheresis.models import BookingDay
from patients.eligibility import protocol_for
from patients.enums import Language, Stage
from patients.guardians import home_hospital_of
from patients.models import HomeHospital, Journey

LANGUAGES: Final = (Language.IT.value, Language.EN.value)
# What lies further ahead than a year is no date yet; the next one is always told.
AHEAD: Final = timedelta(days=365)

_BEFORE_COLLECTION: Final = frozenset({Stage.REFERRED, Stage.ACCEPTED, Stage.APHERESIS_PLANNED})
_BEFORE_INFUSION: Final = frozenset(
    {Stage.COLLECTED, Stage.MANUFACTURING, Stage.RELEASED, Stage.LYMPHODEPLETION}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyDate:
    """One date: a day, with its hour where one is given, or a time between two days still to be arranged.

    `labels` are the plan's names of the visits, empty for an apheresis. `purposes` are plain words.
    """

    on: date
    until: date | None = None
    at: time | None = None
    labels: tuple[str, ...] = ()
    purposes: tuple[Any, ...] = ()
    note: str = ""

    @property
    def is_apheresis(self) -> bool:
        """Whether cells are collected."""
        return not self.labels

    @property
    def is_open(self) -> bool:
        """Whether the day is still to be arranged."""
        return self.until is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilySheet:
    """Everything on the sheet."""

    dates: Sequence[FamilyDate]
    packing: Sequence[Any]
    restrictions: Sequence[RestrictionDay]
    call_at_once: Sequence[Any]
    hospital: HomeHospital | None
    is_treated: bool


def family_sheet(journey: Journey, *, at: datetime) -> FamilySheet:
    """The sheet of one child at a time."""
    on = journey.center.local_day(at)
    dates = sorted([*_collections(journey, on), *_visits(journey, on)], key=lambda each: each.on)
    return FamilySheet(
        dates=[each for place, each in enumerate(dates) if place == 0 or each.on <= on + AHEAD],
        packing=_packing(journey),
        restrictions=[each for each in restrictions_of(journey) if not each.is_over(on)],
        call_at_once=CALL_AT_ONCE,
        hospital=home_hospital_of(journey.patient),
        is_treated=journey.infused_at is not None,
    )


def sheet_language(journey: Journey, asked: str, fallback: str) -> str:
    """The language asked for, else the family's where the sheet speaks it, else that of the reader."""
    wanted = (asked, journey.patient.language, fallback)
    return next((language for language in wanted if language in LANGUAGES), Language.EN.value)


def _packing(journey: Journey) -> Sequence[Any]:
    if journey.stage in _BEFORE_COLLECTION:
        return FOR_APHERESIS
    return FOR_INFUSION if journey.stage in _BEFORE_INFUSION else FOR_VISIT


def _collections(journey: Journey, on: date) -> list[FamilyDate]:
    days = BookingDay.objects.filter(
        booking__journey=journey, booking__state=BookingState.BOOKED, state=BookingDayState.PLANNED
    ).select_related("slot__resource")
    zone = journey.center.zone
    found = []
    for day in days:
        starts_at = day.slot.starts_at.astimezone(zone)
        if starts_at.date() >= on:
            found.append(FamilyDate(on=starts_at.date(), at=starts_at.time()))
    return found


def _visits(journey: Journey, on: date) -> list[FamilyDate]:
    """Arranged days; of the rest of the plan the days between which a visit is wanted.

    Visits that can be held together are one date, as they are proposed to the family.
    """
    arranged = list(
        ArrangedVisit.objects.standing()
        .filter(journey=journey, planned_on__gte=on)
        .prefetch_related("items")
        .order_by("planned_on")
    )
    settled = {each.item for visit in arranged for each in visit.items.all()}
    open_visits = [
        OpenVisit(
            item=each.item,
            first_on=each.first_on,
            due_on=each.due_on,
            last_on=each.last_on,
        )
        for each in coming_visits(journey, on=on)
        if each.item not in settled
    ]
    return [
        *(_arranged(journey, visit) for visit in arranged),
        *(_proposed(journey, group) for group in proposals(open_visits, today=on)),
    ]


def _arranged(journey: Journey, visit: ArrangedVisit) -> FamilyDate:
    items = [each.item for each in visit.items.all()]
    return FamilyDate(
        on=visit.planned_on,
        at=visit.starts_at,
        labels=_labels(journey, items),
        purposes=_purposes(journey, items, visit.planned_on),
        note=visit.note,
    )


def _proposed(journey: Journey, group: Proposal) -> FamilyDate:
    return FamilyDate(
        on=group.first_on,
        until=group.last_on,
        labels=_labels(journey, group.items),
        purposes=_purposes(journey, group.items, group.first_on),
    )


def _labels(journey: Journey, items: Sequence[str]) -> tuple[str, ...]:
    """What the plan calls some visits; an item that the protocol has lost keeps its name."""
    found = [(item, protocol_for(journey).item(item)) for item in items]
    return tuple(expected.label if expected else item for item, expected in found)


def _purposes(journey: Journey, items: Sequence[str], on: date) -> tuple[Any, ...]:
    """What the protocol wants at some visits, in plain words, each once."""
    follow_up = protocol_for(journey).follow_up
    wanted = [
        EXAMINATIONS[row.id]
        for item in items
        for row, is_due in follow_up.assessments_at(item, on)
        if is_due and row.id in EXAMINATIONS
    ]
    return tuple(dict.fromkeys(wanted))
