"""The codes and names of a center's own laboratory: kept as rows, looked up when a text is read.

They belong to a center and to no child, so they stand in no ledger; their rows keep who and when for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from toxicity.laboratory.catalog import BY_LOINC, CATALOG, Analyte
from toxicity.laboratory.reported import Reported
from toxicity.laboratory.units import analyte_named, unit_of, wrong_unit
from toxicity.models import LabCode

__all__ = ["Meaning", "OwnCodes", "lab_code_end", "lab_code_keep", "lab_codes", "own_codes"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reported name means: the analyte, and the unit as it is to be read."""

    analyte: Analyte
    unit: str


@dataclass(frozen=True, slots=True)
class OwnCodes:
    """A center's own codes, by the code and the unit as compared."""

    rows: Mapping[tuple[str, str], LabCode] = field(default_factory=dict)

    def meaning(self, reported: Reported) -> Meaning | None:
        """What a reported value is of; None when nobody knows.

        LOINC means the same everywhere and goes first; then the center's own codes and names, those for the
        very unit before those for every unit; then the usual names.
        """
        if reported.loinc in BY_LOINC:
            return Meaning(BY_LOINC[reported.loinc], reported.unit)
        for name in (reported.loinc, reported.code, reported.name):
            row = self._row(name, reported.unit)
            if row is not None:
                return Meaning(CATALOG[row.analyte], _unit_read(row, reported.unit))
        usual = analyte_named(reported.name)
        return Meaning(usual, reported.unit) if usual else None

    def _row(self, name: str, unit: str) -> LabCode | None:
        key = _key(name)
        if not key:
            return None
        return self.rows.get((key, _key(unit))) or self.rows.get((key, ""))


def own_codes(center_id: int) -> OwnCodes:
    """The codes of a center that hold now; one query."""
    rows = LabCode.objects.filter(center_id=center_id, ended_at=None)
    return OwnCodes({(row.key, row.unit_key): row for row in rows})


def lab_codes(center_id: int) -> list[LabCode]:
    """The codes of a center that hold now, by analyte in the order of the catalog, then by name."""
    places = {code: place for place, code in enumerate(CATALOG)}
    rows = LabCode.objects.filter(center_id=center_id, ended_at=None)
    return sorted(rows, key=lambda row: (places[row.analyte], row.key, row.unit_key))


def lab_code_keep(
    *, center: Center, name: str, written_unit: str, analyte: str, unit: str, by: Actor, at: datetime
) -> LabCode:
    """Say what a code or name means; what it meant before with the same unit ends at `at`.

    `unit` is the UCUM unit that `written_unit` means; empty, it is read as it is written. Raises `Invalid`
    for an unknown analyte, a unit it can't have, and a LOINC code that has a meaning of its own; `Conflict`
    `nothing_changed` when the code means that already.
    """
    key, unit_key = _key(name), _key(written_unit)
    refused = _refused(name, written_unit, analyte, unit)
    if refused:
        raise Invalid("invalid_input", _("This can't be kept."), fields=refused)
    with transaction.atomic():
        # The center's row is the lock: two people who save at once come one after the other.
        Center.objects.select_for_update(no_key=True).get(pk=center.pk)
        standing = LabCode.objects.filter(center=center, key=key, unit_key=unit_key, ended_at=None)
        if standing.filter(analyte=analyte, unit=unit).exists():
            raise Conflict("nothing_changed", _("The code means that already."))
        standing.update(ended_by=by.name, ended_at=at)
        return LabCode.objects.create(
            center=center,
            name=name.strip(),
            key=key,
            written_unit=written_unit.strip(),
            unit_key=unit_key,
            analyte=analyte,
            unit=unit,
            entered_by=by.name,
            entered_at=at,
        )


def lab_code_end(*, center: Center, code_id: UUID, by: Actor, at: datetime) -> None:
    """Let a code mean nothing of its own any more. Raises `Conflict` when it doesn't already."""
    rows = LabCode.objects.filter(center=center, pk=code_id, ended_at=None)
    if not rows.update(ended_by=by.name, ended_at=at):
        raise Conflict("no_code", _("This code has no meaning of its own any more."))


def _refused(name: str, written_unit: str, analyte: str, unit: str) -> dict[str, str]:
    refused: dict[str, str] = {}
    if not name.strip():
        refused["name"] = _("Give the code or the name as the laboratory writes it.")
    if name.strip() in BY_LOINC:
        refused["name"] = _("This is a LOINC code: it means the same everywhere.")
    kind = CATALOG.get(analyte)
    if kind is None:
        refused["analyte"] = _("Choose one of the analytes.")
    elif unit and unit not in kind.units:
        refused["unit"] = wrong_unit(kind, unit)
    elif written_unit.strip() and not unit and unit_of(kind, written_unit) is None:
        refused["unit"] = _("Say which unit is meant by “%(unit)s”: %(units)s.") % {
            "unit": written_unit.strip(),
            "units": ", ".join(kind.units),
        }
    return refused


def _unit_read(row: LabCode, written: str) -> str:
    """The unit to read a value in: the center's word for the unit it named, and for none at all."""
    is_named = row.unit_key == _key(written)
    return row.unit if row.unit and is_named else written


def _key(text: str) -> str:
    """A name or unit as it is compared."""
    return " ".join(text.lower().split())
