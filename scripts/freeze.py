"""Writes down the checksums of protocol files, so that a test fails when a released version is edited.

Journeys are pinned to these files for fifteen years: a change is a new version, never an edit. `freeze` adds
files that have no checksum yet. `freeze --again` takes every file as it is now; that is right only for
versions that no installation has run.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "cartpath" / "protocols"
SUMS = FOLDER / "SHA256SUMS"


def main(arguments: list[str]) -> int:
    """Write the checksums; the exit code is 1 when a frozen file has changed and nothing was written."""
    found, frozen = checksums(), recorded()
    again = "--again" in arguments
    changed = sorted(name for name, checksum in frozen.items() if found.get(name) != checksum)
    if changed and not again:
        for name in changed:
            sys.stderr.write(f"{name} was released and may not change; write a new version instead.\n")
        return 1
    lines = [f"{checksum}  {name}\n" for name, checksum in sorted(found.items())]
    SUMS.write_text("".join(lines), encoding="utf-8")
    sys.stdout.write(f"{len(found)} files, {len(found.keys() - frozen.keys())} new.\n")
    return 0


def checksums() -> dict[str, str]:
    """The SHA-256 of every protocol file and part, by its path inside the folder."""
    files = [*FOLDER.glob("data/*/*.toml"), *FOLDER.glob("parts/*/*/*.toml")]
    return {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def recorded() -> dict[str, str]:
    """The checksums written down so far, in the format of `sha256sum`."""
    if not SUMS.exists():
        return {}
    pairs = (line.split("  ", 1) for line in SUMS.read_text(encoding="utf-8").splitlines())
    return {name: checksum for checksum, name in pairs}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
