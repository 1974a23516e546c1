"""Plays a journey file through the services: all of it or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.core.errors import DomainError
from cartpath.exchange.handlers import COMPANIONS, FOLLOWERS, HANDLERS
from cartpath.exchange.journey_file import JourneyFile, JourneyFileError, ToldEvent, find
from cartpath.exchange.json_lines import Path
from cartpath.exchange.scene import Scene, without
from cartpath.exchange.shapes import Death, PinnedVersion, ProtocolMove
from cartpath.ledger.chain import canonical
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.protocols import catalog, registry
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.provenance import COMPUTED

# Services name an act's own time in their words; in a file it is the event's time.
_TIMES: Final = frozenset({"at", "started_at"})
_MOVES: Final = (EventKind.REFERRED, EventKind.STAGE_CHANGED)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: events read from the file and written to the ledger, none when it was there."""

    journey_id: UUID
    events_read: int
    events_written: int
    stage: Stage

    @property
    def was_known(self) -> bool:
        """Whether the journey had been imported before, so that nothing changed."""
        return self.events_written == 0


@transaction.atomic
def journey_import(*, file: JourneyFile, by: Actor) -> Imported:
    """Make the journey a file tells, in one transaction; a journey that is there already stays as it is.

    Raises `JourneyFileError` naming path and line of the first event that a service refuses.
    """
    # The lock makes two imports of one file wait for each other; it doesn't hold up work in the center.
    center = Center.objects.select_for_update(no_key=True).filter(code=file.head.center).first()
    if center is None:
        _fail(file, ("journey", "center"), f"there is no center with the code “{file.head.center}”")
    known = Journey.objects.select_related("patient", "center").filter(pk=file.journey_id).first()
    if known is not None:
        return _known(file, known)
    if (file.head.product, center.region) not in registry.products():
        _fail(file, ("journey", "product"), f"no protocol for “{file.head.product}” in {center.region}")
    _refuse_unknown_editions(file, center)
    player = _Player(file, center, by)
    for event in file.events:
        player.play(event)
    return player.end()


def _refuse_unknown_editions(file: JourneyFile, center: Center) -> None:
    """A center's own edition means something only where that center published it."""
    protocol = registry.for_product(file.head.product, center.region)
    problems = []
    for path, version in _named_versions(file):
        if catalog.is_shipped(version):
            continue
        try:
            catalog.of_center(protocol.id, version, center)
        except KeyError:
            reason = (
                f"“{version}” is an edition of {protocol.id} that the center {center.code} has not published."
                " Publish the same changes there and write that edition's version into the file,"
                " or take the version out of the file, so that the version in force there is pinned"
            )
            problems.append(file.problem(path, reason))
    if problems:
        raise JourneyFileError(problems)


def _named_versions(file: JourneyFile) -> Iterator[tuple[Path, str]]:
    """Every version of the protocol that a file names, with its place."""
    if file.head.protocol is not None:
        yield ("journey", "protocol", "version"), file.head.protocol.version
    for event in file.events:
        for given in event.given:
            if isinstance(given, PinnedVersion) and given.protocol_version:
                yield event.path("data", "protocol_version"), given.protocol_version
            elif isinstance(given, ProtocolMove):
                yield event.path("data", "to"), given.to


def _accepted_on(file: JourneyFile, center: Center) -> str:
    """The version that a journey was accepted on, as far as the file says and this center has it."""
    named = [given for event in file.events for given in event.given]
    pinned = next((given.protocol_version for given in named if isinstance(given, PinnedVersion)), None)
    if pinned is None and file.head.protocol and not any(isinstance(each, ProtocolMove) for each in named):
        pinned = file.head.protocol.version
    protocol = registry.for_product(file.head.product, center.region)
    known = {version.protocol.version for version in catalog.versions(protocol.id, center)}
    return pinned if pinned in known and pinned is not None else ""


def _fail(file: JourneyFile, path: tuple[str | int, ...], reason: str) -> NoReturn:
    raise JourneyFileError([file.problem(path, reason)])


def _known(file: JourneyFile, journey: Journey) -> Imported:
    if (journey.center.code, journey.patient.mrn) != (file.head.center, file.patient.mrn):
        _fail(file, ("journey", "id"), "belongs to another patient")
    return Imported(journey.pk, len(file.events), 0, Stage(journey.stage))


