"""Days of collection told through the services, for tests."""

from datetime import date
from typing import Any

import pytest

from cartpath.core.errors import Invalid
from cartpath.ledger.models import Event
from leukapheresis.collection_bags import cells_freeze
from leukapheresis.inputs import BagDetails, CollectionDayDetails, IdentityCheckDetails
from leukapheresis.models import Collection, CollectionDay, CollectionIdentityCheck, CryoBag
from leukapheresis.progress import progress
from leukapheresis.services import (
    collection_complete,
    collection_day_record,
    collection_identity_verify,
)
from tests.factories import Story

BILLION = 10**9
DIN = "A999926123456"
POOR = {"tnc": 900_000_000, "cd3": 200_000_000}
GOOD = {"tnc": 5_600_000_000, "cd3": 2_600_000_000}
WHOLE = {
    "device": "Spectra Optia",
    "program": "CMNC",
    "access": "central",
    "prime": "red_cells",
    "prime_unit": "A999926000111",
    "weight_kg": 18.4,
    "pre_wbc_e9_per_l": 3.2,
    "pre_blasts_percent": 0.0,
    "alc_per_ul": 900,
    "pre_cd3_per_ul": 800,
    "pre_hemoglobin_g_dl": 9.4,
    "pre_hematocrit_percent": 28.0,
    "pre_platelets_e9_per_l": 120,
    "post_platelets_e9_per_l": 61,
    "post_cd3_per_ul": 400,
    "ionized_calcium_before_mmol_l": 1.21,
    "ionized_calcium_lowest_mmol_l": 1.02,
    "magnesium_mmol_l": 0.8,
    "potassium_mmol_l": 3.9,
    "anticoagulant_ratio": 13.0,
    "anticoagulant_ml": 385,
    "inlet_volume_ml": 5385,
    "product_volume_ml": 60,
    "product_hematocrit_percent": 2.1,
    "viability_percent": 98.0,
    "din": DIN,
    "label_checked": True,
    "seal_number": "S-17",
    "idm_sampled_on": date(2026, 3, 4),
}


def details(**told: Any) -> CollectionDayDetails:
    """A good day that nobody asks more about."""
    given = {"decision": "enough", "identity_missing_reason": "A test.", **GOOD}
    return CollectionDayDetails(**given | told)


def record(story: Story, *, days: float = 0, **told: Any) -> CollectionDay:
    """One day of collection, so many days after the last."""
    story.later(days=days)
    return collection_day_record(
        journey_id=story.journey_id, day=details(**told), by=story.nurse.actor, at=story.at
    )


def complete(story: Story, reason: str = "") -> Collection:
    return collection_complete(
        journey_id=story.journey_id, reason=reason, by=story.nurse.actor, at=story.later(hours=6)
    )


def verified(story: Story, *, second: Any = None, **told: Any) -> CollectionIdentityCheck:
    check = IdentityCheckDetails(**{"identifiers": ("name_and_birth", "wristband")} | told)
    return collection_identity_verify(
        journey_id=story.journey_id,
        first=story.nurse,
        second=second or story.clinician,
        check=check,
        at=story.at,
    )


def refused(story: Story, **told: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        record(story, **told)
    return dict(error.value.fields)


def last(story: Story, kind: str) -> Event:
    return Event.objects.filter(journey_id=story.journey_id, kind=kind).order_by("seq")[0]


def bag(division: str = "A0", **told: Any) -> BagDetails:
    given = {"volume_ml": 20.0, "cryoprotectant_ml": 5.0, "tnc": 2 * BILLION, "cd3": BILLION}
    return BagDetails(division=division, **given | told)


def frozen(story: Story, *bags: BagDetails) -> list[CryoBag]:
    return cells_freeze(
        day_id=CollectionDay.objects.get(struck_at=None).pk,
        bags=bags,
        by=story.lab.actor,
        at=story.later(hours=2),
    )


def proposed(story: Story) -> str | None:
    found = progress(story.journey, at=story.at).next
    assert found is not None
    return found.proposal
