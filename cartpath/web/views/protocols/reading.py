"""The protocols, to be read like documents: all of them, one in one version, and who is pinned to which."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.web.selectors.protocol import document
from cartpath.web.selectors.protocol_approvals import approvals_of
from cartpath.web.selectors.protocol_plan import plan_picture
from cartpath.web.selectors.protocol_versions import (
    pinned_journeys,
    product_lines,
    protocol_line,
    version_for,
)
from cartpath.web.views.protocols.tabs import protocol_tabs


@page(Permission.ENTER)
@require_safe
def show_all(request: PersonRequest) -> HttpResponse:
    """Every protocol by product, with the center's own editions."""
    context = {
        "products": product_lines(request.user, request.center),
        "may_approve": request.user.may(Permission.APPROVE_RULES, request.center.pk),
    }
    return render(request, "web/protocols.html", context)


@page(Permission.ENTER)
@require_safe
def show(request: PersonRequest, protocol_id: str, version: str) -> HttpResponse:
    """One protocol in one version, as it holds on a day: `?on=`, else today. `?all` shows every rule."""
    protocol, edition = version_for(request.user, protocol_id, version)
    on = day_asked(request)
    context = {
        "document": document(protocol, on=on, whole="all" in request.GET, approvals=approvals_of(edition)),
        "picture": plan_picture(protocol, on),
        "edition": edition,
        "line": protocol_line(request.user, request.center, protocol_id),
        "tabs": protocol_tabs(request, protocol),
        "on": on,
        "today": today(),
        "whole": "all" in request.GET,
    }
    return render(request, "web/protocol.html", context)


@page(Permission.VIEW_PATIENTS)
@require_safe
def journeys(request: PersonRequest, protocol_id: str) -> HttpResponse:
    """Which journeys are pinned to which version; `?version=` for one of them."""
    line = protocol_line(request.user, request.center, protocol_id)
    version = request.GET.get("version", "")
    context = {
        "line": line,
        "version": version,
        "journeys": pinned_journeys(request.user, protocol_id, version),
        "tabs": protocol_tabs(request, line.protocol),
        "may_move": bool(request.user.centers_for(Permission.MOVE_PROTOCOL)),
        "several_centers": len(request.user.centers_for(Permission.VIEW_PATIENTS)) > 1,
    }
    return render(request, "web/protocol_journeys.html", context)


def today() -> date:
    """Today in the zone of the center."""
    return timezone.localtime(timezone.now()).date()


def day_asked(request: PersonRequest) -> date:
    """The day of `?on=`; today when none is given or it is none."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today()
