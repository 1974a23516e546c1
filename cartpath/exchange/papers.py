"""Printed papers in a journey file, by their digests; the files stay where they were printed."""

from collections.abc import Mapping
from typing import Final

from cartpath.exchange.scene import Handler, named
from cartpath.ledger.kinds import EventKind
from cartpath.papers.inputs import PaperSeal
from cartpath.papers.services import paper_take_over

HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.PAPER_PRINTED: Handler((PaperSeal,), named(paper_take_over, "seal")),
}
