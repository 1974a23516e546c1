"""Sign-in, lock-out, idle sessions and API clients."""

import json

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from cartpath.accounts.models import ApiClient, Center, User, token_digest
from tests.factories import PASSWORD


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def sign_in(client: Client, password: str = PASSWORD, email: str = "ada@a.example") -> int:
    return client.post("/accounts/login/", {"login": email, "password": password}).status_code


def test_ada_signs_in_with_her_address_in_any_case(client: Client, ada: User) -> None:
    assert sign_in(client, email="ADA@a.example") == 302
    assert client.get("/").status_code == 200


def test_five_wrong_passwords_shut_the_door_even_for_the_right_one(client: Client, ada: User) -> None:
    for _ in range(5):
        assert sign_in(client, password="wrong") == 200
    assert sign_in(client) != 302
    assert client.get("/").status_code == 302


def test_a_person_switched_off_cannot_sign_in(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    sign_in(client)
    assert client.get("/").status_code == 302


def test_nobody_registers_alone(client: Client, db: None) -> None:
    client.post("/accounts/signup/", {"email": "new@a.example", "password1": PASSWORD})
    assert not User.objects.filter(email="new@a.example").exists()


def test_a_session_left_alone_ends(client: Client, ada: User) -> None:
    with time_machine.travel("2026-03-02T08:00:00Z", tick=False) as traveller:
        client.force_login(ada)
        assert client.get("/").status_code == 200
        traveller.shift(29 * 60)
        assert client.get("/").status_code == 200
        traveller.shift(29 * 60)
        assert client.get("/").status_code == 200
        traveller.shift(31 * 60)
        assert client.get("/").status_code == 302


def test_an_api_clients_token_is_shown_once_and_stored_as_a_hash(
    center: Center, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("create_api_client", "tracker", "--center", "A", "--scope", "journeys:read")
    shown = json.loads(capsys.readouterr().out)
    stored = ApiClient.objects.get()
    assert stored.token_hash == token_digest(shown["token"])
    assert shown["token"] not in str(stored.__dict__)
    assert (shown["centers"], shown["scopes"]) == (["A"], ["journeys:read"])


def test_an_unknown_center_is_named_together_with_the_known_ones(center: Center) -> None:
    with pytest.raises(CommandError, match=r"No center with code Z\. Known: A\."):
        call_command("create_api_client", "tracker", "--center", "Z", "--scope", "journeys:read")


def test_an_address_exists_once_whatever_its_case(ada: User) -> None:
    with pytest.raises(Exception, match="user_email_any_case"):
        User.objects.create(email="Ada@A.example", name="Another Ada")
