"""The API's own short way through the house.

A program has no session, no cookies, no language and no form token. Requests below `/api/v1/` therefore skip
the middleware that serves people: what is not run costs nothing, and a cookie can never stand in for a token.
`SecurityMiddleware` stays in front of this one.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

PREFIX: Final = "/api/v1/"
# The one page for people among the addresses of the API.
PAGES: Final = f"{PREFIX}docs/"
NOTHING_RUNS: Final = "default-src 'none'; frame-ancestors 'none'"
BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class ApiMiddleware:
    """Hands requests of programs to their view, and lets all others pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or pass on."""
        path = request.path_info
        if not path.startswith(PREFIX) or path.startswith(PAGES):
            return self.get_response(request)
        try:
            match = resolve(path)
        except Resolver404:  # mounted elsewhere, or not at all
            return self.get_response(request)
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        response.headers["Content-Security-Policy"] = NOTHING_RUNS
        if response.status_code not in BODILESS:
            response.headers["Content-Length"] = str(len(response.content))
        return response
