"""Where everything stands on a label, in millimeters from its upper left corner, and labels on a sheet.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2: four quarters of 50 × 50 mm, the donation
number in the upper left, the blood group in the upper right, the product in the lower left, the expiry in the
lower right; narrowest bar 0.25 mm, bars 10 mm high. DESIGN: the smaller labels, and the module of 0.4 mm of
the two-dimensional code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cartpath.core.sentences import say
from manufacturing.labels.rules.content import Code, LabelContent

MODULE: Final = 0.25
BAR_HEIGHT: Final = 10.0
MATRIX_MODULE: Final = 0.4
# Any characters that fit as bars into a quarter of a label, 11 modules each.
MOST_IN_BARS: Final = 12
SHEET_WIDTH: Final = 210.0
SHEET_HEIGHT: Final = 297.0


@dataclass(frozen=True, slots=True)
class Measure:
    """Width and height of a label in mm, and how many fit beside and below each other on A4."""

    width: float
    height: float
    columns: int
    rows: int

    @property
    def a_sheet(self) -> int:
        """How many labels a sheet holds."""
        return self.columns * self.rows

    def place(self, position: int) -> tuple[float, float]:
        """The upper left corner of label `position` (from 0) on its sheet, the labels in its middle."""
        column, row = position % self.columns, position // self.columns
        left = (SHEET_WIDTH - self.columns * self.width) / 2
        top = (SHEET_HEIGHT - self.rows * self.height) / 2
        return left + column * self.width, top + row * self.height


MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        "bag": Measure(100, 100, 2, 2),
        "box": Measure(100, 50, 2, 5),
        "vial": Measure(45, 22, 4, 12),
        # Longer than a sheet is wide: it comes from a label printer only.
        "wristband": Measure(250, 25, 0, 0),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A line of text; `size` in points, `y` of its base line, cut to `width` mm; `turned` runs downward."""

    x: float
    y: float
    text: str
    size: float = 7
    bold: bool = False
    mono: bool = False
    turned: bool = False
    width: float = 46


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A Code 128 bar code; `x` and `y` of its upper left corner."""

    x: float
    y: float
    data: str
    height: float = BAR_HEIGHT
    module: float = MODULE


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A Data Matrix (ECC 200)."""

    x: float
    y: float
    data: str
    module: float = MATRIX_MODULE


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A box, drawn thin."""

    x: float
    y: float
    width: float
    height: float


Mark = Text | Bars | Matrix | Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a label says in words: of the child, the product and the facility; unknown is empty."""

    child: str
    born: str = ""
    mrn: str = ""
    product: str = ""
    facility: str = ""
    address: str = ""
    lot: str = ""
    volume: str = ""
    footer: str = ""


def marks(size: str, content: LabelContent, words: Wording) -> tuple[Mark, ...]:
    """Everything that is drawn on a label of `size`: bag, box or vial.

    Source: see the module.
    """
    return _DRAWN[size](content, words)


def codes_on(size: str, content: LabelContent) -> tuple[str, ...]:
    """What a scanner reads from a label of `size`, each code once: a small one carries less.

    Source: see the module.
    """
    drawn = marks(size, content, Wording(child=""))
    return tuple(dict.fromkeys(mark.data for mark in drawn if isinstance(mark, Bars | Matrix)))


def wristband_marks(code: str, words: Wording) -> tuple[Mark, ...]:
    """A wristband: the same code twice, so that one of them can be read on a bent arm.

    Source: DESIGN.
    """
    return (
        Matrix(x=6, y=5, data=code, module=0.6),
        Text(x=24, y=9, text=words.child, size=12, bold=True, width=90),
        Text(x=24, y=15, text=words.born, size=9, width=90),
        Text(x=24, y=20, text=words.mrn, size=9, width=90),
        Bars(x=118, y=4, data=code, height=12, module=0.33),
        Text(x=121, y=21, text=code, size=9, mono=True, width=70),
        Text(x=190, y=9, text=words.facility, size=7, width=38),
        Matrix(x=230, y=5, data=code, module=0.6),
    )


def _bag(content: LabelContent, words: Wording) -> tuple[Mark, ...]:
    return (
        Frame(x=0, y=0, width=50, height=50),
        Frame(x=50, y=0, width=50, height=50),
        Frame(x=0, y=50, width=50, height=50),
        Frame(x=50, y=50, width=50, height=50),
        *_donation(content.donation, x=3, y=3),
        Text(x=2, y=25, text=words.facility, bold=True),
        Text(x=2, y=29, text=words.address, size=6),
        Text(x=2, y=37, text=words.child, size=9, bold=True),
        Text(x=2, y=42, text=words.born, size=8),
        Text(x=2, y=47, text=words.mrn, size=8),
        Text(x=52, y=6, text=say("Blood group (by the center)"), size=6),
        Frame(x=52, y=8, width=22, height=13),
        *((Matrix(x=80, y=9, data=content.matrix),) if content.matrix else ()),
        Text(x=52, y=31, text=say("Chain of identity"), size=6),
        *_identity(content.identity, x=52, y=32.5),
        *_coded(content.product, x=3, y=53),
        Text(x=2, y=71, text=words.product, bold=True),
        *_own(content.own_text, x=3, y=73),
        Text(x=2, y=90, text=words.lot),
        Text(x=2, y=94, text=words.volume),
        Text(x=2, y=98, text=content.use, bold=True, size=8),
        Text(x=52, y=56, text=say("Expires"), size=6),
        *_coded(content.expiry, x=53, y=58),
        Text(x=52, y=84, text=say("Division"), size=6),
        Text(x=52, y=91, text=content.division, size=16, bold=True),
        Text(x=52, y=98, text=words.footer, size=6),
    )


