"""What is written stays, and what is changed behind our back is found."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cartpath.core.actor import Actor
from cartpath.core.errors import Invalid
from cartpath.ledger.chain import GENESIS, canonical, digest
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from cartpath.ledger.services import NewEvent, append, effective
from cartpath.ledger.verify import verify
from cartpath.protocols.words import EVENT_WORDS
from tests.factories import Story

BY = Actor.system("test")

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def note(text: str, at: datetime) -> NewEvent:
    return NewEvent(EventKind.DEFERRED, at, {"reason": text})


@given(json_values)
def test_canonical_form_is_stable(value: object) -> None:
    assert canonical(canonical(value)) == canonical(value)


def test_canonical_form_refuses_what_json_cannot_hold() -> None:
    for bad in (float("nan"), float("inf"), object()):
        with pytest.raises(TypeError):
            canonical(bad)
    for text in ("a\x00b", "\ud800"):
        with pytest.raises(Invalid):
            canonical({"note": text})


def test_equal_numbers_hash_alike_whatever_their_type() -> None:
    hashes = {digest({"cells": cells}, GENESIS) for cells in (10**16, 1e16, Decimal("1E+16"))}
    assert len(hashes) == 1


def test_protocols_and_ledger_use_the_same_words() -> None:
    assert set(EVENT_WORDS) == set(EventKind.values)


def test_a_journey_chain_counts_from_one_and_verifies(story: Story) -> None:
    story.referred()
    append(story.journey_id, [note("blood counts", story.at), note("scan", story.at)], by=BY)
    assert list(Event.objects.of(story.journey_id).values_list("seq", flat=True)) == [1, 2, 3]
    report = verify()
    assert (report.journeys, report.events, report.breaks) == (1, 3, [])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # one journey takes all examples, on purpose
@given(value=json_values)
@pytest.mark.django_db
def test_any_json_survives_the_database_with_its_hash(story_for_hypothesis: Story, value: object) -> None:
    told = story_for_hypothesis
    append(told.journey_id, [NewEvent(EventKind.DEFERRED, told.at, {"v": value})], by=BY)
    event = Event.objects.of(told.journey_id).last()
    assert event is not None
    assert event.hash == event.computed_hash()


@pytest.fixture
def story_for_hypothesis(story: Story) -> Story:
    story.referred()
    return story


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_event SET kind = 'died'",
        "UPDATE ledger_event SET data = '{}'",
        "DELETE FROM ledger_event",
        "DELETE FROM ledger_chain",
    ],
)
def test_raw_sql_can_neither_change_nor_delete_an_event(story: Story, statement: str) -> None:
    story.referred()
    refused = pytest.raises(IntegrityError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify().breaks == []


def test_truncate_is_refused_too(story: Story) -> None:
    from importlib import import_module

    story.referred()
    migration = import_module("cartpath.ledger.migrations.0002_append_only")
    trigger = next(part for part in migration.REFUSE.split(";\n") if "no_truncate" in part)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(trigger)
        with pytest.raises(IntegrityError, match="TRUNCATE is refused"), transaction.atomic():
            cursor.execute("TRUNCATE ledger_event CASCADE")


CHANGES = {
    "kind": "'died'",
    "data": '\'{"reason": "forged"}\'',
    "occurred_at": "occurred_at + interval '1 second'",
    "recorded_at": "recorded_at + interval '1 second'",
    "actor_name": "'Somebody else'",
    "actor_id": "'0'",
    "actor_kind": "'user'",
    "patient_id": "gen_random_uuid()",
    "position": "position + 1",
    "prev_hash": "repeat('1', 64)",
    "hash": "repeat('2', 64)",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_change_behind_our_back_is_found_and_located(story: Story, column: str) -> None:
    story.referred()
    append(story.journey_id, [note("first", story.at), note("second", story.at)], by=BY)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_event DISABLE TRIGGER ledger_event_append_only")
        cursor.execute(f"UPDATE ledger_event SET {column} = {CHANGES[column]} WHERE seq = 2")
    assert 2 in {found.seq for found in verify().breaks}


def test_a_removed_last_event_is_found(story: Story) -> None:
    story.referred()
    append(story.journey_id, [note("first", story.at)], by=BY)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_event DISABLE TRIGGER ledger_event_append_only")
        cursor.execute("DELETE FROM ledger_event WHERE seq = 2")
    assert [found.why for found in verify().breaks] == ["event 2 is missing"]


def test_verify_ledger_prints_what_it_checked_and_fails_on_a_break(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    story.referred()
    call_command("verify_ledger")
    assert "1 journeys, 1 events checked, 0 breaks." in capsys.readouterr().out
    Chain.objects.update(head_hash="0" * 64)
    with pytest.raises(SystemExit) as stop:
        call_command("verify_ledger")
    assert stop.value.code == 1


def test_a_correction_names_an_event_of_the_same_journey_once(story: Story) -> None:
    story.referred()
    (wrong,) = append(story.journey_id, [note("wrong child", story.at)], by=BY)
    first = story.journey_id
    story.referred()
    strike = NewEvent(EventKind.ENTERED_IN_ERROR, story.at, {"reason": "wrong child"}, corrects=wrong.id)
    with pytest.raises(Invalid):
        append(story.journey_id, [strike], by=BY)
    append(first, [strike], by=BY)
    with pytest.raises(Invalid):
        append(first, [strike], by=BY)
    assert wrong.id not in {event.id for event in effective(list(Event.objects.of(first)))}


def test_nothing_is_written_when_one_of_several_events_is_wrong(story: Story) -> None:
    story.referred()
    with pytest.raises(ValueError, match="no_such_kind"), transaction.atomic():
        append(story.journey_id, [note("fine", story.at), NewEvent("no_such_kind", story.at)], by=BY)  # type: ignore[arg-type]
    assert Event.objects.count() == 1


def test_times_are_kept_to_the_microsecond(story: Story) -> None:
    story.referred()
    at = datetime(2026, 10, 25, 0, 30, 0, 123456, tzinfo=UTC)
    (event,) = append(story.journey_id, [note("clock change", at)], by=BY)
    event.refresh_from_db()
    assert event.occurred_at == at
    assert event.hash == event.computed_hash()
