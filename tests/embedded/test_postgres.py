"""PostgreSQL under our own launcher: who it runs as, what it keeps, when it stops, what it refuses."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cartpath.embedded import postgres, process
from cartpath.embedded.postgres import PostgresServer, ensure_database, find_binaries, major_version
from cartpath.embedded.process import InUseError, ServiceError
from tests.embedded.parents import ends_within, killed_parent_of

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@pytest.fixture(scope="module")
def ready_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped cluster with the project's database, made once and copied by each test."""
    folder = tmp_path_factory.mktemp("cluster")
    server = PostgresServer(folder, durable=False)
    server.start()
    ensure_database(server.url())
    server.stop()
    return folder


@pytest.fixture
def folder(ready_cluster: Path, tmp_path: Path) -> Path:
    shutil.copytree(ready_cluster, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(folder, durable=False)
    server.start()
    yield server
    server.stop()


def ask(server: PostgresServer, question: str) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(question).fetchone()
        return row and row[0]


@as_root
def test_a_server_started_by_root_has_none_of_roots_rights(server: PostgresServer) -> None:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    capabilities = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    assert int(capabilities, 16) == 0
    assert ask(server, "SELECT 1") == 1


@as_root
def test_root_falls_back_to_the_user_nobody_where_user_namespaces_are_forbidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres, "unprivileged_user", lambda: "nobody")
    with tempfile.TemporaryDirectory(prefix="cartpath-test-nobody-") as name:
        folder = Path(name)
        folder.chmod(0o700)
        if not all(path.stat().st_mode & stat.S_IXOTH for path in find_binaries().parents):
            pytest.skip("the checkout lies in a folder that only root can enter")
        server = PostgresServer(folder, durable=False)
        server.start()
        try:
            ensure_database(server.url())
            assert ask(server, "SELECT 1") == 1
            assert (folder / "postgres").stat().st_uid != 0
        finally:
            server.stop()


def test_the_data_is_there_after_a_restart(folder: Path) -> None:
    server = PostgresServer(folder)
    for statement in ("CREATE TABLE kept AS SELECT 42 AS number", "SELECT 1"):
        server.start()
        with psycopg.connect(server.url()) as connection:
            connection.execute(statement)
        server.stop()
    server.start()
    assert ask(server, "SELECT number FROM kept") == 42
    server.stop()


def test_the_server_stops_by_itself_when_its_parent_is_killed(folder: Path) -> None:
    with killed_parent_of("postgres", "PostgresServer", folder) as pid:
        assert ends_within(pid, 5)
    assert "database system is shut down" in (folder / "postgres.log").read_text(encoding="utf-8")


def test_a_start_right_after_the_parent_was_killed_waits_for_the_old_server(folder: Path) -> None:
    with killed_parent_of("postgres", "PostgresServer", folder):
        server = PostgresServer(folder)
        server.start()
    assert ask(server, "SELECT 1") == 1
    server.stop()


def test_a_data_folder_of_another_major_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    here = major_version(find_binaries())
    (tmp_path / "postgres").mkdir()
    version_file = tmp_path / "postgres" / "PG_VERSION"
    version_file.write_text("14\n", encoding="ascii")
    with pytest.raises(ServiceError, match=f"made by PostgreSQL 14, and this is PostgreSQL {here}"):
        PostgresServer(tmp_path).start()
    assert [path.name for path in (tmp_path / "postgres").iterdir()] == ["PG_VERSION"]
    assert version_file.read_text(encoding="ascii") == "14\n"


def test_two_servers_never_share_a_folder(server: PostgresServer) -> None:
    with pytest.raises(InUseError, match="in use by another process"):
        PostgresServer(server.folder).start()
    assert ask(server, "SELECT 1") == 1


def test_an_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "half").write_text("of a cluster", encoding="ascii")
    server = PostgresServer(tmp_path, durable=False)
    server.start()
    server.stop()
    assert not (tmp_path / "postgres" / "half").exists()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    (folder / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n", encoding="ascii")
    with pytest.raises(ServiceError, match="no_such_setting"):
        PostgresServer(folder).start()


def test_the_log_never_holds_a_statement_or_its_values(server: PostgresServer) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE patient (mrn text UNIQUE)")
        connection.execute("INSERT INTO patient VALUES ('MRN-4711')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO patient VALUES ('MRN-4711')")
    log = server.log.read_text(encoding="utf-8")
    assert "duplicate key" in log
    assert "MRN-4711" not in log


def test_only_the_same_operating_system_user_reaches_the_socket(server: PostgresServer) -> None:
    sockets = process.runtime_folder(server.folder)
    assert stat.S_IMODE(sockets.stat().st_mode) in (0o700, 0o711)
    assert ask(server, "SHOW listen_addresses") == ""


def test_text_is_unicode_and_sorted_the_same_everywhere(server: PostgresServer) -> None:
    assert ask(server, "SHOW server_encoding") == "UTF8"
    assert ask(server, "SELECT lower('NICCOLÒ')") == "niccolò"


def test_a_missing_database_is_created_once(server: PostgresServer) -> None:
    url = server.url("brand-new")
    ensure_database(url)
    ensure_database(url)
    with psycopg.connect(url) as connection:
        assert connection.info.dbname == "brand-new"


def test_programs_on_the_path_are_found_behind_their_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, linked = tmp_path / "real", tmp_path / "linked"
    for folder in (real, linked):
        folder.mkdir()
    for name in ("initdb", "postgres"):
        (real / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 16.4'\n", encoding="ascii")
        (real / name).chmod(0o755)
    (linked / "initdb").symlink_to(real / "initdb")
    monkeypatch.setattr(postgres, "_wheel_folder", lambda: None)
    monkeypatch.setenv("PATH", f"{linked}:{os.environ['PATH']}")
    assert find_binaries() == real
    assert major_version(real) == 16


def test_a_machine_without_postgresql_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_wheel_folder", "_path_folder", "_debian_folder"):
        monkeypatch.setattr(postgres, name, lambda: None)
    with pytest.raises(ServiceError, match="Set DATABASE_URL"):
        find_binaries()


def test_a_deep_data_folder_still_gets_a_short_socket_path(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-folder-name"] * 6)
    assert len(str(process.runtime_folder(deep))) <= process.LONGEST_SOCKET_FOLDER
    process.remove_runtime_folder(deep)
