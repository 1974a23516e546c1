"""Every calculator by its name.

The rules live in the stages they belong to; here they are only named, given the shape of their input, and
said what for and after which source. A new calculator is one entry of `_ALL` and its words in
`cartpath.calculators.words`, nothing else: the command, the API and the pages read this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cartpath.calculators.proportion import PROPORTION_SOURCE, ProportionInput, calculate_proportion
from cartpath.core.answers import Answer
from followup.rules.schedule import FollowUpScheduleInput, calculate_follow_up_schedule
from infusion.rules.dose import DoseRangeInput, calculate_dose_range
from infusion.rules.fractions import FractionsInput, calculate_fractions
from infusion.rules.lymphodepletion import (
    MOSTELLER_SOURCE,
    LymphodepletionInput,
    calculate_lymphodepletion,
)
from infusion.rules.scores import (
    EASIX_SOURCE,
    HEMATOTOX_SOURCE,
    CarHematotoxInput,
    EasixInput,
    calculate_car_hematotox,
    calculate_easix,
)
from leukapheresis.rules.acceptance import CollectionAcceptanceInput, calculate_collection_acceptance
from leukapheresis.rules.blood_volume import TotalBloodVolumeInput, calculate_total_blood_volume
from leukapheresis.rules.efficiency import CollectionEfficiencyInput, calculate_collection_efficiency
from leukapheresis.rules.isbt128 import (
    ISBT_SOURCE,
    Isbt128CheckInput,
    Isbt128ParseInput,
    calculate_isbt128_check,
    calculate_isbt128_parse,
)
from leukapheresis.rules.plan import ApheresisPlanInput, calculate_apheresis_plan
from leukapheresis.rules.tables import COLLECTION_EFFICIENCY_SOURCE, NADLER, PLAN_SOURCE
from leukapheresis.rules.washout import WashoutInput, calculate_washout
from toxicity.grading.astct import ASTCT, ASTCT_SOURCE, ASTCT_VERSION
from toxicity.grading.capd import CAPD, CAPD_SOURCE, CAPD_VERSION, CapdInput, calculate_capd
from toxicity.grading.crs import CrsInput, calculate_crs
from toxicity.grading.ctcae import CTCAE, CTCAE_SOURCE, CtcaeLabInput, calculate_ctcae_lab
from toxicity.grading.ctcae_terms import TERMS
from toxicity.grading.hlh_2004 import HLH_SOURCE, Hlh2004Input, calculate_hlh_2004
from toxicity.grading.hypotension import PALS_SOURCE, HypotensionLimitInput, calculate_hypotension_limit
from toxicity.grading.icaht import ICAHT, ICAHT_SOURCE, ICAHT_VERSION, IcahtInput, calculate_icaht
from toxicity.grading.icans import IcansInput, calculate_icans
from toxicity.grading.iec_hs import IEC_HS, IEC_HS_SOURCE, IEC_HS_VERSION, IecHsInput, calculate_iec_hs
from toxicity.grading.isth_dic import ISTH_SOURCE, IsthDicInput, calculate_isth_dic
from toxicity.grading.t_icaht import T_ICAHT, T_ICAHT_SOURCE, TIcahtInput, calculate_t_icaht
from toxicity.grading.tian import TIAN, TIAN_SOURCE, TIAN_VERSION, TianInput, calculate_tian
from toxicity.grading.tls import TLS_SOURCE, TlsInput, calculate_tls
from toxicity.grading.tocilizumab import (
    TOCILIZUMAB_SOURCE,
    TocilizumabDoseInput,
    calculate_tocilizumab_dose,
)

__all__ = ["CALCULATORS", "STAGE_TITLES", "Calculator", "Stage"]


class Stage(StrEnum):
    """Where on the child's way a calculator is used; the order is that of the way."""

    LEUKAPHERESIS = "leukapheresis"
    MANUFACTURING = "manufacturing"
    INFUSION = "infusion"
    TOXICITY = "toxicity"
    FOLLOW_UP = "follow_up"
    OUTCOMES = "outcomes"


