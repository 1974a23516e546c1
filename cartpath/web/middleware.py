"""What every page knows: the center the person works in, its time zone, and how a refusal looks."""

from collections.abc import Callable
from datetime import tzinfo
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from cartpath.accounts.models import Center
from cartpath.core.errors import Conflict, DomainError, Forbidden, NotFound

SESSION_KEY = "center"
# Programs send and get times with their offset; no page is drawn for them.
PROGRAMS = "/api/"


class CenterMiddleware:
    """Sets `request.center` and `request.centers` lazily, and the center's time zone for the whole request.

    Turns domain refusals that no form caught into pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the centers, which are read when a page asks, and answer in the center's time zone."""
        centers = cast("list[Center]", SimpleLazyObject(lambda: centers_of(request)))
        request.centers = centers  # type: ignore[attr-defined]
        request.center = SimpleLazyObject(lambda: chosen_center(request, centers))  # type: ignore[attr-defined]
        with timezone.override(_zone(request)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """404 for what is not theirs to know of, 403 for what is not theirs to do, 409 for a lost race."""
        match exception:
            case NotFound():
                raise Http404 from exception
            case Forbidden():
                raise PermissionDenied(exception.message) from exception
            case Conflict() | DomainError():
                return render(request, "409.html", {"refusal": exception}, status=exception.status)
        return None


def centers_of(request: HttpRequest) -> list[Center]:
    """The centers the person belongs to, by name; none for somebody who is not signed in."""
    if not request.user.is_authenticated:
        return []
    return request.user.centers


def chosen_center(request: HttpRequest, centers: list[Center]) -> Center | None:
    """The center chosen in this session, else the person's first by name; None for somebody without one."""
    chosen = request.session.get(SESSION_KEY) if centers else None
    return next((center for center in centers if center.pk == chosen), centers[0] if centers else None)


def _zone(request: HttpRequest) -> tzinfo | None:
    if request.path.startswith(PROGRAMS) or not request.user.is_authenticated:
        return None
    center: Center | None = request.center  # type: ignore[attr-defined]
    return center.zone if center else None
