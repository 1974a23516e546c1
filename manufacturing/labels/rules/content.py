"""What stands on a label: the codes, and under each the same for the eye.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2: structures 001, 003, 005, 023 and 040, flags
of type 3 and the boxed check character (appendix A); texts by type of collection after structure 003. Codes
of products and facilities are the center's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from cartpath.core.errors import Invalid
from cartpath.core.sentences import say
from leukapheresis.rules.isbt128 import check_din
from leukapheresis.rules.isbt128_print import compose, compose_date, compose_din

# What a label says by the type of collection.
USE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1": say("For autologous use only"),
        "X": say("For autologous use only, biohazard"),
        "A": say("Autologous, eligible for crossover"),
        "2": say("For use by the intended recipient only"),
        "4": say("Designated"),
        "8": say("Autologous, contains allogeneic material"),
    }
)
# A message of several structures: its sign, how many follow, and no reference to a registered message.
_MESSAGE: Final = "=+"
_UNREGISTERED: Final = "000"
_GROUPS: Final = (slice(0, 5), slice(5, 7), slice(7, 13))
_DIVISION_PLACES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFacts:
    """What is known of an item; an empty text or None is unknown and leaves its part of the label empty.

    `text` is what the manufacturer printed on the item, `expires_at` in the zone of the center.
    """

    din: str = ""
    product_code: str = ""
    collection_type: str = ""
    division: str = ""
    text: str = ""
    coi: str = ""
    lot: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """One bar code and its eye-readable text.

    `boxed` is the check character for typing by hand, `turned` the flags, which nobody types.
    """

    name: str
    data: str
    eye: str
    boxed: str = ""
    turned: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelContent:
    """All codes of a label. `matrix` is what the two-dimensional code carries, empty where nothing can."""

    donation: Code | None
    product: Code | None
    expiry: Code | None
    identity: Code | None
    own_text: Code | None
    matrix: str
    use: str
    division: str

    @property
    def codes(self) -> tuple[str, ...]:
        """What a scanner reads from the label, in the order of its parts, the matrix last."""
        parts = (self.donation, self.product, self.expiry, self.identity, self.own_text)
        lines = tuple(part.data for part in parts if part is not None)
        return (*lines, self.matrix) if self.matrix else lines


def label_content(facts: LabelFacts) -> LabelContent:
    """The codes of one item. Raises Invalid for a number or code that ISBT 128 doesn't allow.

    Source: ST-001 v6.2.2.
    """
    donation = _donation(facts.din) if facts.din else None
    product = _product(facts) if _has_product(facts) else None
    expiry = _expiry(facts.expires_at) if facts.expires_at else None
    own = Code("text", facts.text, facts.text) if facts.text else None
    registered = [code.data for code in (donation, product, expiry) if code is not None]
    return LabelContent(
        donation=donation,
        product=product,
        expiry=expiry,
        identity=_identity(facts.coi),
        own_text=own,
        matrix=message(registered) if donation else facts.text,
        use=USE.get(facts.collection_type, ""),
        division=facts.division,
    )


def message(structures: Sequence[str]) -> str:
    """Several structures in one two-dimensional code.

    Source: ST-001 v6.2.2, structure 023.
    """
    return f"{_MESSAGE}{len(structures):02d}{_UNREGISTERED}{''.join(structures)}"


def donation_text(din: str) -> str:
    """A donation number as it is printed: facility, year and sequence apart.

    Source: ST-001 v6.2.2.
    """
    return " ".join(din[group] for group in _GROUPS)


def _donation(din: str) -> Code:
    check = check_din(din)
    return Code(
        "donation",
        str(compose_din(din)),
        donation_text(din),
        boxed=check.character,
        turned=check.flag_digits,
    )


def _has_product(facts: LabelFacts) -> bool:
    return bool(facts.product_code and facts.collection_type and len(facts.division) == _DIVISION_PLACES)


def _product(facts: LabelFacts) -> Code:
    scanned = compose(
        "003",
        {
            "product_description_code": facts.product_code,
            "collection_type": facts.collection_type,
            "division": facts.division,
        },
    )
    return Code("product", str(scanned), "".join(scanned.values))


def _expiry(at: datetime) -> Code:
    eye = say("{day}, {time}", day=f"{at:%Y-%m-%d}", time=f"{at:%H:%M}")
    return Code("expiry", str(compose_date("005", at)), eye)


def _identity(coi: str) -> Code | None:
    """The chain-of-identity identifier; one that isn't in the form of ISBT 128 is printed, not coded so."""
    if not coi:
        return None
    fin, year, sequence = coi[2:7], coi[7:9], coi[9:]
    parts = {"literal": coi[:2], "fin": fin, "year": year, "sequence": sequence}
    try:
        return Code("identity", str(compose("040", parts)), coi)
    except Invalid:
        return Code("identity", coi, coi)
