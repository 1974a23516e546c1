"""Ben decides about the rules of center A; a second shipped version can be made to appear."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from cartpath.accounts.models import Center, User
from cartpath.protocols import registry
from cartpath.protocols.editions import (
    edition_approve,
    edition_publish,
    edition_start,
)
from cartpath.protocols.models import ProtocolEdition
from cartpath.protocols.schema import Protocol

EU = "tisagenlecleucel-eu"
DRAFT = "check_gvhd"
OTHER_DRAFT = "check_leukemia_burden"


@dataclass(frozen=True)
class Desk:
    """One clinician at work on the editions of one center."""

    center: Center
    clinician: User
    at: datetime

    @property
    def act(self) -> dict[str, Any]:
        """Who, and when."""
        return {"by": self.clinician.actor, "at": self.at}

    def started(self, protocol_id: str = EU, **options: Any) -> ProtocolEdition:
        """A working copy."""
        return edition_start(center=self.center, protocol_id=protocol_id, **options, **self.act)

    def published(
        self, *row_ids: str, reason: str = "Agreed in the team.", **options: Any
    ) -> ProtocolEdition:
        """An edition that approves drafts."""
        edition = self.started(**options)
        for row_id in row_ids:
            edition_approve(edition_id=edition.pk, row_id=row_id, reason=f"{row_id} is right", **self.act)
        return edition_publish(edition_id=edition.pk, reason=reason, **self.act)


@pytest.fixture
def desk(center: Center, ben: User, noon: datetime) -> Desk:
    """Ben, center A."""
    return Desk(center, ben, noon)


@pytest.fixture
def cleos_desk(other_center: Center, cleo: User, noon: datetime) -> Desk:
    """Cleo, center B: the outsider."""
    return Desk(other_center, cleo, noon)


Ship = Callable[[Protocol], None]


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch) -> Ship:
    """`ship(protocol)` is an update of CARTPath that brings another version along."""

    def add(protocol: Protocol) -> None:
        shipped = registry.load()
        more = replace(shipped, protocols=(*shipped.protocols, protocol))
        monkeypatch.setattr(registry, "load", lambda: more)

    return add
