"""Published formula coefficients of leukapheresis, each with its source.

Source: beside each table; Nadler 1962, BMT 2023 and Cytotherapy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from cartpath.core.sentences import Sentence, say

Sex = Literal["male", "female"]

WORDS_OF_SEX: Final[Mapping[Sex, Sentence]] = MappingProxyType({"male": say("male"), "female": say("female")})


@dataclass(frozen=True, kw_only=True, slots=True)
class NadlerCoefficients:
    """Blood volume in liters is `cubic_m` × height³ + `per_kg` × weight + `constant`; height in meters."""

    cubic_m: float
    per_kg: float
    constant: float
    source: str


_NADLER_SOURCE = "Nadler 1962, as given by mdapp.co for adults and for children above 35 kg"

NADLER: Final[dict[Sex, NadlerCoefficients]] = {
    "male": NadlerCoefficients(cubic_m=0.3669, per_kg=0.03219, constant=0.6041, source=_NADLER_SOURCE),
    "female": NadlerCoefficients(cubic_m=0.3561, per_kg=0.03308, constant=0.1833, source=_NADLER_SOURCE),
}

COLLECTION_EFFICIENCY_SOURCE: Final = "Collection efficiency, BMT 2023, s41409-023-01957-x"
PLAN_SOURCE: Final = "Volume to process by the 40 % formula, Cytotherapy S1465-3249(23)00103-2"
