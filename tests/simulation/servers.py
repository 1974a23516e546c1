"""The machinery of the simulation, and the ways in which it is broken."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from cartpath.embedded.broker import BrokerServer
from cartpath.embedded.postgres import PostgresServer, ensure_database
from cartpath.embedded.process import spawn
from tests.simulation import clock, sink

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("--without-gossip", "--without-mingle", "--without-heartbeat")


class Machinery:
    """PostgreSQL as durable as in production, a broker, and Celery workers, all of this simulation's own."""

    def __init__(self, folder: Path, *, workers: int) -> None:
        self.folder = folder
        self.database = PostgresServer(folder, durable=True)
        self.broker = BrokerServer(folder, durable=False)
        self.database.start()
        ensure_database(self.database.url())
        self.broker.start()
        self.environment = {
            "DATABASE_URL": self.database.url(),
            "REDIS_URL": self.broker.url(),
            "DJANGO_SETTINGS_MODULE": "tests.simulation.settings",
            "CARTPATH_ENV": "test",
            "SECRET_KEY": "of-a-simulation-" + "0" * 50,
            "LOG_LEVEL": "ERROR",
            clock.VARIABLE: str(folder / "clock"),
            sink.VARIABLE: str(folder / "log"),
        }
        self.workers: list[subprocess.Popen[bytes] | None] = [None] * workers

    def start_workers(self) -> None:
        """Start those that don't run."""
        for number, worker in enumerate(self.workers):
            if worker is None or worker.poll() is not None:
                self.workers[number] = self._worker()

    def _worker(self) -> "subprocess.Popen[bytes]":
        command = ["-m", "celery", "-A", "tests.simulation.worker", "worker", "-Q", "reminders", "-c", "1"]
        with (self.folder / "workers.log").open("ab") as output:
            return spawn(
                [sys.executable, *command, "-l", "ERROR", *QUICK],
                output=output,
                environment={**os.environ, **self.environment},
                folder=ROOT,
            )

    def kill_worker(self, number: int) -> None:
        """`kill -9` of a worker; its pool process finishes the message on the wire and dies of itself."""
        worker = self.workers[number]
        if worker is not None:
            worker.kill()
            worker.wait()

    def kill_pool_process(self, number: int) -> float:
        """`kill -9` of the process that sends; returns when, on the machine's clock."""
        worker = self.workers[number]
        at = time.monotonic()
        for pid in _children(worker.pid) if worker else []:
            os.kill(pid, signal.SIGKILL)
        return at

    def flush_broker(self) -> None:
        """Kill the broker, and start it with nothing in it."""
        assert self.broker.process is not None
        self.broker.process.kill()
        self.broker.process.wait()
        self.broker.stop()
        self.broker.start()

    def crash_database(self) -> None:
        """Stop PostgreSQL at once, without saying good-bye to anybody, and start it again."""
        assert self.database.process is not None
        self.database.process.send_signal(signal.SIGQUIT)
        self.database.process.wait()
        self.database.stop()
        self.database.start()

    def stop(self) -> None:
        """Everything."""
        for number in range(len(self.workers)):
            self.kill_pool_process(number)
            self.kill_worker(number)
        self.broker.stop()
        self.database.stop()


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
