"""The one gate before an item is issued, thawed, checked or given."""

from collections.abc import Iterable
from datetime import datetime

from cartpath.core.errors import Conflict
from cartpath.core.said import said_text
from manufacturing.custody.rules import refusal
from manufacturing.custody.words import Step
from manufacturing.models import CustodyItem


def require_usable(item: CustodyItem, at: datetime, step: Step = Step.BEDSIDE_CHECK) -> None:
    """Refuse a step of an item as it is now in the database; call it while the journey is locked.

    Raises `Conflict` with the code `item_quarantined`, `item_expired`, `item_given`, `item_destroyed`,
    `item_returned`, `item_divided`, `item_not_here`, `item_struck`, `out_of_order` or `time_backwards`.
    """
    require_all([CustodyItem.objects.get(pk=item.pk)], step=step, at=at)


def require_all(items: Iterable[CustodyItem], *, step: str, at: datetime) -> None:
    """Refuse a step when anything stands against it for any of the items, as they were just read."""
    for item in items:
        refused = refusal(item, step=step, at=at)
        if refused is not None:
            raise Conflict(refused.code, f"{item.label}: {said_text(refused.sentence)}")
