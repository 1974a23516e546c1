"""Words of the ISBT 128 calculators."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from cartpath.calculators.words.shapes import CalculatorWords, FieldWords, ResultWords, Text
from leukapheresis.rules.isbt128_structures import STRUCTURES

_FLAG_KINDS: Final = (
    ("not_used", _("not used")),
    ("process_control", _("process control")),
    ("local", _("the facility's own")),
    ("check", _("check of the number")),
    ("reserved", _("reserved")),
)
_MESSAGES: Final = (
    ("autologous", _("autologous")),
    ("biohazard", _("biohazard")),
    ("discard", _("discard")),
    ("fractionation_only", _("for fractionation only")),
    ("quarantine", _("quarantine")),
    ("research_only", _("for research only")),
    ("not_for_use", _("not for use")),
)
_PRODUCT_KINDS: Final = (
    ("national_or_local", _("national or local code")),
    ("blood_component", _("blood component")),
    ("named_product_of_human_origin", _("named product of human origin")),
    ("other_therapy", _("other therapy")),
    ("organ", _("organ")),
    ("regenerated_tissue", _("regenerated tissue")),
    ("reproductive_tissue", _("reproductive tissue")),
    ("cellular_therapy", _("cellular therapy")),
    ("tissue", _("tissue")),
    ("ocular_tissue", _("ocular tissue")),
    ("fecal_microbiota", _("fecal microbiota")),
    ("other_blood_product", _("other blood product")),
    ("clinical_trial", _("clinical trial")),
)
_COLLECTIONS: Final = (
    ("autologous_only", _("autologous only")),
    ("directed_recipient_only", _("directed, for this recipient only")),
    ("designated", _("designated")),
    ("allogeneic", _("allogeneic")),
    ("autologous_containing_allogeneic", _("autologous containing allogeneic material")),
    ("autologous_eligible_for_crossover", _("autologous, may be used for others")),
    ("autologous_only_biohazard", _("autologous only, biohazard")),
)
NOT_STATED: Final = _("not stated")


_STRUCTURES: Final = tuple((structure.name, _(structure.words)) for structure in STRUCTURES)


def _code(label: Text) -> ResultWords:
    return ResultWords(label=label, kind="code", none=NOT_STATED)


ISBT128_CHECK: Final = CalculatorWords(
    fields={
        "din": FieldWords(
            label=_("Donation identification number"), hint=_("13 characters; spaces are ignored.")
        )
    },
    results={
        "check_character": ResultWords(label=_("Check character"), kind="code", lead=True),
        "check_value": ResultWords(label=_("Check value")),
        "flag_digits": ResultWords(label=_("As flags in the bar code"), kind="code"),
    },
)

ISBT128_PARSE: Final = CalculatorWords(
    fields={
        "data": FieldWords(
            label=_("What the scanner sent"), hint=_("With the data identifier in front, such as = or &.")
        )
    },
    results={
        "structure": ResultWords(label=_("Data structure"), choices=_STRUCTURES, lead=True),
        "number": _code(_("Number in the standard")),
        "data_identifier": _code(_("Data identifier")),
        "fin": _code(_("Facility identification number")),
        "year": _code(_("Year")),
        "sequence": _code(_("Sequence number")),
        "flags": _code(_("Flags")),
        "din": _code(_("Donation identification number")),
        "flag_kind": ResultWords(label=_("What the flags are"), choices=_FLAG_KINDS),
        "check_character": _code(_("Check character")),
        "group": _code(_("Blood group or message")),
        "phenotype": _code(_("Phenotype")),
        "reserved": _code(_("Reserved place")),
        "special_message": ResultWords(
            label=_("Special message"), choices=_MESSAGES, none=_("none: a blood group")
        ),
        "product_description_code": _code(_("Product description code")),
        "collection_type": _code(_("Type of collection")),
        "division": _code(_("Division")),
        "product_kind": ResultWords(label=_("Kind of product"), choices=_PRODUCT_KINDS, none=NOT_STATED),
        "collection": ResultWords(label=_("Collected for"), choices=_COLLECTIONS, none=NOT_STATED),
        "divided": ResultWords(label=_("Divided"), none=NOT_STATED),
        "needs_structure_032": ResultWords(
            label=_("Divisions stand in another code (structure 032)"), none=NOT_STATED
        ),
        "century": _code(_("Century digit")),
        "day_of_year": _code(_("Day of the year")),
        "hour": _code(_("Hour")),
        "minute": _code(_("Minute")),
        "date": ResultWords(label=_("Date"), kind="day"),
        "time": _code(_("Time")),
        "time_may_be_unstated": ResultWords(label=_("23:59 may stand for no time")),
        "facility_product_code": _code(_("The facility's product code")),
        "padded_lot": _code(_("Lot number as scanned")),
        "lot": _code(_("Lot number")),
        "padded_number": _code(_("Number as scanned")),
        "supplemental_number": _code(_("Supplemental number")),
        "country": _code(_("Country")),
        "tissue_establishment": _code(_("Tissue establishment")),
        "donation_number": _code(_("Donation number")),
        "coding_system": _code(_("Coding system")),
        "coding_system_name": _code(_("Name of the coding system")),
        "product": _code(_("Product")),
        "split": _code(_("Split number")),
        "expiry": _code(_("Expiry as scanned")),
        "expires_on": ResultWords(label=_("Expires"), kind="day", none=_("no expiry")),
        "donation_sequence": _code(_("Donation part of the code")),
        "product_sequence": _code(_("Product part of the code")),
        "issuing_organization": _code(_("Issuing organization")),
        "registration_donor_identifier": _code(_("Identifier of the donor")),
        "check_digits": _code(_("Check digits")),
        "grid": _code(_("Global registration identifier")),
        "literal": _code(_("Letters in front")),
        "identifier": _code(_("Chain of identity identifier")),
    },
)
