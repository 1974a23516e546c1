"""The door of every page: who may open it. The permission stands on the view, where tests read it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Forbidden

View = Callable[..., HttpResponse]


class PersonRequest(HttpRequest):
    """A request of a signed-in person, with the center they work in now."""

    user: User
    center: Center


class Page(Protocol):
    """A view that carries its permission."""

    permission: Permission

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a request."""


def page(permission: Permission) -> Callable[[View], Page]:
    """Open a page to signed-in people who may do `permission` in at least one of their centers.

    Times are read and shown in the zone of the center the person works in.
    """

    def decorate(view: View) -> Page:
        @wraps(view)
        def guarded(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.centers_for(permission):
                raise Forbidden(
                    "forbidden", _("Your role does not allow this: %(act)s.") % {"act": permission.label}
                )
            with timezone.override(request.center.zone):
                return view(request, *args, **kwargs)

        opened = cast("Page", login_required(cast("View", guarded)))
        opened.permission = permission
        return opened

    return decorate
