"""The demo center's people, as far as the real case needs them, and a small file to spoil."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center
from tests.conftest import person

INFANT = Path(__file__).resolve().parents[2] / "cases" / "infant_kmt2a.json"
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

_SMALL: dict[str, Any] = {
    "patient": {
        "mrn": "T-1",
        "family_name": "Rossi",
        "given_name": "Giulia",
        "birth_date": "2021-01-15",
        "sex": "female",
    },
    "journey": {"center": "ODB", "product": "tisagenlecleucel"},
    "events": [
        {
            "kind": "referred",
            "occurred_at": "2026-03-02T09:00:00+01:00",
            "data": {"referring_center": "Elsewhere", "product": "tisagenlecleucel", "diagnosis": "b_all"},
        },
        {
            "kind": "treatment_recorded",
            "occurred_at": "2026-03-02T09:10:00+01:00",
            "data": {"drug": "Vincristine", "class": "cytotoxic", "last_dose": "2026-02-20"},
        },
        {
            "kind": "accepted",
            "occurred_at": "2026-03-05T09:00:00+01:00",
            "data": {"override_reason": "Assessed on paper."},
        },
        {
            "kind": "stage_changed",
            "occurred_at": "2026-03-05T09:00:00+01:00",
            "data": {"from": "referred", "to": "accepted"},
        },
        {
            "kind": "measured",
            "occurred_at": "2026-03-09T08:00:00+01:00",
            "data": {"weight_kg": 18.4, "height_cm": None},
        },
    ],
}

Write = Callable[..., str]


@pytest.fixture
def told() -> dict[str, Any]:
    """A short journey, to be changed at will."""
    return copy.deepcopy(_SMALL)


@pytest.fixture
def written() -> Write:
    """Writes a journey as text, one value a line, so that every value has a line of its own."""

    def write(content: dict[str, Any]) -> str:
        return json.dumps(content, indent=1)

    return write


@pytest.fixture
def hospital(db: None) -> Center:
    """The demo center with the two people who sign in the real case."""
    center = Center.objects.create(code="ODB", name="Ospedale dei Bambini", timezone="Europe/Rome")
    person("ben@demo.example", "Ben Moretti", Role.CLINICIAN, center)
    person("nina@demo.example", "Nina Ferri", Role.APHERESIS_NURSE, center)
    return center


def line_holding(text: str, part: str) -> int:
    """The line of a text that holds `part`, from 1."""
    (found,) = [number for number, line in enumerate(text.splitlines(), start=1) if part in line]
    return found
