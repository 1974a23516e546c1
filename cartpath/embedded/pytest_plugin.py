"""Starts the servers before pytest-django reads the settings; pyproject.toml loads it with `-p`."""

import os
from collections.abc import Generator

import pytest

from cartpath.embedded.testing import ensure_services, separate_broker_database


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """Wrap the hook in which pytest-django loads the settings, which also comes before any conftest."""
    ensure_services()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        separate_broker_database(worker)
    return (yield)
