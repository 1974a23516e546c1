"""The fold: facts of the ledger in their order become the chain of a journey.

Facts that other rooms write are steps of custody as well, so that nobody enters them twice; `STEP_OF_KIND`
says which. Facts name an item by its number in the journey.

Source: the ledger alone.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Final

from manufacturing.custody.rules.chain import Break, Chain, Fact, Identity, Item, numbers
from manufacturing.custody.rules.numbers import plain_identifier, scheme_of

Fold = Callable[[Chain, Fact], None]

# Steps that follow from facts of other rooms.
STEP_OF_KIND: Final[Mapping[str, str]] = {
    "product_ordered": "order_accepted",
    "collection_identity_verified": "patient_verified",
    "collection_day_recorded": "label_applied",
    "collection_day_corrected": "label_applied",
    "label_accounted": "label_applied",
    "cells_frozen": "bags_split",
    "cryo_bag_changed": "courier_pickup",
    "product_released": "certificate_issued",
    "out_of_specification_decided": "certificate_issued",
    "product_received": "hospital_receipt",
    "identity_verified": "bedside_check",
    "thaw_started": "thaw_started",
    "infused": "infusion_started",
    "fraction_infused": "infusion_started",
    "bag_infusion_started": "infusion_started",
    "bag_infusion_ended": "infusion_ended",
}
STEP_OF_MILESTONE: Final[Mapping[str, tuple[str, str]]] = {
    # The step, and the state in which the cells are until then.
    "material_picked_up": ("courier_pickup", "here"),
    "material_received": ("maker_receipt", "in_transit"),
    "manufacturing_started": ("manufacture_started", "at_manufacturer"),
}
_UNTIL_MADE: Final = frozenset({"here", "in_transit", "at_manufacturer"})
STEP_OF_PRODUCT: Final[Mapping[str, str]] = {
    "quality_testing": "qc_sampled",
    "shipped": "product_dispatched",
}


def fold(facts: Sequence[Fact], *, zone: tzinfo) -> Chain:
    """The chain of one journey from all its facts in the order of the ledger."""
    chain = Chain(zone=zone)
    for fact in facts:
        act = FOLDS.get(fact.kind)
        if act and (fact.struck_at is None or fact.kind in _MAKING):
            act(chain, fact)
    return chain


def _named(chain: Chain, fact: Fact) -> list[Item]:
    """The items that a fact names, by number."""
    return [chain.items[each] for each in numbers(fact.data) if each in chain.items]


def _ordered(chain: Chain, fact: Fact) -> None:
    chain.product = fact.data.get("product") or ""
    _take_identity(chain, fact, fact.data.get("chain_of_identity") or "")
    if not chain.has("order_accepted", None):
        chain.tell("order_accepted", None, fact)


def _order_changed(chain: Chain, fact: Fact) -> None:
    change = (fact.data.get("changes") or {}).get("chain_of_identity") or {}
    _take_identity(chain, fact, change.get("to") or "")


def _take_identity(chain: Chain, fact: Fact, identifier: str) -> None:
    """The identifier as typed on an order; a chain that has one keeps it."""
    if identifier and chain.identity is None:
        scheme = scheme_of(identifier)
        _identify(chain, fact, scheme, plain_identifier(scheme, identifier))


def _identity_set(chain: Chain, fact: Fact) -> None:
    _identify(chain, fact, fact.data["scheme"], fact.data["identifier"])


def _identify(chain: Chain, fact: Fact, scheme: str, identifier: str) -> None:
    used = [entry.at for entry in chain.entries if entry.step != "order_accepted"]
    chain.identity = Identity(
        product=chain.product,
        scheme=scheme,
        identifier=identifier,
        set_at=fact.at,
        set_by=fact.by,
        event_id=fact.id,
        used_at=min(used, default=None),
    )


def _people(data: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    names = [data.get("first"), data.get("second"), *(data.get("others") or ())]
    return tuple({"name": name, "meaning": "checked"} for name in names if name)


def _patient_verified(chain: Chain, fact: Fact) -> None:
    chain.tell("patient_verified", None, fact, signatures=_people(fact.data))


def _collected(chain: Chain, fact: Fact) -> None:
    data = fact.data
    started = _moment(data.get("started_at")) or fact.at
    ended = _moment(data.get("ended_at")) or started
    key = ("collection", data.get("round", 1), data.get("day", 1))
    item = chain.claim(key, fact, "collection", added_at=started, din=data.get("din") or "")
    if fact.struck_at is None and data.get("label_checked") is True:
        chain.tell("label_applied", item, fact, at=ended, seal=data.get("seal_number") or "")


def _label_accounted(chain: Chain, fact: Fact) -> None:
    """A printed label that was applied; one that was spoiled or destroyed is no step of an item."""
    if fact.data.get("state") == "applied":
        for item in _named(chain, fact):
            chain.tell("label_applied", item, fact, note=fact.data.get("note") or "")


def _frozen(chain: Chain, fact: Fact) -> None:
    data = fact.data
    for each in data["bags"]:
        item = chain.claim(
            ("cryo_bag", data["din"], each["division"]),
            fact,
            "cryo_bag",
            added_at=fact.at,
            din=data["din"],
            division=each["division"],
            product_code=each.get("product_code") or "",
            collection_type=data["collection_type"],
            volume_ml=_sum(each.get("volume_ml"), each.get("cryoprotectant_ml")),
            expires_at=chain.end_of(data.get("expires_on")),
        )
        if fact.struck_at is None:
            chain.tell("bags_split", item, fact)
            if each.get("location"):
                chain.tell("cells_stored", item, fact, position=each["location"])
    day = chain.items.get(chain.keys.get(("collection", data["round"], data["day"]), 0))
    if fact.struck_at is None and day is not None:
        chain.tell("bags_split", day, fact, state="divided")


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _cryo_bag_changed(chain: Chain, fact: Fact) -> None:
    item = chain.items.get(chain.keys.get(("cryo_bag", fact.data["din"], fact.data["division"]), 0))
    if item is None:
        return
    note = fact.data.get("note") or ""
    if fact.data["state"] == "shipped":
        chain.tell_all("courier_pickup", [item], fact, note=note)
    else:
        chain.tell("leftover_handled", item, fact, state="destroyed", note=note)


def _milestone(chain: Chain, fact: Fact) -> None:
    milestone = fact.data["milestone"]
    note = fact.data.get("note") or ""
    if milestone in STEP_OF_MILESTONE:
        step, state = STEP_OF_MILESTONE[milestone]
        cells = chain.living("collection") if not chain.living("cryo_bag") else chain.living("cryo_bag")
        moved = [item for item in cells if chain.has(step, item.number)]
        # Undivided cells are what the manufacturer has, even where nobody recorded their way there. Which of
        # several frozen bags went, only the bag's own step can tell.
        going = [
            item
            for item in cells
            if (item.kind == "collection" and item.state in _UNTIL_MADE)
            or (item.kind == "cryo_bag" and item.state == state != "here")
        ]
        if not moved or going:
            chain.tell_all(step, going, fact, note=note)
    elif milestone in STEP_OF_PRODUCT:
        chain.tell_all(STEP_OF_PRODUCT[milestone], chain.bags_of(None), fact, note=note)


def _released(chain: Chain, fact: Fact) -> None:
    chain.tell_all("certificate_issued", chain.bags_of(fact.data.get("batch")), fact)


def _missed_specification(chain: Chain, fact: Fact) -> None:
    _hold_batch(chain, fact, "out_of_specification")


def _recalled(chain: Chain, fact: Fact) -> None:
    _hold_batch(chain, fact, "recalled")


def _hold_batch(chain: Chain, fact: Fact, reason: str) -> None:
    batch = fact.data.get("batch")
    if batch is None:
        return
    chain.held_batches[batch] = reason
    for item in chain.bags_of(batch):
        item.quarantine(reason)


def _decided(chain: Chain, fact: Fact) -> None:
    """Only the decision to use a product ends what the deviation began."""
    batch = fact.data.get("batch")
    if fact.data.get("decision") != "use" or batch is None:
        return
    chain.held_batches.pop(batch, None)
    for item in chain.bags_of(batch):
        if item.quarantine_reason in ("out_of_specification", "recalled"):
            item.lift()
    _released(chain, fact)


def _received(chain: Chain, fact: Fact) -> None:
    batch = fact.data.get("batch")
    if batch:
        chain.received_batches.add(batch)
    note = fact.data.get("note") or ""
    chain.tell_all("hospital_receipt", chain.bags_of(batch), fact, note=note)


def _or_journey(items: Sequence[Item]) -> Sequence[Item | None]:
    """The items; the journey itself where there is none."""
    return items or (None,)


def _bags(chain: Chain, fact: Fact) -> list[Item]:
    return _named(chain, fact) or chain.bags_of(fact.data.get("batch"))


def _checked(chain: Chain, fact: Fact) -> None:
    for item in _or_journey(_bags(chain, fact)):
        chain.tell("bedside_check", item, fact, signatures=_people(fact.data))


def _thaw_started(chain: Chain, fact: Fact) -> None:
    chain.tell_all("thaw_started", _bags(chain, fact), fact)


def _infused(chain: Chain, fact: Fact) -> None:
    """A dose that isn't told bag by bag: every bag that is still here is in it."""
    if chain.are_bags_told:
        return
    ended = _moment(fact.data.get("ended_at"))
    for item in _or_journey(chain.bags_of(fact.data.get("batch"))):
        chain.tell("infusion_started", item, fact)
        if ended:
            chain.tell("infusion_ended", item, fact, at=ended)


