"""Addresses that don't exist."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from cartpath.api.problems import ApiRefusal, problem


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    """404, and a word about the slash that is easily forgotten."""
    hint = "" if request.path.endswith("/") else " Addresses of this API end with a slash."
    return problem(ApiRefusal(HTTPStatus.NOT_FOUND, "not_found", f"There is no such address.{hint}"))
