"""The cells of the flowsheet, drawn as HTML: a month has thousands, too many for the loop of a template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

Tone = Literal["", "high", "low", "urgent", "notable"]

# A shape beside the color, for paper and for eyes that see no color.
_SIGNS: Final[Mapping[Tone, str]] = {
    "high": "\N{BLACK UP-POINTING TRIANGLE}",
    "low": "\N{BLACK DOWN-POINTING TRIANGLE}",
    "urgent": "\N{BLACK DOWN-POINTING TRIANGLE}" * 2,
    "notable": "\N{BLACK CIRCLE}",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value at one time, or a grade.

    `was` are values that were put right, `struck` says the whole set was entered in error. `at_least` is of a
    grade from which something was missing and which nobody signed.
    """

    text: str = ""
    tone: Tone = ""
    was: tuple[str, ...] = ()
    struck: bool = False
    words: bool = False
    grade: int | None = None
    at_least: bool = False
    day_starts: bool = False

    @property
    def css(self) -> str:
        """Its classes."""
        names = (
            self.day_starts and "day-starts",
            self.struck and "is-struck",
            self.tone and f"is-{self.tone}",
            self.words and "is-words",
        )
        return " ".join(name for name in names if name)


EMPTY: Final = Cell()
EMPTY_DAY: Final = Cell(day_starts=True)


def drawn(cells: Sequence[Cell]) -> SafeString:
    """The cells of one row as `<td>`; everything that a person typed is escaped."""
    at_least = escape(gettext("at least"))
    return mark_safe("".join([_drawn(cell, at_least) for cell in cells]))


def _drawn(cell: Cell, at_least: str) -> str:
    css = cell.css
    opening = f'<td class="{css}">' if css else "<td>"
    if cell.grade is not None:
        return f"{opening}{_grade(cell.grade, at_least if cell.at_least else '')}</td>"
    was = "".join(f"<s>{escape(each)}</s>" for each in cell.was)
    sign = f'<span class="sheet-sign" aria-hidden="true">{_SIGNS[cell.tone]}</span>' if cell.tone else ""
    return f"{opening}{was}{sign}{escape(cell.text)}</td>"


def _grade(grade: int, at_least: str) -> str:
    bound = (
        f'<span aria-hidden="true">\N{GREATER-THAN OR EQUAL TO}</span>'
        f'<span class="visually-hidden">{at_least} </span>'
        if at_least
        else ""
    )
    return f'<span class="grade grade-{grade}"><span class="grade-number">{bound}{grade}</span></span>'
