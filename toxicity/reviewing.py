"""What follows from every write of this room, in the writer's transaction."""

from datetime import datetime

from cartpath.core.actor import Actor
from patients.models import Journey
from toxicity.alerts import services as alerts
from toxicity.bedside import looks
from toxicity.checks import services as checks
from toxicity.episodes import services as episodes


def review(journey: Journey, *, at: datetime, by: Actor) -> None:
    """Episodes first, for checks and alerts go by them."""
    episodes.review(journey, at=at, by=by)
    look = looks(journey)
    checks.review(journey, at=at, by=by, look=look)
    alerts.review(journey, at=at, by=by, look=look)
