"""Rows of the days before the infusion: reasons to wait, who may go on against a stop, and their figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Ge, Le, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.protocols.rows import Figure, Row, Text
from cartpath.protocols.words import Role, Severity

# Figures that the page asks for by id; a center may retire any of them.
HELD_TOO_LONG_DAYS: Final = "held_too_long_days"
FLU_AUC_LOW: Final = "flu_auc_low"
FLU_CLEARANCE_ASKS: Final = "flu_clearance_asks"

# The row of this name holds for items of the checklist that no other row names.
EVERY_ITEM: Final = "checklist"


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldReason(Row):
    """A reason to wait with the infusion, and after how many hours it is looked at again if nobody says when.

    `needs_note` where the label alone doesn't say what was found.
    """

    label: Text
    review_hours: Annotated[int, Ge(1), Le(24 * 28)]
    needs_note: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StopRule(Row):
    """How strict conditions before the infusion are, and which roles may go on against them.

    `stops` are names of conditions, or ids of items of the checklist, whose own severity stays. Without roles
    nobody goes on. A role stands for its seniors, too: `clinician` for registrar and attending.
    """

    __pydantic_config__ = INPUT_CONFIG

    label: Text
    stops: Annotated[tuple[Text, ...], MinLen(1)]
    severity: Severity
    roles: tuple[Role, ...] = ()


def stop_rule(rules: Sequence[StopRule], stop: str, *, is_item: bool = False) -> StopRule | None:
    """The first of the rules that names a condition; for an item of the checklist else that of all items.

    Source: the stop rows of the protocol.
    """
    named = next((rule for rule in rules if stop in rule.stops), None)
    if named is None and is_item:
        return next((rule for rule in rules if EVERY_ITEM in rule.stops), None)
    return named


def ready_figure(figures: Sequence[Figure], figure_id: str) -> Figure | None:
    """The figure of that id; None where the center has given it up. Source: the figures of the protocol."""
    return next((row for row in figures if row.id == figure_id), None)
