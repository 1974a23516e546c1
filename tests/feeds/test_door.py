"""The one door without a session: it opens to a living address only, and keeps the secret to itself."""

import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cartpath.accounts.models import Membership, User
from cartpath.core import fair_share
from cartpath.core.errors import Conflict, Forbidden, NotFound
from cartpath.core.logs import NoSecretAddresses
from leukapheresis.feeds import services, views
from leukapheresis.feeds.services import feed_make, feed_revoke
from leukapheresis.models import CalendarFeed, Resource
from tests.factories import Story
from tests.feeds.conftest import Program, program_of


@pytest.fixture(autouse=True)
def whole_share() -> None:
    fair_share.forget_all()


@pytest.fixture
def machine(story: Story) -> Resource:
    return Resource.objects.create(center=story.center, name="Machine 1")


def test_the_table_does_not_know_the_secret(program: Program) -> None:
    token = program.path.removeprefix("/feeds/").removesuffix(".ics")
    assert len(token) >= 43
    stored = str(CalendarFeed.objects.values().get())
    assert token not in stored


def test_a_calendar_is_private_and_asked_anew_each_time(story: Story, program: Program) -> None:
    story.booked()
    response = program.get()
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies


def test_what_did_not_change_is_not_sent_again(story: Story, program: Program) -> None:
    story.booked()
    first = program.get()
    second = program.get(If_None_Match=first["ETag"])
    assert (second.status_code, second.content, second["ETag"]) == (304, b"", first["ETag"])
    assert program.get().content == first.content
    story.booked(story.slot(in_days=4))
    third = program.get(If_None_Match=first["ETag"])
    assert (third.status_code, third["ETag"] != first["ETag"]) == (200, True)


def refused(program: Program) -> bool:
    response = program.get()
    assert response.status_code in {200, 404}
    if response.status_code == 404:
        assert response.content == Client().get("/feeds/unknown.ics").content
        assert response["Cache-Control"] == "no-store"
    return response.status_code == 404


def test_an_unknown_address_is_not_there(db: None) -> None:
    for word in ("unknown", "a" * 43, "x" * 4000, "%00"):
        assert Client().get(f"/feeds/{word}.ics").status_code == 404


def test_a_revoked_address_is_not_there(story: Story, program: Program) -> None:
    feed_revoke(feed_id=program.feed.pk, by=story.coordinator, at=story.at)
    assert refused(program)


def test_the_address_of_a_person_who_left_is_not_there(story: Story, program: Program) -> None:
    User.objects.filter(pk=story.coordinator.pk).update(is_active=False)
    assert refused(program)


@pytest.mark.parametrize("role", ["administrator", None])
def test_an_address_dies_with_the_right_to_see_the_calendar(
    story: Story, program: Program, machine: Resource, role: str | None
) -> None:
    wall = program_of(story, machine)
    held = Membership.objects.filter(user=story.coordinator)
    assert not refused(wall)
    if role:
        held.update(role=role)
    else:
        held.delete()
    assert refused(program)
    assert refused(wall)


def test_only_reading_is_possible(program: Program) -> None:
    for method in ("post", "put", "delete", "patch"):
        assert getattr(Client(), method)(program.path).status_code == 405
    assert Client().head(program.path).content == b""


def test_a_program_in_a_loop_is_told_to_wait(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "READS_PER_MINUTE", 2)
    answers = [program.get() for _ in range(3)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) >= 1


def test_when_it_was_last_read_is_noted_to_the_hour(story: Story, program: Program) -> None:
    program.get()
    first = story.at
    story.later(minutes=59)
    program.get()
    program.feed.refresh_from_db()
    assert program.feed.read_at == first
    story.later(minutes=1)
    program.get()
    program.feed.refresh_from_db()
    assert program.feed.read_at == story.at


def test_no_log_line_keeps_a_secret(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(NoSecretAddresses())
    token = program.path.split("/")[-1].removesuffix(".ics")
    feed_revoke(feed_id=program.feed.pk, by=program.feed.user, at=program.story.at)
    with caplog.at_level(logging.DEBUG):
        assert program.get().status_code == 404
        logging.getLogger("proxy").error("Internal Server Error: %s", program.path)
        logging.getLogger("proxy").warning(f"GET https://x.example{program.path}?a=1 HTTP/1.1")
    assert "Not Found: /feeds/…" in caplog.text
    assert "GET https://x.example/feeds/…?a=1 HTTP/1.1" in caplog.text
    assert token not in caplog.text


def test_every_handler_of_the_settings_leaves_secrets_out(settings: Any) -> None:
    assert all("no_secrets" in handler["filters"] for handler in settings.LOGGING["handlers"].values())


def test_other_log_lines_stay_as_they_are() -> None:
    record = logging.LogRecord("a", logging.INFO, "f", 1, "%d deliveries", (3,), None)
    assert NoSecretAddresses().filter(record)
    assert (record.msg, record.args) == ("%d deliveries", (3,))


def test_somebody_who_sees_no_calendar_makes_no_address(
    story: Story, omar: User, cleo: User, machine: Resource
) -> None:
    for user, resource in ((omar, None), (omar, machine), (cleo, machine)):
        with pytest.raises(Forbidden):
            feed_make(user=user, name="phone", resource=resource, at=story.at)


def test_a_person_has_a_bounded_number_of_addresses(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_ADDRESSES", 2)
    made = [feed_make(user=story.coordinator, name="phone", at=story.at) for _ in range(2)]
    with pytest.raises(Conflict) as refusal:
        feed_make(user=story.coordinator, name="phone", at=story.at)
    assert refusal.value.code == "too_many_addresses"
    feed_revoke(feed_id=made[0].feed.pk, by=story.coordinator, at=story.at)
    feed_make(user=story.coordinator, name="phone", at=story.at)


def test_the_first_revocation_counts(story: Story, program: Program) -> None:
    for hours in (0, 1):
        feed_revoke(feed_id=program.feed.pk, by=story.coordinator, at=story.at + timedelta(hours=hours))
    program.feed.refresh_from_db()
    assert (program.feed.revoked_at, program.feed.revoked_by) == (story.at, "Ada")


def test_who_may_revoke(story: Story, program: Program, machine: Resource, omar: User, cleo: User) -> None:
    wall = program_of(story, machine, user=story.nurse)
    for user, each in ((story.nurse, program), (cleo, program), (cleo, wall), (story.clinician, wall)):
        with pytest.raises(NotFound):
            feed_revoke(feed_id=each.feed.pk, by=user, at=story.at)
    for each in (wall, program):
        feed_revoke(feed_id=each.feed.pk, by=omar, at=story.at)
        assert refused(each)


def test_the_door_needs_no_session_and_opens_none(program: Program, signed_in: Any, story: Story) -> None:
    assert reverse("leukapheresis:feed", args=["x"]) == "/feeds/x.ics"
    with time_machine.travel(story.at, tick=False):
        seen = signed_in(story.coordinator).get(program.path)
    assert seen.content == program.get().content
