"""The fixed cast: who is who in every test."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from cartpath.protocols import catalog
from tests.factories import PASSWORD, Story

# Files whose tests share something costly or single: a loaded demo, the one lock of the scheduler.
ON_ONE_WORKER = frozenset({"tests/demo/test_demo.py", "tests/embedded/test_beat.py"})
# Races take all the machine has: two at a time would only measure each other.
RACES = (
    "tests/scheduling/test_race.py",
    "tests/scheduling/test_killed_database.py",
    "tests/simulation/test_simulation.py",
)
ROME = ZoneInfo("Europe/Rome")

# Two workers share a busy machine: how long an example took says nothing about the code.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ROME)


class TogetherScheduling(LoadGroupScheduling):  # type: ignore[misc]
    """Spreads tests over the workers one by one, but keeps some files together.

    The mark `xdist_group` would say the same, but has no effect from pytest 9.2 on: xdist writes the group
    into a test's private name, which pytest no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in RACES:
            return "races"
        return file if file in ON_ONE_WORKER else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling:
    """The scheduler of `-n`, whatever `--dist` says."""
    return TogetherScheduling(config, log)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit empty the tables afterwards, which the tables' own triggers would refuse."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS ledger_event_no_truncate ON ledger_event")
        cursor.execute("DROP TRIGGER IF EXISTS protocols_edition_no_truncate ON protocols_protocoledition")


@pytest.fixture(autouse=True)
def no_editions_known() -> None:
    """A process keeps published editions for good; tests that commit take them back."""
    catalog.forget()


def person(email: str, name: str, role: str, center: Center) -> User:
    """Somebody with one role in one center."""
    user = User.objects.create_user(email, PASSWORD, name=name)
    Membership.objects.create(user=user, center=center, role=role)
    return user


@pytest.fixture
def noon() -> datetime:
    """The day most tests begin: Monday, 2 March 2026, 12:00 in Rome."""
    return NOON


@pytest.fixture
def center(db: None) -> Center:
    """Center A."""
    return Center.objects.create(code="A", name="Center A", timezone="Europe/Rome", region="EU")


@pytest.fixture
def other_center(db: None) -> Center:
    """Center B, where the outsider works."""
    return Center.objects.create(code="B", name="Center B", timezone="Europe/Rome", region="EU")


@pytest.fixture
def ada(center: Center) -> User:
    """Coordinator, center A."""
    return person("ada@a.example", "Ada", Role.COORDINATOR, center)


@pytest.fixture
def ben(center: Center) -> User:
    """Clinician, center A."""
    return person("ben@a.example", "Ben", Role.CLINICIAN, center)


@pytest.fixture
def cara(center: Center) -> User:
    """A second clinician, center A."""
    return person("cara@a.example", "Cara", Role.CLINICIAN, center)


@pytest.fixture
def nina(center: Center) -> User:
    """Apheresis nurse, center A."""
    return person("nina@a.example", "Nina", Role.APHERESIS_NURSE, center)


@pytest.fixture
def luca(center: Center) -> User:
    """Cell laboratory, center A."""
    return person("luca@a.example", "Luca", Role.CELL_LAB, center)


@pytest.fixture
def dana(center: Center) -> User:
    """Auditor, center A."""
    return person("dana@a.example", "Dana", Role.AUDITOR, center)


@pytest.fixture
def omar(center: Center) -> User:
    """Administrator, center A."""
    user = person("omar@a.example", "Omar", Role.ADMINISTRATOR, center)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return user


@pytest.fixture
def cleo(other_center: Center) -> User:
    """Clinician, center B: the outsider."""
    return person("cleo@b.example", "Cleo", Role.CLINICIAN, other_center)


@pytest.fixture
def story(center: Center, ada: User, ben: User, cara: User, nina: User, luca: User) -> Story:
    """Tells a journey through the services, so that no test has an impossible patient."""
    return Story(center=center, coordinator=ada, clinician=ben, second=cara, nurse=nina, lab=luca, at=NOON)


@pytest.fixture
def signed_in(client: Client) -> Callable[[User], Client]:
    """`signed_in(ada)` is a browser in which Ada is signed in."""

    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def day() -> timedelta:
    """One elapsed day."""
    return timedelta(days=1)
