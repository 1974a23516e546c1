"""Words of the scanner: what a code is, and why it stops the work."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StopReason(models.TextChoices):
    """Why something that was scanned must not be used."""

    WRONG_PATIENT = "wrong_patient", _("This belongs to another child")
    WRONG_BAG = "wrong_bag", _("This is another bag")
    WRONG_DIVISION = "wrong_division", _("This is another division of the same donation")
    WRONG_CHECK = "wrong_check", _("The check characters don't fit")
    UNREADABLE = "unreadable", _("This can't be read")
    NOT_KNOWN = "not_known", _("Nothing with this number is here")
    QUARANTINED = "quarantined", _("This item is in quarantine")
    EXPIRED = "expired", _("This item is expired")
    FINISHED = "finished", _("This item is given, destroyed or returned")
    WRISTBAND_REPLACED = "wristband_replaced", _("This wristband was replaced by another one")
    SAME_SIGNER = "same_signer", _("The same person can't sign twice")
    OUT_OF_ORDER = "out_of_order", _("This step comes out of order")
