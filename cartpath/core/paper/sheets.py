"""Sheets of A4: headings, facts, tables and notes in one look, readable in black and white.

The same content gives the same bytes, so that the digest of a file says what was printed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    KeepTogether,
    LongTable,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from cartpath.core.paper.fonts import BOLD, MONO, REGULAR, register_fonts
from cartpath.core.paper.qr import QrFlowable

_MARGIN: Final = 15 * mm
_FOOT: Final = 17 * mm
WIDTH: Final = A4[0] - 2 * _MARGIN
_INK: Final = colors.black
_QUIET: Final = colors.HexColor("#444444")
_LINE: Final = colors.HexColor("#999999")
_GROUND: Final = colors.HexColor("#eeeeee")
_GAP: Final = 2 * mm


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    given: dict[str, Any] = {"fontName": REGULAR, "fontSize": size, "leading": size * 1.3, "textColor": _INK}
    return ParagraphStyle(name, **given | {"alignment": TA_LEFT, "splitLongWords": 1} | more)


_TITLE: Final = _style("title", 17, fontName=BOLD)
_UNDER: Final = _style("under", 9.5, textColor=_QUIET)
_HEADING: Final = _style("heading", 11.5, fontName=BOLD, spaceBefore=4 * mm, spaceAfter=1.5 * mm)
_SUBHEADING: Final = _style("subheading", 9.5, fontName=BOLD, spaceBefore=2.5 * mm, spaceAfter=1 * mm)
_TEXT: Final = _style("text", 9.5, spaceAfter=1 * mm)
_CELL: Final = _style("cell", 8.3)
_HEAD: Final = _style("head", 8.3, fontName=BOLD)
_CODE: Final = _style("code", 7.4, fontName=MONO, splitLongWords=1, wordWrap="CJK")
_NOTE: Final = _style("note", 10.5, fontName=BOLD)
_NOTE_TEXT: Final = _style("note text", 9.5)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished PDF and how many pages it has."""

    content: bytes
    pages: int


class Code(str):
    """Text of a cell that is a number or digest: in the font in which all letters are told apart."""

    __slots__ = ()


Cell = object


