"""Every calculator by its name.

The rules live in the stages they belong to; here they are only named and given the shape of their input.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.calculators.proportion import ProportionInput, calculate_proportion
from cartpath.core.answers import Answer
from followup.rules.schedule import FollowUpScheduleInput, calculate_follow_up_schedule
from infusion.rules.dose import DoseRangeInput, calculate_dose_range
from infusion.rules.lymphodepletion import LymphodepletionInput, calculate_lymphodepletion
from infusion.rules.scores import CarHematotoxInput, EasixInput, calculate_car_hematotox, calculate_easix
from leukapheresis.rules.acceptance import CollectionAcceptanceInput, calculate_collection_acceptance
from leukapheresis.rules.blood_volume import TotalBloodVolumeInput, calculate_total_blood_volume
from leukapheresis.rules.efficiency import CollectionEfficiencyInput, calculate_collection_efficiency
from leukapheresis.rules.plan import ApheresisPlanInput, calculate_apheresis_plan
from leukapheresis.rules.washout import WashoutInput, calculate_washout
from manufacturing.rules.isbt128 import (
    Isbt128CheckInput,
    Isbt128ParseInput,
    calculate_isbt128_check,
    calculate_isbt128_parse,
)
from toxicity.grading.capd import CapdInput, calculate_capd
from toxicity.grading.crs import CrsInput, calculate_crs
from toxicity.grading.ctcae import CtcaeLabInput, calculate_ctcae_lab
from toxicity.grading.hlh_2004 import Hlh2004Input, calculate_hlh_2004
from toxicity.grading.hypotension import HypotensionLimitInput, calculate_hypotension_limit
from toxicity.grading.icaht import IcahtInput, calculate_icaht
from toxicity.grading.icans import IcansInput, calculate_icans
from toxicity.grading.iec_hs import IecHsInput, calculate_iec_hs
from toxicity.grading.isth_dic import IsthDicInput, calculate_isth_dic
from toxicity.grading.t_icaht import TIcahtInput, calculate_t_icaht
from toxicity.grading.tian import TianInput, calculate_tian
from toxicity.grading.tls import TlsInput, calculate_tls
from toxicity.grading.tocilizumab import TocilizumabDoseInput, calculate_tocilizumab_dose

__all__ = ["CALCULATORS", "Calculator"]


@dataclass(frozen=True, slots=True)
class Calculator:
    """A named rule: `calculate` takes an `input_type` and gives an `Answer`."""

    name: str
    title: Promise
    input_type: type[Any]
    calculate: Callable[[Any], Answer]


_ALL: Final = (
    Calculator("crs", _("CRS grade"), CrsInput, calculate_crs),
    Calculator("icans", _("ICANS grade"), IcansInput, calculate_icans),
    Calculator("capd", _("CAPD score"), CapdInput, calculate_capd),
    Calculator("icaht", _("ICAHT grades"), IcahtInput, calculate_icaht),
    Calculator("t_icaht", _("T-ICAHT grades"), TIcahtInput, calculate_t_icaht),
    Calculator("ctcae_lab", _("CTCAE laboratory grade"), CtcaeLabInput, calculate_ctcae_lab),
    Calculator("iec_hs", _("IEC-HS checklist"), IecHsInput, calculate_iec_hs),
    Calculator("tian", _("TIAN grade"), TianInput, calculate_tian),
    Calculator("tls", _("Tumor lysis syndrome"), TlsInput, calculate_tls),
    Calculator("isth_dic", _("ISTH score of overt DIC"), IsthDicInput, calculate_isth_dic),
    Calculator("hlh_2004", _("HLH-2004 criteria"), Hlh2004Input, calculate_hlh_2004),
    Calculator("tocilizumab_dose", _("Tocilizumab dose"), TocilizumabDoseInput, calculate_tocilizumab_dose),
    Calculator("dose_range", _("Dose range of the product"), DoseRangeInput, calculate_dose_range),
    Calculator(
        "total_blood_volume", _("Total blood volume"), TotalBloodVolumeInput, calculate_total_blood_volume
    ),
    Calculator("apheresis_plan", _("Apheresis plan"), ApheresisPlanInput, calculate_apheresis_plan),
    Calculator(
        "collection_efficiency",
        _("Collection efficiency"),
        CollectionEfficiencyInput,
        calculate_collection_efficiency,
    ),
    Calculator(
        "collection_acceptance",
        _("Acceptance of a collection"),
        CollectionAcceptanceInput,
        calculate_collection_acceptance,
    ),
    Calculator("washout", _("Washout before collection"), WashoutInput, calculate_washout),
    Calculator(
        "lymphodepletion", _("Lymphodepletion doses"), LymphodepletionInput, calculate_lymphodepletion
    ),
    Calculator("car_hematotox", _("CAR-HEMATOTOX score"), CarHematotoxInput, calculate_car_hematotox),
    Calculator("easix", _("EASIX"), EasixInput, calculate_easix),
    Calculator(
        "hypotension_limit", _("Limit of hypotension"), HypotensionLimitInput, calculate_hypotension_limit
    ),
    Calculator("isbt128_check", _("ISBT 128 check character"), Isbt128CheckInput, calculate_isbt128_check),
    Calculator("isbt128_parse", _("ISBT 128 scan"), Isbt128ParseInput, calculate_isbt128_parse),
    Calculator(
        "follow_up_schedule",
        _("Follow-up schedule"),
        FollowUpScheduleInput,
        calculate_follow_up_schedule,
    ),
    Calculator("proportion", _("Proportion with interval"), ProportionInput, calculate_proportion),
)

CALCULATORS: Final[Mapping[str, Calculator]] = MappingProxyType({one.name: one for one in _ALL})
