"""The tabs that every page about one protocol has."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.protocols.schema import Protocol


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab."""

    label: str | Promise
    url: str
    current: bool
    count: int | None = None


_TABS: Final = (
    ("web:protocol", _("Document"), Permission.ENTER),
    ("web:protocol_compare", _("Compare"), Permission.ENTER),
    ("web:protocol_journeys", _("Journeys"), Permission.VIEW_PATIENTS),
    ("web:edition", _("Working copy"), Permission.ENTER),
)


def protocol_tabs(request: PersonRequest, protocol: Protocol) -> list[Tab]:
    """Document, comparison, journeys and working copy, as far as the person may open them."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        Tab(label, _url(name, protocol), name == here)
        for name, label, permission in _TABS
        if request.user.centers_for(permission)
    ]


def _url(name: str, protocol: Protocol) -> str:
    args = [protocol.id, protocol.version] if name == "web:protocol" else [protocol.id]
    url = reverse(name, args=args)
    return f"{url}?right={protocol.version}" if name == "web:protocol_compare" else url
