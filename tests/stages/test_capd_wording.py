"""A center's own licensed wording of CAPD: entered whole, kept with who and when, never shipped."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from cartpath.accounts.models import Center, User
from cartpath.core.errors import Conflict, Invalid
from tests.conftest import NOON
from tests.factories import Story
from toxicity.capd_services import capd_wording_end, capd_wording_keep
from toxicity.models import CapdWording
from toxicity.selectors import capd_wording

SignIn = Callable[[User], Client]

QUESTIONS = [f"Licensed question {place}" for place in range(1, 9)]
LICENSE = "Permission of the rights holder, 3 March 2026"
TYPED = {f"topic_{place}": text for place, text in enumerate(QUESTIONS, start=1)} | {
    "license_statement": LICENSE,
    "holds_license": "on",
}
PAGE = "/center/capd/en/"


def keep(center: Center, by: User, **changes: Any) -> list[CapdWording]:
    known: dict[str, Any] = {
        "center": center,
        "language": "en",
        "texts": QUESTIONS,
        "license_statement": LICENSE,
        "holds_license": True,
        "by": by.actor,
        "at": NOON,
    }
    return capd_wording_keep(**(known | changes))


def test_the_wording_is_kept_with_its_license_and_who_entered_it(center: Center, ben: User) -> None:
    keep(center, ben)
    kept = capd_wording(center.pk, "en")
    assert [(each.topic, each.text) for each in kept] == list(enumerate(QUESTIONS, start=1))
    assert {(each.license_statement, each.entered_by, each.entered_at) for each in kept} == {
        (LICENSE, "Ben", NOON)
    }


def test_a_wording_belongs_to_one_center_and_one_language(
    center: Center, other_center: Center, ben: User
) -> None:
    keep(center, ben)
    assert capd_wording(center.pk, "it") == []
    assert capd_wording(other_center.pk, "en") == []


def test_another_wording_ends_the_old_one_and_keeps_it(
    center: Center, ben: User, cara: User, day: Any
) -> None:
    keep(center, ben)
    keep(center, cara, texts=[text.upper() for text in QUESTIONS], at=NOON + day)
    assert [each.text for each in capd_wording(center.pk, "en")] == [text.upper() for text in QUESTIONS]
    ended = CapdWording.objects.filter(ended_at=NOON + day)
    assert {(each.entered_by, each.ended_by) for each in ended} == {("Ben", "Cara")}
    assert ended.count() == 8


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"texts": [*QUESTIONS[:2], "  ", *QUESTIONS[3:]]}, {"topic_3"}),
        ({"license_statement": " "}, {"license_statement"}),
        ({"holds_license": False}, {"holds_license"}),
        ({"texts": QUESTIONS[:7]}, set()),
    ],
)
def test_a_wording_is_whole_and_licensed_or_refused(
    center: Center, ben: User, changes: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        keep(center, ben, **changes)
    assert set(refused.value.fields) == fields
    assert not CapdWording.objects.exists()


def test_a_wording_can_be_taken_back_once(center: Center, ben: User) -> None:
    keep(center, ben)
    assert capd_wording_end(center=center, language="en", by=ben.actor, at=NOON) == 8
    assert capd_wording(center.pk, "en") == []
    with pytest.raises(Conflict):
        capd_wording_end(center=center, language="en", by=ben.actor, at=NOON)


@pytest.mark.parametrize(
    "wrong", [{"topic": 9}, {"topic": 0}, {"text": ""}, {"license_statement": ""}, {"topic": 1}]
)
def test_the_database_refuses_what_no_wording_can_be(
    center: Center, ben: User, wrong: dict[str, object]
) -> None:
    keep(center, ben)
    CapdWording.objects.filter(topic=2).delete()
    row: dict[str, Any] = {"topic": 2, "text": "x", "license_statement": "y", "language": "en"}
    with pytest.raises(IntegrityError), transaction.atomic():
        CapdWording.objects.create(center=center, entered_by="Ben", entered_at=NOON, **(row | wrong))


def test_a_clinician_enters_the_wording_and_the_assessment_asks_with_it(
    story: Story, signed_in: SignIn, ben: User
) -> None:
    story.infused()
    client = signed_in(ben)
    assess = f"/journeys/{story.journey_id}/toxicity/new/"
    before = client.get(assess).content.decode()
    assert "Eye contact" in before
    assert PAGE in before
    assert client.post(PAGE, TYPED).status_code == 302
    after = client.get(assess).content.decode()
    assert "Licensed question 1" in after
    assert "Eye contact" not in after
    assert PAGE not in after


def test_the_calculators_ask_with_the_wording_too(center: Center, signed_in: SignIn, ben: User) -> None:
    client = signed_in(ben)
    keep(center, ben)
    for name in ("capd", "icans"):
        page = client.get(f"/calculators/{name}/").content.decode()
        assert "Licensed question 8" in page
        assert "Slow to respond" not in page
    assert "Licensed question" not in client.get("/calculators/crs/").content.decode()


def test_a_refused_wording_comes_back_as_it_was_typed(center: Center, signed_in: SignIn, omar: User) -> None:
    response = signed_in(omar).post(PAGE, TYPED | {"topic_4": "", "holds_license": ""})
    assert response.status_code == 422
    assert "Licensed question 8" in response.content.decode()
    assert not CapdWording.objects.exists()


def test_the_page_says_who_entered_what_is_in_use(center: Center, signed_in: SignIn, ben: User) -> None:
    keep(center, ben)
    page = " ".join(signed_in(ben).get(PAGE).content.decode().split())
    assert "Entered by Ben" in page
    assert LICENSE in page


def test_the_neutral_topics_come_back(center: Center, signed_in: SignIn, ben: User) -> None:
    keep(center, ben)
    client = signed_in(ben)
    assert client.post(f"{PAGE}end/").status_code == 302
    assert capd_wording(center.pk, "en") == []
    assert client.post(f"{PAGE}end/").status_code == 302


def test_other_roles_and_other_languages_find_nothing(
    center: Center, signed_in: SignIn, ada: User, ben: User
) -> None:
    assert signed_in(ada).get(PAGE).status_code == 403
    assert signed_in(ben).get("/center/capd/de/").status_code == 404
