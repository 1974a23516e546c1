"""QR codes as vector squares: sharp at every size, without an image library."""

from typing import Final

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

# ISO/IEC 18004: four light modules around the code.
QUIET_MODULES: Final = 4


def qr_modules(text: str) -> list[list[bool]]:
    """The dark (True) and light squares of a QR code of `text` as UTF-8, level M, quiet zone included."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(text.encode())
    code.make(fit=True)
    return [[bool(cell) for cell in row] for row in code.get_matrix()]


def draw_qr(canvas: Canvas, text: str, *, x: float, y: float, size: float) -> None:
    """Draw a QR code of `size` points with its lower left corner at `x`, `y`, on white."""
    rows = qr_modules(text)
    step = size / len(rows)
    canvas.saveState()
    canvas.setFillGray(1)
    canvas.rect(x, y, size, size, stroke=0, fill=1)
    canvas.setFillGray(0)
    path = canvas.beginPath()
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                path.rect(x + across * step, y + size - (down + 1) * step, step, step)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


class QrFlowable(Flowable):
    """A QR code in a running text; `size` in points."""

    def __init__(self, text: str, size: float) -> None:
        super().__init__()
        self.text, self.width, self.height = text, size, size

    def draw(self) -> None:
        """Called by the PDF engine."""
        draw_qr(self.canv, self.text, x=0, y=0, size=self.width)
