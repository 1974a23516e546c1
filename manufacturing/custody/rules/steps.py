"""The steps of custody: their order, for what they are, and where an item is after them.

Source: the hand-overs that FACT-JACIE standards ask a program to record, in the order of a treatment.
"""

from collections.abc import Mapping
from typing import Final

STEPS: Final = (
    "order_accepted",
    "patient_verified",
    "label_applied",
    "to_cell_lab",
    "lab_receipt",
    "bags_split",
    "cells_stored",
    "cells_packed",
    "courier_pickup",
    "maker_receipt",
    "manufacture_started",
    "qc_sampled",
    "certificate_issued",
    "product_dispatched",
    "hospital_receipt",
    "product_stored",
    "issued_to_ward",
    "thaw_started",
    "thaw_ended",
    "bedside_check",
    "infusion_started",
    "infusion_ended",
    "leftover_handled",
    "break",
)
RANK: Final[Mapping[str, int]] = {step: place for place, step in enumerate(STEPS, start=1)}

# These tell something about an item and move it nowhere; they may come again.
STANDING: Final = frozenset({"label_applied", "qc_sampled", "certificate_issued", "bedside_check", "break"})
# Stored once more at another position, or brought back from the next room before anything was done to it.
BACK: Final[Mapping[str, frozenset[str]]] = {
    "cells_stored": frozenset({"cells_stored", "cells_packed"}),
    "product_stored": frozenset({"product_stored", "issued_to_ward"}),
}
STATE_AFTER: Final[Mapping[str, str]] = {
    "to_cell_lab": "here",
    "lab_receipt": "here",
    "cells_stored": "here",
    "cells_packed": "here",
    "courier_pickup": "in_transit",
    "maker_receipt": "at_manufacturer",
    "manufacture_started": "at_manufacturer",
    "product_dispatched": "in_transit",
    "hospital_receipt": "here",
    "product_stored": "here",
    "issued_to_ward": "on_ward",
    "thaw_started": "thawed",
    "thaw_ended": "thawed",
    "infusion_started": "given",
    "infusion_ended": "given",
}
STORING: Final = frozenset({"cells_stored", "product_stored"})
# Only what is fit for use: not in quarantine, not expired.
USING: Final = frozenset({"issued_to_ward", "thaw_started", "bedside_check", "infusion_started"})
ENDED: Final = frozenset({"divided", "destroyed", "returned"})
# What may still be said of a bag once it is given.
AFTER_GIVEN: Final = frozenset({"infusion_ended", "leftover_handled", "break"})
# After the thaw a bag is warm on purpose.
WARM: Final = frozenset({"thaw_started", "thaw_ended", "bedside_check", "infusion_started", "infusion_ended"})

_CELLS: Final = (
    *("label_applied", "to_cell_lab", "lab_receipt", "cells_stored", "cells_packed", "courier_pickup"),
    *("maker_receipt", "leftover_handled"),
)
_PRODUCT: Final = (
    *("label_applied", "qc_sampled", "product_dispatched", "hospital_receipt", "product_stored"),
    *("issued_to_ward", "thaw_ended", "leftover_handled"),
)
# What people record as a hand-over, by the kind of item. Everything else is told by its own act: the order,
# the check of the patient, the freezing, the release, the thaw, the bedside, the infusion.
RECORDED_AS_HANDOVER: Final[Mapping[str, tuple[str, ...]]] = {
    "collection": _CELLS,
    "cryo_bag": _CELLS,
    "product_bag": _PRODUCT,
    "sample": (
        "label_applied",
        "to_cell_lab",
        "lab_receipt",
        "courier_pickup",
        "maker_receipt",
        *_CELLS[-1:],
    ),
}
# The whole way of each kind of item: what a complete chain holds, so that gaps can be named.
WAY: Final[Mapping[str, tuple[str, ...]]] = {
    "collection": ("order_accepted", "patient_verified", "label_applied", "to_cell_lab", "lab_receipt"),
    "cryo_bag": ("bags_split", "cells_stored", "cells_packed", "courier_pickup", "maker_receipt"),
    "product_bag": (
        *("manufacture_started", "qc_sampled", "certificate_issued", "product_dispatched"),
        *("hospital_receipt", "product_stored", "issued_to_ward", "bedside_check", "thaw_started"),
        *("infusion_started", "infusion_ended"),
    ),
    "sample": (),
}


def gaps(kind: str, steps: list[str]) -> tuple[str, ...]:
    """Steps that a complete chain has before the furthest one an item has reached, and that are missing.

    The check at the bedside may come before or after the thaw, so that it's only missed from the infusion on.

    Source: the order of `STEPS`.
    """
    way = WAY[kind]
    reached = [RANK[step] for step in steps if step in RANK and step not in STANDING and step in way]
    furthest = max(reached, default=0)
    return tuple(step for step in way if RANK[step] < furthest and step not in steps)