class _Player:
    """Plays the events of one file in order and compares what the services make of them with the file."""

    def __init__(self, file: JourneyFile, center: Center, by: Actor) -> None:
        self.file, self.center, self.by = file, center, by
        self.seq = 0
        self.written: dict[int, Event] = {}
        self.companions: list[Event] = []
        self.death: tuple[ToldEvent, Death] | None = None
        self.version = _accepted_on(file, center)

    def play(self, event: ToldEvent) -> None:
        if event.kind in COMPANIONS or self._is_companion(event):
            self._compare_companion(event)
            return
        self._act(event)
        made = self._new_events()
        act = next((each for each in made if each.kind == event.kind), None)
        if act is None:
            _fail(self.file, event.path(), "changes nothing")
        self.written[event.place] = act
        self.companions = [each for each in made if each is not act and each.kind != EventKind.DIED]
        self._compare(event, act)
        self._refuse_backward_move(event)

    def end(self) -> Imported:
        if self.death is not None:
            _fail(self.file, self.death[0].path(), "needs the “closed” event that goes with it")
        journey = Journey.objects.select_related("center").get(pk=self.file.journey_id)
        wanted = self.file.head.protocol
        protocol = protocol_for(journey)
        if wanted is not None and (wanted.id, wanted.version) != (protocol.id, protocol.version):
            _fail(self.file, ("journey", "protocol"), f"is {protocol.id}, version {protocol.version}, here")
        return Imported(journey.pk, len(self.file.events), self.seq, Stage(journey.stage))

    def _act(self, event: ToldEvent) -> None:
        if event.kind == EventKind.REFERRED and event.given[0].product != self.file.head.product:
            _fail(self.file, event.path("data", "product"), f"is not the journey's: {self.file.head.product}")
        scene = Scene(
            center=self.center,
            journey_id=self.file.journey_id,
            patient=self.file.patient,
            by=self.by,
            at=event.occurred_at,
            death=self.death[1] if self.death else None,
            version=self.version,
            corrected=self.written.get(event.corrects) if event.corrects is not None else None,
            confirmed=self.written.get(event.confirms) if event.confirms is not None else None,
        )
        if event.kind == EventKind.CLOSED:
            self.death = None
        try:
            HANDLERS[event.kind].play(scene, *event.given)
        except DomainError as refusal:
            self._refused(event, refusal)
        except (IntegrityError, DataError) as error:
            _fail(self.file, event.path(), f"the database refuses it: {_constraint(error)}")
        except ValidationError as error:
            _fail(self.file, event.path("data"), "; ".join(error.messages))

    def _refused(self, event: ToldEvent, refusal: DomainError) -> NoReturn:
        """One problem for each field the refusal names, at the place of that field in the file."""
        raise JourneyFileError(
            [
                self.file.problem(self._place(event, name), _sentence(refusal, sentence))
                for name, sentence in (refusal.fields or {"": refusal.message}).items()
            ]
        )

    def _place(self, event: ToldEvent, name: str) -> Path:
        """Where in the file the field of a refusal stands: in the data, else beside it."""
        raw = self.file.raw["events"][event.place]
        inside = find(raw.get("data", {}), name) if name else None
        if inside is not None:
            return (*event.path("data"), *inside)
        beside = "occurred_at" if name in _TIMES else name
        return event.path(beside) if beside in raw else event.path()

    def _new_events(self) -> list[Event]:
        made = list(Event.objects.of(self.file.journey_id).filter(seq__gt=self.seq))
        self.seq += len(made)
        return made

    def _is_companion(self, event: ToldEvent) -> bool:
        return event.kind in FOLLOWERS and any(each.kind == event.kind for each in self.companions)

    def _compare_companion(self, event: ToldEvent) -> None:
        """A death waits for its closing; a move must be the one that the act before it made."""
        told = event.given[0]
        if isinstance(told, Death):
            self.death = (event, told)
            return
        made = self.companions.pop(0) if self.companions else None
        if made is None or made.kind != event.kind:
            _fail(self.file, event.path(), "no act before it makes this change")
        if made.occurred_at != event.occurred_at:
            _fail(self.file, event.path("occurred_at"), f"its act happened at {made.occurred_at.isoformat()}")
        self.written[event.place] = made
        handler = HANDLERS.get(event.kind)
        dropped = handler.dropped if handler else (COMPUTED,)
        found = without(made.data, dropped)
        for key, value in without(self.file.raw["events"][event.place].get("data", {}), dropped).items():
            self._agree(event, key, value, found.get(key))

    def _compare(self, event: ToldEvent, made: Event) -> None:
        for name, value in event.claimed.items():
            found: Any = made.data
            for step in name.split("."):
                found = (found or {}).get(step)
            self._agree(event, name, value, found)

    def _agree(self, event: ToldEvent, name: str, told: object, found: object) -> None:
        if canonical(told) != found:
            _fail(self.file, event.path("data", *name.split(".")), f"CARTPath finds {_shown(found)} here")

    def _refuse_backward_move(self, event: ToldEvent) -> None:
        """A move can't lie before the one that led to the stage it leaves."""
        if not any(each.kind == EventKind.STAGE_CHANGED for each in self.companions):
            return
        moves = Event.objects.of(self.file.journey_id).filter(kind__in=_MOVES)
        *_, before, now = moves.values_list("occurred_at", flat=True)
        if now < before:
            reason = f"lies before the stage it leaves began, {before.isoformat()}"
            _fail(self.file, event.path("occurred_at"), reason)


def _sentence(refusal: DomainError, sentence: str) -> str:
    return sentence if sentence == refusal.message else f"{refusal.message} {sentence}"


def _constraint(error: IntegrityError | DataError) -> str:
    """The constraint that refused, or PostgreSQL's own sentence, which holds no value."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return (
        getattr(diagnosis, "constraint_name", None)
        or getattr(diagnosis, "message_primary", None)
        or "a value"
    )


def _shown(value: object) -> str:
    return "unknown" if value is None else f"“{value}”"
