"""What a bare machine needs: lock files that name no host, and scripts an old Python can read."""

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("base", "demo", "dev")


def locked(profile: str) -> dict[str, Version]:
    """Each package of a lock file with its version."""
    text = (ROOT / "requirements" / f"{profile}.lock").read_text(encoding="utf-8")
    return {name: Version(version) for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.M)}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """scripts/environment.py, working on an empty checkout of its own."""
    found = importlib.util.spec_from_file_location("environment", ROOT / "scripts" / "environment.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    for profile in LOCKS:
        (tmp_path / "requirements" / f"{profile}.lock").write_text(f"{profile}==1\n", encoding="ascii")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "OWN_UV", tmp_path / ".venv" / "bin" / "uv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "installed.json")
    return module


@pytest.mark.parametrize("profile", LOCKS)
def test_a_lock_file_holds_names_versions_and_hashes_only(profile: str) -> None:
    pin = r"[a-z0-9._-]+(\[[a-z0-9,-]+\])?==[\w.+]+( ; [\w .'<>=!()*]+)? \\"
    line = re.compile(pin + r"|    --hash=sha256:[0-9a-f]{64}( \\)?")
    text = (ROOT / "requirements" / f"{profile}.lock").read_text(encoding="utf-8")
    assert [entry for entry in text.splitlines() if not line.fullmatch(entry)] == []


def test_the_lock_files_agree_with_each_other() -> None:
    base, demo, dev = (locked(profile).items() for profile in LOCKS)
    assert base <= demo <= dev


def test_every_requirement_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    versions = locked("dev")
    for line in [*project["project"]["dependencies"], *(line for group in groups.values() for line in group)]:
        requirement = Requirement(line)
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier, line


@pytest.mark.parametrize("name", ["dev.py", "environment.py"])
def test_an_old_python_can_read_the_bootstrap(name: str) -> None:
    source = (ROOT / "scripts" / name).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 8))


def test_the_bootstrap_needs_the_standard_library_only() -> None:
    for name in ("dev.py", "environment.py"):
        tree = ast.parse((ROOT / "scripts" / name).read_text(encoding="utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        foreign = {str(module).split(".")[0] for module in imported} - sys.stdlib_module_names
        assert foreign <= {"environment"}


def test_the_bootstrap_says_what_it_can_do() -> None:
    script = [sys.executable, "-S", str(ROOT / "scripts" / "dev.py"), "--help"]
    answer = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    for command in ("setup", "demo", "test", "check", "bench", "lock", "messages", "manage"):
        assert re.search(rf"^  {command} +[A-Z]", answer, re.M)


def test_the_installer_is_taken_by_its_hash(environment: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(
        "tzdata==1 \\\n    --hash=a\nuv==2 \\\n    --hash=b \\\n    --hash=c\nvine==3\n", encoding="ascii"
    )
    assert environment._lock_entry(lock, "uv") == "uv==2 \\\n    --hash=b \\\n    --hash=c\n"


@pytest.mark.parametrize(
    ("installed", "wanted", "built"),
    [
        (None, "demo", ["demo"]),
        ("demo", "demo", []),
        ("dev", "demo", []),  # The developer's environment holds the demo's.
        ("demo", "dev", ["dev"]),
    ],
)
def test_an_environment_is_built_only_when_it_is_not_current(
    environment: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    installed: str | None,
    wanted: str,
    built: list[str],
) -> None:
    calls = _record_installs(environment, monkeypatch)
    _pretend_environment(environment)
    if installed:
        environment.ensure(installed)
        calls.clear()
    environment.ensure(wanted)
    assert calls == built


def test_a_changed_lock_file_rebuilds_without_losing_the_developers_tools(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = _record_installs(environment, monkeypatch)
    _pretend_environment(environment)
    environment.ensure("dev")
    environment.lock_file("dev").write_text("dev==2\n", encoding="ascii")
    environment.ensure("demo")
    assert calls == ["dev", "dev"]


def test_pip_takes_over_where_uv_cannot_be_had(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = _record_installs(environment, monkeypatch, "_install_with_pip")
    monkeypatch.setattr(environment, "_install_with_uv", lambda profile: False)
    _pretend_environment(environment)
    environment.ensure("demo")
    assert calls == [environment.lock_file("demo")]


def test_a_machine_that_can_install_nothing_is_told_what_it_needs(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "_install_with_uv", lambda profile: False)
    monkeypatch.setattr(environment, "_install_with_pip", lambda lock: False)
    _pretend_environment(environment)
    with pytest.raises(SystemExit, match="python3-pip"):
        environment.ensure("demo")
    assert not environment.STAMP.exists()


def _pretend_environment(environment: ModuleType) -> None:
    environment.PYTHON.parent.mkdir(parents=True)
    environment.PYTHON.symlink_to(sys.executable)


def _record_installs(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, function: str = "_install_with_uv"
) -> list[object]:
    """Let an installer succeed without doing anything, and collect what it was asked for."""
    calls: list[object] = []

    def install(wanted: object) -> bool:
        calls.append(wanted)
        return True

    monkeypatch.setattr(environment, function, install)
    return calls
