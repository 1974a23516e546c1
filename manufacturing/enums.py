"""Words of the manufacturing room."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrderState(models.TextChoices):
    """Where an order stands."""

    ACTIVE = "active", pgettext_lazy("order", "Active")
    COMPLETED = "completed", pgettext_lazy("order", "Completed")
    FAILED = "failed", pgettext_lazy("order", "Failed")


class Milestone(models.TextChoices):
    """What the manufacturer tells us, in the order of the way."""

    SLOT_CONFIRMED = "slot_confirmed", _("Manufacturing slot confirmed")
    MATERIAL_PICKED_UP = "material_picked_up", _("Cells picked up")
    MATERIAL_RECEIVED = "material_received", _("Cells received by the manufacturer")
    MATERIAL_ACCEPTED = "material_accepted", _("Cells accepted by the manufacturer")
    MANUFACTURING_STARTED = "manufacturing_started", _("Manufacturing started")
    TRANSDUCED = "transduced", _("Cells transduced")
    HARVESTED = "harvested", _("Cells harvested and formulated")
    QUALITY_TESTING = "quality_testing", _("Quality testing")
    SHIPPED = "shipped", _("Product shipped")


class BatchState(models.TextChoices):
    """What quality says of a batch."""

    RELEASED = "released", pgettext_lazy("batch", "Released")
    OUT_OF_SPECIFICATION = "out_of_specification", pgettext_lazy("batch", "Out of specification")
    ACCEPTED_OUT_OF_SPECIFICATION = (
        "accepted_out_of_specification",
        pgettext_lazy("batch", "Accepted out of specification"),
    )
    REJECTED = "rejected", pgettext_lazy("batch", "Rejected")


class OutOfSpecificationDecision(models.TextChoices):
    """What the physician decides. Nothing continues by itself."""

    USE = "use", _("Use the product")
    REMANUFACTURE = "remanufacture", _("Manufacture again")
    COLLECT_AGAIN = "collect_again", _("Collect again")
    ABANDON = "abandon", _("Abandon")
