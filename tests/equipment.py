"""An apheresis unit with every kind of resource, for tests of scheduling."""

from typing import Any

from cartpath.accounts.models import Center
from leukapheresis.enums import ResourceKind
from leukapheresis.models import Resource

NAMES = {
    ResourceKind.CHAIR: ("Chair 1", "Chair 2"),
    ResourceKind.NURSE: ("Nurse 1", "Nurse 2"),
    ResourceKind.ANESTHESIA: ("Anesthesia",),
    ResourceKind.LINE_PLACEMENT: ("Line placement",),
    ResourceKind.PICU_BED: ("Intensive care",),
    ResourceKind.RED_CELL_PRIME: ("Blood bank",),
    ResourceKind.COURIER: ("Courier",),
    ResourceKind.CRYOPRESERVATION: ("Cell laboratory",),
}


def unit_of(center: Center, *kinds: ResourceKind, **changes: Any) -> dict[str, Resource]:
    """Resources by name: of the kinds named, or of all but machines. They are there at all hours."""
    chosen = kinds or tuple(NAMES)
    return {
        name: Resource.objects.create(center=center, kind=kind, name=name, **changes)
        for kind in chosen
        for name in NAMES[kind]
    }
