"""What portals ask, in words: the fields of such a row, and what CARTPath knows a field by."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from manufacturing.portals.words import PortalPage

CHOICES: Final[dict[str, dict[str, str | Promise]]] = {
    "portal_page": dict(PortalPage.choices),
    "known_as": {
        "center": gettext_lazy("name of the center"),
        "mrn": gettext_lazy("MRN"),
        "family_name": gettext_lazy("family name"),
        "given_name": gettext_lazy("given name"),
        "birth_date": gettext_lazy("date of birth"),
        "sex": gettext_lazy("sex"),
        "weight_kg": gettext_lazy("latest weight"),
        "height_cm": gettext_lazy("latest height"),
        "diagnosis": gettext_lazy("diagnosis"),
        "disease_status": gettext_lazy("disease status"),
        "cd19_status": gettext_lazy("CD19 status"),
        "product": gettext_lazy("product"),
        "region": gettext_lazy("region"),
        "ordered_on": gettext_lazy("day of the order"),
        "order_number": gettext_lazy("order number"),
        "chain_of_identity": gettext_lazy("chain of identity"),
        "apheresis_id": gettext_lazy("apheresis ID"),
        "batch_number": gettext_lazy("batch number"),
        "slot_on": gettext_lazy("manufacturing slot"),
        "slot_number": gettext_lazy("slot number"),
        "booked_on": gettext_lazy("booked day of collection"),
        "collected_on": gettext_lazy("last day of collection"),
        "din": gettext_lazy("donation numbers"),
        "tnc": gettext_lazy("nucleated cells"),
        "cd3": gettext_lazy("CD3+ cells"),
        "picked_up_on": gettext_lazy("day of pickup"),
        "lot": gettext_lazy("lot"),
        "bags": gettext_lazy("number of bags"),
        "expires_on": gettext_lazy("expiry of the product"),
        "received_on": gettext_lazy("day of receipt"),
        "certificate": gettext_lazy("certificate of release"),
    },
}
LABELS: Final[dict[str, Promise]] = {
    "portal_page": gettext_lazy("Page of the portal"),
    "known_as": gettext_lazy("Known here as"),
}
