"""Collection days written down at once, for charts: their number matters, not how they were recorded."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from cartpath.core.dates import add_months
from leukapheresis.models import Collection, CollectionDay
from patients.models import Journey

_event_ids = count(-1, -1)

# CE2 of this day is 50 %: 1.2 × 10⁹ of 0.8 × 10⁶ per mL × 3,000 mL.
USUAL = {
    "device": "Spectra Optia",
    "weight_kg": 20,
    "pre_cd3_per_ul": 800,
    "volume_processed_ml": 3000,
    "tnc": 4_000_000_000,
    "cd3": 1_200_000_000,
    "decision": "enough",
}


def collected_day(journey: Journey, at: datetime, **told: Any) -> CollectionDay:
    """One day of a round of its own, unless `round` and `number` say otherwise."""
    rounds = CollectionDay.objects.filter(journey=journey).values_list("round", flat=True)
    facts = {"round": max(rounds, default=0) + 1, "number": 1} | USUAL | told
    return CollectionDay.objects.create(
        journey=journey, center=journey.center, started_at=at, event_id=next(_event_ids), **facts
    )


def collected_days(journey: Journey, at: datetime, cd3: list[int | None], **told: Any) -> None:
    """One day a week until `at`, with so many CD3+ cells in the bag, in millions."""
    for weeks, millions in enumerate(reversed(cd3)):
        cells = None if millions is None else millions * 10**6
        collected_day(journey, at - timedelta(weeks=weeks), cd3=cells, **told)


def months_before(at: datetime, months: int) -> datetime:
    """The same day and time so many months ago."""
    return datetime.combine(add_months(at.date(), -months), at.timetz())


def completed(day: CollectionDay, *, accepted: bool | None) -> Collection:
    """The round of a day is complete and judged."""
    return Collection.objects.create(
        journey=day.journey,
        center=day.center,
        round=day.round,
        completed_at=day.started_at + timedelta(hours=6),
        days=day.number,
        tnc_total=day.tnc,
        cd3_total=day.cd3,
        is_accepted=accepted,
        decision_reason="" if accepted else "Taken all the same",
        event_id=next(_event_ids),
    )
