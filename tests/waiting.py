"""Waiting for the feed: other test processes' transactions hold it back, as they should."""

import time

from django.db import connection

PATIENCE_S = 180


def feed_settled() -> None:
    """Return once every event written so far may be shown: no older transaction runs on the server."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                " > coalesce((SELECT max(position) FROM ledger_event), 0)"
            )
            row = cursor.fetchone()
        if row and row[0]:
            return
        time.sleep(0.05)
    raise AssertionError("a transaction stayed open on the server")
