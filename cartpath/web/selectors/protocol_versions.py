"""Which versions of each protocol there are for a center, and which journeys are pinned to them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.validators import slug_re

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.protocols import catalog, registry
from cartpath.protocols.models import ProtocolEdition
from cartpath.protocols.schema import Protocol
from cartpath.web.selectors.protocol import draft_count
from patients.models import Journey


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version that journeys can be pinned to; `journeys` is None for those who may not see patients."""

    protocol: Protocol
    edition: ProtocolEdition | None
    is_current: bool
    drafts: int
    journeys: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolLine:
    """One protocol with its versions, the newest first.

    `newer` is a shipped version that came after the one the center's current edition is built on.
    """

    id: str
    current: VersionLine
    versions: Sequence[VersionLine]
    working: ProtocolEdition | None
    newer: Protocol | None

    @property
    def protocol(self) -> Protocol:
        """The version that new acceptances are pinned to."""
        return self.current.protocol


@dataclass(frozen=True, slots=True)
class ProductLines:
    """The protocols of one product, those of the center's own region first."""

    name: str
    label: str
    protocols: Sequence[ProtocolLine]


def product_lines(user: User, center: Center) -> list[ProductLines]:
    """Every protocol by product, with the center's editions; three queries, whatever there is."""
    editions = list(ProtocolEdition.objects.filter(center=center).order_by("number"))
    built = _built(center)
    pinned = pinned_counts(user)
    shipped: dict[str, list[Protocol]] = {}
    for protocol in registry.all_protocols():
        shipped.setdefault(protocol.id, []).append(protocol)
    lines = [
        _protocol_line(
            versions, [each for each in editions if each.protocol_id == protocol_id], built, pinned
        )
        for protocol_id, versions in shipped.items()
    ]
    lines.sort(key=lambda line: line.protocol.product.region != center.region)
    products: dict[str, list[ProtocolLine]] = {}
    for line in sorted(lines, key=lambda line: line.protocol.product.label):
        products.setdefault(line.protocol.product.name, []).append(line)
    return [ProductLines(name, found[0].protocol.product.label, found) for name, found in products.items()]


def protocol_line(user: User, center: Center, protocol_id: str) -> ProtocolLine:
    """One protocol with the center's editions. Raises NotFound."""
    shipped = [protocol for protocol in registry.all_protocols() if protocol.id == protocol_id]
    if not shipped:
        raise NotFound
    editions = ProtocolEdition.objects.filter(center=center, protocol_id=protocol_id).order_by("number")
    return _protocol_line(shipped, list(editions), _built(center), pinned_counts(user))


def _built(center: Center) -> dict[tuple[str, str], Protocol]:
    """The center's published editions as protocols; one query."""
    return {(each.id, each.version): each for each in catalog.editions_in_use(center.pk)}


def _protocol_line(
    shipped: Sequence[Protocol],
    editions: Sequence[ProtocolEdition],
    built: Mapping[tuple[str, str], Protocol],
    pinned: "Pinned | None",
) -> ProtocolLine:
    published = [edition for edition in editions if edition.is_published]
    protocol_id = shipped[0].id
    found: list[tuple[Protocol, ProtocolEdition | None]] = [(protocol, None) for protocol in shipped]
    found += [(built[protocol_id, edition.version], edition) for edition in published]
    lines = [
        VersionLine(
            protocol=protocol,
            edition=edition,
            is_current=number == len(found),
            drafts=draft_count(protocol),
            journeys=None if pinned is None else pinned[protocol.id, protocol.version],
        )
        for number, (protocol, edition) in enumerate(found, start=1)
    ]
    base = published[-1].base_version if published else shipped[-1].version
    return ProtocolLine(
        id=protocol_id,
        current=lines[-1],
        versions=lines[::-1],
        working=next((edition for edition in editions if not edition.is_published), None),
        newer=shipped[-1] if int(shipped[-1].version) > int(base) else None,
    )


Pinned = Counter[tuple[str, str]]


def pinned_counts(user: User) -> Pinned | None:
    """How many journeys are pinned to each version, of those the person may see; None without the right."""
    if not user.centers_for(Permission.VIEW_PATIENTS):
        return None
    pinned = Journey.objects.visible_to(user).exclude(protocol_id="")
    return Counter(pinned.values_list("protocol_id", "protocol_version"))


def version_for(user: User, protocol_id: str, version: str) -> tuple[Protocol, ProtocolEdition | None]:
    """A shipped version, or an edition of one of the person's centers. Raises NotFound."""
    try:
        return registry.get(protocol_id, version), None
    except KeyError:
        # An address can hold anything; the database refuses some of it.
        if not slug_re.match(version):
            raise NotFound from None
    editions = ProtocolEdition.objects.visible_to(user).published()
    edition = editions.filter(protocol_id=protocol_id, version=version).select_related("center").first()
    if edition is None:
        raise NotFound
    return catalog.get(protocol_id, version), edition


def pinned_journeys(user: User, protocol_id: str, version: str = "") -> list[Journey]:
    """The journeys the person may see that are pinned to a protocol, by version and name; one query."""
    found = Journey.objects.visible_to(user).filter(protocol_id=protocol_id)
    if version:
        found = found.filter(protocol_version=version)
    return list(
        found.select_related("patient", "center", "status").order_by(
            "protocol_version", "patient__family_name", "patient__given_name", "created_at"
        )
    )
