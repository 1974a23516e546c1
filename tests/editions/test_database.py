"""What PostgreSQL itself refuses, and what happens when two people are at it."""

import threading
from collections.abc import Callable
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from cartpath.core.errors import Conflict
from cartpath.protocols import catalog
from cartpath.protocols.editions import edition_approve, edition_publish, edition_start
from cartpath.protocols.models import ProtocolEdition
from tests.editions.conftest import DRAFT, EU, OTHER_DRAFT, Desk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE protocols_protocoledition SET changes = '[]'",
        "UPDATE protocols_protocoledition SET state = 'working', version = ''",
        "UPDATE protocols_protocoledition SET reason = 'another'",
        "DELETE FROM protocols_protocoledition",
    ],
)
def test_raw_sql_can_neither_change_nor_delete_a_published_edition(desk: Desk, statement: str) -> None:
    desk.published(DRAFT)
    refused = pytest.raises(IntegrityError, match="A published protocol edition never changes")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ProtocolEdition.objects.published().count() == 1


def test_truncate_is_refused_too(desk: Desk) -> None:
    desk.published(DRAFT)
    migration = import_module("cartpath.protocols.migrations.0002_published_stays")
    trigger = next(part for part in migration.REFUSE.split(";\n") if "no_truncate" in part)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(trigger)
        with pytest.raises(IntegrityError, match="TRUNCATE is refused"), transaction.atomic():
            cursor.execute("TRUNCATE protocols_protocoledition CASCADE")


def test_a_working_copy_may_change_and_go(desk: Desk) -> None:
    edition = desk.started()
    ProtocolEdition.objects.filter(pk=edition.pk).update(reason="a note")
    assert ProtocolEdition.objects.filter(pk=edition.pk).delete()[0] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "published"},
        {"state": "retired"},
        {"version": "1-a-1"},
        {"number": 1},
    ],
)
def test_a_row_that_is_neither_working_nor_signed_is_refused(desk: Desk, wrong: dict[str, object]) -> None:
    edition = desk.started()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProtocolEdition.objects.filter(pk=edition.pk).update(**wrong)


def at_once(count: int, act: Callable[[], object]) -> list[object]:
    """What became of the same act by several people at the same moment."""
    barrier, found = threading.Barrier(count), []

    def run() -> None:
        try:
            barrier.wait()
            found.append(act())
        except Conflict as refused:
            found.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_does(desk: Desk) -> None:
    edition = desk.started()
    edition_approve(edition_id=edition.pk, row_id=DRAFT, reason="x", **desk.act)
    found = at_once(4, lambda: edition_publish(edition_id=edition.pk, reason="x", **desk.act))
    assert sorted(map(str, found)) == sorted(
        ["edition_published"] * 3 + [str(ProtocolEdition.objects.published().get())]
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_at_once_one_does(desk: Desk) -> None:
    found = at_once(4, lambda: edition_start(center=desk.center, protocol_id=EU, **desk.act))
    assert found.count("working_copy_open") == 3
    assert ProtocolEdition.objects.working().count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_neither_is_lost(desk: Desk) -> None:
    edition = desk.started()
    rows = iter((DRAFT, OTHER_DRAFT))
    at_once(2, lambda: edition_approve(edition_id=edition.pk, row_id=next(rows), reason="x", **desk.act))
    edition.refresh_from_db()
    assert {change["row_id"] for change in edition.changes} == {DRAFT, OTHER_DRAFT}


@pytest.mark.django_db(transaction=True)
def test_a_publication_waits_for_whoever_asked_what_was_current(desk: Desk) -> None:
    """Else an event written before could be replayed with an edition that its reader didn't see."""
    edition = desk.started()
    edition_approve(edition_id=edition.pk, row_id=DRAFT, reason="x", **desk.act)

    def publish() -> None:
        edition_publish(edition_id=edition.pk, reason="x", **desk.act)
        connection.close()

    publisher = threading.Thread(target=publish)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
        assert catalog.for_center(desk.center, "tisagenlecleucel", at=now).version == "1"
        publisher.start()
        publisher.join(0.3)
        assert publisher.is_alive()
        cursor.execute("SELECT clock_timestamp()")
        (later,) = cursor.fetchone()
    publisher.join()
    published = ProtocolEdition.objects.published().get()
    assert published.recorded_at
    assert published.recorded_at > later
