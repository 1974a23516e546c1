"""Every refusal of the API as `application/problem+json` (RFC 9457) with a stable `code`.

Services raise `DomainError`; the web layer's own refusals are `ApiRefusal`, which adds response headers. What
nobody expected is answered with 500 and logged without a word that could belong to a patient.
"""

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from psycopg import errors as postgres
from pydantic_core import to_json
from rest_framework.exceptions import APIException

from cartpath.api.constraints import broken_constraint
from cartpath.core.errors import DomainError, NotFound

__all__ = ["PROBLEM_JSON", "ApiRefusal", "no_store", "problem", "problem_of", "problem_response"]

PROBLEM_JSON = "application/problem+json"
RETRY_SECONDS = 1

logger = logging.getLogger(__name__)


class ApiRefusal(DomainError):
    """A refusal of the web layer itself, with the headers and the further members that go with it."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code, message, fields=fields)
        self.status = status
        self.members = dict(members or {})
        self.headers = dict(headers or {})


def problem(error: DomainError) -> HttpResponse:
    """The problem document of a refusal; `errors` maps a field's path to why it is refused."""
    status = HTTPStatus(error.status)
    document: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": error.code,
        "detail": str(error.message),
    }
    if error.fields:
        document["errors"] = {name: str(why) for name, why in error.fields.items()}
    document |= getattr(error, "members", {})
    response = HttpResponse(to_json(document), content_type=PROBLEM_JSON, status=status.value)
    for name, value in getattr(error, "headers", {}).items():
        response.headers[name] = value
    return no_store(response)


def no_store(response: HttpResponse) -> HttpResponse:
    """Tell every cache on the way to keep nothing."""
    response.headers["Cache-Control"] = "no-store"
    return response


def problem_of(error: Exception, request: HttpRequest) -> HttpResponse:
    """The answer to anything that went wrong while `request` was served."""
    match error:
        case DomainError():
            return problem(error)
        case Http404():
            return problem(NotFound())
        case PermissionDenied():
            return problem(ApiRefusal(HTTPStatus.FORBIDDEN, "forbidden", "Not allowed."))
        case RequestDataTooBig():
            return problem(
                ApiRefusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "The request is too large.")
            )
        case SuspiciousOperation() | UnreadablePostError():
            return problem(
                ApiRefusal(HTTPStatus.BAD_REQUEST, "bad_request", "The request can't be read as it came.")
            )
        case IntegrityError():
            refusal = broken_constraint(error)
            if refusal is not None:
                return problem(refusal)
        case OperationalError():
            return _unavailable(error, request)
    _report(error, request)
    return problem(
        ApiRefusal(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "internal_error",
            "Something went wrong here, and nothing was changed. It has been reported.",
        )
    )


def problem_response(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """The exception handler of plain REST framework views (`EXCEPTION_HANDLER`)."""
    if not isinstance(error, APIException):
        return problem_of(error, context["request"])
    status = HTTPStatus(error.status_code)
    code = error.default_code if isinstance(error.default_code, str) else "refused"
    headers = {"WWW-Authenticate": error.auth_header} if hasattr(error, "auth_header") else {}
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    return problem(ApiRefusal(status, code, str(error.detail), headers=headers))


def _unavailable(error: OperationalError, request: HttpRequest) -> HttpResponse:
    """The database gave up (a deadlock, a lost connection): nothing was changed, trying again may help."""
    lost_a_race = isinstance(error.__cause__, postgres.DeadlockDetected | postgres.LockNotAvailable)
    if not lost_a_race:
        _report(error, request)
    return problem(
        ApiRefusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "unavailable",
            "The database did not answer. Nothing was changed; try again.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    )


def _report(error: Exception, request: HttpRequest) -> None:
    """Log where it happened and of what kind it is; the text of an error can hold a patient's data."""
    match = request.resolver_match
    logger.error(
        "%s in %s %s\n%s",
        type(error).__name__,
        request.method,
        match.view_name if match else "an unknown path",
        "".join(traceback.format_tb(error.__traceback__)),
    )
    got_request_exception.send(sender=None, request=request)
