"""docker-compose.yml, Dockerfile and .ci/run, read as data or run with stand-ins."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = ("migrate", "web", "worker", "beat", "watcher")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def test_the_six_parts_and_the_migration_are_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*APPLICATION, "postgres", "redis"}


def test_every_long_running_part_has_a_health_check(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert name == "migrate" or service["healthcheck"]["test"], name


def test_a_missing_secret_stops_the_start_with_a_sentence(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in (
        "SECRET_KEY",
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "ALLOWED_HOSTS",
        "SITE_URL",
        "EMAIL_HOST",
    ):
        uses = re.findall(rf"\$\{{{name}(.)", text)
        assert uses
        assert set(uses) == {":"}
        assert re.search(rf"\$\{{{name}:\?Set {name} to ", text), name


def test_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if re.search(r"PASSWORD|SECRET|KEY", name):
                assert value.startswith("${"), name


def test_every_variable_is_one_that_the_settings_read(compose: dict[str, Any]) -> None:
    from cartpath.settings import Environment

    known = {name.upper() for name in Environment.model_fields}
    assert set(compose["services"]["web"]["environment"]) <= known


def test_the_application_cannot_change_itself_or_gain_rights(compose: dict[str, Any]) -> None:
    for name in APPLICATION:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]


def test_nothing_starts_before_the_migration_is_done(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat", "watcher"):
        assert compose["services"][name]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }


def test_only_the_web_server_is_published_and_only_to_this_machine(compose: dict[str, Any]) -> None:
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert published == {"web": ["${PUBLISH:-127.0.0.1:8000}:8000"]}


def test_the_database_and_the_queue_are_on_no_outside_network(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis", "beat", "migrate"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_the_image_holds_every_app_and_names_nothing_that_is_gone() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    wanted = [line[1:] for line in lines if line.startswith("!")]
    assert [path for path in wanted if not (ROOT / path).exists()] == []
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps <= set(wanted)


def test_the_image_runs_as_an_ordinary_user_from_locked_packages() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last_user = re.findall(r"^USER (\S+)", text, re.M)[-1]
    assert int(last_user.split(":")[0]) > 0
    assert "--require-hashes" in text
    assert "slim" in text
    assert text.count("\nFROM ") == 2


class Machine:
    """A stand-in for a CI machine: .ci/run with a `make` whose targets end as told."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.bin = folder / "bin"
        self.log = folder / "calls"
        (self.checkout / ".ci").mkdir(parents=True)
        self.bin.mkdir()
        script = self.checkout / ".ci" / "run"
        script.write_text((ROOT / ".ci" / "run").read_text(encoding="utf-8"), encoding="utf-8")
        for name in ("chromium", "uv"):
            self.command(name, "true")
        # Nothing but these: whether this very machine has a browser must not matter.
        for name in ("bash", "dirname", "grep", "id", "mktemp", "rm", "tail", "tee"):
            (self.bin / name).symlink_to(str(shutil.which(name)))

    def command(self, name: str, code: str) -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.log}\n{code}\n', encoding="utf-8")
        path.chmod(0o755)

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", ".ci/run"],
            cwd=self.checkout,
            env={"PATH": str(self.bin), "HOME": str(self.checkout)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def make_that(test: int, check: int, closing: str) -> str:
    return f'[ "$1" = test ] && echo "{closing}" && exit {test}\n[ "$1" = check ] && exit {check}'


@pytest.mark.parametrize(
    ("test", "check", "failed"),
    [(0, 0, ""), (1, 0, "make test"), (0, 1, "make check"), (2, 2, "make test make check")],
)
def test_ci_runs_everything_and_fails_when_anything_fails(
    machine: Machine, test: int, check: int, failed: str
) -> None:
    machine.command("make", make_that(test, check, "==== 12 passed, 1 skipped in 3.40s ===="))
    result = machine.run()
    assert machine.calls() == ["make test", "make check"]
    assert result.returncode == (1 if failed else 0)
    assert result.stdout.splitlines()[-1] == (f"CI failed: {failed}" if failed else "CI passed.")
    assert result.stdout.splitlines()[-2] == "==== 12 passed, 1 skipped in 3.40s ===="


def test_ci_installs_chromium_from_debian_when_it_is_missing(machine: Machine) -> None:
    (machine.bin / "chromium").unlink()
    machine.command("make", "exit 0")
    machine.command("apt-get", "true")
    machine.command("sudo", 'shift; exec "$@"')
    machine.run()
    wanted = "apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core"
    assert [call for call in machine.calls() if call.startswith("apt-get")] == ["apt-get update -qq", wanted]


def test_ci_stops_when_what_it_needs_cannot_be_installed(machine: Machine) -> None:
    machine.command("apt-get", "exit 100")
    machine.command("sudo", 'shift; exec "$@"')
    result = machine.run()
    assert result.returncode == 1
    assert "could not be installed: make" in result.stderr
