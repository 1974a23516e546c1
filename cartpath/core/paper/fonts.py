"""The fonts of all paper, embedded: those that each reader of PDF has can't write every child's name."""

from functools import cache
from pathlib import Path
from typing import Final

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR: Final = "PaperSans"
BOLD: Final = "PaperSans-Bold"
MONO: Final = "PaperMono"

_FOLDER: Final = Path(__file__).resolve().parent / "fonts"
_FILES: Final = {
    REGULAR: "DejaVuSansCondensed.ttf",
    BOLD: "DejaVuSansCondensed-Bold.ttf",
    MONO: "DejaVuSansMono.ttf",
}


@cache
def register_fonts() -> None:
    """Make the fonts known to the PDF engine under their names; may be called before every drawing."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(_FOLDER / file)))
    for bold in (0, 1):
        for italic in (0, 1):
            addMapping(REGULAR, bold, italic, BOLD if bold else REGULAR)
