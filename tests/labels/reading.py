"""Reads printed pages as a scanner would: one library renders them, another decodes; neither wrote them."""

from dataclasses import dataclass

import pypdfium2
import zxingcpp

# As sharp as an office printer.
DOTS_PER_INCH = 300


@dataclass(frozen=True, slots=True)
class Page:
    """One printed page: the bar codes on it and its text."""

    lines: frozenset[str]
    squares: frozenset[str]
    text: str

    @property
    def codes(self) -> frozenset[str]:
        """Everything a scanner reads from the page."""
        return self.lines | self.squares


def pages_of(pdf: bytes) -> list[Page]:
    """The pages of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    return [_page(document[number]) for number in range(len(document))]


def _page(page: pypdfium2.PdfPage) -> Page:
    image = page.render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil()
    found = zxingcpp.read_barcodes(
        image, formats=(zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix)
    )
    lines = {code.text for code in found if code.format == zxingcpp.BarcodeFormat.Code128}
    squares = {code.text for code in found if code.format == zxingcpp.BarcodeFormat.DataMatrix}
    return Page(frozenset(lines), frozenset(squares), page.get_textpage().get_text_range())
