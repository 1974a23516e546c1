"""The bundle of one child: what the rules ask for, what a person decided, and what became of each part."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.dates import age_on
from cartpath.core.errors import Conflict, Invalid
from cartpath.protocols.schema import ApheresisRules
from leukapheresis.enums import PartState, ResourceKind, Sedation, VascularAccess
from leukapheresis.models import Preparation, Resource
from leukapheresis.person import Person, person_collected
from leukapheresis.rules.bundle import Facts, Need, material_of, needs
from patients.eligibility import protocol_for
from patients.models import Journey


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChoice:
    """What a person decided about a part: take it or leave it out, why, and which one of several."""

    part: str
    wanted: bool
    reason: str
    resource_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a booking, as `Booking.bundle` keeps it.

    `verdict` is the rule's, `wanted` a person's decision (None: as the rule says) with its `reason`, `state`
    what became of it. A part that the center doesn't keep at all is arranged outside CARTPath.
    """

    part: str
    state: str
    verdict: str
    because: list[str]
    rows: list[str]
    sources: list[str]
    missing: list[str]
    wanted: bool | None = None
    reason: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """A part as it was stored."""
        return cls(**stored)

    def stored(self) -> dict[str, Any]:
        """The part as JSON types."""
        return asdict(self)

    @property
    def label(self) -> str:
        """The part in the reader's language."""
        return str(ResourceKind(self.part).label)


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What the bundle of a journey is judged by, once for all days; sizes are the latest at `at`."""

    rules: ApheresisRules
    journey: Journey
    person: Person
    vascular_access: str
    sedation: str

    def needs(self, machine: Resource | None, *, on: date, first_day: bool = True) -> tuple[Need, ...]:
        """What a collection on a machine (None: not chosen yet) on a day needs."""
        return needs(self.rules, self.of(machine, on=on), on=on, first_day=first_day)

    def of(self, machine: Resource | None, *, on: date) -> Facts:
        """The facts that the rules take, for one machine and day."""
        birth = self.person.birth_date
        access, sedation = self.vascular_access, self.sedation
        return Facts(
            weight_kg=self.person.weight_kg,
            age_years=age_on(birth, on).years if birth and birth <= on else None,
            ecv_percent=self._ecv_percent(machine),
            vascular_access=None if access == VascularAccess.UNKNOWN else access,  # type: ignore[arg-type]
            sedation=None if sedation == Sedation.UNKNOWN else sedation == Sedation.YES,
            material=material_of(self.rules, self.journey.product, on=on),
        )

    def _ecv_percent(self, machine: Resource | None) -> float | None:
        volume = self.person.blood_volume(self.journey)
        if machine is None or machine.extracorporeal_volume_ml is None or volume is None:
            return None
        return machine.extracorporeal_volume_ml / volume.ml * 100


def child_facts(journey: Journey, *, at: datetime) -> ChildFacts:
    """What is known now of whom is collected; three queries. `journey` comes with patient and center."""
    prepared = Preparation.objects.filter(pk=journey.pk).first() or Preparation()
    return ChildFacts(
        rules=protocol_for(journey).apheresis,
        journey=journey,
        person=person_collected(journey, at=at),
        vascular_access=prepared.vascular_access,
        sedation=prepared.sedation,
    )


def settled(
    needed: Sequence[Need],
    *,
    kept: Iterable[str],
    choices: Sequence[PartChoice] = (),
    before: Iterable[Part] = (),
) -> list[Part]:
    """What becomes of each part: by the rules, by decisions taken before, and by new choices.

    `kept` are the kinds of which the center has any resource. Raises `Invalid` for a choice without a reason
    and for one that no rule and no list knows.
    """
    refuse_unfounded(choices)
    available = {str(kind) for kind in kept}
    decided = {part.part: (part.wanted, part.reason) for part in before if part.wanted is not None}
    decided |= {choice.part: (choice.wanted, choice.reason.strip()) for choice in choices}
    parts = [_part(need, available, *decided.get(need.part, (None, ""))) for need in needed]
    spoken_of = {need.part for need in needed}
    parts += [
        _part(Need(part=part, verdict="not_needed", because=()), available, wanted, reason)  # type: ignore[arg-type]
        for part, (wanted, reason) in decided.items()
        if part not in spoken_of
    ]
    return parts


def _part(need: Need, available: set[str], wanted: bool | None, reason: str) -> Part:
    return Part(
        part=need.part,
        state=_state(need, available, wanted),
        verdict=need.verdict,
        because=list(need.because),
        rows=list(need.rows),
        sources=list(need.sources),
        missing=list(need.missing),
        wanted=wanted,
        reason=reason,
    )


def _state(need: Need, available: set[str], wanted: bool | None) -> str:
    if wanted is False:
        return PartState.NOT_NEEDED if need.verdict == "not_needed" else PartState.LEFT_OUT
    if wanted is None and need.verdict == "not_needed":
        return PartState.NOT_NEEDED
    if need.part not in available:
        return PartState.OUTSIDE
    if wanted is None and need.verdict == "unknown":
        return PartState.UNDECIDED
    return PartState.CLAIMED


def refuse_unfounded(choices: Sequence[PartChoice]) -> None:
    """Raise `Invalid` for a choice that no reason stands behind, or that can't be."""
    problems = {}
    for choice in choices:
        if choice.part not in ResourceKind.values:
            problems["part"] = _("Choose from: %(known)s.") % {"known": ", ".join(ResourceKind.values)}
        elif choice.part == ResourceKind.MACHINE:
            problems["part"] = _("The machine is the slot's: choose another slot.")
        elif not choice.reason.strip():
            problems["reason"] = _("Say why “%(part)s” is decided otherwise.") % {
                "part": ResourceKind(choice.part).label
            }
    if problems:
        raise Invalid("invalid_input", _("This change of the bundle isn't possible."), fields=problems)


def refuse_undecided(parts: Iterable[Part]) -> None:
    """Raise `Conflict` `parts_undecided` while a part is unknown and nobody decided."""
    undecided = [part for part in parts if part.state == PartState.UNDECIDED]
    if undecided:
        said = " ".join(" ".join(part.because) or f"{part.label}." for part in undecided)
        raise Conflict("parts_undecided", _("Decide first, with a reason. %(parts)s") % {"parts": said})


def merged(by_day: Sequence[list[Part]]) -> list[Part]:
    """The parts of a booking over all its days: a part that any day takes is taken."""
    found: dict[str, Part] = {}
    rank = [*PartState.values]
    for part in (part for parts in by_day for part in parts):
        known = found.get(part.part)
        if known is None or rank.index(part.state) < rank.index(known.state):
            found[part.part] = part
    return [found[kind] for kind in ResourceKind.values if kind in found]
