"""Every rule of CARTPath on one page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.web.selectors.rule_list import LOOKS, ROOMS, rule_list


@page(Permission.ENTER)
@require_safe
def show(request: PersonRequest) -> HttpResponse:
    """All rules with status and source; `?status=` and `?room=` narrow the list."""
    status, room = request.GET.get("status", ""), request.GET.get("room", "")
    status, room = status if status in LOOKS else "", room if room in ROOMS else ""
    context = {
        "list": rule_list(request.center, status=status, room=room),
        "status": status,
        "room": room,
    }
    return render(request, "web/rules.html", context)
