"""Words of labels: what they are for, their sizes, and what became of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LabelKind(models.TextChoices):
    """What a label is stuck to."""

    ITEM = "item", pgettext_lazy("label", "Item in custody")
    WRISTBAND = "wristband", _("Wristband")


class LabelSize(models.TextChoices):
    """The labels that are printed; their measures stand in rules/layout.py."""

    BAG = "bag", _("Bag, 100 × 100 mm")
    BOX = "box", _("Box, 100 × 50 mm")
    VIAL = "vial", _("Vial, 45 × 22 mm")
    WRISTBAND = "wristband", _("Wristband, 250 × 25 mm")


class Paper(models.TextChoices):
    """What is in the printer."""

    ROLL = "roll", _("Label printer, one label a page")
    SHEET = "sheet", _("Sheets of labels, A4")


class LabelState(models.TextChoices):
    """What became of a printed label."""

    PRINTED = "printed", pgettext_lazy("label", "Open")
    APPLIED = "applied", pgettext_lazy("label", "Applied")
    SPOILED = "spoiled", pgettext_lazy("label", "Spoiled")
    DESTROYED = "destroyed", pgettext_lazy("label", "Destroyed")


class ReprintReason(models.TextChoices):
    """Why the same label is printed again."""

    SPOILED = "spoiled", _("Spoiled in the printer")
    UNREADABLE = "unreadable", _("Can't be read any more")
    LOST = "lost", _("Lost")
    WRONG_DATA = "wrong_data", _("The data was wrong and has been corrected")
    SECOND_PLACE = "second_place", _("Needed in a second place, as box and bag")
