"""Papers of the ward in a journey file: hand-over sheets and discharge summaries, by their digests.

The texts stay where they were written, as those of letters do.
"""

from collections.abc import Mapping
from typing import Final

from cartpath.exchange.scene import Handler, Scene, Strike, named, strike_of
from cartpath.ledger.kinds import EventKind
from toxicity.models import DischargeSummary, HandOverSheet
from toxicity.sheets.discharge import discharge_strike, discharge_take_over
from toxicity.sheets.inputs import SheetSeal, SummaryDetails, SummarySeal
from toxicity.sheets.services import hand_over_strike, hand_over_take_over


def take_summary(scene: Scene, summary: SummaryDetails, seal: SummarySeal) -> object:
    """Keep that a discharge summary was signed, by its digest."""
    return discharge_take_over(summary=summary, digest=seal.digest, **scene.call)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.HAND_OVER_WRITTEN: Handler((SheetSeal,), named(hand_over_take_over, "seal")),
    EventKind.DISCHARGE_SUMMARIZED: Handler((SummaryDetails, SummarySeal), take_summary),
}
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.HAND_OVER_WRITTEN: strike_of(HandOverSheet, hand_over_strike, "sheet_id"),
    EventKind.DISCHARGE_SUMMARIZED: strike_of(DischargeSummary, discharge_strike, "summary_id"),
}
