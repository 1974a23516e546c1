"""What the quality page draws, for whom and of which time: all of it stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.core.dates import add_months
from leukapheresis.rules.weight_bands import BANDS

UNKNOWN: Final = "unknown"
ALL_TIME: Final = "all"
USUAL_MONTHS: Final = "12"
PERIODS: Final[Mapping[str, Promise]] = {
    "6": _("Last 6 months"),
    USUAL_MONTHS: _("Last 12 months"),
    "24": _("Last 24 months"),
    ALL_TIME: _("All time"),
}
_LONGEST_DEVICE: Final = 80


class Measure(models.TextChoices):
    """A quantity of one collection day, or an event of a day or of a whole collection."""

    CE2 = "ce2", _("Collection efficiency")
    CD3_PER_KG = "cd3_per_kg", _("CD3+ cells per kg")
    FAILURE = "failure", _("Failed collections")
    ADVERSE = "adverse", _("Adverse events")

    @property
    def is_counted(self) -> bool:
        """Whether it happens or not, and is drawn as a share per month."""
        return self in (Measure.FAILURE, Measure.ADVERSE)

    @property
    def unit(self) -> str:
        """The unit of its points."""
        return "×10⁶/kg" if self is Measure.CD3_PER_KG else "%"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which measure, weight band (its key), device and period. Empty is all; `unknown` is one of each."""

    measure: Measure = Measure.CE2
    band: str = ""
    device: str = ""
    period: str = USUAL_MONTHS

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filters":
        """The filters of an address. What can't be meant counts as not asked for.

        A device is taken as it is written: one that nobody used leaves nothing to draw, rather than all.
        """
        measure, band, period = asked.get("measure", ""), asked.get("band", ""), asked.get("period", "")
        return cls(
            measure=Measure(measure) if measure in Measure.values else Measure.CE2,
            band=band if band in {UNKNOWN, *(each.key for each in BANDS)} else "",
            device=device_name(asked.get("device", ""))[:_LONGEST_DEVICE],
            period=period if period in PERIODS else USUAL_MONTHS,
        )

    @property
    def query(self) -> str:
        """How they are written in an address; what is usual is left out."""
        usual = Filters()
        written = {
            name: str(getattr(self, name))
            for name in ("measure", "band", "device", "period")
            if name == "measure" or getattr(self, name) != getattr(usual, name)
        }
        return f"?{urlencode(written)}"

    def but(self, **changes: str) -> "Filters":
        """The same with something else chosen."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def first_day(self, today: date) -> date | None:
        """From which day on cases are drawn: whole months, this one included; None from the beginning."""
        if self.period == ALL_TIME:
            return None
        return add_months(today.replace(day=1), 1 - int(self.period))


def device_name(typed: str) -> str:
    """A device as people typed it, without the spaces they didn't mean."""
    return " ".join(typed.split())
