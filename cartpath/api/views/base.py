"""The way of every API request: method, token, rate, scope, act; and every refusal as a problem document.

REST framework describes these views (`extend_schema`), but its request machinery is left out: a status costs
less than half as much without it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from pydantic_core import to_json
from rest_framework.views import APIView

from cartpath.accounts.enums import Scope
from cartpath.api.auth import Client, client_of, refuse_out_of_scope
from cartpath.api.etag import etag_of, is_not_modified
from cartpath.api.idempotency import Reply, once
from cartpath.api.problems import ApiRefusal, problem_of
from cartpath.api.throttle import refuse_too_many

__all__ = ["ApiRequest", "ApiView", "answer", "record", "written"]

JSON = "application/json"


class ApiRequest(HttpRequest):
    """A request whose token was found good: who asks, and when."""

    client: Client
    at: datetime


class ApiView(APIView):
    """One address. `scopes` names the scope that each method needs; a method it doesn't name doesn't exist.

    A scope of None opens the method to every known token: what it answers is nobody's data.
    """

    scopes: ClassVar[Mapping[str, Scope | None]]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a request; nothing but an answer ever leaves this method."""
        # Services translate their sentences; the thread may hold the language of the page it served last.
        translation.activate("en")
        try:
            method = "GET" if request.method == "HEAD" else str(request.method)
            if method not in self.scopes:
                return self._without_scope(method)
            asked = cast("ApiRequest", request)
            asked.client = client_of(request.META.get("HTTP_AUTHORIZATION"))
            refuse_too_many(asked.client.id)
            scope = self.scopes[method]
            if scope is not None:
                refuse_out_of_scope(asked.client, scope)
            asked.at = timezone.now()
            handler: Callable[..., HttpResponse] = getattr(self, method.lower())
            return handler(asked, *args, **kwargs)
        except Exception as error:  # the last door: what is not known becomes a 500 and is reported
            return problem_of(error, request)

    def _without_scope(self, method: str) -> HttpResponse:
        allow = {"Allow": ", ".join([*self.scopes, "OPTIONS"])}
        if method == "OPTIONS":
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=allow)
        raise ApiRefusal(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method_not_allowed",
            f"{method} is not possible here.",
            headers=allow,
        )


def answer(document: Mapping[str, Any]) -> HttpResponse:
    """A document that has no version of its own: a list."""
    return _private(HttpResponse(to_json(document), content_type=JSON))


def record(request: HttpRequest, document: Mapping[str, Any]) -> HttpResponse:
    """A single record with its `ETag`; 304 when the client already holds this version."""
    body = to_json(document)
    etag = etag_of(body)
    if is_not_modified(request, etag):
        response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
        del response.headers["Content-Type"]
    else:
        response = HttpResponse(body, content_type=JSON)
    response.headers["ETag"] = etag
    return _private(response)


def written(request: ApiRequest, act: Callable[[], Reply]) -> HttpResponse:
    """The answer to a write, made once per `Idempotency-Key`, all in one transaction."""
    reply = once(request, request.client, act)
    response = HttpResponse(reply.body, content_type=JSON, status=reply.status)
    if reply.location:
        response.headers["Location"] = reply.location
    if reply.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    """Patient data: a client may keep it for itself if it asks each time, everybody else may not."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization"
    return response
