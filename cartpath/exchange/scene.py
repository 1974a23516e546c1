"""How an event of a journey file becomes a call of a service: what the call needs, what a file may hold."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from cartpath.accounts.models import Center, User
from cartpath.core.actor import Actor
from cartpath.core.errors import Invalid
from cartpath.exchange import shapes
from cartpath.ledger.models import Event
from patients.inputs import PatientDetails
from patients.provenance import COMPUTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a call needs beside the data: whose journey, when, and by whom.

    `death` is the day named by a `died` event just read, `corrected` the ledger event that is corrected,
    `confirmed` the one whose computed value is signed, `version` the one of the protocol that the journey was
    accepted on by the file.
    """

    center: Center
    journey_id: UUID
    patient: PatientDetails
    by: Actor
    at: datetime
    death: shapes.Death | None = None
    corrected: Event | None = None
    version: str = ""
    confirmed: Event | None = None

    @property
    def call(self) -> dict[str, Any]:
        """The arguments that nearly every service takes."""
        return {"journey_id": self.journey_id, "by": self.by, "at": self.at}

    def person(self, name: str, *, field: str) -> User:
        """A person of the center, by e-mail address or by the name as signed. Raises `Invalid`."""
        members = User.objects.filter(is_active=True, memberships__center=self.center).distinct()
        found = list(members.filter(email__iexact=name) if "@" in name else members.filter(name=name))
        if len(found) != 1:
            why = "Nobody" if not found else "More than one person"
            sentence = f"{why} of the center {self.center.code} is known as “{name}”. Give an e-mail address."
            raise Invalid("unknown_person", sentence, fields={field: sentence})
        return found[0]


Play = Callable[..., object]
# Marks what a ledger event made as entered in error, for a reason.
Strike = Callable[[Scene, int, str], object]


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind of event is read and made.

    `given` are shapes that together read the data. `checked` are keys that services add to the ledger: a file
    that names them must agree with what the services find. `ignored` are keys that mean something only in the
    database or the version a file came from. A dot leads into an object. The records of what was computed are
    ignored in every kind: the services make them anew.
    """

    given: tuple[type, ...]
    play: Play
    checked: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def dropped(self) -> tuple[str, ...]:
        """Keys that a file may hold and nobody reads."""
        return (*self.ignored, COMPUTED)


def plain(service: Play) -> Play:
    """A service whose arguments have the names of the data's keys."""
    return lambda scene, *given: service(
        **{name: value for each in given for name, value in asdict(each).items()}, **scene.call
    )


def named(service: Play, argument: str) -> Play:
    """A service that takes the data as one argument."""
    return lambda scene, given: service(**{argument: given}, **scene.call)


def strike_of(table: type[Model], service: Play, argument: str, *, column: str = "event_id") -> Strike:
    """The service that strikes a row, found by the ledger event that `column` names."""

    def strike(scene: Scene, event_id: int, reason: str) -> object:
        row = table._default_manager.get(**{column: event_id})
        return service(**{argument: row.pk}, reason=reason, by=scene.by, at=scene.at)

    return strike


def without(data: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The data without keys that mean nothing elsewhere; a dot leads into an object."""
    kept = {key: value for key, value in data.items() if key not in names}
    for name in names:
        outer, dot, key = name.partition(".")
        if dot and isinstance(kept.get(outer), dict):
            kept[outer] = {inner: value for inner, value in kept[outer].items() if inner != key}
    return kept
