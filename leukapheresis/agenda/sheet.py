"""The sheet of one day: who is collected on which machine, what it takes, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from cartpath.accounts.models import Center, User
from leukapheresis.agenda.entries import Entry, agenda
from leukapheresis.enums import PartState, ResourceKind
from leukapheresis.models import Preparation, Resource
from leukapheresis.scheduling.bundles import Part

# Every collection takes these; the reason goes without saying.
_EVERY: Final = frozenset({ResourceKind.MACHINE, ResourceKind.CHAIR, ResourceKind.NURSE})
# What a nurse must know of a part that nobody takes.
_TELLING: Final = frozenset({PartState.OUTSIDE, PartState.LEFT_OUT, PartState.UNDECIDED})


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that no resource stands for: arranged outside, left out, or not decided."""

    kind: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One time of a resource: the entry, what a booking says beyond it, and how blood will be drawn."""

    entry: Entry
    missing: tuple[Missing, ...] = ()
    reasons: tuple[str, ...] = ()
    preparation: Preparation | None = None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One resource with its times of the day in order."""

    resource: Resource
    lines: tuple[SheetLine, ...]


@dataclass(frozen=True, slots=True)
class DaySheet:
    """A day by resource: machines with the children, then everything else that is taken or closed."""

    machines: tuple[SheetRow, ...]
    others: tuple[SheetRow, ...]


def day_sheet(user: User, center: Center, on: date, *, at: datetime) -> DaySheet:
    """The day of a center as it stands. Raises `Forbidden` as `agenda`."""
    drawn = agenda(user, center, on, on, at=at)
    journeys = {entry.journey.pk for entry in drawn.entries if entry.journey}
    prepared = {row.pk: row for row in Preparation.objects.filter(pk__in=journeys)}
    rows = [
        SheetRow(row, tuple(_line(entry, prepared) for entry in drawn.on(on, resource=row)))
        for row in drawn.rows
    ]
    return DaySheet(
        machines=tuple(row for row in rows if row.resource.kind == ResourceKind.MACHINE),
        others=tuple(row for row in rows if row.resource.kind != ResourceKind.MACHINE and row.lines),
    )


def _line(entry: Entry, prepared: Mapping[UUID, Preparation]) -> SheetLine:
    if entry.booking is None or entry.slot is None:
        return SheetLine(entry)
    parts = [Part.of(stored) for stored in entry.booking.bundle]
    preparation = prepared.get(entry.booking.journey_id)
    return SheetLine(entry, tuple(_missing(parts)), tuple(_reasons(entry, parts)), preparation)


def _missing(parts: Sequence[Part]) -> list[Missing]:
    return [
        Missing(str(ResourceKind(part.part).label), str(PartState(part.state).label), part.reason)
        for part in parts
        if part.state in _TELLING
    ]


def _reasons(entry: Entry, parts: Sequence[Part]) -> list[str]:
    """The rules for what not every child takes, a person's reasons, why the washout was overridden."""
    claimed = [part for part in parts if part.state == PartState.CLAIMED]
    said = [sentence for part in claimed if part.part not in _EVERY for sentence in part.because]
    said += [part.reason for part in claimed if part.reason]
    if entry.booking and entry.booking.override_reason:
        said.append(entry.booking.override_reason)
    return list(dict.fromkeys(said))
