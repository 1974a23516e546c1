"""What the delays of an order mean for its child: the facts that the rule of delays is asked with."""

from datetime import date
from typing import Any, Final

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import Protocol
from leukapheresis.models import FamilyAway
from manufacturing.rules.delay import Delay, Plan, delay
from manufacturing.track import RECEIVED, Track
from patients.eligibility import protocol_for
from patients.models import Journey

_NOTHING: Final = Plan(planned_on=None, expected_on=None)


def delay_of(journey: Journey, track: Track, *, today: date) -> Delay:
    """The effect of the day on which the product is expected now; nothing once it is here. Two queries."""
    step = track.step(RECEIVED)
    if step is None or step.reached_on or step.forecast is None:
        return delay(_NOTHING)
    protocol = protocol_for(journey)
    window = next(iter(in_force(protocol.lymphodepletion.window, today)), None)
    depletion_on, infusion_on = _arranged(journey)
    away = FamilyAway.objects.filter(journey=journey, struck_at=None, last_on__gte=today)
    return delay(
        Plan(
            planned_on=step.planned_on,
            expected_on=step.forecast.expected_on,
            depletion_days=depletion_days(protocol, on=today),
            first_after=window.min_days if window else None,
            last_after=window.max_days if window else None,
            depletion_on=depletion_on,
            infusion_on=infusion_on,
            away=tuple(away.order_by("first_on").values_list("first_on", "last_on")),
        )
    )


def depletion_days(protocol: Protocol, *, on: date) -> int | None:
    """Days from the first to the last one of the regimen proposed; None while none is approved."""
    regimen = protocol.lymphodepletion_regimen(on)
    if regimen is None:
        return None
    spans = [(drug.first_day or 0, drug.days) for drug in regimen.drugs]
    first = min(begins for begins, _days in spans)
    return max(begins + days for begins, days in spans) - first


def _arranged(journey: Journey) -> tuple[date | None, date | None]:
    """First day of lymphodepletion and day of infusion as planned last; None where nothing is planned."""
    event = (
        Event.objects.filter(journey_id=journey.pk, kind=EventKind.LYMPHODEPLETION_PLANNED)
        .exclude(corrections__isnull=False)
        .order_by("-seq")
        .first()
    )
    if event is None:
        return None, None
    return _day(event.data.get("first_on")), _day(event.data.get("infusion_on"))


def _day(told: Any) -> date | None:
    return date.fromisoformat(told) if isinstance(told, str) else None
