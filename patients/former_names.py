"""The names a child had: kept when they change, so that an old letter still finds the child."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from patients.models import FormerName, Journey


def keep_former_name(
    journey: Journey, differences: Mapping[str, Mapping[str, Any]], *, was_wrong: bool, at: datetime
) -> bool:
    """Keep the name that a change of details just replaced; returns whether the change was about the name.

    `differences` holds the old value under `from`. A name that the child bears again is no former one.
    """
    if not {"family_name", "given_name"} & differences.keys():
        return False
    patient = journey.patient
    before = {
        name: differences[name]["from"] if name in differences else getattr(patient, name)
        for name in ("family_name", "given_name")
    }
    now = {name: differences[name]["to"] if name in differences else before[name] for name in before}
    FormerName.objects.filter(patient=patient, **now).delete()
    FormerName.objects.update_or_create(
        patient=patient,
        **before,
        defaults={"until_on": journey.center.local_day(at), "was_wrong": was_wrong},
    )
    return True
