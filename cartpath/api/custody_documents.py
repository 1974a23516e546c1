"""What the API answers about custody."""

from typing import Annotated

from typing_extensions import TypedDict  # pydantic reads that of `typing` from Python 3.12 on

from cartpath.api.documents import FhirStatus, Id, Time, words
from manufacturing.custody.words import Condition, Document, ItemKind, ItemState, QuarantineReason, Step

StepCode = Annotated[str, words(Step)]


class CustodyItemDocument(TypedDict):
    """Collected cells, a bag or a sample: its numbers, where it is, and until when it may be used.

    `number` counts the items of the journey; events of the ledger name an item by it. Unknown is null.
    """

    id: Id
    journey: Id
    number: int
    status: FhirStatus
    kind: Annotated[str, words(ItemKind)]
    din: str | None
    product_code: str | None
    collection_type: str | None
    division: str | None
    text: str | None
    coi: str | None
    lot: str | None
    expires_at: Time | None
    volume_ml: float | None
    car_positive_viable_cells: int | None
    state: Annotated[str, words(ItemState)]
    is_quarantined: bool
    quarantine_reason: Annotated[str, words(QuarantineReason)] | None
    holder: str | None
    place: str | None
    position: str | None
    last_step: StepCode | None
    last_at: Time | None
    added_at: Time


class CustodySignatureDocument(TypedDict):
    """Who signed, and what for."""

    name: str
    meaning: str


class CustodyEntryDocument(TypedDict):
    """One step of one item; of the whole journey where `item` is null. Unknown is null."""

    journey: Id
    item: Id | None
    step: StepCode
    at: Time
    from_holder: str | None
    to_holder: str | None
    place: str | None
    position: str | None
    temp_min_c: float | None
    temp_max_c: float | None
    is_temp_in_range: bool | None
    logger: str | None
    seal: str | None
    condition: Annotated[str, words(Condition)] | None
    documents: list[Annotated[str, words(Document)]]
    note: str | None
    signatures: list[CustodySignatureDocument]
    recorded_by: str
    event: int


class CustodyRecordedDocument(TypedDict):
    """What a hand-over wrote: one entry for each item."""

    entries: list[CustodyEntryDocument]
