"""What manufacturers' portals and order forms ask, page by page. A center corrects them."""

from dataclasses import dataclass
from typing import Literal

from cartpath.protocols.rows import Row, Text

PortalPageName = Literal["enrollment", "order", "collection", "receipt"]
# What CARTPath knows by itself: the value of such a field stands ready to be copied.
PortalFact = Literal[
    "center",
    "mrn",
    "family_name",
    "given_name",
    "birth_date",
    "sex",
    "weight_kg",
    "height_cm",
    "diagnosis",
    "disease_status",
    "cd19_status",
    "product",
    "region",
    "ordered_on",
    "order_number",
    "chain_of_identity",
    "apheresis_id",
    "batch_number",
    "slot_on",
    "slot_number",
    "booked_on",
    "collected_on",
    "din",
    "tnc",
    "cd3",
    "picked_up_on",
    "lot",
    "bags",
    "expires_on",
    "received_on",
    "certificate",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalField(Row):
    """One field a portal asks for.

    `known_as` is what CARTPath knows it by; None where nothing here answers it, and a person must know.
    `products` narrows the row to products of those names; empty, it holds for all.
    """

    label: Text
    portal_page: PortalPageName
    known_as: PortalFact | None = None
    products: tuple[Text, ...] = ()

    def is_asked_for(self, product: str) -> bool:
        """Whether the portal of a product asks this."""
        return not self.products or product in self.products
