"""Labels and the scanner in a journey file.

The code of a wristband isn't taken over: it is read where it was printed, and a new one is made here.
"""

from collections.abc import Mapping
from typing import Final

from cartpath.exchange.scene import Handler, Scene, Strike, named
from cartpath.ledger.kinds import EventKind
from manufacturing.labels.inputs import AccountDetails, PrintDetails
from manufacturing.labels.services import account_strike, labels_account, labels_print
from manufacturing.models import Label
from manufacturing.scanning.inputs import StopDetails
from manufacturing.scanning.services import stop_take_over


def _strike_account(scene: Scene, event_id: int, reason: str) -> object:
    """Take back what was said of labels; any of them stands for all."""
    label = Label.objects.filter(accounted_event_id=event_id).order_by("number")[0]
    return account_strike(label_id=label.pk, reason=reason, by=scene.by, at=scene.at)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.LABELS_PRINTED: Handler(
        (PrintDetails,), named(labels_print, "details"), ignored=("numbers", "wristband")
    ),
    EventKind.LABEL_ACCOUNTED: Handler(
        (AccountDetails,), named(labels_account, "details"), ignored=("items",)
    ),
    EventKind.SCAN_STOPPED: Handler((StopDetails,), named(stop_take_over, "details")),
}
STRIKES: Final[Mapping[EventKind, Strike]] = {EventKind.LABEL_ACCOUNTED: _strike_account}
