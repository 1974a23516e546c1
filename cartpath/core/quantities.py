"""Numbers as clinicians write them."""

from math import floor, log10
from typing import Final

_SUPERSCRIPTS: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_STEP: Final = 3
_PLAIN_BELOW: Final = 10_000


def cells_text(cells: float) -> str:
    """A number of cells with a power of ten and six significant digits at most: `2.6 ×10⁹`, `410 ×10⁶`."""
    if abs(cells) < _PLAIN_BELOW:
        return f"{cells:g}"
    power = floor(log10(abs(cells))) // _STEP * _STEP
    return f"{cells / 10**power:g} ×10{str(power).translate(_SUPERSCRIPTS)}"
