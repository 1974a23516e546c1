"""What beat asks for: the packs of the night, and the end of those that are over. Logs numbers alone."""

import logging

from celery import shared_task
from django.utils import timezone

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict
from cartpath.papers.pack_services import centers_without_pack, pack_make_at_night, packs_remove

logger = logging.getLogger(__name__)


@shared_task
def downtime_packs() -> None:
    """Make the pack of each center that waits for one, and remove what is over."""
    at = timezone.now()
    made = 0
    for center in centers_without_pack(at=at):
        try:
            pack = pack_make_at_night(center_id=center.pk, by=Actor.system("beat"), at=at)
            made += pack is not None
        except Conflict as refusal:
            logger.warning("no pack for downtime for center %s: %s", center.code, refusal.code)
    removed = packs_remove(at=at)
    if made or removed:
        logger.info("packs for downtime: %d made, %d removed", made, removed)
