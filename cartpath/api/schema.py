"""How the API describes itself: OpenAPI from the types of its documents and bodies.

The description and the page that shows it hold no patient data and need no token, so that somebody who writes
a client can read them before they have one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentIdentity, ResolvedComponent
from drf_spectacular.utils import Direction, OpenApiParameter, OpenApiResponse
from pydantic import TypeAdapter
from pydantic_core import to_json

from cartpath.api.documents import ProblemDocument
from cartpath.api.etag import etag_of, is_not_modified

__all__ = [
    "CONDITIONAL",
    "IDEMPOTENT",
    "PAGED",
    "PRECONDITION",
    "Shape",
    "description",
    "parameter",
    "refusals",
]

OPENAPI_JSON: Final = "application/vnd.oai.openapi+json"


@dataclass(frozen=True)
class Shape:
    """A document or body in the API description: its Python type, and the name of its component."""

    type: Any
    name: str = ""

    @property
    def component(self) -> str:
        """The name, which is the type's own unless another was given."""
        return self.name or self.type.__name__


class ShapeExtension(OpenApiSerializerExtension):
    """Describes a `Shape` by the JSON schema that pydantic makes of its type."""

    target_class = Shape

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        """The component's name."""
        return str(self.target.component)

    def get_identity(self, auto_schema: AutoSchema, direction: Direction) -> Any:
        """One name is one component, whether it is a shape of its own or a part of another."""
        return ComponentIdentity(self.target.component)

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """The schema; parts that have names of their own become components of their own."""
        schema = TypeAdapter(self.target.type).json_schema(
            ref_template="#/components/schemas/{model}",
            mode="validation" if direction == "request" else "serialization",
        )
        for name, part in schema.pop("$defs", {}).items():
            auto_schema.registry.register_on_missing(
                ResolvedComponent(
                    name=name, type=ResolvedComponent.SCHEMA, object=ComponentIdentity(name), schema=part
                )
            )
        return schema


class BearerScheme(OpenApiAuthenticationExtension):
    """Describes the bearer token."""

    target_class = "cartpath.api.auth.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """An opaque token in the `Authorization` header."""
        return {"type": "http", "scheme": "bearer", "description": "Made by `manage.py create_api_client`."}


def parameter(
    name: str, text: str, *, enum: Sequence[str] | None = None, form: str | None = None, kind: type = str
) -> OpenApiParameter:
    """A parameter behind the question mark; `form` is the format of a text."""
    schema: Any = {"type": "string", "format": form} if form else kind
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=text, enum=enum)


def _header(name: str, text: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=text)


PAGED: Final = (
    parameter("page_size", "Rows on a page, 1 to 500; 50 unless given.", kind=int),
    parameter("cursor", "As in the `next` address of the page before."),
)
CONDITIONAL: Final = (_header("If-None-Match", "The `ETag` you hold: answers 304 when nothing changed."),)
PRECONDITION: Final = (
    _header("If-Match", "The `ETag` you read: answers 412 when the record changed since."),
)
IDEMPOTENT: Final = (
    _header("Idempotency-Key", "Makes a retry safe for 24 hours: the same key gets the same answer."),
)

_MEANING: Final[Mapping[int, str]] = {
    401: "No token, or none that is known.",
    403: "The token lacks the scope.",
    404: "There is no such record in the client's centers.",
    409: "The state of the world refuses it; `code` says why.",
    412: "The record changed since it was read.",
    415: "Not JSON.",
    422: "Bad input; `errors` names each field.",
    429: "Too many requests; `Retry-After` says when to come back.",
}
_PROBLEM: Final = Shape(ProblemDocument)


def refusals(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """The refusals of an address, for `responses=`."""
    return {
        (status, "application/problem+json"): OpenApiResponse(_PROBLEM, description=_MEANING[status])
        for status in statuses
    }


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, as JSON (which is YAML, too)."""
    body = _description()
    etag = etag_of(body)
    if is_not_modified(request, etag):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    return HttpResponse(body, content_type=OPENAPI_JSON, headers={"ETag": etag})


@cache
def _description() -> bytes:
    """Made once per process: it only changes with the code."""
    return to_json(SchemaGenerator().get_schema(request=None, public=True))
