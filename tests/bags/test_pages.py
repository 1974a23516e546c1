"""The tablet at the bedside: match or stop, two signatures, and entries that count once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from cartpath.ledger.models import Event
from infusion.models import BagInfusion, IdentityCheck, InfusionReaction, KeptEntry, Premedication
from manufacturing.models import CustodyItem, ScanStop
from tests.conftest import person
from tests.factories import PASSWORD, Story
from tests.infusing import at_bedside, bags_added, code, thawed

pytestmark = pytest.mark.django_db

SCRIPT = {"X-Sent-By": "bedside"}


@pytest.fixture
def story(story: Story) -> Story:
    """A story that ends today: pages read the clock."""
    story.at = timezone.now().replace(microsecond=0) - timedelta(days=120)
    return story


def near_now(story: Story) -> list[CustodyItem]:
    """The bags at the bedside, an hour ago."""
    bags = at_bedside(story)
    story.at = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    return bags


def address(story: Story, name: str, item: CustodyItem | None = None) -> str:
    return reverse(f"infusion:{name}", args=[story.journey_id, *([item.pk] if item else [])])


def scanned(story: Story, item: CustodyItem) -> dict[str, Any]:
    return {"wristband": story.journey.patient.mrn, "bag": code(item)}


def pressed(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def test_wristband_and_bag_that_fit_make_a_big_match_and_two_people_sign_under_it(
    client: Client, story: Story
) -> None:
    one, _two = near_now(story)
    client.force_login(story.nurse)
    answer = client.post(address(story, "bedside_scan"), scanned(story, one))
    assert answer.status_code == 200
    assert "infusing-match" in answer.content.decode()
    signed = scanned(story, one) | {"second": story.clinician.email, "password": PASSWORD}
    answer = client.post(address(story, "bedside_sign", one), signed)
    assert (answer.status_code, answer["Location"]) == (302, address(story, "bedside"))
    check = IdentityCheck.objects.get(item=one)
    assert {check.first, check.second} == {story.nurse, story.clinician}


def test_the_second_person_can_sign_in_a_session_of_their_own(client: Client, story: Story) -> None:
    one, _two = near_now(story)
    client.force_login(story.nurse)
    client.post(address(story, "bedside_sign", one), scanned(story, one))
    assert "Nina" in client.get(address(story, "bedside")).content.decode()
    assert not IdentityCheck.objects.exists()
    client.force_login(story.clinician)
    client.post(address(story, "bedside_sign", one), scanned(story, one))
    assert IdentityCheck.objects.get(item=one).second == story.clinician


@pytest.mark.parametrize("email", ["nina@a.example", "luca@a.example"])
def test_the_same_person_and_somebody_not_entitled_are_told_so_on_the_page(
    email: str, client: Client, story: Story
) -> None:
    one, _two = near_now(story)
    client.force_login(story.nurse)
    signed = scanned(story, one) | {"second": email, "password": PASSWORD}
    assert client.post(address(story, "bedside_sign", one), signed).status_code == 422
    wrong = scanned(story, one) | {"second": story.clinician.email, "password": "guessed"}
    assert client.post(address(story, "bedside_sign", one), wrong).status_code == 422
    assert not IdentityCheck.objects.exists()


def test_every_mismatch_leads_to_the_full_screen_stop(
    client: Client, story: Story, other_story: Story
) -> None:
    one, _two = near_now(story)
    other_story.released()
    (foreign,) = bags_added(other_story, ["A0"], din="A999926777777")
    client.force_login(story.nurse)
    right = scanned(story, one)
    wrong = (
        ("wrong_patient", right | {"wristband": other_story.journey.patient.mrn}),
        ("wrong_patient", right | {"bag": code(foreign)}),
        ("wrong_bag", right | {"bag": code(one).replace("123456", "123465")}),
        ("wrong_division", right | {"bag": code(one).replace("A0", "C0")}),
        ("wrong_check", right | {"bag": "A999926123456B"}),
        ("unreadable", right | {"bag": "=?"}),
    )
    for number, (reason, posted) in enumerate(wrong, start=1):
        for name, item in (("bedside_scan", None), ("bedside_sign", one)):
            answer = client.post(address(story, name, item), posted)
            assert answer.status_code == 302, reason
        stop = ScanStop.objects.get(number=2 * number)
        assert stop.reason == reason
        assert answer["Location"] == reverse("manufacturing:scan_stop", args=[story.journey_id, 2 * number])
        assert client.get(answer["Location"]).status_code == 200
    assert not IdentityCheck.objects.exists()


def test_an_entry_sent_again_with_its_key_counts_once(client: Client, story: Story) -> None:
    one, _two = near_now(story)
    thawed(story, one)
    client.force_login(story.nurse)
    key, at = str(uuid4()), story.later(minutes=2)
    entry = {"key": key, "pressed_at": pressed(at)}
    answers = [
        client.post(address(story, "bedside_start", one), entry, headers=SCRIPT).json() for _time in range(3)
    ]
    assert [answer["new"] for answer in answers] == [True, False, False]
    assert BagInfusion.objects.get(item=one).started_at == at
    assert Event.objects.of(story.journey_id).filter(kind="bag_infusion_started").count() == 1


def test_a_key_with_other_content_or_of_another_person_is_refused(client: Client, story: Story) -> None:
    near_now(story)
    client.force_login(story.nurse)
    url, key = address(story, "bedside_premedication"), str(uuid4())
    assert client.post(url, {"key": key, "drug": "paracetamol"}, headers=SCRIPT).status_code == 200
    assert client.post(url, {"key": key, "drug": "cetirizine"}, headers=SCRIPT).status_code == 422
    client.force_login(story.clinician)
    assert client.post(url, {"key": key, "drug": "paracetamol"}, headers=SCRIPT).status_code == 422
    assert Premedication.objects.get().given_by == "Nina"


def test_a_refused_entry_keeps_no_key_so_that_it_can_be_sent_again(client: Client, story: Story) -> None:
    one, _two = near_now(story)
    client.force_login(story.nurse)
    entry = {"key": str(uuid4())}
    answer = client.post(address(story, "bedside_thaw", one), entry, headers=SCRIPT)
    assert answer.status_code == 422
    assert answer.json()["errors"] == ["Two people must confirm identity first."]
    assert not KeptEntry.objects.exists()
    client.post(
        address(story, "bedside_sign", one),
        scanned(story, one) | {"second": story.clinician.email, "password": PASSWORD},
    )
    assert client.post(address(story, "bedside_thaw", one), entry, headers=SCRIPT).status_code == 200


def test_what_was_pressed_without_a_net_keeps_its_time(client: Client, story: Story) -> None:
    near_now(story)
    client.force_login(story.nurse)
    at = timezone.now().replace(microsecond=0) - timedelta(minutes=37)
    entry = {"key": str(uuid4()), "pressed_at": pressed(at), "drug": "paracetamol", "dose_mg": "180"}
    client.post(address(story, "bedside_premedication"), entry, headers=SCRIPT)
    assert Premedication.objects.get().given_at == at


@pytest.mark.parametrize("away", [timedelta(hours=1), timedelta(days=-8)])
def test_a_time_that_cannot_be_is_refused(away: timedelta, client: Client, story: Story) -> None:
    near_now(story)
    client.force_login(story.nurse)
    entry = {"key": str(uuid4()), "pressed_at": pressed(timezone.now() + away), "drug": "paracetamol"}
    assert client.post(address(story, "bedside_premedication"), entry).status_code == 422
    assert not Premedication.objects.exists()


def test_without_the_script_plain_forms_give_both_bags(client: Client, story: Story) -> None:
    bags = near_now(story)
    client.force_login(story.nurse)
    for bag in bags:
        client.post(
            address(story, "bedside_sign", bag),
            scanned(story, bag) | {"second": story.clinician.email, "password": PASSWORD},
        )
        for step, told in (
            ("thaw", {}),
            ("start", {}),
            ("end", {"volume_ml": "20", "given": "whole"}),
        ):
            answer = client.post(address(story, f"bedside_{step}", bag), told)
            assert (answer.status_code, answer["Location"]) == (302, address(story, "bedside"))
    assert BagInfusion.objects.filter(is_whole=True, volume_ml=20, ended_at__isnull=False).count() == 2
    client.post(address(story, "bedside_reaction"), {"signs": ["chills"], "action": "continued"})
    row = InfusionReaction.objects.get()
    url = reverse("infusion:bedside_strike", args=[story.journey_id, "reaction", row.pk])
    assert client.post(url, {"reason": "Other child"}).status_code == 302
    row.refresh_from_db()
    assert row.struck_at is not None
    page = client.get(address(story, "bedside")).content.decode()
    assert "entered in error" in page


def test_a_refused_entry_without_the_script_comes_back_with_what_was_typed(
    client: Client, story: Story
) -> None:
    one, _two = near_now(story)
    thawed(story, one)
    client.force_login(story.nurse)
    client.post(address(story, "bedside_start", one), {"pressed_at": pressed(story.later(minutes=1))})
    answer = client.post(address(story, "bedside_end", one), {"volume_ml": "12.5", "given": "part"})
    assert answer.status_code == 422
    assert 'value="12.5"' in answer.content.decode()


def test_vital_signs_of_the_page_are_observations_of_the_child(client: Client, story: Story) -> None:
    near_now(story)
    client.force_login(story.nurse)
    page = client.get(address(story, "bedside")).content.decode()
    url = reverse("toxicity:observe", args=[story.journey_id])
    assert f'action="{url}"' in page
    names = ("temperature_c", "heart_rate", "respiratory_rate", "spo2", "systolic", "diastolic")
    assert all(f'name="{name}"' in page for name in names)
    key = str(uuid4())
    told = dict(zip(names, ("37.1", "98", "20", "99", "101", "60"), strict=True)) | {"set_id": key}
    for _time in range(2):
        assert client.post(url, told, headers={"X-Sent-By": "observe"}).status_code == 200
    events = Event.objects.of(story.journey_id).filter(kind="observations_recorded")
    assert events.count() == 1


def test_only_those_who_confirm_infusions_open_the_page_and_outsiders_find_nothing(
    client: Client, story: Story, cleo: User
) -> None:
    one, _two = near_now(story)
    client.force_login(story.lab)
    assert client.get(address(story, "bedside")).status_code == 403
    client.force_login(person("rosa@a.example", "Rosa", Role.WARD_NURSE, story.center))
    assert client.get(address(story, "bedside")).status_code == 200
    client.force_login(cleo)
    for name in ("bedside_scan", "bedside_premedication", "bedside_reaction"):
        assert client.post(address(story, name), {}).status_code == 404
    for name in ("bedside_sign", "bedside_thaw", "bedside_start", "bedside_end"):
        assert client.post(address(story, name, one), {}).status_code == 404


def test_without_bags_the_page_says_where_they_are_registered(client: Client, story: Story) -> None:
    story.lymphodepleted()
    client.force_login(story.nurse)
    page = client.get(address(story, "bedside")).content.decode()
    assert reverse("manufacturing:custody", args=[story.journey_id]) in page
