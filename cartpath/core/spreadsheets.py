"""Text on its way into a spreadsheet."""

from typing import Final

# A spreadsheet takes a cell that begins so for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The text as a cell that no program runs."""
    return f"'{text}" if text.startswith(_FORMULA) else text
