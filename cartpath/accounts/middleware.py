"""A screen left alone at the bedside signs itself out."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

SESSION_KEY = "seen_at"
# Writing the session on every request would cost a query each; once a minute is exact enough.
TOUCH_SECONDS = 60
# A page that looks for news by itself says so: nobody need be there.
BY_ITSELF = "X-By-Itself"


class IdleTimeoutMiddleware:
    """Ends a session after `IDLE_MINUTES` without a request that a person made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign out when idle for too long, else note that the person is there."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._check(request)
        return self.get_response(request)

    def _check(self, request: HttpRequest) -> None:
        now = int(time.time())
        seen_at = request.session.get(SESSION_KEY, now)
        if now - seen_at > settings.IDLE_MINUTES * 60:
            logout(request)
            messages.info(request, _("You were signed out after a while without activity."))
        elif BY_ITSELF in request.headers:
            return
        elif SESSION_KEY not in request.session or now - seen_at > TOUCH_SECONDS:
            request.session[SESSION_KEY] = now
