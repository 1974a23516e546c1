"""Two versions of a protocol side by side."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.web.selectors.protocol_compare import comparison
from cartpath.web.selectors.protocol_versions import ProtocolLine, protocol_line, version_for
from cartpath.web.views.protocols.tabs import protocol_tabs


@page(Permission.ENTER)
@require_safe
def compare(request: PersonRequest, protocol_id: str) -> HttpResponse:
    """`?left=1&right=2`: only what differs, and with `all` the rest as well.

    Without a choice the center's current version stands against the one before it. The plan is worked out for
    a day 0 of today.
    """
    line = protocol_line(request.user, request.center, protocol_id)
    right = request.GET.get("right") or line.protocol.version
    left = request.GET.get("left") or _before(line, right)
    old, _old_edition = version_for(request.user, protocol_id, left)
    new, _new_edition = version_for(request.user, protocol_id, right)
    at = timezone.now()
    whole = "all" in request.GET
    context = {
        "line": line,
        "left": left,
        "right": right,
        "choices": _choices(line, left, right),
        "comparison": comparison(old, new, at=at, tz=request.center.zone, whole=whole),
        "whole": whole,
        "at": at,
        "tabs": protocol_tabs(request, new),
    }
    return render(request, "web/protocol_compare.html", context)


def _before(line: ProtocolLine, version: str) -> str:
    """The version before another one; that itself when it is the first."""
    versions = [each.protocol.version for each in line.versions]
    place = versions.index(version) if version in versions else 0
    return versions[min(place + 1, len(versions) - 1)]


def _choices(line: ProtocolLine, *chosen: str) -> list[str]:
    """The versions to choose from, the newest first, and what was asked for by its address."""
    versions = [each.protocol.version for each in line.versions]
    return [*versions, *(version for version in dict.fromkeys(chosen) if version not in versions)]
