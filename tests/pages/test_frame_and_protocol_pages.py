"""The frame around every page, the protocols to be read, and the pure helps behind both."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from cartpath.protocols import registry
from cartpath.web.selectors.protocol import document
from cartpath.web.trend import HEIGHT, WIDTH, trend
from patients.enums import Stage
from patients.pace import days_allowed, expected_days
from tests.conftest import person
from tests.factories import Story
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]
EU = registry.latest("tisagenlecleucel-eu")
ALL_PLACES = ["Today", "Board", "Apheresis", "Ward", "Follow-up", "Products", "Protocols"]


@pytest.mark.parametrize("role", list(Role))
def test_the_rail_shows_a_role_just_the_places_it_may_open(
    role: Role, client: Client, center: Center
) -> None:
    client.force_login(person("somebody@a.example", "Somebody", role, center))
    nav = client.get("/").context["nav"]()
    shown = [str(item.label) for item in nav]
    assert shown == (["Today", "Protocols"] if role == Role.ADMINISTRATOR else ALL_PLACES)
    assert [client.get(item.url).status_code for item in nav] == [200] * len(nav)
    assert [str(item.label) for item in nav if item.current] == ["Today"]


def test_the_frame_of_a_signed_in_page_names_person_role_and_center(
    client: Client, ada: User, center: Center
) -> None:
    Membership.objects.create(user=ada, center=center, role=Role.AUDITOR)
    client.force_login(ada)
    page = text_of(client.get("/protocols/"))  # type: ignore[arg-type]
    assert "Coordinator, Auditor" in page
    assert "Center A" in page


def test_a_page_before_sign_in_reads_nothing_about_anybody(client: Client, db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/accounts/login/").status_code == 200
    assert len(asked) == 0


def test_a_person_works_in_one_center_at_a_time_and_may_switch(
    client: Client, ada: User, other_center: Center, story: Story
) -> None:
    story.referred()
    Membership.objects.create(user=ada, center=other_center, role=Role.COORDINATOR)
    client.force_login(ada)
    assert client.get("/board/").context["board"].total == 1
    response = client.post(reverse("web:switch_center"), {"center": other_center.pk, "next": "/board/"})
    assert response["Location"] == "/board/"
    assert client.get("/board/").context["board"].total == 0


def test_nobody_switches_to_a_center_they_do_not_belong_to(
    client: Client, ada: User, other_center: Center
) -> None:
    client.force_login(ada)
    for wrong in (other_center.pk, 0, "", "x"):
        assert client.post(reverse("web:switch_center"), {"center": wrong}).status_code == 403
    assert client.get(reverse("web:switch_center")).status_code == 405


def test_switching_never_leads_to_another_site(client: Client, ada: User, center: Center) -> None:
    client.force_login(ada)
    given = {"center": center.pk, "next": "//elsewhere.example/"}
    assert client.post(reverse("web:switch_center"), given)["Location"] == "/"


def test_times_are_those_of_the_center(story: Story, desk: Sit, dana: User, center: Center) -> None:
    Center.objects.filter(pk=center.pk).update(timezone="America/New_York")
    story.referred()
    assert "02-Mar-2026 06:00" in text_of(desk(dana).get(desk(dana).path("web:journey_ledger")))


def test_the_language_follows_the_choice(client: Client, ada: User) -> None:
    client.force_login(ada)
    client.post(reverse("set_language"), {"language": "it", "next": "/"})
    assert '<html lang="it">' in text_of(client.get("/"))  # type: ignore[arg-type]


def test_every_protocol_is_listed(desk: Sit, story: Story, ada: User) -> None:
    page = text_of(desk(ada).get("/protocols/"))
    for protocol in registry.all_protocols():
        assert reverse("web:protocol", args=[protocol.id, protocol.version]) in page


@pytest.mark.parametrize("protocol", registry.all_protocols(), ids=lambda protocol: protocol.id)
def test_every_rule_of_a_protocol_is_told_with_its_sources_and_its_status(protocol: Any) -> None:
    told = document(protocol)
    rules = [rule for chapter in told.chapters for rule in chapter.rules]
    assert all(rule.label and rule.sources and rule.status.word for rule in rules)
    assert sum(count for _look, count in told.counts) == len(rules)
    assert {number for rule in rules for number in rule.sources} <= set(range(1, len(told.sources) + 1))
    assert len({chapter.anchor for chapter in told.chapters}) == len(told.chapters)


def test_a_protocol_reads_like_a_document(desk: Sit, story: Story, omar: User) -> None:
    page = text_of(desk(omar).get(reverse("web:protocol", args=[EU.id, EU.version])))
    assert "Up to and including 50 kg" in page
    assert "2 × 10<sup>5</sup>" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "Fludarabine 30 mg/m² × 4 days" in page
    assert "every 12 h for 10 days" in page
    assert "Draft: does nothing" in page


def test_a_protocol_that_does_not_exist_is_not_found(desk: Sit, story: Story, ada: User) -> None:
    assert desk(ada).get(reverse("web:protocol", args=[EU.id, "99"])).status_code == 404
    assert desk(ada).get(reverse("web:protocol", args=["none", "1"])).status_code == 404


@pytest.mark.parametrize(
    ("stage", "days"),
    [
        (Stage.REFERRED, 7),
        (Stage.ACCEPTED, 7),
        (Stage.APHERESIS_PLANNED, None),
        (Stage.COLLECTED, 7),
        (Stage.MANUFACTURING, 21),
        (Stage.RELEASED, 21),
        (Stage.LYMPHODEPLETION, 17),
        (Stage.INFUSED, 14),
        (Stage.FOLLOW_UP, None),
        (Stage.CLOSED, None),
    ],
)
def test_the_days_a_stage_may_take_follow_from_the_protocol(stage: Stage, days: int | None) -> None:
    assert days_allowed(EU, stage) == days
    assert expected_days(EU.id, EU.version, stage) == days


def test_a_trend_keeps_time_to_the_right_and_more_above() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    drawn = trend([(start + timedelta(days=10), 20.0), (start, 18.0)], limits=(18.0, 22.0))
    assert drawn is not None
    first, last = drawn.dots
    assert first.x < last.x <= WIDTH
    assert last.y < first.y <= HEIGHT
    assert drawn.band_y is not None
    assert drawn.band_height is not None
    assert 0 <= drawn.band_y < drawn.band_y + drawn.band_height <= HEIGHT
    assert (drawn.low, drawn.high) == (18.0, 20.0)


def test_one_value_makes_no_trend_and_equal_values_a_level_line() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    assert trend([(at, 18.0)]) is None
    level = trend([(at, 0.0), (at, 0.0)])
    assert level is not None
    assert {dot.y for dot in level.dots} == {HEIGHT / 2}


def test_a_drawing_has_decimal_points_in_every_language(story: Story, desk: Sit, ada: User) -> None:
    story.referred()
    for weight in (18.4, 19.1, 19.7):
        story.later(days=2)
        story.measured(weight)
    with translation.override("it"):
        page = text_of(desk(ada).get(desk(ada).path("web:journey"), **{"Accept-Language": "it"}))
    drawing = page.partition('<svg class="trend-drawing"')[2].partition("</svg>")[0]
    assert 'cx="150.0"' in drawing
    assert "18,4–19,7" in page
