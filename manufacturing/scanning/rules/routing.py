"""What is to be done next with an item that was scanned, for a person with given rights.

Source: the order of hand-overs in the custody chain (`manufacturing.custody.words.Step`); DESIGN for which
of them is proposed. Nothing is done by a scan alone: it opens the page on which a person does it.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal

Act = Literal["record", "bedside", "chain"]


@dataclass(frozen=True, slots=True)
class Next:
    """The page to open; `step` is the custody step it proposes, empty for the others."""

    act: Act
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One line of the way of an item: its kind and where it stands, and what follows for whom."""

    kind: str
    state: str
    after: frozenset[str]
    act: Act
    step: str
    right: str


_ANY: Final[frozenset[str]] = frozenset()
_CUSTODY: Final = "record_custody"
# The first line that fits holds; `after` empty means after any step.
WAYS: Final = (
    Way(
        kind="product_bag",
        state="here",
        after=frozenset({"hospital_receipt", ""}),
        act="record",
        step="product_stored",
        right=_CUSTODY,
    ),
    Way(kind="product_bag", state="here", after=_ANY, act="record", step="issued_to_ward", right=_CUSTODY),
    Way(
        kind="product_bag",
        state="in_transit",
        after=_ANY,
        act="record",
        step="hospital_receipt",
        right=_CUSTODY,
    ),
    Way(kind="product_bag", state="on_ward", after=_ANY, act="bedside", step="", right="confirm_infusion"),
    Way(kind="product_bag", state="thawed", after=_ANY, act="bedside", step="", right="confirm_infusion"),
    Way(
        kind="collection",
        state="here",
        after=frozenset({"label_applied", "patient_verified", ""}),
        act="record",
        step="to_cell_lab",
        right=_CUSTODY,
    ),
    Way(
        kind="collection",
        state="here",
        after=frozenset({"to_cell_lab"}),
        act="record",
        step="lab_receipt",
        right=_CUSTODY,
    ),
    Way(kind="collection", state="here", after=_ANY, act="record", step="cells_packed", right=_CUSTODY),
    Way(
        kind="cryo_bag",
        state="here",
        after=frozenset({"bags_split", ""}),
        act="record",
        step="cells_stored",
        right=_CUSTODY,
    ),
    Way(
        kind="cryo_bag",
        state="here",
        after=frozenset({"cells_packed"}),
        act="record",
        step="courier_pickup",
        right=_CUSTODY,
    ),
    Way(kind="cryo_bag", state="here", after=_ANY, act="record", step="cells_packed", right=_CUSTODY),
    Way(kind="cryo_bag", state="in_transit", after=_ANY, act="record", step="maker_receipt", right=_CUSTODY),
)


def next_for(*, kind: str, state: str, last_step: str, rights: AbstractSet[str]) -> Next:
    """What a scan of an item leads to; the item's chain where nothing follows that the person may do.

    Source: `WAYS`.
    """
    for way in WAYS:
        if way.kind == kind and way.state == state and (not way.after or last_step in way.after):
            return Next(way.act, way.step) if way.right in rights else Next("chain")
    return Next("chain")
