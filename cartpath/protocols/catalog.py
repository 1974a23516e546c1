"""The protocols a center works with: those that ship with CARTPath, and the center's own editions of them.

Whatever concerns a journey or a center asks here; `registry` knows the shipped files only. A published
edition never changes, so what was read once is kept for the life of the process, as soon as it is committed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from cartpath.accounts.models import Center
from cartpath.protocols import registry
from cartpath.protocols.apply import Change, apply
from cartpath.protocols.models import ProtocolEdition
from cartpath.protocols.schema import Protocol

# The first half of the advisory lock's key; the second is the center.
_LOCK: Final = 20_011

_committed: Final[dict[tuple[str, str], Protocol]] = {}
# By row and the moment it was published: a publication that was rolled back may be followed by another one.
_built: Final[dict[tuple[UUID, datetime | None], Protocol]] = {}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a protocol as a center sees it; `edition` is None for a shipped one."""

    protocol: Protocol
    edition: ProtocolEdition | None
    is_current: bool


def get(protocol_id: str, version: str) -> Protocol:
    """The protocol of that version, shipped or a published edition of any center.

    Costs one query the first time an edition is asked for. Raises KeyError when there is none.
    """
    if is_shipped(version):
        return registry.get(protocol_id, version)
    known = _committed.get((protocol_id, version))
    if known is not None:
        return known
    found = ProtocolEdition.objects.published().filter(protocol_id=protocol_id, version=version).first()
    if found is None:
        raise KeyError((protocol_id, version))
    return _protocol(found)


def is_shipped(version: str) -> bool:
    """Whether a version names a shipped file: a whole number. An edition's names base, center and number."""
    return version.isdecimal()


def of_center(protocol_id: str, version: str, center: Center) -> Protocol:
    """The protocol of that version, if the center may use it: shipped, or its own edition.

    Raises KeyError when there is none.
    """
    if is_shipped(version):
        return registry.get(protocol_id, version)
    editions = ProtocolEdition.objects.published().filter(center=center, protocol_id=protocol_id)
    found = editions.filter(version=version).first()
    if found is None:
        raise KeyError((protocol_id, version))
    return _protocol(found)


def for_center(center: Center, product: str, at: datetime | None = None) -> Protocol:
    """What an acceptance would pin: the center's newest edition, else the newest shipped version.

    With `at`, as of that moment by the database's clock, and no publication comes between until the
    transaction ends. Raises KeyError for a product without a protocol in the center's region.
    """
    shipped = registry.for_product(product, center.region)
    newest = _newest(center.pk, at=at, protocol_id=shipped.id).get(shipped.id)
    return _protocol(newest) if newest else shipped


def currents(center: Center, at: datetime | None = None) -> dict[str, Protocol]:
    """What an acceptance would pin, by product, for lists: one query."""
    newest = _newest(center.pk, at=at)
    found = {}
    for product, region in registry.products():
        if region == center.region:
            shipped = registry.for_product(product, region)
            edition = newest.get(shipped.id)
            found[product] = _protocol(edition) if edition else shipped
    return found


def versions(protocol_id: str, center: Center) -> tuple[Version, ...]:
    """Every version of a protocol that a center may use, oldest first: shipped ones, then its own editions.

    Empty when there is no such protocol. One query.
    """
    shipped = [protocol for protocol in registry.all_protocols() if protocol.id == protocol_id]
    editions = ProtocolEdition.objects.published().filter(center=center, protocol_id=protocol_id)
    ordered: list[tuple[Protocol, ProtocolEdition | None]] = [(protocol, None) for protocol in shipped]
    ordered += [(_protocol(edition), edition) for edition in editions.order_by("number")]
    last = len(ordered) - 1
    return tuple(Version(*each, is_current=place == last) for place, each in enumerate(ordered))


def newer_shipped(center: Center, protocol_id: str) -> Protocol | None:
    """A shipped version newer than the one the center's current edition is based on; None without one.

    It changes nothing by itself: the center bases its next edition on it when it has read it. One query.
    """
    edition = _newest(center.pk, protocol_id=protocol_id).get(protocol_id)
    if edition is None:
        return None
    shipped = registry.latest(protocol_id)
    return shipped if int(shipped.version) > int(edition.base_version) else None


def editions_in_use(center_id: int) -> Iterator[Protocol]:
    """Every published edition of a center, as protocols. One query."""
    return map(_protocol, ProtocolEdition.objects.published().filter(center_id=center_id))


def hold_publications(center_id: int, *, exclusive: bool) -> None:
    """Wait for a publication of the center, or for everybody who asked what was current, to be committed.

    Held until the transaction ends. Whoever publishes holds it alone.
    """
    shared = "" if exclusive else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(%s, %s)", [_LOCK, center_id])


def forget() -> None:
    """Drop what this process remembers of editions; for whoever empties the tables."""
    _committed.clear()
    _built.clear()


def _newest(
    center_id: int, *, at: datetime | None = None, protocol_id: str | None = None
) -> dict[str, ProtocolEdition]:
    """The center's newest published edition by protocol."""
    editions = ProtocolEdition.objects.published().filter(center_id=center_id)
    if protocol_id is not None:
        editions = editions.filter(protocol_id=protocol_id)
    if at is not None:
        hold_publications(center_id, exclusive=False)
        editions = editions.filter(recorded_at__lte=at)
    newest = editions.order_by("protocol_id", "-number").distinct("protocol_id")
    return {row.protocol_id: row for row in newest}


def _protocol(edition: ProtocolEdition) -> Protocol:
    """A published edition as a protocol; built once."""
    key = (edition.pk, edition.recorded_at)
    protocol = _built.get(key)
    if protocol is None:
        base = registry.get(edition.protocol_id, edition.base_version)
        changes = [Change.read(stored) for stored in edition.changes]
        protocol = _built[key] = apply(base, changes, version=edition.version)
    name = (edition.protocol_id, edition.version)
    if name not in _committed:
        # Inside a transaction the edition may be its own, and never be committed.
        transaction.on_commit(lambda: _committed.setdefault(name, protocol))
    return protocol
