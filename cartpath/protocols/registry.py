"""The protocols this installation knows. Read once; a broken file stops start-up (see apps)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from cartpath.protocols.loader import read_folder
from cartpath.protocols.schema import ApheresisRules, Part, Protocol, WashoutRuleSet
from cartpath.protocols.sections import Regimen

FOLDER: Final = Path(__file__).parent

PartT = TypeVar("PartT", bound=Part)


@dataclass(frozen=True, slots=True)
class Registry:
    """All protocols and parts of one folder."""

    protocols: tuple[Protocol, ...]
    parts: tuple[Part, ...]

    @classmethod
    def from_folder(cls, folder: Path) -> "Registry":
        """Read every file under a folder. Raises ProtocolError naming file, line and reason."""
        protocols, parts = read_folder(folder)
        return cls(protocols=protocols, parts=parts)


@cache
def load() -> Registry:
    """The registry of the files that ship with CARTPath, read on the first call."""
    return Registry.from_folder(FOLDER)


def all_protocols() -> tuple[Protocol, ...]:
    """Every protocol in every version, by id and then by version."""
    return tuple(sorted(load().protocols, key=lambda protocol: (protocol.id, int(protocol.version))))


def get(protocol_id: str, version: str) -> Protocol:
    """The protocol a journey is pinned to. Raises KeyError when there is none."""
    for protocol in load().protocols:
        if (protocol.id, protocol.version) == (protocol_id, version):
            return protocol
    raise KeyError((protocol_id, version))


def latest(protocol_id: str) -> Protocol:
    """The newest version of a protocol. Raises KeyError when there is none."""
    return _newest((row for row in load().protocols if row.id == protocol_id), protocol_id)


def for_product(product: str, region: str) -> Protocol:
    """The newest protocol of a product in a region. Raises KeyError when there is none."""
    found = [p for p in all_protocols() if (p.product.name, p.product.region) == (product, region)]
    return _newest(found, f"{product} in {region}")


def of_product(product: str) -> tuple[Protocol, ...]:
    """The newest protocol of a product in each region, by id; empty when there is none."""
    ids = dict.fromkeys(p.id for p in all_protocols() if p.product.name == product)
    return tuple(latest(protocol_id) for protocol_id in ids)


def products() -> tuple[tuple[str, str], ...]:
    """Every product with its region, in the order of the protocols."""
    return tuple(dict.fromkeys((p.product.name, p.product.region) for p in all_protocols()))


def washouts(rule_set: str) -> WashoutRuleSet:
    """The newest version of a washout rule set. Raises KeyError when there is none."""
    return _newest((part for part in _parts(WashoutRuleSet) if part.id == rule_set), rule_set)


def apheresis(rule_set: str) -> ApheresisRules:
    """The newest version of a set of apheresis figures. Raises KeyError when there is none."""
    return _newest((part for part in _parts(ApheresisRules) if part.id == rule_set), rule_set)


def regimens() -> dict[str, tuple[Protocol, Regimen]]:
    """Every lymphodepletion regimen in force, by id, with the protocol that first names it."""
    found: dict[str, tuple[Protocol, Regimen]] = {}
    for protocol_id in dict.fromkeys(protocol.id for protocol in all_protocols()):
        protocol = latest(protocol_id)
        for regimen in protocol.lymphodepletion.regimens:
            if regimen.in_force():
                found.setdefault(regimen.id, (protocol, regimen))
    return found


def _parts(part_type: type[PartT]) -> Iterable[PartT]:
    return (part for part in load().parts if isinstance(part, part_type))


Versioned = TypeVar("Versioned", Protocol, WashoutRuleSet, ApheresisRules)


def _newest(rows: Iterable[Versioned], name: str) -> Versioned:
    found = max(rows, key=lambda row: int(row.version), default=None)
    if found is None:
        raise KeyError(name)
    return found
