"""Words of the leukapheresis room."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ResourceKind(models.TextChoices):
    """What a collection can need, in the order in which it is shown."""

    MACHINE = "machine", _("Apheresis machine")
    CHAIR = "chair", _("Chair or bed")
    NURSE = "nurse", _("Apheresis nurse")
    ANESTHESIA = "anesthesia", _("Anesthesia")
    LINE_PLACEMENT = "line_placement", _("Line placement")
    PICU_BED = "picu_bed", _("Intensive care bed")
    RED_CELL_PRIME = "red_cell_prime", _("Red cells for the prime")
    COURIER = "courier", _("Courier")
    CRYOPRESERVATION = "cryopreservation", _("Cryopreservation")


class ClosureKind(models.TextChoices):
    """Why something can't be used on a day."""

    HOLIDAY = "holiday", _("Public holiday")
    MAINTENANCE = "maintenance", _("Maintenance")
    STAFF = "staff", _("No staff")
    OTHER = "other", pgettext_lazy("closure", "Other")


class SlotState(models.TextChoices):
    """Whether a slot can be taken."""

    OPEN = "open", pgettext_lazy("slot", "Free")
    BOOKED = "booked", pgettext_lazy("slot", "Booked")
    BLOCKED = "blocked", pgettext_lazy("slot", "Blocked")


class BookingState(models.TextChoices):
    """Whether a booking takes its slots: a hold for a while, a booking until it is given up or done."""

    HELD = "held", pgettext_lazy("booking", "Held")
    BOOKED = "booked", pgettext_lazy("booking", "Booked")
    CANCELED = "canceled", pgettext_lazy("booking", "Canceled")
    EXPIRED = "expired", pgettext_lazy("booking", "Hold ended")
    DONE = "done", pgettext_lazy("booking", "Done")


LIVE_STATES: Final = (BookingState.HELD, BookingState.BOOKED)


class BookingDayState(models.TextChoices):
    """Whether a day of a booking takes its slot."""

    PLANNED = "planned", pgettext_lazy("booking day", "Planned")
    RELEASED = "released", pgettext_lazy("booking day", "Released")
    DONE = "done", pgettext_lazy("booking day", "Done")


class HoldEnd(models.TextChoices):
    """Why a hold ended without a booking."""

    RELEASED = "released", pgettext_lazy("hold", "Released")
    EXPIRED = "expired", pgettext_lazy("hold", "Time over")
    DECLINED = "declined", pgettext_lazy("hold", "Declined by the family")


class CancelReason(models.TextChoices):
    """Why a booking was given up."""

    CLINICAL = "clinical", _("Child not fit")
    WASHOUT = "washout", _("Washout")
    COUNTS = "counts", _("Counts too low")
    FAMILY = "family", _("Family's request")
    CENTER = "center", _("Center: staff or machine")
    MANUFACTURER = "manufacturer", _("Manufacturer")
    ENTERED_IN_ERROR = "entered_in_error", _("Entered in error")
    JOURNEY_CLOSED = "journey_closed", _("Journey closed")


class MoveReason(models.TextChoices):
    """Why a collection was moved, or got a day more or less."""

    CLINICAL = "clinical", _("Child not fit")
    WASHOUT = "washout", _("Washout")
    COUNTS = "counts", _("Counts too low")
    CELLS = "cells", _("Cells collected so far")
    FAMILY = "family", _("Family's request")
    CENTER = "center", _("Center: staff or machine")
    MANUFACTURER = "manufacturer", _("Manufacturer")
    ENTERED_IN_ERROR = "entered_in_error", _("Entered in error")


class VascularAccess(models.TextChoices):
    """How blood will be drawn and given back."""

    CENTRAL_PRESENT = "central_present", _("Central line in place")
    CENTRAL_NEEDED = "central_needed", _("Central line to be placed")
    PERIPHERAL = "peripheral", _("Peripheral veins")
    UNKNOWN = "unknown", _("Access unknown")


class Sedation(models.TextChoices):
    """Whether the child will be sedated for the collection."""

    YES = "yes", pgettext_lazy("sedation", "Sedation")
    NO = "no", pgettext_lazy("sedation", "No sedation")
    UNKNOWN = "unknown", pgettext_lazy("sedation", "Sedation unknown")


class PartState(models.TextChoices):
    """What became of a part that a collection may need."""

    CLAIMED = "claimed", pgettext_lazy("part", "Taken")
    OUTSIDE = "outside", pgettext_lazy("part", "Arranged outside CARTPath")
    LEFT_OUT = "left_out", pgettext_lazy("part", "Left out")
    UNDECIDED = "undecided", pgettext_lazy("part", "Unknown: decide")
    NOT_NEEDED = "not_needed", pgettext_lazy("part", "Not needed")


