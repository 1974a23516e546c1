"""Packs for downtime: made at night, opened by the passphrase alone, removed when they are over."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError, WrongPasswordError

from cartpath.accounts.models import Center, User
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.papers.models import DowntimePack, PackPassphrase, PackTaking
from cartpath.papers.pack_services import (
    centers_without_pack,
    pack_make,
    pack_take,
    packs_remove,
    passphrase_set,
)
from cartpath.papers.tasks import downtime_packs
from tests.factories import Story
from tests.papers.reading import text_of

WORDS = "nine blue horses at noon"
BEAT = Actor.system("beat")
ROME = ZoneInfo("Europe/Rome")


@pytest.fixture
def locked(story: Story) -> Story:
    """A center with a passphrase and a child on the ward."""
    story.infused()
    passphrase_set(center_id=story.center.pk, passphrase=WORDS, by=story.coordinator.actor, at=story.at)
    return story


def made(story: Story) -> DowntimePack:
    return pack_make(center_id=story.center.pk, by=BEAT, at=story.at)


def test_a_pack_opens_with_the_passphrase_and_tells_of_the_child(locked: Story) -> None:
    pack = made(locked)
    assert pack.content is not None
    text = text_of(bytes(pack.content), WORDS)
    patient = locked.journey.patient
    assert "ROSSI, Giulia" in text and patient.mrn in text
    for told in ("Weight", "Situation", "Recommendation", "For hours without the program"):
        assert told in text
    assert (pack.children, pack.covers_until - pack.covers_from) == (1, timedelta(hours=72))


def test_without_the_passphrase_a_pack_tells_nothing(locked: Story) -> None:
    content = bytes(made(locked).content or b"")
    assert locked.journey.patient.mrn.encode() not in content and b"ROSSI" not in content
    assert PdfReader(BytesIO(content)).is_encrypted
    with pytest.raises(FileNotDecryptedError):
        PdfReader(BytesIO(content)).pages[0].extract_text()
    with pytest.raises(WrongPasswordError):
        PdfReader(BytesIO(content), password="nine blue horses at night")


def test_a_pack_is_encrypted_as_pdf_2_has_it(locked: Story) -> None:
    reader = PdfReader(BytesIO(bytes(made(locked).content or b"")), password=WORDS)
    said: Any = reader.trailer["/Encrypt"]
    assert (said["/V"], said["/R"], said["/Length"]) == (5, 6, 256)


def test_the_passphrase_is_nowhere_in_the_database(locked: Story) -> None:
    made(locked)
    sealed = bytes(PackPassphrase.objects.get().sealed)
    assert WORDS.encode() not in sealed


def test_a_sealed_passphrase_opens_for_its_own_center_alone(locked: Story, other_center: Center) -> None:
    PackPassphrase.objects.create(
        center=other_center, sealed=PackPassphrase.objects.get().sealed, set_at=locked.at, set_by="x"
    )
    with pytest.raises(Conflict) as refused:
        pack_make(center_id=other_center.pk, by=BEAT, at=locked.at)
    assert refused.value.code == "passphrase_lost"


def test_another_secret_key_loses_the_passphrase_and_makes_no_open_pack(locked: Story, settings: Any) -> None:
    settings.SECRET_KEY = "another" * 12
    with pytest.raises(Conflict) as refused:
        made(locked)
    assert refused.value.code == "passphrase_lost"
    assert not DowntimePack.objects.exists()


def test_without_a_passphrase_there_is_no_pack(story: Story) -> None:
    story.infused()
    with pytest.raises(Conflict) as refused:
        made(story)
    assert refused.value.code == "no_passphrase"


@pytest.mark.parametrize("weak", ["short words", "aaaaaaaaaaaaaaaaaaaaaaaa", "x" * 200])
def test_a_weak_passphrase_is_refused(story: Story, weak: str) -> None:
    with pytest.raises(Invalid) as refused:
        passphrase_set(center_id=story.center.pk, passphrase=weak, by=story.coordinator.actor, at=story.at)
    assert set(refused.value.fields) == {"passphrase"}


def test_a_child_of_another_center_is_in_no_pack_of_this_one(locked: Story, other_center: Center) -> None:
    passphrase_set(center_id=other_center.pk, passphrase=WORDS, by=BEAT, at=locked.at)
    pack = pack_make(center_id=other_center.pk, by=BEAT, at=locked.at)
    assert pack.children == 0
    assert "ROSSI" not in text_of(bytes(pack.content or b""), WORDS)


def test_who_took_a_pack_is_kept(locked: Story, nina: User) -> None:
    pack = made(locked)
    content = pack_take(pack=pack, user=nina, at=locked.later(minutes=5))
    assert content == bytes(pack.content or b"")
    taking = PackTaking.objects.get()
    assert (taking.pack_id, taking.user, taking.name, taking.taken_at) == (pack.pk, nina, "Nina", locked.at)


def test_a_pack_is_removed_when_its_hours_are_over_and_who_took_it_stays(locked: Story, nina: User) -> None:
    pack = made(locked)
    pack_take(pack=pack, user=nina, at=locked.at)
    assert packs_remove(at=pack.covers_until - timedelta(seconds=1)) == 0
    assert packs_remove(at=pack.covers_until) == 1
    pack.refresh_from_db()
    assert (pack.content, pack.removed_at) == (None, pack.covers_until)
    with pytest.raises(Conflict) as refused:
        pack_take(pack=pack, user=nina, at=pack.covers_until)
    assert refused.value.code == "pack_removed"
    assert PackTaking.objects.count() == 1


@pytest.mark.parametrize(
    ("local", "waits"),
    [
        (datetime(2026, 6, 2, 1, 59, tzinfo=ROME), False),
        (datetime(2026, 6, 2, 2, 0, tzinfo=ROME), True),
        (datetime(2026, 6, 2, 23, 30, tzinfo=ROME), True),
        # The night on which the clock goes from 02:00 to 03:00.
        (datetime(2026, 3, 29, 3, 1, tzinfo=ROME), True),
    ],
)
def test_a_center_waits_for_its_pack_from_two_o_clock_of_its_own_night(
    story: Story, local: datetime, waits: bool
) -> None:
    passphrase_set(center_id=story.center.pk, passphrase=WORDS, by=BEAT, at=story.at)
    assert bool(centers_without_pack(at=local)) is waits


def test_beat_makes_one_pack_a_night_however_often_it_asks(story: Story) -> None:
    passphrase_set(center_id=story.center.pk, passphrase=WORDS, by=BEAT, at=story.at)
    for hour, packs in ((1, 0), (2, 1), (3, 1), (20, 1), (26, 2)):
        at = datetime(2026, 6, 2, 0, 5, tzinfo=ROME) + timedelta(hours=hour)
        with time_machine.travel(at, tick=False):
            downtime_packs()
        assert DowntimePack.objects.count() == packs, hour


def test_one_center_without_its_passphrase_does_not_stop_the_others(
    locked: Story, other_center: Center, caplog: pytest.LogCaptureFixture
) -> None:
    PackPassphrase.objects.create(center=other_center, sealed=b"x" * 40, set_at=locked.at, set_by="x")
    with time_machine.travel(locked.later(days=1).replace(hour=4), tick=False):
        downtime_packs()
    assert list(DowntimePack.objects.values_list("center", flat=True)) == [locked.center.pk]
    assert "passphrase_lost" in caplog.text and WORDS not in caplog.text


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE papers_downtimepack SET children = 7",
        "UPDATE papers_downtimepack SET content = 'x'",
        "DELETE FROM papers_downtimepack",
        "DELETE FROM papers_packtaking",
        "UPDATE papers_packtaking SET name = 'x'",
    ],
)
def test_packs_and_who_took_them_can_not_be_changed(locked: Story, nina: User, statement: str) -> None:
    pack_take(pack=made(locked), user=nina, at=locked.at)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
