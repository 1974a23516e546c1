"""What beat asks for."""

import logging

from celery import shared_task
from django.utils import timezone

from leukapheresis.scheduling.expiry import scheduling_sweep

logger = logging.getLogger(__name__)


@shared_task
def scheduling_tick() -> None:
    """End holds whose time is over and offer freed slots to those who wait."""
    ended, offered = scheduling_sweep(at=timezone.now())
    if ended or offered:
        logger.info("scheduling: %d holds ended, %d slots offered", ended, offered)
