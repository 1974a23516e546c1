"""Words of the laboratory room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AnalyteGroup(models.TextChoices):
    """Blocks of the entry form and of the page."""

    COUNTS = "counts", _("Blood counts")
    INFLAMMATION = "inflammation", _("Inflammation")
    LIVER = "liver", _("Liver")
    CLOTTING = "clotting", _("Clotting")
    KIDNEY = "kidney", _("Kidney and electrolytes")


class LabSource(models.TextChoices):
    """How values came into the house."""

    TYPED = "typed", _("Typed")
    PASTED = "pasted", _("Pasted from a table")
    CSV = "csv", _("CSV file")
    HL7 = "hl7", _("HL7 message")
    API = "api", _("Interface")


class Comparator(models.TextChoices):
    """What a laboratory puts before a value beyond its range of measurement."""

    EXACT = "", _("exact")
    BELOW = "<", _("below")
    ABOVE = ">", _("above")


class HyperinflammationDecision(models.TextChoices):
    """What a clinician concludes about IEC-HS."""

    PRESENT = "present", _("IEC-HS")
    WATCH = "watch", _("Possible: watch and repeat")
    ABSENT = "absent", _("Not IEC-HS")
