"""Labels as PDF: vector bars and squares, texts in embedded fonts, one page a label or sheets of A4."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from pystrich.datamatrix import DataMatrixData, DataMatrixEncoder
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from cartpath.core.paper.fonts import BOLD, MONO, REGULAR, register_fonts
from cartpath.core.paper.sheets import shortened
from cartpath.core.said import said_text
from cartpath.core.sentences import Sentence
from manufacturing.labels.rules.layout import (
    SHEET_HEIGHT,
    SHEET_WIDTH,
    Bars,
    Frame,
    Mark,
    Matrix,
    Measure,
    Text,
)

_HAIR: Final = 0.4


def draw_roll(labels: Sequence[Sequence[Mark]], measure: Measure) -> bytes:
    """Labels for a label printer: each is a page of its own size."""
    out, canvas = _started(measure.width, measure.height)
    for marks in labels:
        _draw(canvas, marks, left=0, top=measure.height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def draw_sheets(labels: Sequence[Sequence[Mark]], measure: Measure, *, start: int = 1) -> bytes:
    """Labels on sheets of A4; `start` (from 1) is the first free label of a sheet that was used before."""
    out, canvas = _started(SHEET_WIDTH, SHEET_HEIGHT)
    for number, marks in enumerate(labels, start=start - 1):
        if number > start - 1 and number % measure.a_sheet == 0:
            canvas.showPage()
        x, y = measure.place(number % measure.a_sheet)
        _draw(canvas, marks, left=x, top=SHEET_HEIGHT - y)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def matrix_modules(data: str) -> list[list[bool]]:
    """The dark (True) and light squares of a Data Matrix (ECC 200), without its quiet zone."""
    encoded = DataMatrixEncoder(DataMatrixData(data, auto_encoding=True), quiet_zone=0)
    return [[bool(cell) for cell in row] for row in encoded.init_renderer().matrix]


def _started(width: float, height: float) -> tuple[BytesIO, Canvas]:
    register_fonts()
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width * mm, height * mm), invariant=1)
    canvas.setTitle("CARTPath")
    return out, canvas


def _draw(canvas: Canvas, marks: Sequence[Mark], *, left: float, top: float) -> None:
    for mark in marks:
        x, y = (left + mark.x) * mm, (top - mark.y) * mm
        match mark:
            case Text():
                _text(canvas, mark, x, y)
            case Bars():
                _bars(canvas, mark, x, y)
            case Matrix():
                _matrix(canvas, mark, x, y)
            case Frame():
                canvas.setLineWidth(_HAIR)
                canvas.rect(x, y - mark.height * mm, mark.width * mm, mark.height * mm)


def _text(canvas: Canvas, mark: Text, x: float, y: float) -> None:
    if not mark.text:
        return
    font = MONO if mark.mono else BOLD if mark.bold else REGULAR
    # A name is never translated, even one that happens to be a word of the product.
    text = said_text(mark.text) if isinstance(mark.text, Sentence) else mark.text
    canvas.setFont(font, mark.size)
    shown = shortened(canvas, text, mark.width * mm, mark.size, font)
    if not mark.turned:
        canvas.drawString(x, y, shown)
        return
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(-90)
    canvas.drawString(0, 0, shown)
    canvas.restoreState()


def _bars(canvas: Canvas, mark: Bars, x: float, y: float) -> None:
    code = Code128(mark.data, barWidth=mark.module * mm, barHeight=mark.height * mm, quiet=0)
    code.drawOn(canvas, x, y - mark.height * mm)


def _matrix(canvas: Canvas, mark: Matrix, x: float, y: float) -> None:
    step = mark.module * mm
    path = canvas.beginPath()
    for down, row in enumerate(matrix_modules(mark.data)):
        for across, dark in enumerate(row):
            if dark:
                path.rect(x + across * step, y - (down + 1) * step, step, step)
    canvas.drawPath(path, stroke=0, fill=1)
