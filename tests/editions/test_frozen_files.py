"""A version that was released is never edited: journeys are pinned to it for fifteen years."""

import hashlib
import re

from cartpath.protocols import registry

SUMS = registry.FOLDER / "SHA256SUMS"
ADVICE = "A released version changed. Write a new one; see scripts/freeze.py"


def written() -> dict[str, str]:
    lines = SUMS.read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[0-9a-f]{64}  (data|parts)/[\w/-]+\.toml", line) for line in lines)
    return {line[66:]: line[:64] for line in lines}


def test_released_files_are_as_they_were_released() -> None:
    found = {
        name: hashlib.sha256((registry.FOLDER / name).read_bytes()).hexdigest()
        for name in written()
        if (registry.FOLDER / name).exists()
    }
    assert found == written(), ADVICE


def test_every_file_that_ships_is_frozen() -> None:
    shipped = {
        path.relative_to(registry.FOLDER).as_posix()
        for pattern in ("data/*/*.toml", "parts/*/*/*.toml")
        for path in registry.FOLDER.glob(pattern)
    }
    assert shipped == set(written()), "Freeze new versions with `scripts/dev.py freeze`."
    assert len(shipped) > 8
