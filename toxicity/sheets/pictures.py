"""Hand-over sheets as pages show them: one child's, and the list of a ward."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from patients.banner import day_of
from patients.models import Journey
from toxicity.alerts.selectors import AlertGroup, standing
from toxicity.models import HandOverSheet
from toxicity.models.episodes import Scale
from toxicity.selectors import ward
from toxicity.sheets.changes import Change, changes_since
from toxicity.sheets.selectors import latest_sheets, lower_bounds

SheetState = Literal["holds", "expired", "replaced", "struck"]


@dataclass(frozen=True, slots=True)
class SheetPicture:
    """One sheet at a time: its parts as lines, whether it holds, and what it doesn't know."""

    sheet: HandOverSheet
    state: SheetState
    changes: Sequence[Change]

    @property
    def parts(self) -> list[tuple[str, str | Promise, list[str]]]:
        """Letter, name and lines of each part; none of a sheet whose text stayed elsewhere."""
        sheet = self.sheet
        named = (
            ("S", _("Situation"), sheet.situation),
            ("B", _("Background"), sheet.background),
            ("A", _("Assessment"), sheet.assessment),
            ("R", _("Recommendation"), sheet.recommendation),
        )
        return [(letter, label, text.splitlines()) for letter, label, text in named if text]

    @property
    def is_worse(self) -> bool:
        """Whether the child is worse than the sheet says."""
        return any(change.is_worse for change in self.changes)


@dataclass(frozen=True, slots=True)
class WardSheetRow:
    """One child on the ward; `sheet` is None when none was ever written.

    `crs_at_least` and `icans_at_least` say that something was missing when the grade of now was given.
    """

    journey: Journey
    day: int | None
    crs_at_least: bool
    icans_at_least: bool
    alerts: AlertGroup | None
    sheet: SheetPicture | None

    @property
    def holds(self) -> bool:
        """Whether there is a sheet to hand on."""
        return self.sheet is not None and self.sheet.state == "holds"


def sheet_picture(
    sheet: HandOverSheet, journey: Journey, *, last: HandOverSheet | None, at: datetime
) -> SheetPicture:
    """One sheet of a child; what changed is only told of the last one, `last`."""
    state = _state(sheet, last, at)
    told = [sheet] if state in ("holds", "expired") else []
    changes = changes_since(told, {journey.pk: journey}, standing([journey]), at=at)
    return SheetPicture(sheet, state, changes.get(journey.pk, ()))


def sheet_history(
    found: Sequence[HandOverSheet], *, last: HandOverSheet | None, at: datetime
) -> list[SheetPicture]:
    """Sheets of a child as a list shows them: whether each holds."""
    return [SheetPicture(sheet, _state(sheet, last, at), ()) for sheet in found]


def ward_sheets(user: User, *, center_id: int, at: datetime) -> list[WardSheetRow]:
    """Children of a center in acute monitoring: those without a sheet first, then the worse ones.

    At most six queries, however many children there are.
    """
    journeys = {journey.pk: journey for journey in ward(user, center_id)}
    crs_bounds, icans_bounds = (lower_bounds(journeys, scale) for scale in Scale)
    written = latest_sheets(journeys)
    alerts = standing(journeys.values())
    changes = changes_since(list(written.values()), journeys, alerts, at=at)
    rows = [
        WardSheetRow(
            journey=journey,
            day=day_of(journey, journey.center.local_day(at)),
            crs_at_least=key in crs_bounds,
            icans_at_least=key in icans_bounds,
            alerts=alerts.get(key),
            sheet=SheetPicture(written[key], _state(written[key], written[key], at), changes.get(key, ()))
            if key in written
            else None,
        )
        for key, journey in journeys.items()
    ]
    return sorted(rows, key=_order)


def _order(row: WardSheetRow) -> tuple[bool, bool, int, int, int, str]:
    """Without a sheet first, then what got worse, then by alert, grade and name."""
    status, sheet = row.journey.status, row.sheet
    return (
        row.holds,
        not (sheet is not None and sheet.is_worse),
        -(row.alerts.severity_rank if row.alerts else 0),
        -(status.crs_current or 0),
        -(status.icans_current or 0),
        row.journey.patient.family_name,
    )


def _state(sheet: HandOverSheet, last: HandOverSheet | None, at: datetime) -> SheetState:
    if sheet.struck_at:
        return "struck"
    if last is not None and sheet.pk != last.pk:
        return "replaced"
    return "holds" if sheet.holds(at) else "expired"
