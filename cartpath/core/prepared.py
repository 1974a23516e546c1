"""Statements that PostgreSQL plans once for each connection instead of each time.

Django puts values into the text of a statement, so every execution is parsed and planned anew. For a query
that joins several tables and runs thousands of times a minute, that is most of its cost.
"""

from collections.abc import Mapping
from typing import Any, Final

import psycopg
from django.db import connection

# Any number will do: what comes through here asks to be prepared at once.
_THRESHOLD: Final = 1


def fetch_prepared(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute a statement in the current transaction, if there is one, and return its rows."""
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    raw.prepare_threshold = _THRESHOLD
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        # The statement is one of the project's constants, which the type can't tell.
        return cursor.execute(sql.encode(), values, prepare=True).fetchall()
