"""A program of the house is told over HTTP: signed, once, with ids and figures only."""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from cartpath.accounts.models import Center, User
from cartpath.core.errors import Invalid, NotFound
from cartpath.reminders import webhooks
from cartpath.reminders.enums import Channel, DeliveryState
from cartpath.reminders.models import Delivery, WebhookTarget
from cartpath.reminders.services import deliveries_retry, reminder_complete
from cartpath.reminders.telling import NewWebhook, webhook_make, webhook_revoke
from tests.reminders.conftest import Clock, Refer
from tests.reminders.http_sink import HttpSink, Received

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    with HttpSink() as listening:
        yield listening


def make(center: Center, by: User, clock: Clock, url: str, up_to_priority: int = 2) -> NewWebhook:
    return webhook_make(
        center_id=center.pk, name="Pager", url=url, up_to_priority=up_to_priority, by=by.actor, at=clock.at
    )


@pytest.fixture
def pager(center: Center, omar: User, clock: Clock, sink: HttpSink) -> NewWebhook:
    return make(center, omar, clock, sink.url)


def is_signed(received: Received, secret: str) -> bool:
    """Check the signature as Standard Webhooks tells a listener to, with no code of ours."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode()
    digest = hmac.new(key, signed + received.body, hashlib.sha256).digest()
    return hmac.compare_digest(
        received.headers["webhook-signature"], f"v1,{base64.b64encode(digest).decode('ascii')}"
    )


def states() -> list[tuple[str, str, int]]:
    """What became of the calls."""
    calls = Delivery.objects.filter(channel=Channel.WEBHOOK)
    return list(calls.order_by("pk").values_list("state", "problem", "attempts"))


def test_a_webhook_is_told_beside_the_people(
    refer: Refer, clock: Clock, pager: NewWebhook, sink: HttpSink, center: Center
) -> None:
    reminder = refer()
    clock.run()
    (received,) = sink.received
    assert is_signed(received, pager.secret)
    assert abs(int(received.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    call = Delivery.objects.get(channel=Channel.WEBHOOK)
    assert (received.path, received.headers["webhook-id"]) == ("/reminders", str(call.pk))
    data = received.document["data"]
    assert (data["reminder_id"], data["item"]) == (str(reminder.pk), "referral_decision")
    assert (data["center"], data["role"], data["state"], data["timing"]) == ("A", "clinician", "open", "due")
    assert (data["priority"], data["waiting"]) == (2, 1)
    assert data["url"].endswith(f"/reminders/{reminder.pk}/")
    assert (call.state, len(mail.outbox)) == (DeliveryState.SENT, 1)


def test_a_webhook_learns_nothing_about_a_child(
    refer: Refer, clock: Clock, pager: NewWebhook, sink: HttpSink
) -> None:
    child = refer().patient
    clock.run()
    said = (sink.received[0].body.decode() + json.dumps(dict(sink.received[0].headers))).lower()
    for secret in (
        child.family_name,
        child.given_name,
        child.mrn,
        child.birth_date.isoformat(),
        pager.secret,
    ):
        assert secret.lower() not in said


def test_a_body_that_was_changed_under_way_is_not_signed(
    refer: Refer, clock: Clock, pager: NewWebhook, sink: HttpSink
) -> None:
    refer()
    clock.run()
    (received,) = sink.received
    forged = Received(
        received.path, received.headers, received.body.replace(b'"priority":2', b'"priority":4')
    )
    assert forged.body != received.body
    assert not is_signed(forged, pager.secret)


def test_a_webhook_hears_of_its_priorities_only(
    refer: Refer, clock: Clock, pager: NewWebhook, sink: HttpSink
) -> None:
    refer(priority=3)
    clock.run()
    assert sink.received == []


def test_a_revoked_webhook_hears_nothing_more(
    refer: Refer, clock: Clock, pager: NewWebhook, sink: HttpSink, omar: User
) -> None:
    sink.status = 500
    refer()
    clock.run()
    webhook_revoke(webhook_id=pager.target.pk, by=omar.actor, at=clock.at)
    refer()
    clock.later(minutes=1)
    clock.run()
    assert len(sink.received) == 1
    assert states() == [("skipped", "revoked", 1)]


@pytest.mark.parametrize("status", [301, 302, 400, 404, 500])
def test_any_answer_but_2xx_is_tried_again_under_the_same_id(
    refer: Refer, clock: Clock, pager: NewWebhook, sink: HttpSink, status: int
) -> None:
    sink.status, sink.headers = status, {"Location": sink.url}
    refer()
    clock.run()
    assert states() == [("intended", f"WebhookRefused {status}", 1)]
    sink.status = 200
    clock.later(minutes=1)
    clock.run()
    assert states() == [("sent", "", 1)]
    assert len({received.headers["webhook-id"] for received in sink.received}) == 1
    assert len(sink.received) == 2


def test_a_webhook_that_never_answers_is_set_aside_and_can_be_tried_again(
    refer: Refer, clock: Clock, center: Center, omar: User
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        make(center, omar, clock, f"http://127.0.0.1:{closed.getsockname()[1]}/")
    refer()
    refer()
    for _ in range(30):
        clock.run()
        clock.later(hours=3)
    assert [state for state, _problem, _attempts in states()] == ["failed", "failed"]
    assert len(mail.outbox) == 2
    failed = Delivery.objects.filter(channel=Channel.WEBHOOK).values_list("pk", flat=True)
    assert deliveries_retry(delivery_ids=failed, at=clock.at) == 2


def test_one_that_does_not_answer_is_asked_once_in_a_run(
    refer: Refer, clock: Clock, pager: NewWebhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def silent(call: webhooks.Call) -> None:
        asked.append(call.url)
        raise TimeoutError

    monkeypatch.setattr("cartpath.reminders.channels.post", silent)
    for _ in range(5):
        refer()
    clock.run()
    assert len(asked) == 1
    assert len(mail.outbox) == 5


def test_what_is_done_is_not_told_to_a_webhook(
    refer: Refer, clock: Clock, pager: NewWebhook, sink: HttpSink, ben: User
) -> None:
    sink.status = 503
    reminder = refer()
    clock.run()
    reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason="Decided by phone.")
    clock.later(minutes=1)
    clock.run()
    assert len(sink.received) == 1
    assert states() == [("skipped", "no_longer_open", 1)]


FORBIDDEN = [
    "http://pager.hospital.example/",
    "ftp://pager.hospital.example/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://169.254.169.254/latest/",
    "https://[fe80::1]/",
    "https://0.0.0.0/",
    "https://user:password@pager.hospital.example/",
    "https://pager.hospital.example:port/",
    "https:///nowhere",
    "pager",
    "",
]


@pytest.mark.parametrize("url", FORBIDDEN)
def test_in_production_only_https_to_elsewhere_is_taken(
    settings: Any, center: Center, omar: User, clock: Clock, url: str
) -> None:
    settings.WEBHOOKS_MAY_STAY_HERE = False
    with pytest.raises(Invalid) as refused:
        make(center, omar, clock, url)
    assert set(refused.value.fields) == {"url"}
    assert not WebhookTarget.objects.exists()


@pytest.mark.parametrize("url", ["https://pager.hospital.example:8443/a?b=c", "https://10.1.2.3/"])
def test_addresses_of_the_house_are_taken(
    settings: Any, center: Center, omar: User, clock: Clock, url: str
) -> None:
    settings.WEBHOOKS_MAY_STAY_HERE = False
    made = make(center, omar, clock, url)
    assert made.target.url == url
    assert made.secret.startswith("whsec_")


def test_a_name_that_leads_back_here_is_not_called(
    settings: Any, center: Center, omar: User, clock: Clock, refer: Refer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOKS_MAY_STAY_HERE = False
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(webhooks.socket, "getaddrinfo", lambda *_args, **_kwargs: here)
    make(center, omar, clock, "https://pager.hospital.example/")
    refer()
    clock.run()
    assert states() == [("intended", "AddressForbidden", 1)]


@pytest.mark.parametrize(("name", "priority"), [("", 2), ("Pager", 0), ("Pager", 5)])
def test_a_webhook_has_a_name_and_a_possible_priority(
    center: Center, omar: User, clock: Clock, name: str, priority: int
) -> None:
    with pytest.raises(Invalid):
        webhook_make(
            center_id=center.pk,
            name=name,
            url="https://pager.hospital.example/",
            up_to_priority=priority,
            by=omar.actor,
            at=clock.at,
        )


def test_an_unknown_webhook_is_not_found(omar: User, clock: Clock) -> None:
    with pytest.raises(NotFound):
        webhook_revoke(webhook_id=WebhookTarget().pk, by=omar.actor, at=clock.at)
