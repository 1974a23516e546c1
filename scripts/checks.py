"""Runs every check, two at a time, prints what failed and a summary, and fails when one did."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from environment import ROOT

PYTHON = sys.executable
# What a careful operator would set; nothing is reached, the deployment check only looks at the settings.
PRODUCTION_LIKE = {
    "CARTPATH_ENV": "production",
    "DATABASE_URL": "postgresql://cartpath@/cartpath?host=/nonexistent",
    "REDIS_URL": "redis://localhost:6379/0",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "cartpath.example",
    "CSRF_TRUSTED_ORIGINS": "https://cartpath.example",
    "SITE_URL": "https://cartpath.example",
    "EMAIL_HOST": "mail.example",
}


@dataclass(frozen=True)
class Check:
    """One command that has to end with exit code 0."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    check: Check
    passed: bool
    seconds: float
    output: str


def main() -> int:
    """Run all checks; the exit code is 1 when any failed."""
    checks = [check for check in all_checks() if _is_wanted(check)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(_run, checks))
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        print(f"\n=== {outcome.check.name}: {' '.join(outcome.check.command)}\n{outcome.output.rstrip()}")
    print()
    for outcome in outcomes:
        print(f"{'ok    ' if outcome.passed else 'FAILED'}  {outcome.check.name}  ({outcome.seconds:.1f} s)")
    print(f"\n{len(failed)} of {len(outcomes)} checks failed." if failed else "\nAll checks passed.")
    return 1 if failed else 0


def all_checks() -> list[Check]:
    """The slowest first, so that the two lanes end together."""
    module = [PYTHON, "-m"]
    manage = [PYTHON, "-W", "ignore::RuntimeWarning", "manage.py"]
    lint_imports = (
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    )
    return [
        Check("types", [*module, "mypy"]),
        Check("import contracts", [PYTHON, "-c", lint_imports]),
        Check(
            "deployment settings", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION_LIKE
        ),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"], PRODUCTION_LIKE),
        Check(
            "API description",
            [*manage, "spectacular", "--fail-on-warn", "--file", os.devnull],
            PRODUCTION_LIKE,
        ),
        Check("translations", [PYTHON, "scripts/messages.py", "check"]),
        Check("linter", [*module, "ruff", "check", "--output-format", "concise", "."]),
        Check("format", [*module, "ruff", "format", "--check", "--output-format", "concise", "."]),
        Check("compose file", ["docker", "compose", "config", "--quiet"], _compose_variables()),
    ]


def _compose_variables() -> dict[str, str]:
    names = ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_HOST")
    return dict.fromkeys(names, "checked-only")


def _is_wanted(check: Check) -> bool:
    """Docker is not needed to develop CARTPath; the tests read the compose file in any case."""
    if check.command[0] != "docker":
        return True
    return bool(shutil.which("docker")) and _run(Check("docker", ["docker", "compose", "version"])).passed


def _run(check: Check) -> Outcome:
    started = time.monotonic()
    result = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, **check.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(check, result.returncode == 0, time.monotonic() - started, result.stdout)


if __name__ == "__main__":
    sys.exit(main())
