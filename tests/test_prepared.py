"""Chains of small transactions, on a real server."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import DatabaseError, DataError, connection

from cartpath.core.prepared import Chain, Prepared

PUT = Prepared(
    name="test_put",
    sql="INSERT INTO test_chain VALUES (%(number)s, %(word)s) RETURNING number * 2, word",
    types={"number": "int", "word": "text"},
)


@pytest.fixture
def table(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE test_chain (number int CHECK (number < 100), word text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE test_chain")


def kept() -> list[int]:
    """What another connection sees."""
    with psycopg.connect(connection.connection.info.dsn) as other:
        return [number for (number,) in other.execute("SELECT number FROM test_chain ORDER BY number")]


def put(chain: Chain, number: int, word: str = "") -> list[tuple[int, str]]:
    return chain.next({"number": number, "word": word})


@pytest.mark.usefixtures("table")
def test_each_link_is_committed_when_the_next_begins() -> None:
    with Chain(PUT) as chain:
        assert put(chain, 1) == [(2, "")]
        assert kept() == []
        assert put(chain, 2) == [(4, "")]
        assert kept() == [1]
    assert kept() == [1, 2]


@pytest.mark.usefixtures("table")
def test_an_error_takes_back_only_the_link_it_happens_in() -> None:
    with pytest.raises(KeyError), Chain(PUT) as chain:
        put(chain, 1)
        put(chain, 2)
        raise KeyError
    assert kept() == [1]


@pytest.mark.usefixtures("table")
def test_a_chain_goes_on_after_a_link_was_taken_back() -> None:
    with Chain(PUT) as chain:
        put(chain, 1)
        put(chain, 2)
        chain.take_back()
        put(chain, 3)
        chain.take_back()
        put(chain, 4)
    assert kept() == [1, 4]


@pytest.mark.usefixtures("table")
def test_a_refused_link_leaves_the_one_before_committed() -> None:
    with pytest.raises(DatabaseError, match="test_chain_number_check"), Chain(PUT) as chain:
        put(chain, 1)
        put(chain, 100)
    assert kept() == [1]
    with Chain(PUT) as chain:
        put(chain, 3)
    assert kept() == [1, 3]


@pytest.mark.usefixtures("table")
def test_a_value_stays_a_value_whatever_it_looks_like() -> None:
    nasty = "'; DROP TABLE test_chain; -- \\ \" $1 %s"
    with Chain(PUT) as chain:
        assert put(chain, 1, nasty) == [(2, nasty)]
    with pytest.raises(DataError), Chain(PUT) as chain:
        put(chain, 2, "\0")
    assert kept() == [1]


@pytest.mark.usefixtures("table")
def test_a_chain_goes_on_when_its_connection_was_lost() -> None:
    with Chain(PUT) as chain:
        put(chain, 1)
        put(chain, 2)
        connection.connection.close()
        chain.take_back()
        put(chain, 3)
    assert kept() == [1, 3]
