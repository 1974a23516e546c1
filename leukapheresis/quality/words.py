"""How the quality page names bands and devices."""

from django.utils.translation import gettext as _

from leukapheresis.quality.measures import UNKNOWN
from leukapheresis.rules.weight_bands import BANDS, WeightBand


def band_choices() -> list[tuple[str, str]]:
    """Every weight band with its key, and the unknown weight."""
    return [*((band.key, band_text(band)) for band in BANDS), (UNKNOWN, _("Weight unknown"))]


def band_text(band: WeightBand) -> str:
    """`10 to below 25 kg`; the bands at the ends have one weight."""
    low, high = band.from_kg, band.below_kg
    if low is None:
        return _("below %(high)g kg") % {"high": high}
    if high is None:
        return _("%(low)g kg and more") % {"low": low}
    return _("%(low)g to below %(high)g kg") % {"low": low, "high": high}


def device_text(device: str) -> str:
    """A device by its name."""
    return _("Device unknown") if device == UNKNOWN else device
