"""The two servers together: those that DATABASE_URL and REDIS_URL name, and our own where they name none."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cartpath.embedded.broker import BrokerServer
from cartpath.embedded.postgres import PostgresServer, ensure_database


@dataclass(frozen=True)
class Services:
    """Where the servers are, and which of them are ours (None when somebody else runs it)."""

    database_url: str
    redis_url: str
    postgres: PostgresServer | None
    broker: BrokerServer | None

    def environment(self) -> dict[str, str]:
        """The variables that tell CARTPath where its servers are."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


def start_services(folder: Path, *, durable: bool) -> Services:
    """Start what the environment does not name, and make sure that the database exists.

    Raises `ServiceError`; whatever was started before is then stopped again.
    """
    with contextlib.ExitStack() as undo:
        database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        postgres = None if database_url else PostgresServer(folder, durable=durable)
        if postgres is not None:
            postgres.start()
            undo.callback(postgres.stop)
            database_url = postgres.url()
        broker = None if redis_url else BrokerServer(folder, durable=durable)
        if broker is not None:
            broker.start()
            undo.callback(broker.stop)
            redis_url = broker.url()
        ensure_database(str(database_url))
        undo.pop_all()
        return Services(str(database_url), str(redis_url), postgres, broker)


def named_services(folder: Path) -> Services:
    """Where the servers of a folder are while another process runs them."""
    return Services(
        database_url=os.environ.get("DATABASE_URL") or PostgresServer(folder).url(),
        redis_url=os.environ.get("REDIS_URL") or BrokerServer(folder).url(),
        postgres=None,
        broker=None,
    )


def stop_services(services: Services) -> None:
    """Stop what is ours; stopping twice does nothing."""
    if services.broker is not None:
        services.broker.stop()
    if services.postgres is not None:
        services.postgres.stop()


@contextlib.contextmanager
def running_services(folder: Path, *, durable: bool) -> Iterator[Services]:
    """The servers for the length of a `with` block."""
    services = start_services(folder, durable=durable)
    try:
        yield services
    finally:
        stop_services(services)
