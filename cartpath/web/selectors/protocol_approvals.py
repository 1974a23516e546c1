"""Who made which rule of an edition the center's own, when and why."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from cartpath.protocols.apply import Change
from cartpath.protocols.models import ProtocolEdition
from cartpath.web.selectors.protocol import Approval

ACTS: Final[Mapping[str, Promise]] = {
    "approve": pgettext_lazy("a rule", "Approved"),
    "alter": pgettext_lazy("a rule", "Altered"),
    "retire": pgettext_lazy("a rule", "Retired"),
    "add": pgettext_lazy("a rule", "Added"),
}


def changes_of(edition: ProtocolEdition) -> list[Change]:
    """The changes of an edition, in the order in which they were made."""
    return [Change.read(stored) for stored in edition.changes]


def approval(change: Change) -> Approval:
    """A change as it is told beside its rule."""
    return Approval(act=ACTS[change.kind], by=change.by, at=change.at, reason=change.reason)


def approvals_of(edition: ProtocolEdition | None) -> dict[str, Approval]:
    """By row; nothing for a shipped version. Of several changes of a row the last one counts."""
    if edition is None:
        return {}
    return {change.row_id: approval(change) for change in changes_of(edition)}