def _box(content: LabelContent, words: Wording) -> tuple[Mark, ...]:
    return (
        Frame(x=0, y=0, width=100, height=50),
        *_donation(content.donation, x=3, y=3),
        *_coded(content.product, x=53, y=3),
        Text(x=52, y=20, text=words.product, bold=True),
        Text(x=2, y=27, text=words.child, size=9, bold=True),
        Text(x=2, y=32, text=words.born, size=8),
        Text(x=2, y=36.5, text=words.mrn, size=8),
        Text(x=2, y=41, text=words.lot),
        Text(x=2, y=45, text=content.use, bold=True, size=8, width=60),
        Text(x=2, y=48.5, text=words.facility, size=6, width=60),
        *((Matrix(x=80, y=24, data=content.matrix),) if content.matrix else ()),
        Text(x=52, y=26, text=say("Expires"), size=6, width=24),
        Text(x=52, y=30, text=content.expiry.eye if content.expiry else "", size=8, bold=True, width=26),
        Text(x=52, y=35, text=say("Division"), size=6, width=24),
        Text(x=52, y=40, text=content.division, size=12, bold=True, width=24),
        Text(x=64, y=48.5, text=words.footer, size=6, width=34),
    )


def _vial(content: LabelContent, words: Wording) -> tuple[Mark, ...]:
    donation = content.donation
    return (
        Frame(x=0, y=0, width=45, height=22),
        *((Matrix(x=1.5, y=3, data=content.matrix),) if content.matrix else ()),
        Text(x=17, y=4.5, text=donation.eye if donation else "", size=6, mono=True, width=24),
        *_boxed(donation, x=40.5, y=1.5),
        Text(x=17, y=8, text=content.product.eye if content.product else "", size=6, mono=True, width=27),
        Text(x=17, y=11.5, text=words.child, size=6, bold=True, width=27),
        Text(x=17, y=14.5, text=words.born, size=5, width=27),
        Text(x=17, y=17.5, text=content.expiry.eye if content.expiry else "", size=5.5, width=27),
        Text(x=1.5, y=20.8, text=content.use, size=5, bold=True, width=42),
    )


def _donation(code: Code | None, *, x: float, y: float) -> tuple[Mark, ...]:
    return (*_coded(code, x=x, y=y), *_boxed(code, x=x + 41, y=y + BAR_HEIGHT + 0.8))


def _boxed(code: Code | None, *, x: float, y: float) -> tuple[Mark, ...]:
    """The flags, turned so that nobody types them, and the check character for typing in its box."""
    if code is None or not code.boxed:
        return ()
    return (
        Text(x=x - 2.6, y=y + 0.6, text=code.turned, size=6, mono=True, turned=True, width=4),
        Frame(x=x, y=y, width=3.6, height=4.2),
        Text(x=x + 0.9, y=y + 3.2, text=code.boxed, size=8, bold=True, mono=True, width=3),
    )


def _coded(code: Code | None, *, x: float, y: float) -> tuple[Mark, ...]:
    """A bar code with its text below."""
    if code is None:
        return ()
    return (
        Bars(x=x, y=y, data=code.data),
        Text(x=x + 1, y=y + BAR_HEIGHT + 4, text=code.eye, size=9, mono=True, width=40),
    )


def _identity(code: Code | None, *, x: float, y: float) -> tuple[Mark, ...]:
    if code is None:
        return ()
    return (
        Matrix(x=x, y=y, data=code.data),
        Text(x=x + 12, y=y + 5, text=code.eye, size=8, mono=True, width=35),
    )


def _own(code: Code | None, *, x: float, y: float) -> tuple[Mark, ...]:
    """What the manufacturer printed on the item: as bars where they fit, as squares where they don't."""
    if code is None:
        return ()
    if len(code.data) <= MOST_IN_BARS:
        return (
            Bars(x=x, y=y, data=code.data, height=8),
            Text(x=x + 1, y=y + 11.5, text=code.eye, size=8, mono=True, width=44),
        )
    return (
        Matrix(x=x, y=y, data=code.data),
        Text(x=x + 14, y=y + 5, text=code.eye, size=6, mono=True, width=33),
    )


_DRAWN: Final = {"bag": _bag, "box": _box, "vial": _vial}
