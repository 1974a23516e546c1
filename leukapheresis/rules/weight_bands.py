"""Weight bands in which collections are compared.

Source: 25 kg is where the apheresis part asks for a red-cell prime (Italian expert panel 2023); 10 kg and
40 kg are working defaults of CARTPath, to be confirmed by the center. A band begins with its lower weight.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class WeightBand:
    """From a weight on, and below another; None is no end on that side."""

    key: str
    from_kg: float | None
    below_kg: float | None

    def holds(self, weight_kg: float) -> bool:
        """Whether a weight lies in the band."""
        return (self.from_kg is None or weight_kg >= self.from_kg) and (
            self.below_kg is None or weight_kg < self.below_kg
        )


SOURCE: Final = "Italian expert panel 2023 (25 kg); working defaults of CARTPath (10 and 40 kg)"

BANDS: Final = (
    WeightBand("below-10", None, 10),
    WeightBand("10-25", 10, 25),
    WeightBand("25-40", 25, 40),
    WeightBand("from-40", 40, None),
)


def band_of(weight_kg: float | None) -> WeightBand | None:
    """The band of a weight; None when the weight is unknown.

    Source: the module's bands.
    """
    if weight_kg is None:
        return None
    return next(band for band in BANDS if band.holds(weight_kg))
