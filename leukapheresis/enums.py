"""Words of the leukapheresis room."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ResourceKind(models.TextChoices):
    """What can be booked."""

    MACHINE = "machine", _("Apheresis machine")


class SlotState(models.TextChoices):
    """Whether a slot can be taken."""

    OPEN = "open", pgettext_lazy("slot", "Free")
    BOOKED = "booked", pgettext_lazy("slot", "Booked")
    BLOCKED = "blocked", pgettext_lazy("slot", "Blocked")


class BookingState(models.TextChoices):
    """Whether a booking holds its slot."""

    BOOKED = "booked", pgettext_lazy("booking", "Booked")
    CANCELED = "canceled", pgettext_lazy("booking", "Canceled")
    DONE = "done", pgettext_lazy("booking", "Done")


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


class CollectionSource(models.TextChoices):
    """Whose cells were collected, and how."""

    AUTOLOGOUS_APHERESIS = "autologous_apheresis", _("Leukapheresis of the child")
    DONOR_APHERESIS = "donor_apheresis", _("Leukapheresis of a donor")
    DONOR_WHOLE_BLOOD = "donor_whole_blood", _("Whole blood of a donor")


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
