"""`make demo`: the whole of CARTPath on one machine, with invented patients, in the foreground."""

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from cartpath.embedded.guard import stop_with_parent
from cartpath.embedded.process import InUseError, ServiceError, spawn, stop
from cartpath.embedded.services import Services, named_services, running_services
from cartpath.embedded.supervisor import (
    STOP_SIGNALS,
    Program,
    Supervisor,
    command_program,
    wanted_stop_signals,
)

ROOT: Final = Path(__file__).resolve().parents[2]
READY_SECONDS: Final = 60.0
EVERY_ADDRESS: Final = {"0.0.0.0", "::"}


@dataclass(frozen=True)
class Demo:
    """Where one demo listens and keeps its data."""

    address: str
    port: int
    folder: Path

    @classmethod
    def from_environment(cls) -> "Demo":
        """Read BIND, PORT and DATA; an empty variable counts as none."""
        port = os.environ.get("PORT") or "8000"
        if not port.isdigit() or not 0 < int(port) < 65536:
            message = f"PORT must be a number from 1 to 65535, not {port!r}."
            raise ServiceError(message)
        return cls(
            address=os.environ.get("BIND") or "127.0.0.1",
            port=int(port),
            folder=Path(os.environ.get("DATA") or ".data").expanduser().resolve(),
        )

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        host = "127.0.0.1" if self.address in EVERY_ADDRESS else self.address
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def accounts_file(self) -> Path:
        """Where the sign-in names are written down."""
        return self.folder / "sign-in.txt"

    def environment(self, services: Services) -> dict[str, str]:
        """All that CARTPath needs to know; what the person has set already stays as it is."""
        names = dict.fromkeys(["localhost", "127.0.0.1", "[::1]", self.address])
        hosts = "*" if self.address in EVERY_ADDRESS else ",".join(names)
        defaults = {
            "ALLOWED_HOSTS": hosts,
            "CSRF_TRUSTED_ORIGINS": f"{self.url},http://localhost:{self.port}",
            "EMAIL_FILE_PATH": "" if os.environ.get("EMAIL_HOST") else str(self.folder / "mail"),
            "LOG_JSON": "false",
            "SECRET_KEY": self._secret_key(),
            "SITE_URL": self.url,
        }
        fixed = {
            "CARTPATH_ENV": "demo",
            "DJANGO_SETTINGS_MODULE": "cartpath.settings",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        given = {name: value for name, value in os.environ.items() if value}
        return defaults | given | fixed | services.environment()

    def _secret_key(self) -> str:
        """A key of this data folder's own, so that people stay signed in from one start to the next."""
        path = self.folder / "secret-key"
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(64))
        return path.read_text(encoding="ascii")


def main(arguments: list[str]) -> int:
    """Run the demo, or one management command on the demo's data."""
    if os.environ.get("MAKELEVEL"):
        stop_with_parent(os.getppid(), signal.SIGTERM)
    _turn_signals_into_interrupts()
    try:
        demo = Demo.from_environment()
        demo.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (demo.folder / "mail").mkdir(mode=0o700, exist_ok=True)
        if arguments[:1] == ["manage"]:
            return manage(demo, arguments[1:])
        return run(demo)
    except ServiceError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def run(demo: Demo) -> int:
    """Start everything, announce the address, and stay until a signal comes."""
    _require_free_port(demo)
    started = time.monotonic()
    _say(f"Starting CARTPath on the data in {demo.folder} ...")
    if not demo.accounts_file.exists():
        _say("The first start makes the database and some fifty children: two or three minutes.")
    with running_services(demo.folder, durable=True) as services:
        environment = demo.environment(services)
        _prepare(demo, environment)
        announcement = Announcement(demo, started)
        programs = [*_server_programs(services), *_application_programs(demo, environment)]
        Supervisor(programs, on_tick=announcement.tick).run()
    _say("CARTPath has stopped.")
    return 0


