"""Papers that people sign: their languages and states, their plain text, and the digest that seals it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LetterLanguage(models.TextChoices):
    """Languages a letter can be written in."""

    EN = "en", _("English")
    IT = "it", _("Italian")


class LetterState(models.TextChoices):
    """A letter can be changed until it is final."""

    DRAFT = "draft", pgettext_lazy("letter", "Draft")
    FINAL = "final", pgettext_lazy("letter", "Final")


@dataclass(frozen=True, slots=True)
class LetterBlock:
    """One part: a heading, empty where there is none, and its lines."""

    heading: str
    lines: Sequence[str]


def letter_blocks(body: str) -> list[LetterBlock]:
    """Parts are divided by empty lines; a first line that ends with a colon is the heading of those after."""
    parts = ([line.strip() for line in part.splitlines() if line.strip()] for part in body.split("\n\n"))
    return [_block(lines) for lines in parts if lines]


def digest_of(text: str) -> str:
    """SHA-256 of a text as UTF-8, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def plain_lines(text: str) -> str:
    """A text as it is kept: lines end alike wherever it was typed, and no space hangs behind them."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def _block(lines: list[str]) -> LetterBlock:
    if len(lines) > 1 and lines[0].endswith(":"):
        return LetterBlock(lines[0].removesuffix(":"), lines[1:])
    return LetterBlock("", lines)