STAGE_TITLES: Final[Mapping[Stage, Promise]] = MappingProxyType(
    {
        Stage.LEUKAPHERESIS: _("Leukapheresis"),
        Stage.MANUFACTURING: _("Product"),
        Stage.INFUSION: _("Lymphodepletion and infusion"),
        Stage.TOXICITY: _("Toxicity"),
        Stage.FOLLOW_UP: _("Follow-up"),
        Stage.OUTCOMES: _("Outcomes"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Calculator:
    """A named rule: `calculate` takes an `input_type` and gives an `Answer`.

    `purpose` says in one line what it is for. `source` is the citation of the rule; where the figures are
    rows of a protocol it says so, and each answer names the row's own source. `scale` is the published scale
    with its version, empty where there is none.
    """

    name: str
    title: Promise
    stage: Stage
    purpose: Promise
    source: str | Promise
    scale: str = ""
    input_type: type[Any]
    calculate: Callable[[Any], Answer]


_PROTOCOL_ROWS: Final = _("Rows of the protocols; each answer names the source of the row it used")

_ALL: Final = (
    Calculator(
        name="total_blood_volume",
        title=_("Total blood volume"),
        stage=Stage.LEUKAPHERESIS,
        purpose=_("How much blood the child has: the measure of everything the machine takes."),
        source=format_lazy("{}; {}", NADLER["male"].source, _PROTOCOL_ROWS),
        input_type=TotalBloodVolumeInput,
        calculate=calculate_total_blood_volume,
    ),
    Calculator(
        name="apheresis_plan",
        title=_("Apheresis plan"),
        stage=Stage.LEUKAPHERESIS,
        purpose=_(
            "How much blood to process, whether to prime with red cells, and the platelets afterwards."
        ),
        source=format_lazy("{}; {}", PLAN_SOURCE, _PROTOCOL_ROWS),
        input_type=ApheresisPlanInput,
        calculate=calculate_apheresis_plan,
    ),
    Calculator(
        name="washout",
        title=_("Washout before collection"),
        stage=Stage.LEUKAPHERESIS,
        purpose=_("From when blood may be collected after what the child was treated with."),
        source=_PROTOCOL_ROWS,
        input_type=WashoutInput,
        calculate=calculate_washout,
    ),
    Calculator(
        name="collection_efficiency",
        title=_("Collection efficiency"),
        stage=Stage.LEUKAPHERESIS,
        purpose=_("What share of the cells that passed the machine is in the bag."),
        source=COLLECTION_EFFICIENCY_SOURCE,
        input_type=CollectionEfficiencyInput,
        calculate=calculate_collection_efficiency,
    ),
    Calculator(
        name="collection_acceptance",
        title=_("Acceptance of a collection"),
        stage=Stage.LEUKAPHERESIS,
        purpose=_("Whether the collected cells are enough for the maker of the product."),
        source=_PROTOCOL_ROWS,
        input_type=CollectionAcceptanceInput,
        calculate=calculate_collection_acceptance,
    ),
    Calculator(
        name="isbt128_check",
        title=_("ISBT 128 check character"),
        stage=Stage.MANUFACTURING,
        purpose=_("The check character of a donation number, to tell a typing error."),
        source=ISBT_SOURCE,
        input_type=Isbt128CheckInput,
        calculate=calculate_isbt128_check,
    ),
    Calculator(
        name="isbt128_parse",
        title=_("ISBT 128 scan"),
        stage=Stage.MANUFACTURING,
        purpose=_("What a scanned ISBT 128 code says, or which character of it is wrong."),
        source=ISBT_SOURCE,
        input_type=Isbt128ParseInput,
        calculate=calculate_isbt128_parse,
    ),
    Calculator(
        name="lymphodepletion",
        title=_("Lymphodepletion doses"),
        stage=Stage.INFUSION,
        purpose=_("Body surface and the dose of each drug of a regimen."),
        source=format_lazy("{}; {}", MOSTELLER_SOURCE, _PROTOCOL_ROWS),
        input_type=LymphodepletionInput,
        calculate=calculate_lymphodepletion,
    ),
    Calculator(
        name="dose_range",
        title=_("Dose range of the product"),
        stage=Stage.INFUSION,
        purpose=_("How many cells a child of this weight may be given."),
        source=_PROTOCOL_ROWS,
        input_type=DoseRangeInput,
        calculate=calculate_dose_range,
    ),
    Calculator(
        name="fractions",
        title=_("Parts of a split dose"),
        stage=Stage.INFUSION,
        purpose=_("How many cells each part holds, when the next one is due, and whether it may be given."),
        source=_PROTOCOL_ROWS,
        input_type=FractionsInput,
        calculate=calculate_fractions,
    ),
    Calculator(
        name="car_hematotox",
        title=_("CAR-HEMATOTOX score"),
        stage=Stage.INFUSION,
        purpose=_("The risk of long cytopenia, as scored in adults before lymphodepletion."),
        source=HEMATOTOX_SOURCE,
        scale="CAR-HEMATOTOX 2021",
        input_type=CarHematotoxInput,
        calculate=calculate_car_hematotox,
    ),
    Calculator(
        name="easix",
        title=_("EASIX"),
        stage=Stage.INFUSION,
        purpose=_("An index of endothelial stress, made in adults."),
        source=EASIX_SOURCE,
        scale="EASIX",
        input_type=EasixInput,
        calculate=calculate_easix,
    ),
    Calculator(
        name="crs",
        title=_("CRS grade"),
        stage=Stage.TOXICITY,
        purpose=_("Cytokine release syndrome from fever, blood pressure and oxygen."),
        source=ASTCT_SOURCE,
        scale=f"{ASTCT} {ASTCT_VERSION}",
        input_type=CrsInput,
        calculate=calculate_crs,
    ),
    Calculator(
        name="icans",
        title=_("ICANS grade"),
        stage=Stage.TOXICITY,
        purpose=_("Neurotoxicity from ICE or CAPD, consciousness, seizure, motor signs and pressure."),
        source=ASTCT_SOURCE,
        scale=f"{ASTCT} {ASTCT_VERSION}",
        input_type=IcansInput,
        calculate=calculate_icans,
    ),
    Calculator(
        name="capd",
        title=_("CAPD score"),
        stage=Stage.TOXICITY,
        purpose=_("Delirium in a child, from eight answers about a shift."),
        source=CAPD_SOURCE,
        scale=f"{CAPD} {CAPD_VERSION}",
        input_type=CapdInput,
        calculate=calculate_capd,
    ),
    Calculator(
        name="hypotension_limit",
        title=_("Limit of hypotension"),
        stage=Stage.TOXICITY,
        purpose=_("The systolic pressure below which a child of this age is hypotensive."),
        source=PALS_SOURCE,
        input_type=HypotensionLimitInput,
        calculate=calculate_hypotension_limit,
    ),
    Calculator(
        name="tocilizumab_dose",
        title=_("Tocilizumab dose"),
        stage=Stage.TOXICITY,
        purpose=_("One dose by weight, and whether another one keeps the limits."),
        source=TOCILIZUMAB_SOURCE,
        input_type=TocilizumabDoseInput,
        calculate=calculate_tocilizumab_dose,
    ),
    Calculator(
        name="icaht",
        title=_("ICAHT grades"),
        stage=Stage.TOXICITY,
        purpose=_("Early and late neutropenia from daily counts."),
        source=ICAHT_SOURCE,
        scale=f"{ICAHT} {ICAHT_VERSION}",
        input_type=IcahtInput,
        calculate=calculate_icaht,
    ),
    Calculator(
        name="t_icaht",
        title=_("T-ICAHT grades"),
        stage=Stage.TOXICITY,
        purpose=_("Early and late thrombocytopenia from daily counts and transfusions."),
        source=T_ICAHT_SOURCE,
        scale=f"{T_ICAHT} 2023",
        input_type=TIcahtInput,
        calculate=calculate_t_icaht,
    ),
    Calculator(
        name="iec_hs",
        title=_("IEC-HS checklist"),
        stage=Stage.TOXICITY,
        purpose=_("When to think of hyperinflammation after the cells; a clinician decides."),
        source=IEC_HS_SOURCE,
        scale=f"{IEC_HS} {IEC_HS_VERSION}",
        input_type=IecHsInput,
        calculate=calculate_iec_hs,
    ),
    Calculator(
        name="hlh_2004",
        title=_("HLH-2004 criteria"),
        stage=Stage.TOXICITY,
        purpose=_("Five of eight criteria of hemophagocytic lymphohistiocytosis."),
        source=HLH_SOURCE,
        scale="HLH-2004",
        input_type=Hlh2004Input,
        calculate=calculate_hlh_2004,
    ),
    Calculator(
        name="isth_dic",
        title=_("ISTH score of overt DIC"),
        stage=Stage.TOXICITY,
        purpose=_("Overt disseminated intravascular coagulation from four laboratory values."),
        source=ISTH_SOURCE,
        scale="ISTH overt DIC 2001",
        input_type=IsthDicInput,
        calculate=calculate_isth_dic,
    ),
    Calculator(
        name="tls",
        title=_("Tumor lysis syndrome"),
        stage=Stage.TOXICITY,
        purpose=_("Laboratory and clinical tumor lysis with the limits for children."),
        source=TLS_SOURCE,
        scale="Cairo-Bishop 2004",
        input_type=TlsInput,
        calculate=calculate_tls,
    ),
    Calculator(
        name="tian",
        title=_("TIAN grade"),
        stage=Stage.TOXICITY,
        purpose=_("Neurotoxicity from inflammation of a tumor in the brain or spine."),
        source=TIAN_SOURCE,
        scale=f"{TIAN} {TIAN_VERSION}",
        input_type=TianInput,
        calculate=calculate_tian,
    ),
    Calculator(
        name="ctcae_lab",
        title=_("CTCAE laboratory grade"),
        stage=Stage.TOXICITY,
        purpose=_("The grade of one laboratory value, in version 5 or 6."),
        source=CTCAE_SOURCE,
        scale=f"{CTCAE} {', '.join(TERMS)}",
        input_type=CtcaeLabInput,
        calculate=calculate_ctcae_lab,
    ),
    Calculator(
        name="follow_up_schedule",
        title=_("Follow-up schedule"),
        stage=Stage.FOLLOW_UP,
        purpose=_("The days and windows of all visits and registry forms, to year 15."),
        source=_PROTOCOL_ROWS,
        input_type=FollowUpScheduleInput,
        calculate=calculate_follow_up_schedule,
    ),
    Calculator(
        name="proportion",
        title=_("Proportion with interval"),
        stage=Stage.OUTCOMES,
        purpose=_("A share with its exact and its score 95 % interval."),
        source=PROPORTION_SOURCE,
        input_type=ProportionInput,
        calculate=calculate_proportion,
    ),
)

CALCULATORS: Final[Mapping[str, Calculator]] = MappingProxyType({one.name: one for one in _ALL})
