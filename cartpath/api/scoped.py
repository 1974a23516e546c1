"""The one door to what lies below a journey: inside the client's centers, or not at all."""

from uuid import UUID

from cartpath.api.auth import CenterOf, Client
from cartpath.core.errors import NotFound
from patients.models import Journey

__all__ = ["center_of", "journey_of"]


def center_of(client: Client, journey_id: UUID) -> CenterOf:
    """The center of a journey. Raises `NotFound` outside the client's centers."""
    center_id = (
        Journey.objects.filter(pk=journey_id, center_id__in=client.center_ids)
        .values_list("center_id", flat=True)
        .first()
    )
    if center_id is None:
        raise NotFound
    return client.centers[center_id]


def journey_of(client: Client, journey_id: UUID) -> Journey:
    """A journey with its child, center and status; one query. Raises `NotFound` outside their centers."""
    found = (
        Journey.objects.filter(pk=journey_id, center_id__in=client.center_ids)
        .select_related("patient", "center", "status", "referral")
        .first()
    )
    if found is None:
        raise NotFound
    return found
