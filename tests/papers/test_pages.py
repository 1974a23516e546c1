"""Pages of papers, replays and packs."""

from hashlib import sha256

from django.db import connection
from django.urls import reverse

from cartpath.accounts.models import User
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.papers.models import DowntimePack, PackTaking, Paper
from tests.factories import Story
from tests.pages.conftest import text_of
from tests.papers.conftest import Sit
from tests.papers.reading import text_of as printed_text

WORDS = "nine blue horses at noon"


def changed(story: Story, seq: int) -> None:
    """Somebody changes an event in the database itself."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE ledger_event SET actor_name = 'Nobody' WHERE journey_id = %s AND seq = %s",
            [story.journey_id, seq],
        )
        cursor.execute("SET session_replication_role = DEFAULT")


# --- Papers ------------------------------------------------------------------------------------------------


def test_a_card_is_handed_out_as_a_file_that_no_cache_keeps_and_no_name_betrays(
    story: Story, desk: Sit, ada: User
) -> None:
    story.infused()
    path = desk(ada).path("papers:card")
    assert "What the family wants on the card" in text_of(desk(ada).get(path))
    answer = desk(ada).post(path, {"shown": ["name"], "agreed_by": "Maria Rossi"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="wallet-card.pdf"'
    assert answer["Cache-Control"] == "no-store"
    paper = Paper.objects.get()
    assert paper.digest == sha256(answer.content).hexdigest()
    timeline = text_of(desk(ada).get(desk(ada).path("web:journey_timeline")))
    assert "Printed: Wallet card" in timeline and "agreed by Maria Rossi" in timeline


def test_nothing_is_chosen_for_the_family_beforehand_and_somebody_must_agree(
    story: Story, desk: Sit, ada: User
) -> None:
    story.infused()
    path = desk(ada).path("papers:card")
    assert "checked" not in text_of(desk(ada).get(path)).split("<main")[1]
    assert desk(ada).post(path, {"shown": ["name"]}).status_code == 422
    assert desk(ada).post(path, {"shown": ["blood_group"], "agreed_by": "M"}).status_code == 422
    assert not Paper.objects.exists()


def test_a_card_before_the_infusion_is_refused_in_words(story: Story, desk: Sit, ada: User) -> None:
    story.released()
    answer = desk(ada).post(desk(ada).path("papers:card"), {"agreed_by": "Maria Rossi"})
    assert answer.status_code == 422
    assert "A card tells of an infusion; there was none yet." in text_of(answer)


def test_the_report_is_printed_by_whoever_may_replay_the_ledger(
    story: Story, desk: Sit, luca: User, ben: User, dana: User
) -> None:
    story.released()
    path = desk(luca).path("papers:report")
    events = Event.objects.of(story.journey_id).count()
    for person in (luca, dana):
        answer = desk(person).post(path, {"language": "en"})
        assert f"Chain intact: {events} events, 0 gaps" in printed_text(answer.content)
        events += 1
    assert desk(ben).post(path, {"language": "en"}).status_code == 403


def test_the_list_shows_a_person_only_what_they_may_print(
    story: Story, desk: Sit, luca: User, dana: User
) -> None:
    story.released()
    for person, offered in ((luca, {"product", "custody"}), (dana, {"custody"})):
        shown = text_of(desk(person).get(desk(person).path("papers:papers")))
        assert {word for word in ("card", "product", "custody") if f"/papers/{word}/" in shown} == offered


def test_a_file_in_the_hand_is_known_by_its_digest_or_not(story: Story, desk: Sit, luca: User) -> None:
    story.released()
    printed = desk(luca).post(desk(luca).path("papers:product"), {"language": "en"}).content
    page = desk(luca).path("papers:papers")
    known = text_of(desk(luca).get(f"{page}?digest={sha256(printed).hexdigest()}"))
    assert "Printed here" in known
    changed_file = sha256(printed + b" ").hexdigest()
    assert "Not printed here" in text_of(desk(luca).get(f"{page}?digest={changed_file}"))
    assert "64 characters" in text_of(desk(luca).get(f"{page}?digest=zz"))


def test_the_day_sheet_of_a_day_is_a_file(story: Story, desk: Sit, nina: User) -> None:
    story.infused()
    assert "Day sheet" in text_of(desk(nina).get(reverse("papers:day")))
    answer = desk(nina).post(reverse("papers:day"), {"on": story.at.date().isoformat(), "language": "it"})
    assert answer["Content-Disposition"] == 'attachment; filename="day-sheet.pdf"'
    assert "ROSSI" in printed_text(answer.content)
    assert not Event.objects.filter(kind=EventKind.PAPER_PRINTED).exists()


# --- Replays -----------------------------------------------------------------------------------------------


def test_a_whole_chain_is_replayed_step_by_step(story: Story, desk: Sit, dana: User) -> None:
    story.released()
    events = Event.objects.of(story.journey_id).count()
    shown = text_of(desk(dana).get(desk(dana).path("papers:verify")))
    assert f"Chain intact: {events} events, 0 gaps" in shown
    assert "Where it is broken" not in shown
    assert "Replay step by step" in text_of(desk(dana).get(desk(dana).path("web:journey_ledger")))


def test_the_exact_event_that_was_changed_is_shown(story: Story, desk: Sit, dana: User) -> None:
    story.released()
    changed(story, 4)
    shown = text_of(desk(dana).get(desk(dana).path("papers:verify")))
    assert "The chain is broken at 1 place" in shown
    assert 'id="link-4"' in shown and 'id="link-5"' not in shown
    assert "was changed after it was written" in shown
    event = Event.objects.of(story.journey_id).get(seq=4)
    assert event.hash in shown and event.computed_hash() in shown


def test_a_missing_event_has_its_place(story: Story, desk: Sit, dana: User) -> None:
    story.released()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM ledger_event WHERE journey_id = %s AND seq = 3", [story.journey_id])
        cursor.execute("SET session_replication_role = DEFAULT")
    shown = text_of(desk(dana).get(desk(dana).path("papers:verify")))
    assert 'id="link-3"' in shown and "No event stands here." in shown and "event 3 is missing" in shown


def test_a_hash_from_paper_leads_to_its_event(story: Story, desk: Sit, dana: User) -> None:
    story.released()
    page = desk(dana).path("papers:verify")
    event = Event.objects.of(story.journey_id).get(seq=6)
    assert "Event 6 has this hash" in text_of(desk(dana).get(f"{page}?hash={event.hash[:16]}"))
    assert "No event has this hash" in text_of(desk(dana).get(f"{page}?hash={'0' * 64}"))


def test_the_center_s_chains_are_replayed_and_an_administrator_sees_no_name(
    story: Story, desk: Sit, dana: User, omar: User
) -> None:
    story.released()
    seen = text_of(desk(dana).get(reverse("papers:verify_center")))
    assert "ROSSI, Giulia" in seen and "intact" in seen
    changed(story, 4)
    seen = text_of(desk(omar).get(reverse("papers:verify_center")))
    assert "ROSSI" not in seen and str(story.journey_id) in seen
    assert "1 journey on this page is broken" in seen


# --- Packs -------------------------------------------------------------------------------------------------


def test_an_administrator_sets_the_passphrase_and_the_ward_takes_the_pack(
    story: Story, desk: Sit, omar: User, nina: User
) -> None:
    story.infused()
    assert "No pack is made yet" in text_of(desk(nina).get(reverse("papers:packs")))
    desk(nina).post(reverse("papers:pack_make"))
    assert not DowntimePack.objects.exists()
    typed = {"passphrase": WORDS, "again": WORDS}
    assert desk(omar).post(reverse("papers:passphrase"), typed).status_code == 302
    assert WORDS not in text_of(desk(omar).get(reverse("papers:passphrase")))
    assert desk(nina).post(reverse("papers:pack_make")).status_code == 302
    pack = DowntimePack.objects.get()
    answer = desk(nina).post(reverse("papers:pack_take", args=[pack.pk]))
    assert "ROSSI" in printed_text(answer.content, WORDS)
    assert "ROSSI" not in answer["Content-Disposition"] and "no-store" in answer["Cache-Control"]
    assert PackTaking.objects.get().name == "Nina"
    shown = text_of(desk(nina).get(reverse("papers:packs")))
    assert "Who took packs" in shown and pack.digest in shown


def test_two_passphrases_that_differ_are_refused(story: Story, desk: Sit, omar: User) -> None:
    typed = {"passphrase": WORDS, "again": f"{WORDS}!"}
    answer = desk(omar).post(reverse("papers:passphrase"), typed)
    assert answer.status_code == 422 and "The two are not the same." in text_of(answer)
    assert WORDS not in text_of(answer)


def test_neither_an_auditor_nor_another_center_takes_a_pack(
    story: Story, desk: Sit, omar: User, nina: User, dana: User, cleo: User
) -> None:
    story.infused()
    desk(omar).post(reverse("papers:passphrase"), {"passphrase": WORDS, "again": WORDS})
    desk(nina).post(reverse("papers:pack_make"))
    path = reverse("papers:pack_take", args=[DowntimePack.objects.get().pk])
    assert desk(dana).post(path).status_code == 403
    assert desk(cleo).post(path).status_code == 404
    assert desk(nina).get(path).status_code == 405
    assert not PackTaking.objects.exists()
