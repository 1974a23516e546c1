"""Frozen bags: their division codes, whether they hold no more than the day brought, and their labels.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2 for numbers and codes; the concentration is a
row of the product's protocol (`collection.bags`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

from cartpath.core.errors import Invalid
from cartpath.core.quantities import cells_text
from cartpath.core.sentences import say
from cartpath.protocols.rows import Limit
from leukapheresis.rules.isbt128 import check_din
from leukapheresis.rules.isbt128_print import compose, compose_din

UNDIVIDED: Final = "00"
# First-level divisions run from A0 to Z0.
DIVISIONS: Final = tuple(f"{letter}0" for letter in ascii_uppercase)
DIVISION: Final = re.compile(r"[A-Z0-9][a-z0-9]")
# The kinds of collection that are used here, as ISBT 128 writes them.
AUTOLOGOUS_ONLY: Final = "1"
DIRECTED_RECIPIENT_ONLY: Final = "2"
CELLS_PER_E8: Final = 10**8
_GROUPS: Final = (slice(0, 5), slice(5, 7), slice(7, 13))
_BLOOD_PRODUCT: Final = "003"


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """What is in one bag: mL of the collected cells, mL of cryoprotectant, cells; unknown is None."""

    volume_ml: float
    cryoprotectant_ml: float | None = None
    tnc: int | None = None
    cd3: int | None = None

    @property
    def e8_per_ml(self) -> float | None:
        """Nucleated cells per mL of the whole bag, in 10⁸; None where a part of it is unknown."""
        if self.tnc is None or self.cryoprotectant_ml is None:
            return None
        return self.tnc / CELLS_PER_E8 / (self.volume_ml + self.cryoprotectant_ml)


def too_much(
    bags: Sequence[Filled], *, volume_ml: float | None, tnc: int | None, cd3: int | None
) -> dict[str, str]:
    """In what the bags of a day together exceed what the day brought, by field; what is unknown can't.

    Source: arithmetic; the cryoprotectant isn't part of what was collected.
    """
    found: dict[str, str] = {}
    filled = sum(bag.volume_ml for bag in bags)
    if volume_ml is not None and filled > volume_ml:
        found["volume_ml"] = say(
            "The bags hold {filled:g} mL of cells together; the day brought {day:g} mL.",
            filled=filled,
            day=volume_ml,
        )
    for name, day in (("tnc", tnc), ("cd3", cd3)):
        together = sum(getattr(bag, name) or 0 for bag in bags)
        if day is not None and together > day:
            found[name] = say(
                "The bags hold {filled} cells together; the day brought {day}.",
                filled=cells_text(together),
                day=cells_text(day),
            )
    return found


def concentration_reasons(limits: Sequence[Limit], bag: Filled) -> tuple[str, ...]:
    """What speaks against the concentration of a bag by the product's rows; nothing where it is unknown.

    Source: the rows of `collection.bags`.
    """
    found = bag.e8_per_ml
    if found is None:
        return ()
    return tuple(
        say("{limit} isn't kept: {found:.2f} ×10⁸/mL.", limit=row.text, found=found)
        for row in limits
        if not row.holds(found)
    )


def next_division(taken: Sequence[str]) -> str:
    """The first free division code. Raises ValueError when all 26 are taken.

    Source: ST-001 v6.2.2, structure 003.
    """
    free = [code for code in DIVISIONS if code not in taken]
    if not free:
        raise ValueError("all divisions are taken")
    return free[0]


def din_problem(din: str) -> str | None:
    """Why a donation identification number can't be right, None when it is well made.

    Source: ST-001 v6.2.2.
    """
    try:
        check_din(din)
    except Invalid as refusal:
        return refusal.fields["din"]
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelText:
    """What ISBT 128 puts on a label: for the eye, and as the bar code carries it.

    `product` and its code are empty where the center typed no product code.
    """

    din: str
    check_character: str
    din_code: str
    product: str
    product_code: str


def label_text(*, din: str, product_code: str, collection_type: str, division: str) -> LabelText:
    """The label of one bag. Raises Invalid for a number or a code that ISBT 128 doesn't allow.

    Source: ST-001 v6.2.2, structures 001 and 003.
    """
    plain = din.replace(" ", "")
    check = check_din(plain)
    product = f"{product_code}{collection_type}{division}" if product_code else ""
    coded = ""
    if product_code:
        parts = {
            "product_description_code": product_code,
            "collection_type": collection_type,
            "division": division,
        }
        coded = str(compose(_BLOOD_PRODUCT, parts))
    return LabelText(
        din=" ".join(plain[group] for group in _GROUPS),
        check_character=check.character,
        din_code=str(compose_din(plain)),
        product=product,
        product_code=coded,
    )
