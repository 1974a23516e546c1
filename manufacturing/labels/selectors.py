"""Reads of labels: those of a child, those nobody has accounted for, and the account of both."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from manufacturing.labels.rules.reconciling import Account, account_of
from manufacturing.labels.words import LabelSize, LabelState
from manufacturing.models import CustodyItem, Label
from patients.models import Journey

# A print can be opened for so long; afterwards printing again needs a reason.
PRINT_OPEN_FOR: Final = timedelta(minutes=15)
MOST_OPEN_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class SizeAccount:
    """The account of one size of labels."""

    size: LabelSize
    account: Account


def labels_of(journey: Journey) -> list[Label]:
    """All labels of a child, the newest first."""
    return list(Label.objects.filter(journey=journey).select_related("item", "wristband").order_by("-number"))


def account_by_size(labels: Iterable[Label]) -> list[SizeAccount]:
    """The account of labels by their sizes, in the order of the sizes."""
    states: dict[str, list[str]] = defaultdict(list)
    for label in labels:
        states[label.size].append(label.state)
    return [SizeAccount(size, account_of(states[size])) for size in LabelSize if size in states]


def center_account(center_id: int) -> Account:
    """The account of all labels of a center."""
    counts = dict(
        Label.objects.filter(center_id=center_id)
        .values_list("state")
        .annotate(count=Count("pk"))
        .order_by("state")
    )
    return Account(
        printed=sum(counts.values()),
        applied=counts.get(LabelState.APPLIED, 0),
        spoiled=counts.get(LabelState.SPOILED, 0),
        destroyed=counts.get(LabelState.DESTROYED, 0),
    )


def open_labels(center_id: int) -> list[Label]:
    """The labels of a center that nobody has accounted for, the oldest first."""
    found = Label.objects.filter(center_id=center_id, state=LabelState.PRINTED)
    rows = found.select_related("journey__patient", "item", "wristband")
    return list(rows.order_by("printed_at", "number")[:MOST_OPEN_SHOWN])


def print_run(journey: Journey, event_id: int, *, at: datetime) -> list[Label]:
    """The labels of one print while it can still be opened; nothing afterwards."""
    return list(
        Label.objects.filter(journey=journey, event_id=event_id, printed_at__gt=at - PRINT_OPEN_FOR)
        .select_related(
            "item__center",
            "item__journey__chain_of_identity",
            "wristband",
            "journey__patient",
            "journey__center",
        )
        .order_by("number")
    )


def items_to_label(journey: Journey) -> list[CustodyItem]:
    """The items of a child that a label can be printed for: numbered, and not given or thrown away."""
    gone = ("given", "destroyed", "returned")
    found = CustodyItem.objects.filter(journey=journey, struck_at=None).exclude(state__in=gone)
    return [item for item in found.order_by("number") if item.din or item.text]
