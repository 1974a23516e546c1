"""The door of every page about a child: one scoped loader, then the view."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from cartpath.accounts.http import Page, PersonRequest, View, page
from cartpath.accounts.permissions import Permission
from patients.selectors import journey_for


def journey_page(permission: Permission) -> Callable[[View], Page]:
    """Open a page about one journey: the view is called as `view(request, journey, …)`.

    The URL carries `journey_id`. Outside the person's centers the journey does not exist (404). Times are
    read and shown in the zone of the journey's center.
    """

    def decorate(view: View) -> Page:
        @wraps(view)
        def loaded(request: PersonRequest, journey_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            journey = journey_for(request.user, journey_id, permission)
            with timezone.override(journey.center.zone):
                return view(request, journey, *args, **kwargs)

        # Sign-in is asked for first; whether the role is enough is decided for the journey's own center.
        opened = page(Permission.VIEW_PATIENTS)(loaded)
        opened.permission = permission
        return opened

    return decorate
