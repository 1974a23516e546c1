"""Words about orders and portals."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PortalPage(models.TextChoices):
    """The pages on which a manufacturer's portal asks, in the order of the way."""

    ENROLLMENT = "enrollment", _("Enrollment of the child")
    ORDER = "order", _("Order of the product")
    COLLECTION = "collection", _("Collection and pickup")
    RECEIPT = "receipt", _("Receipt of the product")


class ChangeCode(models.TextChoices):
    """Why something of an order is changed."""

    TOLD_LATER = "told_later", _("Told only now")
    TYPING_ERROR = "typing_error", _("Typing error")
    MANUFACTURER_CHANGED = "manufacturer_changed", _("Changed by the manufacturer")
    SLOT_MOVED = "slot_moved", _("Slot moved")
    OTHER = "other", pgettext_lazy("reason", "Another reason")


class DelayCode(models.TextChoices):
    """Why a milestone is expected on another day."""

    CONFIRMED = "confirmed", _("Date confirmed by the manufacturer")
    MATERIAL_LATE = "material_late", _("Cells came late")
    CAPACITY = "capacity", _("No capacity at the manufacturer")
    CELL_GROWTH = "cell_growth", _("Cells grow slowly")
    RETEST = "retest", _("Quality test repeated")
    TRANSPORT = "transport", _("Transport")
    CHILD = "child", _("The child's state")
    OTHER = "other", pgettext_lazy("reason", "Another reason")
