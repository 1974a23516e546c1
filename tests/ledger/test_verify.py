"""Each column of each row of the ledger, changed behind the application's back: found, and at its event."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, models

from cartpath.core.actor import Actor
from cartpath.ledger.chain import GENESIS
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from cartpath.ledger.services import NewEvent, append
from cartpath.ledger.verify import Replay, replay, verify
from tests.factories import Story

BY = Actor.system("test")
SAMPLE = 6
# What another value of each type is, in SQL; `{column}` is the column's own name.
OTHER = {
    models.BigAutoField: "{column} + 1000000",
    models.BigIntegerField: "{column} + 1000000",
    models.PositiveIntegerField: "{column} + 1000",
    models.UUIDField: "gen_random_uuid()",
    models.DateTimeField: "{column} + interval '1 microsecond'",
    models.JSONField: "{column} || '{{\"forged\": true}}'::jsonb",
    models.CharField: "overlay({column} placing 'z' from 1 for 1)",
}
# Where any text isn't allowed by the table itself.
OTHER_OF = {
    "kind": "CASE kind WHEN 'died' THEN 'relapsed' ELSE 'died' END",
    "actor_kind": "CASE actor_kind WHEN 'user' THEN 'system' ELSE 'user' END",
    "center_id": "%(center)s",
    "corrects_id": "CASE WHEN corrects_id IS NULL THEN 0 ELSE NULL END",
}
COLUMNS = [field.column for field in Event._meta.concrete_fields]
CHAIN_COLUMNS = [field.column for field in Chain._meta.concrete_fields]


def note(text: str, at: datetime) -> NewEvent:
    return NewEvent(EventKind.DEFERRED, at, {"reason": text})


@pytest.fixture
def sample(story: Story) -> Story:
    """Six events of one journey, one of which corrects another, beside a second journey."""
    story.referred()
    other = story.journey_id
    append(other, [note("of another child", story.at)], by=BY)
    story.referred()
    first, _second, _third = append(
        story.journey_id, [note(text, story.at) for text in ("first", "second", "third")], by=BY
    )
    strike = NewEvent(EventKind.ENTERED_IN_ERROR, story.at, {"reason": "no"}, corrects=first.id)
    append(story.journey_id, [strike, note("last", story.at)], by=BY)
    return story


@pytest.fixture
def behind(sample: Story) -> Iterator["Behind"]:
    """Somebody with the database's own password: no trigger and no foreign key holds them."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        yield Behind(sample)
        cursor.execute("SET session_replication_role = DEFAULT")


class Behind:
    """Changes rows of one journey without the application."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def change(self, column: str, seq: int) -> None:
        """Another value in one column of one event."""
        self._write(Event, column, "journey_id = %(journey)s AND seq = %(seq)s", seq)

    def change_chain(self, column: str) -> None:
        """Another value in one column of the chain's row."""
        self._write(Chain, column, "journey_id = %(journey)s", 0)

    def run(self, statement: str, **values: object) -> None:
        """Any statement."""
        with connection.cursor() as cursor:
            cursor.execute(statement, {"journey": self.story.journey_id, **values})

    def _write(self, table: type[models.Model], column: str, where: str, seq: int) -> None:
        field = next(field for field in table._meta.concrete_fields if field.column == column)
        value = OTHER_OF.get(column) or next(
            sql for kind, sql in OTHER.items() if type(field) is kind
        ).format(column=column)
        statement = f"UPDATE {table._meta.db_table} SET {column} = {value} WHERE {where}"
        self.run(statement, seq=seq, center=self.story.center.pk + 1000)

    @property
    def found(self) -> Replay:
        """What a replay of the journey finds."""
        return replay(self.story.journey_id)


def faulty(found: Replay) -> list[int]:
    return [link.seq for link in found.links if not link.holds]


def test_a_whole_chain_replays_without_a_fault(sample: Story) -> None:
    found = replay(sample.journey_id)
    assert (found.events, found.gaps, found.holds, found.breaks) == (SAMPLE, 0, True, [])
    assert [link.seq for link in found.links] == list(range(1, SAMPLE + 1))


@pytest.mark.parametrize("seq", range(1, SAMPLE + 1))
@pytest.mark.parametrize("column", [column for column in COLUMNS if column not in {"seq", "journey_id"}])
def test_each_column_of_each_event_is_found_at_just_that_event(behind: Behind, column: str, seq: int) -> None:
    behind.change(column, seq)
    found = behind.found
    assert faulty(found) == [seq]
    assert found.faults == ()
    assert [(each.journey_id, each.seq) for each in verify().breaks] == [(behind.story.journey_id, seq)]


@pytest.mark.parametrize("seq", range(1, SAMPLE + 1))
def test_an_event_under_another_number_is_missing_where_it_was_and_wrong_where_it_is(
    behind: Behind, seq: int
) -> None:
    behind.change("seq", seq)
    found = behind.found
    wrong = {(link.seq, link.event is None) for link in found.links if not link.holds}
    assert wrong == {(seq, True), (seq + 1000, False)}
    assert found.gaps == 1


