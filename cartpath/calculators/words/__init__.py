"""How calculators speak to people: one entry for each calculator, every text of it translatable.

The command line and the API don't need these words; nothing they import imports this package.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cartpath.calculators.words import infusion, leukapheresis, manufacturing, outcomes, syndromes, toxicity
from cartpath.calculators.words.flags import FLAGS, flag_words
from cartpath.calculators.words.shapes import CalculatorWords, FieldWords, Group, ResultWords, choices_of

__all__ = [
    "FLAGS",
    "WORDS",
    "CalculatorWords",
    "FieldWords",
    "Group",
    "ResultWords",
    "choices_of",
    "flag_words",
]

WORDS: Final[Mapping[str, CalculatorWords]] = MappingProxyType(
    {
        "total_blood_volume": leukapheresis.TOTAL_BLOOD_VOLUME,
        "apheresis_plan": leukapheresis.APHERESIS_PLAN,
        "washout": leukapheresis.WASHOUT,
        "collection_efficiency": leukapheresis.COLLECTION_EFFICIENCY,
        "collection_acceptance": leukapheresis.COLLECTION_ACCEPTANCE,
        "isbt128_check": manufacturing.ISBT128_CHECK,
        "isbt128_parse": manufacturing.ISBT128_PARSE,
        "lymphodepletion": infusion.LYMPHODEPLETION,
        "dose_range": infusion.DOSE_RANGE,
        "fractions": infusion.FRACTIONS,
        "car_hematotox": infusion.CAR_HEMATOTOX,
        "easix": infusion.EASIX,
        "crs": toxicity.CRS,
        "icans": toxicity.ICANS,
        "capd": toxicity.CAPD,
        "hypotension_limit": toxicity.HYPOTENSION_LIMIT,
        "tocilizumab_dose": toxicity.TOCILIZUMAB_DOSE,
        "icaht": syndromes.ICAHT,
        "t_icaht": syndromes.T_ICAHT,
        "iec_hs": syndromes.IEC_HS,
        "hlh_2004": syndromes.HLH_2004,
        "isth_dic": syndromes.ISTH_DIC,
        "tls": syndromes.TLS,
        "tian": syndromes.TIAN,
        "ctcae_lab": syndromes.CTCAE_LAB,
        "follow_up_schedule": outcomes.FOLLOW_UP_SCHEDULE,
        "proportion": outcomes.PROPORTION,
    }
)
