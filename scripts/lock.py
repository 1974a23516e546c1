"""Pins what pyproject.toml asks for: one lock file for production, one for the demo, one for developers.

The files hold versions and hashes only, no address of a registry and no path of a machine, so they work
behind any mirror. The three agree, because the largest one binds the others.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from environment import OLDEST_PYTHON, OWN_UV, ROOT, lock_file

GROUPS = {
    "dev": ["installer", "embedded", "dev"],
    "demo": ["installer", "embedded"],
    "base": [],
}


def main() -> None:
    """Write the three lock files; without --upgrade versions that still fit are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    upgrade = parser.parse_args().upgrade
    with tempfile.TemporaryDirectory() as folder:
        for profile, groups in GROUPS.items():
            made = Path(folder) / f"{profile}.lock"
            if lock_file(profile).exists() and not upgrade:
                made.write_bytes(lock_file(profile).read_bytes())
            binding = [] if profile == "dev" else ["--constraints", str(lock_file("dev"))]
            _compile(made, groups, binding)
            lock_file(profile).write_bytes(made.read_bytes())


def _compile(made: Path, groups: list[str], binding: list[str]) -> None:
    command = [
        str(OWN_UV), "pip", "compile", "pyproject.toml", "--quiet",
        "--universal", "--python-version", ".".join(map(str, OLDEST_PYTHON)),
        "--generate-hashes", "--no-header", "--no-annotate",
        "--no-emit-index-url", "--no-emit-find-links",
        "--output-file", str(made), *binding,
    ]  # fmt: skip
    for group in groups:
        command += ["--group", group]
    result = subprocess.run(command, cwd=ROOT, check=False)
    if result.returncode:
        sys.exit(result.returncode)


if __name__ == "__main__":
    main()
