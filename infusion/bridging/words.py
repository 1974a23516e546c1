"""Words of bridging therapy."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BridgingClass(models.TextChoices):
    """How strong the therapy is, and of what kind.

    Source: Myers et al., Blood 2023;141:1251, table 2 (bridging in children before CD19 CAR T cells).
    """

    INTENSIVE_INDUCTION = "intensive_induction", _("Intensive: induction with four drugs")
    INTENSIVE_CYCLOPHOSPHAMIDE = (
        "intensive_cyclophosphamide",
        _("Intensive: cyclophosphamide and etoposide"),
    )
    INTENSIVE_CYTARABINE = "intensive_cytarabine", _("Intensive: cytarabine in high doses")
    LOW_MAINTENANCE = (
        "low_maintenance",
        _("Low intensity: mercaptopurine and methotrexate, with or without vincristine and steroid"),
    )
    LOW_CONSOLIDATION = "low_consolidation", _("Low intensity: shortened consolidation")
    LOW_ETOPOSIDE_CYTARABINE = (
        "low_etoposide_cytarabine",
        _("Low intensity: etoposide and cytarabine in intermediate doses"),
    )
    LOW_METHOTREXATE = "low_methotrexate", _("Low intensity: methotrexate in intermediate doses")
    LOW_THREE_DRUGS = "low_three_drugs", _("Low intensity: three drugs")
    INTRATHECAL_ONLY = "intrathecal_only", _("Intrathecal chemotherapy only")
    RADIOTHERAPY = "radiotherapy", _("Radiotherapy")
    INOTUZUMAB = "inotuzumab", _("Inotuzumab ozogamicin")
    TKI = "tki", _("Tyrosine kinase inhibitor")
    OTHER = "other", _("Other bridging therapy")


class BridgingResponse(models.TextChoices):
    """What the disease did under bridging. Not assessed isn't the same as unknown, which is no answer yet."""

    REMISSION = "remission", _("Complete remission")
    PARTIAL = "partial", _("Partial response")
    STABLE = "stable", _("Stable disease")
    PROGRESSION = "progression", _("Progression")
    NOT_ASSESSED = "not_assessed", pgettext_lazy("response", "Not assessed")


class Complication(models.TextChoices):
    """What went wrong under bridging."""

    INFECTION = "infection", _("Infection")
    HEART = "heart", _("Heart")
    LIVER = "liver", _("Liver")
    KIDNEY = "kidney", _("Kidney")
    LUNG = "lung", _("Lung")
    NERVES = "nerves", _("Nervous system")
    PANCREAS = "pancreas", _("Pancreas")
    BLEEDING = "bleeding", _("Bleeding")
    THROMBOSIS = "thrombosis", _("Thrombosis")
    MUCOSITIS = "mucositis", _("Mucositis")
    CYTOPENIA = "cytopenia", _("Long-lasting cytopenia")
    OTHER = "other", pgettext_lazy("complication", "Other")


class StagingMethod(models.TextChoices):
    """How the disease was staged again before lymphodepletion."""

    MORPHOLOGY = "morphology", _("Marrow, morphology")
    FLOW = "flow", _("Marrow, flow cytometry")
    PCR = "pcr", _("Marrow, PCR")
    FLUID = "fluid", _("Cerebrospinal fluid")
    IMAGING = "imaging", _("Imaging")
