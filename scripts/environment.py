"""Builds `.venv` from a lock file, with nothing but the standard library and a pip or uv found somewhere.

`ensure(profile)` costs nothing when the lock file has not changed. Python 3.8 can read this file, so that
an old interpreter gets a sentence instead of a syntax error.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OWN_UV = VENV / "bin" / "uv"
STAMP = VENV / "installed.json"
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14")
# What each profile installs; "dev" contains "demo", which contains "base".
PROFILES = ("base", "demo", "dev")


def lock_file(profile: str) -> Path:
    """The pinned and hashed packages of one profile."""
    return ROOT / "requirements" / f"{profile}.lock"


def require_new_python() -> None:
    """Go on under a newer interpreter from the PATH when this one is too old, or stop and say so."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for name in NEWER_PYTHONS:
        found = shutil.which(name)
        # A version manager's stand-in is found, too, but may refuse to start.
        if found and _try([found, "-c", ""], quiet=True):
            os.execv(found, [found, *sys.argv])
    raise SystemExit("CARTPath needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info[:2]))


def ensure(profile: str) -> None:
    """Make `.venv` hold exactly what the lock file of `profile` (or a larger one, built before) says."""
    if _is_current(profile):
        return
    with _one_at_a_time():
        if not _is_current(profile):
            _build(profile)


def _is_current(profile: str) -> bool:
    stamp = _read_stamp()
    installed = stamp.get("profile", "")
    return installed in (profile, "dev") and stamp == _stamp_for(installed) and os.access(PYTHON, os.X_OK)


def _read_stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp


def _stamp_for(profile: str) -> dict[str, str]:
    """What the stamp says when `.venv` is current. A moved checkout counts as changed."""
    digest = hashlib.sha256(lock_file(profile).read_bytes()).hexdigest()
    return {"profile": profile, "lock": digest, "root": str(ROOT)}


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands started together must not build the same folder twice."""
    descriptor = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _build(profile: str) -> None:
    if _read_stamp().get("profile") == "dev":
        profile = "dev"  # Never take the developer's tools away.
    started = time.monotonic()
    print(f"Building .venv from requirements/{profile}.lock ...", flush=True)
    STAMP.unlink(missing_ok=True)
    if not os.access(PYTHON, os.X_OK):
        # Without pip it takes a tenth of a second and needs no ensurepip, which Debian packs separately.
        _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)])
    if not (_install_with_uv(profile) or _install_with_pip(lock_file(profile))):
        raise SystemExit(
            "The packages could not be installed. This needs pip (Debian: python3-pip), ensurepip "
            "(Debian: python3-venv) or uv on the PATH, and a package registry that can be reached."
        )
    _put_checkout_on_path()
    STAMP.write_text(json.dumps(_stamp_for(profile)), encoding="utf-8")
    print(f"Built .venv in {time.monotonic() - started:.1f} s.", flush=True)


def _put_checkout_on_path() -> None:
    """Let every program of `.venv` import the checkout, whatever folder it is started in."""
    for packages in VENV.glob("lib/python3.*/site-packages"):
        (packages / "cartpath-checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")


def _install_with_uv(profile: str) -> bool:
    uv = _find_uv(profile)
    if uv is None:
        return False
    lock = str(lock_file(profile))
    return _try([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON), lock])


def _find_uv(profile: str) -> str | None:
    if not os.access(OWN_UV, os.X_OK):
        with tempfile.TemporaryDirectory() as folder:
            wanted = Path(folder) / "uv.lock"
            wanted.write_text(_lock_entry(lock_file(profile), "uv"), encoding="utf-8")
            _install_with_pip(wanted)
    return str(OWN_UV) if os.access(OWN_UV, os.X_OK) else shutil.which("uv")


def _lock_entry(lock: Path, package: str) -> str:
    """The lines of one package: its pin and its hashes."""
    lines: list[str] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{package}==") or (lines and line.startswith(" ")):
            lines.append(line)
        elif lines:
            break
    return "\n".join(lines) + "\n"


def _install_with_pip(requirements: Path) -> bool:
    target = [
        "--python", str(PYTHON), "install", "--quiet", "--disable-pip-version-check",
        "--require-hashes", "--requirement", str(requirements),
    ]  # fmt: skip
    return any(_try([*pip, *target]) for pip in _pips())


def _pips() -> Iterator[list[str]]:
    """Every pip there is: this interpreter's, the PATH's, and one that ensurepip unpacks into `.venv`."""
    if _try([sys.executable, "-m", "pip", "--version"], quiet=True):
        yield [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        found = shutil.which(name)
        if found:
            yield [found]
    if _try([str(PYTHON), "-m", "ensurepip"], quiet=True):
        yield [str(PYTHON), "-m", "pip"]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, cwd=ROOT)


def _try(command: list[str], *, quiet: bool = False) -> bool:
    silence = subprocess.DEVNULL if quiet else None
    # A user's `pip install --user` default would refuse to write into `.venv`.
    environment = {**os.environ, "PIP_USER": "0"}
    result = subprocess.run(command, cwd=ROOT, env=environment, stdout=silence, stderr=silence, check=False)
    return result.returncode == 0
