"""Alerts of the demo: whoever is on call answers within a quarter of an hour."""

from datetime import datetime, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.teller import Teller
from toxicity.alerts.services import AlertAnswered, alerts_acknowledge
from toxicity.enums import AlertAnswer, AlertUrgency
from toxicity.models import Alert

# What was raised in the last hours still waits, so that there is something to answer.
WAITS: Final = timedelta(hours=6)
_ANSWERED_AFTER: Final = {"minutes": 12}
_EMERGENCY: Final = AlertAnswered(AlertAnswer.HELP_CALLED, "Intensive care and the attending are here.")
_OTHER: Final = AlertAnswered(AlertAnswer.WITH_THE_CHILD)


def alerts_told(teller: Teller, at: datetime) -> None:
    """Answer what was raised at a round, emergencies and others each in one go."""
    if teller.now - at < WAITS:
        return
    waiting = Alert.objects.filter(journey_id=teller.journey_id, acknowledged_at=None, cleared_at=None)
    cases: dict[bool, list[str]] = {}
    for case, urgency in waiting.exclude(urgency=AlertUrgency.NOTICE).values_list("case", "urgency"):
        cases.setdefault(urgency == AlertUrgency.EMERGENCY, []).append(case)
    role = Role.REGISTRAR if Role.REGISTRAR in teller.crew.people else Role.CLINICIAN
    for is_emergency, named in cases.items():
        alerts_acknowledge(
            cases=named,
            answered=_EMERGENCY if is_emergency else _OTHER,
            **teller.act(role, teller.after(at, **_ANSWERED_AFTER)),
        )
