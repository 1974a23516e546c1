"""What a card of the board warns of: at most two things, the worst first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from cartpath.accounts.models import Center
from cartpath.protocols import catalog
from cartpath.web.components import Tone
from cartpath.web.wording import short_day_text
from leukapheresis.rules.washout import Exposure, washout
from patients.enums import Stage

MOST_WARNINGS: Final = 2
GRADE_FROM: Final = 2
_SCALES: Final = (("CRS", "crs_current"), ("ICANS", "icans_current"))


@dataclass(frozen=True, slots=True)
class CardWarning:
    """One warning: a grade on a scale, or a short text with its tone and icon."""

    text: str
    tone: Tone = ""
    icon: str = ""
    grade: int | None = None


def warnings_of(row: dict[str, Any], center: Center, at: datetime) -> tuple[CardWarning, ...]:
    """The warnings of one row of the board."""
    return tuple(_found(row, center, at))[:MOST_WARNINGS]


def _found(row: dict[str, Any], center: Center, at: datetime) -> Iterator[CardWarning]:
    if row["stage"] == Stage.INFUSED:
        for scale, column in _SCALES:
            if row[column] is not None and row[column] >= GRADE_FROM:
                yield CardWarning(scale, grade=row[column])
    if row["deviation_waits"]:
        yield CardWarning(_("Out of specification"), "harm", "alert-triangle")
    if row["exposures"]:
        yield from _washout(row, center, row["planned_apheresis_at"] or at)


def _washout(row: dict[str, Any], center: Center, at: datetime) -> Iterator[CardWarning]:
    """A washout that is not over when the cells are to be collected, or now when no slot is booked."""
    rules = catalog.get(row["protocol_id"], row["protocol_version"]).washout_rules(center.local_day(at))
    judged = washout(rules, [_exposure(*given) for given in row["exposures"]], zone=center.zone)
    if judged.is_unknown:
        yield CardWarning(_("Washout unknown"), "soon", "help-circle")
    elif judged.earliest is not None and at < judged.earliest:
        until = short_day_text(judged.earliest)
        yield CardWarning(_("Washout until %(day)s") % {"day": until}, "soon", "hourglass")


def _exposure(drug_class: str, last_dose_at: str | None, last_dose_on: str | None) -> Exposure:
    if last_dose_at:
        return Exposure(drug_class, datetime.fromisoformat(last_dose_at))
    return Exposure(drug_class, date.fromisoformat(last_dose_on) if last_dose_on else None)