def _bag_started(chain: Chain, fact: Fact) -> None:
    chain.are_bags_told = True
    for item in _named(chain, fact):
        chain.tell("infusion_started", item, fact)


def _bag_ended(chain: Chain, fact: Fact) -> None:
    for item in _named(chain, fact):
        chain.tell("infusion_ended", item, fact, note=fact.data.get("note") or "")


def _added(chain: Chain, fact: Fact) -> None:
    data = fact.data
    batch = data.get("batch")
    for place, each in enumerate(data["items"]):
        told = {name: value for name, value in each.items() if name != "expires_at" and value is not None}
        item = chain.claim(
            ("added", fact.id, place),
            fact,
            data["kind"],
            added_at=fact.at,
            order=data.get("order"),
            batch=batch,
            state=_first_state(chain, data["kind"], batch),
            place=data.get("place") or "",
            position=data.get("position") or "",
            expires_at=_moment(each.get("expires_at")),
            **told,
        )
        if batch in chain.held_batches:
            item.quarantine(chain.held_batches[batch])


def _first_state(chain: Chain, kind: str, batch: str | None) -> str:
    """A bag that is registered before its batch is received is still at the manufacturer."""
    return "at_manufacturer" if kind == "product_bag" and batch not in chain.received_batches else "here"


def _handed_over(chain: Chain, fact: Fact) -> None:
    data = fact.data
    verdicts = data.get("in_range") or []
    plain: dict[str, Any] = {name: data.get(name) or "" for name in _PLAIN}
    for place, item in enumerate(_named(chain, fact)):
        chain.tell(
            data["step"],
            item,
            fact,
            state=data.get("fate") or "",
            from_holder=data.get("from") or item.holder,
            to_holder=data.get("to") or "",
            is_temp_in_range=verdicts[place] if place < len(verdicts) else None,
            documents=tuple(data.get("documents") or ()),
            signatures=tuple(data.get("signatures") or ()),
            temp_min_c=data.get("temp_min_c"),
            temp_max_c=data.get("temp_max_c"),
            **plain,
        )


