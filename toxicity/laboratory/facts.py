"""What the rules about laboratory values are told of a child, read from the tables."""

from datetime import date, datetime
from typing import Final, cast

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.protocols.rows import CTCAE_VERSION, figure
from cartpath.protocols.schema import Protocol
from patients.eligibility import protocol_for
from patients.models import Journey
from toxicity.enums import Agent
from toxicity.grading.ctcae_terms import Version
from toxicity.laboratory.judging import Ending, Facts
from toxicity.laboratory.readings import Readings
from toxicity.laboratory.selectors import laboratory_readings
from toxicity.models import Intervention

USUAL_VERSION: Final[Version] = "5"


def facts_of(journey: Journey, *, at: datetime, readings: Readings | None = None) -> Facts:
    """Everything known up to `at`; three queries, two when the readings are given."""
    protocol = protocol_for(journey)
    return Facts(
        readings=laboratory_readings(journey.pk, until=at) if readings is None else readings,
        at=at,
        infused_at=journey.infused_at,
        birth_date=journey.patient.birth_date,
        sex=journey.patient.sex,
        zone=journey.center.zone,
        ctcae_version=ctcae_version(protocol, on=at.astimezone(journey.center.zone).date()),
        figures=protocol.bedside,
        ending=_ending(journey, at=at),
        transfusion_days=_transfusion_days(journey, at=at),
    )


def ctcae_version(protocol: Protocol, *, on: date) -> Version:
    """The version of CTCAE that the center chose in its protocol, else 5."""
    try:
        row = figure((row for row in protocol.monitoring.figures if row.in_force(on)), CTCAE_VERSION)
    except KeyError:
        return USUAL_VERSION
    return cast(Version, f"{row.value:g}")  # A protocol with another one isn't loaded.


def _transfusion_days(journey: Journey, *, at: datetime) -> tuple[int, ...] | None:
    """The days after infusion with platelets given; None without one.

    Where none is recorded nobody knows whether none was given: a transfusion on another ward may not be here.
    """
    if journey.infused_at is None:
        return None
    given = Intervention.objects.filter(
        journey_id=journey.pk, agent=Agent.PLATELETS, struck_at=None, given_at__lte=at
    )
    local, infused_on = journey.center.local_day, journey.center.local_day(journey.infused_at)
    days = {(local(given_at) - infused_on).days for given_at in given.values_list("given_at", flat=True)}
    return tuple(sorted(days)) or None


def _ending(journey: Journey, *, at: datetime) -> Ending:
    """The day of death, of a relapse and of a transplant after the infusion, as known at `at`."""
    if journey.infused_at is None:
        return Ending()
    zone = journey.center.zone
    infused_on = journey.infused_at.astimezone(zone).date()
    events = Event.objects.filter(
        journey_id=journey.pk,
        kind__in=(EventKind.RELAPSED, EventKind.TRANSPLANTED),
        occurred_at__gte=journey.infused_at,
        occurred_at__lte=at,
        corrections__isnull=True,
    ).order_by("occurred_at")
    days: dict[str, int] = {}
    for kind, occurred_at in events.values_list("kind", "occurred_at"):
        days.setdefault(kind, (occurred_at.astimezone(zone).date() - infused_on).days)
    died_on = journey.patient.died_on
    return Ending(
        died_day=(died_on - infused_on).days if died_on else None,
        progression_day=days.get(EventKind.RELAPSED),
        next_therapy_day=days.get(EventKind.TRANSPLANTED),
    )
