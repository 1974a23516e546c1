"""What beat asks for. Tasks take no arguments, loop over the engine, and log numbers."""

import logging
from typing import Final

from celery import shared_task
from django.utils import timezone

from cartpath.core.celery_config import BEAT_INTERVAL_SECONDS
from cartpath.reminders import engine
from cartpath.reminders.lifeline import outliving_the_parent
from cartpath.reminders.services import ENGINE, SCHEDULER, heartbeat_record

# Beat asks again anyway. A short tick doesn't hold up a worker that is told to stop, nor the heartbeat.
TICK_SECONDS: Final = BEAT_INTERVAL_SECONDS - 2

logger = logging.getLogger(__name__)


@shared_task
def tick() -> None:
    """Tell people of what is due until nobody is left to tell; a run that ends well leaves a beat."""
    with outliving_the_parent() as parent_lives:
        tally = engine.run(now=timezone.now, seconds=TICK_SECONDS, go_on=parent_lives)
    heartbeat_record(name=ENGINE, at=timezone.now())
    if tally:
        logger.info("reminders: %s", ", ".join(f"{count} {what}" for what, count in sorted(tally.items())))


@shared_task
def heartbeat() -> None:
    """Show that beat sends, the broker carries and a worker works."""
    heartbeat_record(name=SCHEDULER, at=timezone.now())
