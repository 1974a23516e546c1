"""Finds the line of a value in TOML text, so that a wrong rule can be pointed at.

`tomllib` reads values but keeps no positions. This scanner doesn't judge syntax: it is used only on text
that `tomllib` has already read.
"""

import re
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_QUOTES = ('"""', "'''", '"', "'")


def line_of(text: str, path: Path) -> int:
    """The line, from 1, of the value at `path`, or of its nearest ancestor that has one."""
    lines = _Scanner(text).scan()
    for length in range(len(path), 0, -1):
        line = lines.get(path[:length])
        if line is not None:
            return line
    return 1


@dataclass(slots=True)
class _Scanner:
    text: str
    lines: dict[Path, int] = field(default_factory=dict)
    tables: dict[Path, int] = field(default_factory=dict)
    here: Path = ()

    def scan(self) -> dict[Path, int]:
        position = 0
        while position < len(self.text):
            position = self._statement(position)
        return self.lines

    def _statement(self, start: int) -> int:
        end = self._end_of_line(start)
        if header := _HEADER.match(self.text, start, end):
            self.here = self._table(header[2], is_array=header[1] == "[[")
            for length in range(1, len(self.here) + 1):
                self.lines.setdefault(self.here[:length], self._line(start))
        elif key := _KEY.match(self.text, start, end):
            path = (*self.here, *_parts(key[1]))
            self.lines[path] = self._line(start)
            return self._value(key.end(), path)
        return end + 1

    def _table(self, name: str, *, is_array: bool) -> Path:
        path: Path = ()
        parts = _parts(name)
        for index, part in enumerate(parts):
            path = (*path, part)
            if is_array and index == len(parts) - 1:
                self.tables[path] = self.tables.get(path, -1) + 1
            if path in self.tables:
                path = (*path, self.tables[path])
        return path

    def _value(self, start: int, path: Path) -> int:
        """Step over a value, noting the line of each element of an outermost array; its end's position."""
        position, depth, element = start, 0, 0
        awaits_element = False
        while position < len(self.text):
            char = self.text[position]
            if char == "\n" and depth == 0:
                return position + 1
            if char == "#":
                position = self._end_of_line(position)
                continue
            if awaits_element and not char.isspace() and char != "]":
                self.lines[(*path, element)] = self._line(position)
                awaits_element = False
            if quote := next((q for q in _QUOTES if self.text.startswith(q, position)), None):
                position = self._end_of_string(position, quote)
                continue
            if char in "[{":
                depth += 1
                awaits_element = depth == 1 and char == "["
            elif char in "]}":
                depth -= 1
            elif char == "," and depth == 1:
                element, awaits_element = element + 1, True
            position += 1
        return position

    def _end_of_string(self, start: int, quote: str) -> int:
        position = start + len(quote)
        while position < len(self.text) and not self.text.startswith(quote, position):
            escaped = quote[0] == '"' and self.text[position] == "\\"
            position += 2 if escaped else 1
        return position + len(quote)

    def _end_of_line(self, start: int) -> int:
        end = self.text.find("\n", start)
        return len(self.text) if end < 0 else end

    def _line(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _KEY_PART.findall(dotted))
