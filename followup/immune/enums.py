"""Words of the immune system."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SampleOrigin(models.TextChoices):
    """Who took a sample between visits."""

    CENTER = "center", _("Our center")
    HOME = "home", _("Home hospital")


class VaccineResponse(models.TextChoices):
    """Whether antibodies followed a vaccine."""

    ADEQUATE = "adequate", pgettext_lazy("response to vaccines", "Adequate")
    IMPAIRED = "impaired", pgettext_lazy("response to vaccines", "Impaired")


class DrugPurpose(models.TextChoices):
    """What a drug is given for, as far as the rules ask."""

    PJP = "pjp", _("Against Pneumocystis")
    VIRAL = "viral", _("Against herpes viruses")
    FUNGAL = "fungal", _("Against fungi")
    BACTERIAL = "bacterial", _("Against bacteria")
    HBV = "hbv", _("Against hepatitis B")
    STEROID = "steroid", _("Steroid")
    IMMUNOSUPPRESSION = "immunosuppression", _("Other immunosuppression")
    ANTI_B_CELL = "anti_b_cell", _("Drug against B cells")
    CHEMOTHERAPY = "chemotherapy", _("Chemotherapy")
    OTHER = "other", pgettext_lazy("drug", "Other")


# The groups whose end a rule may propose, in the order of the page.
PROPHYLAXIS = (
    DrugPurpose.PJP,
    DrugPurpose.VIRAL,
    DrugPurpose.FUNGAL,
    DrugPurpose.BACTERIAL,
    DrugPurpose.HBV,
)


class Route(models.TextChoices):
    """How immunoglobulin is given."""

    IV = "iv", _("Into a vein")
    SC = "sc", _("Under the skin")


class VaccineWindow(models.TextChoices):
    """What the rules say of a vaccine on a day."""

    POSSIBLE = "possible", pgettext_lazy("vaccine", "Possible")
    NOT_YET = "not_yet", pgettext_lazy("vaccine", "Not yet")
    UNKNOWN = "unknown", pgettext_lazy("vaccine", "Unknown")


class VaccineKind(models.TextChoices):
    """Classes of vaccines that share their conditions, in the order in which they become possible."""

    SEASONAL = "seasonal", _("Influenza and COVID-19")
    INACTIVATED = "inactivated", pgettext_lazy("vaccines", "Inactivated")
    ADJUVANTED = "adjuvanted", pgettext_lazy("vaccines", "Adjuvanted")
    LIVE = "live", pgettext_lazy("vaccines", "Live")


class BCellStage(models.TextChoices):
    """The course of B-cell aplasia, a recovery told from a loss."""

    ONGOING = "ongoing", pgettext_lazy("B-cell aplasia", "Ongoing")
    SUSPECTED_LOSS = "suspected_loss", pgettext_lazy("B-cell aplasia", "Suspected loss")
    LOST = "lost", pgettext_lazy("B-cell aplasia", "Lost")
    RECOVERED = "recovered", pgettext_lazy("B-cell aplasia", "B cells recovered")
    NOT_APPLICABLE = "not_applicable", pgettext_lazy("B-cell aplasia", "Not applicable")