class Sheet:
    """A paper in the making; parts stand in the order in which they are added.

    `foot` stands at the foot of each page, left of the page's number: what the paper is, about whom, of when.
    """

    def __init__(self, *, title: str, foot: str) -> None:
        register_fonts()
        self.title, self.foot = title, foot
        self._parts: list[Flowable] = []

    def head(self, *under: str) -> None:
        """The title, and lines under it."""
        self._parts += [Paragraph(escape(self.title), _TITLE)]
        self._parts += [Paragraph(escape(line), _UNDER) for line in under if line]
        self._parts += [Spacer(0, _GAP), HRFlowable(width="100%", thickness=1.2, color=_INK), Spacer(0, _GAP)]

    def heading(self, text: str) -> None:
        """A heading; it stays with what follows."""
        heading = Paragraph(escape(text), _HEADING)
        heading.keepWithNext = 1
        self._parts.append(heading)

    def subheading(self, text: str) -> None:
        """A smaller heading."""
        heading = Paragraph(escape(text), _SUBHEADING)
        heading.keepWithNext = 1
        self._parts.append(heading)

    def text(self, text: str) -> None:
        """A paragraph; its line breaks are kept."""
        self._parts.append(Paragraph(_lines(text), _TEXT))

    def note(self, title: str, *lines: str, strong: bool = False) -> None:
        """A framed note; a strong one has a thick frame, so that it is seen without color."""
        inside = [Paragraph(escape(title), _NOTE), *(Paragraph(_lines(line), _NOTE_TEXT) for line in lines)]
        framed = Table([[inside]], colWidths=[WIDTH])
        framed.setStyle(
            [
                ("BOX", (0, 0), (-1, -1), 2.2 if strong else 0.8, _INK),
                ("BACKGROUND", (0, 0), (-1, -1), colors.white if strong else _GROUND),
                ("LEFTPADDING", (0, 0), (-1, -1), 8),
                ("TOPPADDING", (0, 0), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
            ]
        )
        self._parts += [framed, Spacer(0, _GAP)]

    def facts(self, facts: Iterable[tuple[str, Cell]], *, across: int = 2) -> None:
        """Labels and values, `across` pairs in a line."""
        pairs = [(Paragraph(escape(label), _CELL), _cell(value, strong=True)) for label, value in facts]
        rows = [pairs[start : start + across] for start in range(0, len(pairs), across)]
        if not rows:
            return
        blank = (Paragraph("", _CELL), Paragraph("", _CELL))
        filled = [[cell for pair in [*row, *[blank] * (across - len(row))] for cell in pair] for row in rows]
        column = WIDTH / across
        table = Table(filled, colWidths=[column * 0.36, column * 0.64] * across)
        table.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, _LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ]
        )
        self._parts += [table, Spacer(0, _GAP)]

    def table(
        self, head: Sequence[str], rows: Iterable[Sequence[Cell]], *, parts: Sequence[float] | None = None
    ) -> None:
        """A table whose head stands again on each page; `parts` are the widths of its columns."""
        shares = parts or [1.0] * len(head)
        widths = [WIDTH * share / sum(shares) for share in shares]
        lines = [[Paragraph(escape(cell), _HEAD) for cell in head]]
        lines += [[_cell(cell) for cell in row] for row in rows]
        table = LongTable(lines, colWidths=widths, repeatRows=1)
        table.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("BACKGROUND", (0, 0), (-1, 0), _GROUND),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, _INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.3, _LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
        self._parts += [table, Spacer(0, _GAP)]

    def to_fill(self, labels: Sequence[str], *, across: int = 2) -> None:
        """Lines to write on by hand, each with its label."""
        cells = [Paragraph(escape(label), _CELL) for label in labels]
        cells += [Paragraph("", _CELL)] * (-len(cells) % across)
        rows = [cells[start : start + across] for start in range(0, len(cells), across)]
        table = Table(rows, colWidths=[WIDTH / across] * across, rowHeights=[12 * mm] * len(rows))
        table.setStyle([("GRID", (0, 0), (-1, -1), 0.6, _INK), ("VALIGN", (0, 0), (-1, -1), "TOP")])
        self._parts += [KeepTogether([table]), Spacer(0, _GAP)]

    def qr(self, text: str, *, size_mm: float = 24) -> None:
        """A QR code at the right edge."""
        code = QrFlowable(text, size_mm * mm)
        code.hAlign = "RIGHT"
        self._parts.append(code)

    def new_page(self) -> None:
        """Go on with the next page."""
        self._parts.append(PageBreak())

    def render(self) -> Rendered:
        """The PDF."""
        pages: list[int] = []
        foot = self.foot

        class Numbered(Canvas):
            """Writes the foot of each page when it is known how many there are."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self._kept: list[dict[str, Any]] = []

            def showPage(self) -> None:  # noqa: N802  (the engine's own name)
                self._kept.append(dict(self.__dict__))
                self._startPage()  # type: ignore[attr-defined]  # as the engine's own examples do

            def save(self) -> None:
                pages.append(len(self._kept))
                for number, kept in enumerate(self._kept, start=1):
                    self.__dict__.update(kept)
                    _draw_foot(self, foot, number, len(self._kept))
                    super().showPage()
                super().save()

        out = BytesIO()
        document = BaseDocTemplate(
            out,
            pagesize=A4,
            title=self.title,
            author="CARTPath",
            lang=get_language() or "en",
            invariant=1,
        )
        # Text and tables begin at the same edge.
        room = Frame(
            _MARGIN,
            _FOOT,
            WIDTH,
            A4[1] - _MARGIN - _FOOT,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        document.addPageTemplates([PageTemplate(frames=[room])])
        document.build(self._parts or [Spacer(0, 1)], canvasmaker=Numbered)
        return Rendered(out.getvalue(), pages[-1])


def _draw_foot(canvas: Canvas, foot: str, number: int, count: int) -> None:
    canvas.saveState()
    canvas.setStrokeColor(_LINE)
    canvas.line(_MARGIN, 12 * mm, A4[0] - _MARGIN, 12 * mm)
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillColor(_QUIET)
    counted = _("Page %(number)d of %(count)d") % {"number": number, "count": count}
    room = WIDTH - canvas.stringWidth(counted, REGULAR, 7.5) - 4 * mm
    canvas.drawString(_MARGIN, 8 * mm, shortened(canvas, foot, room, 7.5))
    canvas.drawRightString(A4[0] - _MARGIN, 8 * mm, counted)
    canvas.restoreState()


def shortened(canvas: Canvas, text: str, room: float, size: float, font: str = REGULAR) -> str:
    """`text` as far as it fits into `room` points, with an ellipsis where it was cut."""
    if canvas.stringWidth(text, font, size) <= room:
        return text
    while text and canvas.stringWidth(text + "…", font, size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _cell(value: Cell, *, strong: bool = False) -> Paragraph:
    if isinstance(value, Code):
        return Paragraph(escape(value), _CODE)
    text = _("unknown") if value is None or value == "" else str(value)
    return Paragraph(_lines(text), _HEAD if strong else _CELL)


def _lines(text: str) -> str:
    return "<br/>".join(escape(line) for line in text.splitlines())
