"""Reads of the papers room."""

from collections.abc import Sequence
from uuid import UUID

from cartpath.core.errors import NotFound
from cartpath.papers.models import DowntimePack, PackPassphrase, PackTaking, Paper
from manufacturing.enums import OrderState
from manufacturing.models import Order
from patients.models import Journey

PAPERS_SHOWN = 30
PACKS_SHOWN = 14


def latest_order(journey: Journey) -> Order | None:
    """The last order of a journey that didn't fail."""
    found = Order.objects.filter(journey=journey).exclude(state=OrderState.FAILED)
    return found.order_by("-ordered_at").first()


def papers_of(journey: Journey) -> Sequence[Paper]:
    """What was printed of a journey, the latest first."""
    return list(Paper.objects.filter(journey=journey).order_by("-printed_at", "-event_id")[:PAPERS_SHOWN])


def paper_with_digest(journey: Journey, digest: str) -> Paper | None:
    """The print of a journey whose file has this SHA-256."""
    return Paper.objects.filter(journey=journey, digest=digest).order_by("printed_at").first()


def packs_of(center_id: int) -> Sequence[DowntimePack]:
    """The latest packs of a center with who took them, without their contents."""
    found = DowntimePack.objects.filter(center_id=center_id).defer("content")
    return list(found.prefetch_related("takings").order_by("-covers_from")[:PACKS_SHOWN])


def pack_of(center_ids: Sequence[int], pack_id: UUID) -> DowntimePack:
    """One pack of one of the centers. Raises `NotFound`."""
    found = DowntimePack.objects.filter(pk=pack_id, center_id__in=center_ids).first()
    if found is None:
        raise NotFound
    return found


def passphrase_of(center_id: int) -> PackPassphrase | None:
    """That a passphrase was set, when and by whom."""
    return PackPassphrase.objects.filter(pk=center_id).first()


def takings_of(center_id: int) -> Sequence[PackTaking]:
    """Who took packs of a center, the latest first."""
    found = PackTaking.objects.filter(pack__center_id=center_id).select_related("pack")
    return list(found.order_by("-taken_at")[:PAPERS_SHOWN])
