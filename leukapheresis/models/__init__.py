"""Resources and slots, bookings, the waiting list, collections, and calendar addresses."""

from leukapheresis.models.agenda import CalendarChange, PlanChange
from leukapheresis.models.bags import CollectionAdverseEvent, CryoBag
from leukapheresis.models.bedside import CollectionIdentityCheck
from leukapheresis.models.bookings import Allocation, Booking, BookingDay
from leukapheresis.models.collections import Collection, CollectionDay
from leukapheresis.models.feeds import CalendarFeed
from leukapheresis.models.resources import (
    Closure,
    OpenDay,
    Quota,
    Resource,
    ResourceHours,
    Slot,
    SlotQuerySet,
)
from leukapheresis.models.waiting import FamilyAway, Preparation, SlotOffer, WaitingEntry

__all__ = [
    "Allocation",
    "Booking",
    "BookingDay",
    "CalendarChange",
    "CalendarFeed",
    "Closure",
    "Collection",
    "CollectionAdverseEvent",
    "CollectionDay",
    "CollectionIdentityCheck",
    "CryoBag",
    "FamilyAway",
    "OpenDay",
    "PlanChange",
    "Preparation",
    "Quota",
    "Resource",
    "ResourceHours",
    "Slot",
    "SlotOffer",
    "SlotQuerySet",
    "WaitingEntry",
]