def manage(demo: Demo, arguments: list[str]) -> int:
    """Run a management command; the servers are those of the running demo, or started for its length."""
    try:
        with running_services(demo.folder, durable=True) as services:
            return _manage_with(demo.environment(services), arguments)
    except InUseError:
        return _manage_with(demo.environment(named_services(demo.folder)), arguments)


def _manage_with(environment: dict[str, str], arguments: list[str]) -> int:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


def _prepare(demo: Demo, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "cartpath.embedded.prepare", str(demo.accounts_file)]
    process = spawn(command, environment=environment, folder=ROOT)
    try:
        code = process.wait()
    finally:
        stop(process, signal.SIGTERM, 5)
    if code != 0:
        message = "The demo data could not be prepared; see above."
        raise ServiceError(message)


def _server_programs(services: Services) -> list[Program]:
    """Our own servers join the supervised programs: they are running, and start again when they crash."""
    programs = []
    if services.postgres is not None:
        postgres = services.postgres
        programs.append(
            Program(
                name="postgres",
                start=lambda output: postgres.spawn(),
                stop_signal=signal.SIGINT,
                stop_seconds=20,
                process=postgres.process,
            )
        )
    if services.broker is not None:
        broker = services.broker
        programs.append(Program(name="broker", start=lambda output: broker.spawn(), process=broker.process))
    return programs


def _application_programs(demo: Demo, environment: dict[str, str]) -> list[Program]:
    # In a container everything is root; the demo need not say so at length.
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m"]
    celery = [*python, "celery", "--app", "cartpath", "--quiet"]
    level = ["--loglevel", environment.get("LOG_LEVEL", "INFO")]
    worker = [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle", *level]
    web = [
        *python, "granian", "--interface", "wsgi", "--host", demo.address, "--port", str(demo.port),
        "--workers", "1", "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers",
        "--log-level", "warning", "cartpath.wsgi:application",
    ]  # fmt: skip
    return [
        # When the supervisor is killed the broker goes too, and a worker that may still clean up would wait
        # for it for ever. Its tasks come back to the next worker in any case.
        command_program("worker", worker, environment, death_signal=signal.SIGKILL),
        command_program("beat", [*celery, "beat", *level], environment, death_signal=signal.SIGKILL),
        command_program("watcher", [sys.executable, str(ROOT / "manage.py"), "watch_scheduler"], environment),
        command_program("web", web, environment),
    ]


class Announcement:
    """Prints the address once, when the web server answers there."""

    def __init__(self, demo: Demo, started: float) -> None:
        self._demo = demo
        self._started = started
        self._patience_ends = time.monotonic() + READY_SECONDS
        self._made = False

    def tick(self) -> None:
        """Called by the supervisor a few times a second."""
        if self._made:
            return
        if self._answers():
            self._made = True
            self._announce()
        elif time.monotonic() > self._patience_ends:
            self._made = True
            _say(f"The web server has not answered at {self._demo.url} for {READY_SECONDS:g} s; see its log.")

    def _announce(self) -> None:
        line = "-" * 78
        seconds = time.monotonic() - self._started
        accounts = self._demo.accounts_file.read_text(encoding="utf-8").rstrip()
        _say(
            f"{line}\n CARTPath is ready after {seconds:.1f} s:  {self._demo.url}\n\n{accounts}\n\n"
            f" Data and mail: {self._demo.folder}    Stop with Ctrl-C.\n{line}"
        )

    def _answers(self) -> bool:
        host = "127.0.0.1" if self._demo.address in EVERY_ADDRESS else self._demo.address
        connection = http.client.HTTPConnection(host, self._demo.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()


def _require_free_port(demo: Demo) -> None:
    family = socket.AF_INET6 if ":" in demo.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((demo.address, demo.port))
        except OSError as error:
            message = (
                f"CARTPath cannot listen on {demo.address}, port {demo.port}: {error.strerror}. "
                f"Choose another port: make demo PORT={demo.port + 1}"
            )
            raise ServiceError(message) from error


def _turn_signals_into_interrupts() -> None:
    """Let the first stop signal raise KeyboardInterrupt, and let those that follow change nothing."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in wanted_stop_signals():
        signal.signal(number, interrupt)


def _say(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