_PLAIN: Final = ("place", "position", "logger", "seal", "condition", "note")


def _break_opened(chain: Chain, fact: Fact) -> None:
    data = fact.data
    number = len(chain.breaks) + 1
    items = _named(chain, fact)
    chain.breaks[number] = Break(
        number=number,
        item=items[0].number if items else None,
        reason=data["reason"],
        what=data["what"],
        found_at=fact.at,
        found_by=fact.by,
        owner_id=data.get("owner_id"),
        # A break that follows from a hand-over is looked after by whoever recorded that.
        owner_name=data.get("owner") or fact.by,
        due_on=date.fromisoformat(data["due_on"]),
        event_id=fact.id,
        struck_at=fact.struck_at,
    )
    if fact.struck_at is None:
        for item in _or_journey(items):
            chain.tell("break", item, fact, note=data["what"])


def _break_closed(chain: Chain, fact: Fact) -> None:
    found = chain.breaks.get(fact.data["break"])
    if found is not None:
        found.closed_at, found.closed_by = fact.at, fact.by
        found.outcome, found.closing_note = fact.data["outcome"], fact.data.get("note") or ""


def _quarantined(chain: Chain, fact: Fact) -> None:
    for item in _named(chain, fact):
        item.quarantine(fact.data["reason"], fact.data.get("note") or "")


def _lifted(chain: Chain, fact: Fact) -> None:
    for item in _named(chain, fact):
        item.lift()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# Facts that count an item or a break even when they were struck, so that later numbers keep their meaning.
_MAKING: Final = frozenset(
    {
        *("collection_day_recorded", "collection_day_corrected", "cells_frozen", "custody_item_added"),
        "custody_break_opened",
    }
)
FOLDS: Final[Mapping[str, Fold]] = {
    "product_ordered": _ordered,
    "order_changed": _order_changed,
    "chain_of_identity_set": _identity_set,
    "collection_identity_verified": _patient_verified,
    "collection_day_recorded": _collected,
    "collection_day_corrected": _collected,
    "label_accounted": _label_accounted,
    "cells_frozen": _frozen,
    "cryo_bag_changed": _cryo_bag_changed,
    "manufacturing_milestone": _milestone,
    "product_released": _released,
    "out_of_specification_reported": _missed_specification,
    "out_of_specification_decided": _decided,
    "product_recalled": _recalled,
    "product_received": _received,
    "identity_verified": _checked,
    "thaw_started": _thaw_started,
    "infused": _infused,
    "fraction_infused": _infused,
    "bag_infusion_started": _bag_started,
    "bag_infusion_ended": _bag_ended,
    "custody_item_added": _added,
    "custody_recorded": _handed_over,
    "custody_break_opened": _break_opened,
    "custody_break_closed": _break_closed,
    "quarantine_set": _quarantined,
    "quarantine_lifted": _lifted,
}
