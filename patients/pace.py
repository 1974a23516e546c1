"""How long a stage should take at most, by the protocol: what board and strip hold the days against.

Source: the expected items of the protocol's pathway and its manufacturing milestones. A stage for which the
protocol says nothing (a booked slot has its own date, follow-up its own plan) has no expected length.
"""

from typing import Final

from cartpath.protocols import catalog
from cartpath.protocols.schema import Protocol
from patients.enums import Stage

# The expected items between entering a stage and leaving it, one after the other.
_ITEMS: Final[dict[Stage, tuple[str, ...]]] = {
    Stage.REFERRED: ("referral_decision",),
    Stage.ACCEPTED: ("apheresis_booking",),
    Stage.RELEASED: ("product_receipt", "lymphodepletion_start"),
    Stage.LYMPHODEPLETION: ("infusion",),
    Stage.INFUSED: ("acute_monitoring_review",),
}
# The milestones, both counted from the collection, between which a stage lies.
_MILESTONES: Final[dict[Stage, tuple[str | None, str]]] = {
    Stage.COLLECTED: (None, "manufacturing_started"),
    Stage.MANUFACTURING: ("manufacturing_started", "released"),
}


def expected_days(protocol_id: str, version: str, stage: str) -> int | None:
    """Days a journey on this protocol may spend in a stage; None when the protocol doesn't say."""
    return days_allowed(catalog.get(protocol_id, version), Stage(stage))


def days_allowed(protocol: Protocol, stage: Stage) -> int | None:
    """Days a journey may spend in a stage; None when the protocol doesn't say."""
    if stage in _MILESTONES:
        return _between(protocol, *_MILESTONES[stage])
    if stage not in _ITEMS:
        return None
    spans = [_longest(protocol, item) for item in _ITEMS[stage]]
    if stage == Stage.LYMPHODEPLETION:
        spans.append(_days_of_regimen(protocol))
    known = [span for span in spans if span is not None]
    return sum(known) if len(known) == len(spans) else None


def _longest(protocol: Protocol, name: str) -> int | None:
    item = protocol.item(name)
    return None if item is None or item.offset.days is None else item.offset.days + item.window.after_days


def _between(protocol: Protocol, first: str | None, last: str) -> int | None:
    reached = {row.id: row.expected_days for row in protocol.manufacturing.milestones}
    begins, ends = 0 if first is None else reached.get(first), reached.get(last)
    return None if begins is None or ends is None else ends - begins


def _days_of_regimen(protocol: Protocol) -> int | None:
    """Days between the first dose, which begins the stage, and the last, from which the infusion counts.

    None while no regimen is approved.
    """
    regimen = protocol.lymphodepletion_regimen()
    return max(drug.days for drug in regimen.drugs) - 1 if regimen else None
