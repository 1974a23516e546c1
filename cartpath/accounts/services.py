"""Writes of the accounts room."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.accounts.enums import Scope
from cartpath.accounts.models import ApiClient, Center, token_digest
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client and its token; the token can't be shown again."""

    client: ApiClient
    token: str


@transaction.atomic
def api_client_create(*, name: str, centers: Sequence[Center], scopes: Sequence[str]) -> NewClient:
    """Register a program for `centers` with `scopes`. Raises `Invalid` for unknown scopes or no center."""
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        raise unknown_choice("scope", Scope)
    if not centers:
        raise Invalid("invalid_input", _("No center."), fields={"center": _("Name at least one center.")})
    token = f"cp_{secrets.token_urlsafe(32)}"
    client = ApiClient.objects.create(name=name, scopes=sorted(set(scopes)), token_hash=token_digest(token))
    client.centers.set(centers)
    return NewClient(client=client, token=token)


def api_client_revoke(*, client_id: UUID, at: datetime) -> None:
    """Shut a program out from now on. Revoking twice keeps the first time."""
    ApiClient.objects.filter(pk=client_id, revoked_at=None).update(revoked_at=at)
