"""The whole demo, loaded once for a file of tests that only look at it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from cartpath.demo.loading import DEFAULT_SEED, Loaded, demo_load

NOW = datetime(2027, 3, 2, 9, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loaded]:
    """The demo as it is on a Tuesday morning; taken back when the file is done."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield demo_load(seed=DEFAULT_SEED, now=NOW)
        transaction.set_rollback(True)
