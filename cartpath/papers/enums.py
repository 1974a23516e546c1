"""Words of the papers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaperKind(models.TextChoices):
    """What is printed."""

    WALLET_CARD = "wallet_card", _("Wallet card")
    DAY_SHEET = "day_sheet", _("Day sheet")
    PRODUCT_SHEET = "product_sheet", _("Hand-over sheet of the product")
    CUSTODY_REPORT = "custody_report", _("Custody report")


class PaperLanguage(models.TextChoices):
    """In which language a paper is; a wallet card has both, one on each side."""

    EN = "en", _("English")
    IT = "it", _("Italian")
    BOTH = "both", _("English and Italian")


class CardFact(models.TextChoices):
    """What a wallet card may say of the child beyond its treatment; the family chooses."""

    NAME = "name", _("Name")
    BIRTH_DATE = "birth_date", _("Birth date")
    MRN = "mrn", _("MRN")
    DIAGNOSIS = "diagnosis", _("Diagnosis")
    ALLERGIES = "allergies", _("Allergies")
    FAMILY_PHONE = "family_phone", _("Telephone of the family")


# Papers about one child; the day sheet is about all children of a center on a day.
OF_A_JOURNEY = (PaperKind.WALLET_CARD, PaperKind.PRODUCT_SHEET, PaperKind.CUSTODY_REPORT)
