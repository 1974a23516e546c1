"""Reads a printed file as a person with a telephone and an inspector would."""

from io import BytesIO

import pypdfium2
import zxingcpp
from pypdf import PdfReader


def pages_of(content: bytes, password: str | None = None) -> list[str]:
    """The text of each page, with single spaces."""
    reader = PdfReader(BytesIO(content), password=password)
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def text_of(content: bytes, password: str | None = None) -> str:
    """All text of a file."""
    return " ".join(pages_of(content, password))


def codes_of(content: bytes) -> list[str]:
    """What the code on each page says, read from its picture at 300 dpi."""
    document = pypdfium2.PdfDocument(content)
    found = []
    for page in document:
        picture = page.render(scale=300 / 72, grayscale=True).to_pil()
        found += [code.text for code in zxingcpp.read_barcodes(picture)]
    return found
