"""Who asks: a bearer token is looked up once, with the centers and scopes that go with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from cartpath.accounts.models import Center, token_digest
from cartpath.api.problems import ApiRefusal
from cartpath.core.actor import Actor

if TYPE_CHECKING:  # REST framework's views read the settings, which name the classes below
    from rest_framework.views import APIView

__all__ = ["BearerAuthentication", "CenterOf", "Client", "HasScope", "client_of", "refuse_out_of_scope"]

CHALLENGE = 'Bearer realm="CARTPath"'

# Subqueries on purpose: PostgreSQL plans them in half the time that a join takes, and runs them as fast.
_LOOK_UP = """
SELECT client.id, client.name, client.scopes,
       ARRAY(SELECT center_id FROM accounts_apiclient_centers WHERE apiclient_id = client.id)
  FROM accounts_apiclient client
 WHERE client.token_hash = %s AND client.revoked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class CenterOf:
    """A center as far as an answer needs it."""

    id: int
    code: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Client:
    """A program that asks: what it may do, and in which centers."""

    id: UUID
    name: str
    scopes: frozenset[str]
    center_ids: list[int]

    @property
    def actor(self) -> Actor:
        """This program as the doer of an act."""
        return Actor(kind="client", id=str(self.id), name=self.name)

    @cached_property
    def centers(self) -> Mapping[int, CenterOf]:
        """The client's centers by id; one query, made by the addresses that need it."""
        rows = Center.objects.filter(pk__in=self.center_ids).values_list("id", "code", "timezone")
        return {pk: CenterOf(pk, code, ZoneInfo(zone)) for pk, code, zone in rows.order_by("code")}

    def center_named(self, code: str) -> CenterOf | None:
        """The client's center with this code."""
        return next((center for center in self.centers.values() if center.code == code), None)


def client_of(authorization: str | None) -> Client:
    """The client that an `Authorization` header names; one query.

    Raises a 401 without a bearer token, and for a token that is unknown or revoked: which of the two is
    nobody's business.
    """
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise ApiRefusal(
            HTTPStatus.UNAUTHORIZED,
            "not_authenticated",
            "Send a token: “Authorization: Bearer TOKEN”.",
            headers={"WWW-Authenticate": CHALLENGE},
        )
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [token_digest(token)])
        row = cursor.fetchone()
    if row is None:
        raise ApiRefusal(
            HTTPStatus.UNAUTHORIZED,
            "invalid_token",
            "This token is not valid.",
            headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
        )
    client_id, name, scopes, center_ids = row
    return Client(client_id, name, frozenset(scopes), center_ids)


def refuse_out_of_scope(client: Client, scope: str) -> None:
    """Raise a 403 unless the client holds the scope."""
    if scope not in client.scopes:
        raise ApiRefusal(
            HTTPStatus.FORBIDDEN,
            "wrong_scope",
            f"This token lacks the scope “{scope}”.",
            headers={"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'},
        )


class BearerAuthentication(BaseAuthentication):
    """The same look-up for plain REST framework views, and what the API description says of it."""

    def authenticate(self, request: Request) -> tuple[Any, Client]:
        """The client, both as user and as credentials. Raises a 401 otherwise."""
        client = client_of(request.META.get("HTTP_AUTHORIZATION"))
        return client, client

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return CHALLENGE


class HasScope(BasePermission):
    """Opens a plain REST framework view to clients that hold the view's `scopes` for the method."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Raise a 403 without the scope; a view that names none for the method is closed to everybody."""
        scope = getattr(view, "scopes", {}).get(request.method)
        if scope is None or not isinstance(request.auth, Client):
            return False
        refuse_out_of_scope(request.auth, scope)
        return True
