"""A letter's plain text as parts of a page."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LetterBlock:
    """One part: a heading, empty where there is none, and its lines."""

    heading: str
    lines: Sequence[str]


def letter_blocks(body: str) -> list[LetterBlock]:
    """Parts are divided by empty lines; a first line that ends with a colon is the heading of those after."""
    parts = ([line.strip() for line in part.splitlines() if line.strip()] for part in body.split("\n\n"))
    return [_block(lines) for lines in parts if lines]


def _block(lines: list[str]) -> LetterBlock:
    if len(lines) > 1 and lines[0].endswith(":"):
        return LetterBlock(lines[0].removesuffix(":"), lines[1:])
    return LetterBlock("", lines)