class WaitingState(models.TextChoices):
    """Where an entry of the waiting list stands."""

    WAITING = "waiting", pgettext_lazy("waiting list", "Waiting")
    OFFERED = "offered", pgettext_lazy("waiting list", "Slot offered")
    BOOKED = "booked", pgettext_lazy("waiting list", "Booked")
    LEFT = "left", pgettext_lazy("waiting list", "Left the list")


class OfferState(models.TextChoices):
    """What became of an offered slot."""

    OPEN = "open", pgettext_lazy("offer", "Open")
    ACCEPTED = "accepted", pgettext_lazy("offer", "Accepted")
    DECLINED = "declined", pgettext_lazy("offer", "Declined")
    EXPIRED = "expired", pgettext_lazy("offer", "Not answered in time")
    WITHDRAWN = "withdrawn", pgettext_lazy("offer", "Withdrawn")


class CollectionSource(models.TextChoices):
    """Whose cells were collected, and how."""

    AUTOLOGOUS_APHERESIS = "autologous_apheresis", _("Leukapheresis of the child")
    DONOR_APHERESIS = "donor_apheresis", _("Leukapheresis of a donor")
    AUTOLOGOUS_WHOLE_BLOOD = "autologous_whole_blood", _("Whole blood of the child")
    DONOR_WHOLE_BLOOD = "donor_whole_blood", _("Whole blood of a donor")


# The sources that are the child's own, and those drawn without a machine.
OWN: Final = (CollectionSource.AUTOLOGOUS_APHERESIS, CollectionSource.AUTOLOGOUS_WHOLE_BLOOD)
WHOLE_BLOOD: Final = (CollectionSource.AUTOLOGOUS_WHOLE_BLOOD, CollectionSource.DONOR_WHOLE_BLOOD)


class CollectionAccess(models.TextChoices):
    """How blood was drawn and given back on a day."""

    CENTRAL = "central", _("Central line")
    FEMORAL = "femoral", _("Femoral catheter")
    PORT = "port", _("Implanted port")
    PERIPHERAL = "peripheral", _("Peripheral veins")


class BloodVolumeMethod(models.TextChoices):
    """How the blood volume was found."""

    PER_KG = "per_kg", _("Weight times factor")
    NADLER = "nadler", _("Nadler's formula")


class AdverseEventKind(models.TextChoices):
    """What went wrong during a day of collection."""

    HYPOCALCEMIA = "hypocalcemia", _("Hypocalcemia")
    HYPOTENSION = "hypotension", _("Hypotension")
    NAUSEA = "nausea", _("Nausea or vomiting")
    PARESTHESIA = "paresthesia", _("Tingling")
    ACCESS_FAILURE = "access_failure", _("Access failed")
    BLEEDING = "bleeding", _("Bleeding")
    ALLERGY = "allergy", _("Allergic reaction")
    LOW_PLATELETS = "low_platelets", _("Low platelets")
    OTHER = "other", pgettext_lazy("adverse event", "Other")


class IdentifierChecked(models.TextChoices):
    """By what two people recognized the person before a collection."""

    NAME_AND_BIRTH = "name_and_birth", _("Name and date of birth, said aloud")
    WRISTBAND = "wristband", _("Wristband")
    HEALTH_CARD = "health_card", _("Health card or identity card")
    RECORD_NUMBER = "record_number", _("Record number")


class BagState(models.TextChoices):
    """Where a bag of frozen cells is."""

    STORED = "stored", pgettext_lazy("bag", "Stored")
    SHIPPED = "shipped", pgettext_lazy("bag", "Sent to the manufacturer")
    DISCARDED = "discarded", pgettext_lazy("bag", "Discarded")


class DayDecision(models.TextChoices):
    """What follows after a collection day."""

    ENOUGH = "enough", _("Enough")
    AGAIN = "again", _("Collect again")
    STOP = "stop", _("Stop")


class Prime(models.TextChoices):
    """What the circuit was primed with."""

    NONE = "none", _("No blood prime")
    RED_CELLS = "red_cells", _("Red cells")
    WHOLE_BLOOD = "whole_blood", _("Whole blood")
    ALBUMIN = "albumin", _("Albumin")


class PlanThing(models.TextChoices):
    """What a center keeps about what can be booked."""

    RESOURCE = "resource", _("Resource")
    HOURS = "hours", _("Working hours")
    CLOSURE = "closure", _("Closure")
    OPEN_DAY = "open_day", _("Exceptional opening")
    QUOTA = "quota", _("Quota")


class PlanAct(models.TextChoices):
    """What was done to it."""

    ADDED = "added", pgettext_lazy("plan", "Added")
    CHANGED = "changed", pgettext_lazy("plan", "Changed")
    REMOVED = "removed", pgettext_lazy("plan", "Removed")


class FeedKind(models.TextChoices):
    """Whose calendar an address gives."""

    PERSON = "person", _("All collections of your centers")
    RESOURCE = "resource", _("What one resource is taken for")
