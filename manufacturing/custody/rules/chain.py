"""The chain of one journey as it is folded from its facts: items, entries, breaks, identity.

Source: the ledger alone; the fold knows no clock and no database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from typing import Any, Final

from manufacturing.custody.rules.steps import STANDING, STATE_AFTER, STORING

LAST_MINUTE: Final = time(23, 59)
LIVE_BAG_STATES: Final = frozenset({"here", "in_transit", "at_manufacturer", "on_ward", "thawed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event of the ledger, with the time at which it was found to be entered in error."""

    id: int
    kind: str
    at: datetime
    by: str
    data: Mapping[str, Any]
    struck_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Item:
    """An item as far as the facts tell; names as in the table."""

    number: int
    kind: str
    added_at: datetime
    event_id: int
    order: str | None = None
    batch: str | None = None
    din: str = ""
    product_code: str = ""
    collection_type: str = ""
    division: str = ""
    text: str = ""
    coi: str = ""
    lot: str = ""
    expires_at: datetime | None = None
    volume_ml: float | None = None
    car_positive_viable_cells: int | None = None
    state: str = "here"
    is_quarantined: bool = False
    quarantine_reason: str = ""
    quarantine_note: str = ""
    holder: str = ""
    place: str = ""
    position: str = ""
    last_step: str = ""
    last_at: datetime | None = None
    struck_at: datetime | None = None

    def quarantine(self, reason: str, note: str = "") -> None:
        """Put it in quarantine; a reason that stands stays."""
        if not self.is_quarantined:
            self.is_quarantined, self.quarantine_reason, self.quarantine_note = True, reason, note

    def lift(self) -> None:
        """End its quarantine."""
        self.is_quarantined, self.quarantine_reason, self.quarantine_note = False, "", ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One step of one item, or of the journey (`item` is None); names as in the table."""

    event_id: int
    step: str
    at: datetime
    recorded_by: str
    item: int | None = None
    from_holder: str = ""
    to_holder: str = ""
    place: str = ""
    position: str = ""
    temp_min_c: float | None = None
    temp_max_c: float | None = None
    is_temp_in_range: bool | None = None
    logger: str = ""
    seal: str = ""
    condition: str = ""
    documents: tuple[str, ...] = ()
    note: str = ""
    signatures: tuple[Mapping[str, Any], ...] = ()


@dataclass(slots=True, kw_only=True)
class Break:
    """A break of the chain; names as in the table."""

    number: int
    item: int | None
    reason: str
    what: str
    found_at: datetime
    found_by: str
    owner_id: int | None
    owner_name: str
    due_on: date
    event_id: int
    closed_at: datetime | None = None
    closed_by: str = ""
    outcome: str = ""
    closing_note: str = ""
    struck_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Identity:
    """The identifier of the chain; names as in the table."""

    product: str
    scheme: str
    identifier: str
    set_at: datetime
    set_by: str
    event_id: int
    used_at: datetime | None = None


@dataclass(slots=True)
class Chain:
    """What the facts of a journey make. `keys` finds an item by what made it."""

    zone: tzinfo
    items: dict[int, Item] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    breaks: dict[int, Break] = field(default_factory=dict)
    identity: Identity | None = None
    keys: dict[tuple[Any, ...], int] = field(default_factory=dict)
    # Batches whose bags are in quarantine, with the reason: bags that are added later too.
    held_batches: dict[str, str] = field(default_factory=dict)
    received_batches: set[str] = field(default_factory=set)
    product: str = ""
    are_bags_told: bool = False

    def claim(self, key: tuple[Any, ...], fact: Fact, kind: str, *, added_at: datetime, **told: Any) -> Item:
        """The item that `key` names, made new or told anew. A struck fact never changes a living item."""
        number = self.keys.get(key)
        if number is None:
            number = self.keys[key] = len(self.items) + 1
            self.items[number] = Item(
                number=number,
                kind=kind,
                added_at=added_at,
                event_id=fact.id,
                struck_at=fact.struck_at,
                **told,
            )
        elif fact.struck_at is None:
            item = self.items[number]
            item.event_id, item.struck_at, item.added_at = fact.id, None, added_at
            for name, value in told.items():
                setattr(item, name, value)
        return self.items[number]

    def living(self, *kinds: str, states: Iterable[str] | None = None) -> list[Item]:
        """Items of these kinds that weren't struck, in any or in some states."""
        wanted = None if states is None else frozenset(states)
        return [
            item
            for item in self.items.values()
            if item.kind in kinds and item.struck_at is None and (wanted is None or item.state in wanted)
        ]

    def bags_of(self, batch: str | None) -> list[Item]:
        """The bags of a batch that can still be given; of every batch when none is named."""
        return [
            item
            for item in self.living("product_bag", states=LIVE_BAG_STATES)
            if batch is None or item.batch in (None, batch)
        ]

    def has(self, step: str, item: int | None) -> bool:
        """Whether a step of an item (None: of the journey) is told."""
        return any(entry.step == step and entry.item == item for entry in self.entries)

    def tell(
        self,
        step: str,
        item: Item | None,
        fact: Fact,
        *,
        at: datetime | None = None,
        state: str = "",
        **told: Any,
    ) -> None:
        """Add a step. An older fact that is told later is kept, and moves the item nowhere.

        `state` is where the item is then, for steps that don't say it by themselves.
        """
        moment = at or fact.at
        number = None if item is None else item.number
        self.entries.append(
            Entry(event_id=fact.id, step=step, at=moment, recorded_by=fact.by, item=number, **told)
        )
        if self.identity and step != "order_accepted":
            self.identity.used_at = min(self.identity.used_at or moment, moment)
        if item is None or (item.last_at is not None and moment < item.last_at):
            return
        item.last_at = moment
        if step in STANDING:
            return
        item.last_step = step
        # What is in the child stays there; only its rest is destroyed or returned.
        if item.state != "given":
            item.state = state or STATE_AFTER.get(step, item.state)
        self._place(step, item, told)

    def _place(self, step: str, item: Item, told: Mapping[str, Any]) -> None:
        item.holder = told.get("to_holder") or item.holder
        item.place = told.get("place") or item.place
        if step in STORING:
            item.position = told.get("position") or item.position
        elif step != "bags_split":
            item.position = ""

    def tell_all(
        self, step: str, items: Sequence[Item], fact: Fact, *, at: datetime | None = None, **told: Any
    ) -> None:
        """A step of every item that doesn't have it yet; of the journey while there is no item."""
        for item in items:
            if not self.has(step, item.number):
                self.tell(step, item, fact, at=at, **told)
        if not items and not self.has(step, None):
            self.tell(step, None, fact, at=at, **told)

    def end_of(self, day: str | None) -> datetime | None:
        """The last minute of a day in the center; unknown is None."""
        return datetime.combine(date.fromisoformat(day), LAST_MINUTE, self.zone) if day else None


def numbers(data: Mapping[str, Any]) -> list[Any]:
    """The items that a fact names, by `items` or `item`; none is an empty list."""
    named = data.get("items")
    if named is None:
        named = [data.get("item")]
    return [each for each in named if each is not None]
