"""Statements that PostgreSQL plans once for each connection instead of each time.

Django puts values into the text of a statement, so every execution is parsed and planned anew. For a query
that joins several tables and runs thousands of times a minute, that is most of its cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import psycopg
from django.db import connection
from psycopg.abc import Transformer
from psycopg.adapt import Transformer as DriverTransformer

# Any number will do: what comes through here asks to be prepared at once.
_THRESHOLD: Final = 1


def fetch_prepared(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute a statement in the current transaction, if there is one, and return its rows."""
    raw = _raw()
    raw.prepare_threshold = _THRESHOLD
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        # The statement is one of the project's constants, which the type can't tell.
        return cursor.execute(statement.encode(), values, prepare=True).fetchall()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with a name of its own: `types` gives the PostgreSQL type of each of its `%(values)s`."""

    name: str
    sql: str
    types: Mapping[str, str]

    def preparation(self) -> bytes:
        """What makes it known to a connection."""
        places = {value: f"${place}" for place, value in enumerate(self.types, start=1)}
        return f"PREPARE {self.name} ({', '.join(self.types.values())}) AS {self.sql % places}".encode()

    def execution(self, values: Mapping[str, Any], driver: Transformer) -> bytes:
        """What executes it, with the values quoted by the driver."""
        quoted = b", ".join(driver.as_literal(values[value]) for value in self.types)
        return f"EXECUTE {self.name} (".encode() + quoted + b")"


class Chain:
    """Many small transactions that begin alike: ending one and beginning the next is one trip to PostgreSQL.

    For use outside of any transaction. What runs between two calls of `next` belongs to the transaction that
    the first of them began; Django doesn't know of it, so `transaction.atomic` has no place there. Leaving
    the chain commits; leaving it with an error takes back what wasn't committed.
    """

    def __init__(self, beginning: Prepared) -> None:
        self._beginning = beginning
        self._is_open = False
        self._connect()

    def __enter__(self) -> Self:
        return self

    def next(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Commit what is open, begin anew, and return the rows of the statement that each begins with."""
        words = b"COMMIT; BEGIN; " if self._is_open else b"BEGIN; "
        if not self._is_known:
            self._connect()
            self._make_known()
        with self._errors:
            found = self._raw.pgconn.exec_(words + self._beginning.execution(values, self._driver))
            self._is_open = True
            if found.status != psycopg.pq.ExecStatus.TUPLES_OK:
                raise _error_of(found)
            self._driver.set_pgresult(found)
            return self._driver.load_rows(0, found.ntuples, tuple)

    def _connect(self) -> None:
        """Take Django's connection of now, which may be another one since a link was taken back."""
        self._raw = _raw()
        self._errors = connection.wrap_database_errors
        self._driver: Transformer = DriverTransformer.from_context(self._raw)
        self._is_known = False

    def _make_known(self) -> None:
        with connection.wrap_database_errors:
            found = self._raw.execute(
                "SELECT FROM pg_prepared_statements WHERE name = %s", [self._beginning.name]
            )
            if found.fetchone() is None:
                self._raw.execute(self._beginning.preparation())
        self._is_known = True

    def commit(self) -> None:
        """Commit what is open, if something is."""
        if self._is_open:
            self._is_open = False
            with connection.wrap_database_errors:
                self._raw.execute("COMMIT")

    def take_back(self) -> None:
        """Undo what is open; when the connection is broken, the server has done so itself."""
        self._is_open = False
        self._is_known = False  # After a ROLLBACK the driver forgets all that was prepared.
        try:
            if self._raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                self._raw.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()
        else:
            self.take_back()


def _raw() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    return raw


def _error_of(result: psycopg.pq.abc.PGresult) -> psycopg.Error:
    """What PostgreSQL says instead of rows, as the driver would raise it."""
    code = result.error_field(psycopg.pq.DiagnosticField.SQLSTATE)
    kind = psycopg.errors.lookup(code.decode()) if code else psycopg.OperationalError
    return kind(result.error_message.decode(errors="replace"))
