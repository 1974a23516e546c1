"""What beat asks for."""

import logging

from celery import shared_task
from django.utils import timezone

from cartpath.api.idempotency import idempotency_keys_forget

logger = logging.getLogger(__name__)


@shared_task
def forget_answers() -> None:
    """Delete answers that were kept for retries for long enough."""
    logger.info("answers kept for retries: %d forgotten", idempotency_keys_forget(at=timezone.now()))
