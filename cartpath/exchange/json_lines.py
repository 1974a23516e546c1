"""Finds the line of every value in JSON text, so that a wrong one can be pointed at.

`json` reads values but keeps no positions. This scanner doesn't judge syntax: it is used only on text that
`json` has already read.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Final

Path = tuple[str | int, ...]

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True, slots=True)
class Lines:
    """Line numbers, from 1, by path; and the paths of keys that an object names twice."""

    by_path: dict[Path, int]
    repeated: tuple[tuple[Path, int], ...]

    def of(self, path: Path) -> int:
        """The line of the value at `path`, or of its nearest ancestor that has one."""
        while path and path not in self.by_path:
            path = path[:-1]
        return self.by_path.get(path, 1)


def dotted(path: Path) -> str:
    """A path as people write it: `events[12].data.visited_on`; the whole file is `file`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "file"


def scan(text: str) -> Lines:
    """The line of every value of valid JSON text; a member of an object stands on the line of its key."""
    scanner = _Scanner()
    line, done = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", done, token.start())
        done = token.start()
        scanner.take(token[0], line)
    return Lines(scanner.by_path, tuple(scanner.repeated))


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not come yet; `step` is the key or index of the value under way."""

    path: Path
    is_object: bool
    step: str | int | None
    awaits_key: bool


@dataclass(slots=True)
class _Scanner:
    by_path: dict[Path, int] = field(default_factory=dict)
    repeated: list[tuple[Path, int]] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)

    def take(self, token: str, line: int) -> None:
        inner = self.open[-1] if self.open else None
        if token in "}]":
            self.open.pop()
        elif token == "," and inner is not None:
            inner.awaits_key = inner.is_object
            if isinstance(inner.step, int):
                inner.step += 1
        elif token == ":" and inner is not None:
            inner.awaits_key = False
        elif inner is not None and inner.awaits_key:
            self._key(inner, json.loads(token), line)
        else:
            self._value(inner, token, line)

    def _key(self, inner: _Open, key: str, line: int) -> None:
        inner.step = key
        path = (*inner.path, key)
        if path in self.by_path:
            self.repeated.append((path, line))
        self.by_path[path] = line

    def _value(self, inner: _Open | None, token: str, line: int) -> None:
        path: Path = () if inner is None or inner.step is None else (*inner.path, inner.step)
        self.by_path.setdefault(path, line)
        if token == "{":
            self.open.append(_Open(path, is_object=True, step=None, awaits_key=True))
        elif token == "[":
            self.open.append(_Open(path, is_object=False, step=0, awaits_key=False))