@pytest.mark.parametrize("seq", range(1, SAMPLE + 1))
def test_an_event_in_nobody_s_journey_is_missing_in_its_own(behind: Behind, seq: int) -> None:
    behind.change("journey_id", seq)
    assert faulty(behind.found) == [seq]
    everywhere = verify().breaks
    assert (behind.story.journey_id, seq) in {(each.journey_id, each.seq) for each in everywhere}
    assert "events without a chain" in {each.why for each in everywhere}


def test_an_event_put_into_another_child_s_journey_is_found_in_both(behind: Behind) -> None:
    other = Chain.objects.exclude(pk=behind.story.journey_id).get().pk
    behind.run(
        "UPDATE ledger_event SET journey_id = %(other)s WHERE journey_id = %(journey)s AND seq = 4",
        other=other,
    )
    assert [(each.journey_id, each.seq) for each in verify().breaks if each.journey_id == other] == [
        (other, 4)
    ]
    assert faulty(behind.found) == [4]


@pytest.mark.parametrize("column", [column for column in CHAIN_COLUMNS if column != "journey_id"])
def test_each_column_of_the_chain_s_own_row_is_found(behind: Behind, column: str) -> None:
    behind.change_chain(column)
    found = behind.found
    assert faulty(found) == [] and len(found.faults) == 1
    assert [each.journey_id for each in verify().breaks] == [behind.story.journey_id]


def test_a_chain_that_was_given_to_another_journey_leaves_its_events_without_one(behind: Behind) -> None:
    behind.change_chain("journey_id")
    assert not behind.found.holds
    assert behind.story.journey_id in {each.journey_id for each in verify().breaks}
    assert verify(behind.story.journey_id).breaks


@pytest.mark.parametrize("seq", range(1, SAMPLE + 1))
def test_a_deleted_event_is_named(behind: Behind, seq: int) -> None:
    behind.run("DELETE FROM ledger_event WHERE journey_id = %(journey)s AND seq = %(seq)s", seq=seq)
    found = behind.found
    assert (faulty(found), found.gaps, found.events) == ([seq], 1, SAMPLE - 1)


@pytest.mark.parametrize("seq", range(1, SAMPLE))
def test_an_event_rewritten_with_its_hash_is_found_where_the_next_one_names_the_old_hash(
    behind: Behind, seq: int
) -> None:
    event = Event.objects.of(behind.story.journey_id).get(seq=seq)
    event.data = {"reason": "forged"}
    behind.run(
        'UPDATE ledger_event SET data = \'{"reason": "forged"}\', hash = %(hash)s'
        " WHERE journey_id = %(journey)s AND seq = %(seq)s",
        seq=seq,
        hash=event.computed_hash(),
    )
    found = behind.found
    assert faulty(found) == [seq + 1]
    assert found.links[seq].faults == ("does not follow the event before it",)


def test_two_events_that_changed_places_are_both_named(behind: Behind) -> None:
    for before, after in ((3, 103), (4, 3), (103, 4)):
        behind.run(
            "UPDATE ledger_event SET seq = %(after)s WHERE journey_id = %(journey)s AND seq = %(before)s",
            before=before,
            after=after,
        )
    assert faulty(behind.found) == [3, 4]


def test_an_event_added_by_hand_is_found(behind: Behind) -> None:
    behind.run(
        "INSERT INTO ledger_event (journey_id, patient_id, center_id, seq, kind, occurred_at, recorded_at,"
        " actor_kind, actor_id, actor_name, data, position, prev_hash, hash)"
        " SELECT journey_id, patient_id, center_id, 7, kind, occurred_at, recorded_at, actor_kind, actor_id,"
        " actor_name, data, position, hash, repeat('a', 64) FROM ledger_event"
        " WHERE journey_id = %(journey)s AND seq = 6"
    )
    assert faulty(behind.found) == [7]


@pytest.mark.django_db
def test_a_journey_without_any_chain_is_broken() -> None:
    journey_id = uuid4()
    assert not replay(journey_id).holds
    assert [each.journey_id for each in verify(journey_id).breaks] == [journey_id]


def test_the_command_names_the_journey_and_the_event(
    behind: Behind, capsys: pytest.CaptureFixture[str]
) -> None:
    behind.change("actor_name", 3)
    with pytest.raises(SystemExit):
        call_command("verify_ledger")
    told = capsys.readouterr()
    assert f"journey {behind.story.journey_id} event 3: was changed after it was written" in told.err
    assert "2 journeys, 8 events checked, 1 breaks." in told.out


def test_an_empty_chain_is_whole(behind: Behind) -> None:
    journey_id = uuid4()
    Chain.objects.create(journey_id=journey_id, patient_id=uuid4(), center=behind.story.center)
    found = replay(journey_id)
    assert (found.holds, found.events, found.head_hash) == (True, 0, GENESIS)
