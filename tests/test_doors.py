"""Every door of the house is in the permission table: walked by role, by outsiders and by nobody."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from cartpath.accounts.permissions import ROLES_FOR, Permission, may
from tests.conftest import person
from tests.factories import Story

# Doors that stand open: health, sign-in and language, the API and calendar addresses (they have tests of
# their own), the admin.
OPEN_PREFIXES = ("healthz", "readyz", "api/", "feeds/", "accounts/", "language/", "admin/")


def routes(
    resolver: URLResolver | None = None, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str, Any]]:
    """Every route as (path, name, view)."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from routes(entry, path, inner)
        elif isinstance(entry, URLPattern):
            yield path, f"{space}{entry.name}", entry.callback


PAGES = [(path, name, view) for path, name, view in routes() if not path.startswith(OPEN_PREFIXES)]
FOR_ANYBODY_SIGNED_IN = {"web:switch_center"}


def test_every_page_carries_its_permission() -> None:
    without = [
        name for _path, name, view in PAGES if not isinstance(getattr(view, "permission", None), Permission)
    ]
    assert set(without) <= FOR_ANYBODY_SIGNED_IN


def test_the_permission_table_is_complete_and_only_administrators_administer() -> None:
    assert set(ROLES_FOR) == set(Permission)
    assert ROLES_FOR[Permission.ADMINISTER] == {Role.ADMINISTRATOR}
    assert not may(frozenset({Role.ADMINISTRATOR}), Permission.VIEW_PATIENTS)
    assert not may(frozenset(), Permission.VIEW_PATIENTS)


# A value for each part of an address that is not a key.
KNOWN = {
    "stage": "referred",
    "protocol_id": "tisagenlecleucel-eu",
    "version": "1",
    "criterion": "E1",
    "row_id": "E1",
    "kind": "criterion",
    "item": "visit_day_28",
    "on": "2026-03-10",
    "scale": "crs",
    "name": "crs",
    "language": "en",
    "step": "kit_received",
    "what": "sample",
    "check": "vitals",
    "code": "ferritin",
    "portal_page": "order",
    "custody_step": "product_stored",
}


def url_of(name: str, path: str, journey_id: UUID) -> str | None:
    """An address for the route; routes that need another record than a journey get a random key."""
    arguments: dict[str, object] = {}
    for part in path.split("<")[1:]:
        kind, _colon, argument = part.split(">")[0].rpartition(":")
        if argument == "journey_id":
            arguments[argument] = journey_id
        elif kind == "uuid":
            arguments[argument] = uuid4()
        elif kind == "int":
            arguments[argument] = 1
        else:
            arguments[argument] = KNOWN[argument]
    return reverse(name, kwargs=arguments)


@pytest.mark.parametrize(("path", "name", "view"), PAGES, ids=[name for _path, name, _view in PAGES])
def test_nobody_enters_without_signing_in(
    path: str, name: str, view: Any, client: Client, story: Story
) -> None:
    story.referred()
    response = client.get(url_of(name, path, story.journey_id))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


JOURNEY_PAGES = [(path, name) for path, name, _view in PAGES if "<uuid:journey_id>" in path]


@pytest.mark.parametrize(("path", "name"), JOURNEY_PAGES, ids=[name for _path, name in JOURNEY_PAGES])
def test_to_an_outsider_the_journey_does_not_exist(
    path: str, name: str, client: Client, story: Story, cleo: User
) -> None:
    story.referred()
    client.force_login(cleo)
    for answer in (client.get, client.post):
        response = answer(url_of(name, path, story.journey_id))
        assert response.status_code in {404, 405}, f"{answer.__name__} {name}"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_just_the_doors_the_table_gives_it(role: Role, client: Client, story: Story) -> None:
    story.in_follow_up()
    client.force_login(person(f"{role}@a.example", role, role, story.center))
    wrong = []
    for path, name, view in PAGES:
        if name in FOR_ANYBODY_SIGNED_IN:
            continue
        # Seeing a child comes first; without it the child's pages don't exist.
        needed = {view.permission, Permission.VIEW_PATIENTS} if "journey_id" in path else {view.permission}
        allowed = all(role in ROLES_FOR[permission] for permission in needed)
        status = client.get(url_of(name, path, story.journey_id)).status_code
        if (status in {403, 404} and allowed and "uuid" not in path) or (
            status not in {403, 404, 405} and not allowed
        ):
            wrong.append((name, status, allowed))
    assert wrong == []
