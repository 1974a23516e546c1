"""How stored results of rules are said: the rule's name, its value, its inputs and the rest of its answer.

Rules that are calculators too have their words there; here are those of rules that only judge a journey.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.calculators.registry import CALCULATORS
from cartpath.calculators.words import WORDS, FieldWords, ResultWords
from cartpath.calculators.words.shapes import Text
from cartpath.web.alert_rule_words import ALERT_WORDS
from cartpath.web.episode_rule_words import EPISODE_WORDS
from cartpath.web.immune_rule_words import IMMUNE_FLAGS, IMMUNE_WORDS
from cartpath.web.release_rule_words import RELEASE_FIELDS, RELEASE_FLAGS, RELEASE_MISSING
from cartpath.web.rule_shapes import RuleWords
from cartpath.web.rule_shapes import value_words as _value
from infusion.enums import GateState
from leukapheresis.enums import DayDecision
from patients.enums import CriterionVerdict, DrugClass

_MET: Final = tuple(CriterionVerdict.choices)
_ON: Final = FieldWords(label=_("Judged on"))
_ELIGIBLE: Final = (
    ("eligible", pgettext_lazy("child", "eligible")),
    ("not_eligible", pgettext_lazy("child", "not eligible")),
    ("incomplete", _("not complete")),
)
_WINDOW: Final = (
    ("early", _("before the window")),
    ("inside", _("inside the window")),
    ("late", _("after the window")),
)
_NEXT_DAY: Final = tuple(DayDecision.choices)
_DRUG_CLASSES: Final = tuple(DrugClass.choices)


_VALUES: Final[Mapping[str, ResultWords]] = MappingProxyType(
    {
        "crs": _value(_("CRS grade"), scale="CRS"),
        "icans": _value(_("ICANS grade"), scale="ICANS"),
        "capd": _value(_("CAPD, total")),
        "tocilizumab_dose": _value(_("Dose")),
        "total_blood_volume": _value(_("Total blood volume")),
        "collection_efficiency": _value("CE2"),
        "volume_processed": _value(_("Volume processed")),
        "cd3_per_kg": _value(_("CD3+ cells per kilogram")),
        "collection_acceptance": _value(
            _("Cells for the maker"), yes=_("enough"), no=_("not enough by the target")
        ),
        "washout": _value(
            _("Washout at the start of the slot"),
            choices=(
                ("open", pgettext_lazy("washout", "open")),
                ("over", pgettext_lazy("washout", "over")),
                ("none", _("no washout applies")),
                ("waived", _("collected before its end")),
            ),
        ),
        "dose_range": _value(
            _("Dose within the rule"),
            choices=(("accepted", _("given outside the rule")),),
            yes=_("within the rule"),
            no=_("outside the rule"),
        ),
        "fractions": _value(
            _("Part of the dose within the rule"),
            choices=(("accepted", _("given outside the rule")),),
            yes=_("within the rule"),
            no=_("outside the rule"),
        ),
        "lymphodepletion": _value(_("Dose by the rule")),
    }
)

_OWN: Final[Mapping[str, RuleWords]] = MappingProxyType(
    {
        "eligibility": RuleWords(
            title=_("Eligibility"),
            value=_value(
                _("Eligibility"),
                choices=(*_ELIGIBLE, ("accepted", _("accepted all the same"))),
            ),
            fields={
                "on": _ON,
                "findings": FieldWords(label=_("Findings by criterion")),
                "findings.verdict": FieldWords(label=_("Verdict"), choices=_MET),
                "findings.valid_until": FieldWords(label=_("Holds until")),
            },
            results={
                "overall": ResultWords(label=_("Eligibility"), choices=_ELIGIBLE),
                "reasons": ResultWords(label=_("What stands against it"), none=_("nothing")),
            },
        ),
        "age_criterion": RuleWords(
            title=_("Criterion of age"),
            value=_value(_("Criterion of age"), choices=_MET),
            fields={"birth_date": FieldWords(label=_("Birth date")), "on": _ON},
        ),
        "criterion_validity": RuleWords(
            title=_("How long a finding holds"),
            value=_value(_("Holds until"), kind="day"),
            fields={
                "criterion": FieldWords(label=_("Criterion")),
                "observed_on": FieldWords(label=_("Observed")),
                "valid_days": FieldWords(label=_("Holds for"), unit=_("days")),
            },
        ),
        "extracorporeal_volume": RuleWords(
            title=_("Volume outside the child and prime"),
            value=_value(_("Of the blood volume outside")),
            fields={
                "weight_kg": FieldWords(label=_("Weight"), unit="kg"),
                "tbv_ml": FieldWords(label=_("Total blood volume"), unit="mL"),
                "device_ecv_ml": FieldWords(label=_("Extracorporeal volume of the machine"), unit="mL"),
            },
            results={
                "prime_required": ResultWords(
                    label=_("Red-cell prime"), yes=_("required"), no=_("not required")
                ),
                "ecv_percent": ResultWords(label=_("Outside the child"), unit="%"),
            },
        ),
        "platelets_after_apheresis": RuleWords(
            title=_("Platelets expected after the collection"),
            value=_value(_("Platelets expected afterwards")),
            fields={"pre_platelets": FieldWords(label=_("Platelets before"), unit="×10⁹/L")},
            results={
                "predicted_platelets": ResultWords(label=_("Platelets expected afterwards"), unit="×10⁹/L")
            },
        ),
        "collection_expiry": RuleWords(
            title=_("Expiry of the collected cells"),
            value=_value(_("Last day of use"), kind="day"),
            fields={
                "collected_on": FieldWords(label=_("Collected")),
                "decided_on": FieldWords(label=_("Rule in force on")),
            },
            results={"last_day": ResultWords(label=_("Last day of use"), kind="day")},
        ),
        "volume_processed": RuleWords(
            title=_("Volume processed"),
            value=_value(_("Volume processed")),
            fields={
                "inlet_volume_ml": FieldWords(label=_("Inlet volume"), unit="mL"),
                "anticoagulant_ml": FieldWords(label=_("Anticoagulant"), unit="mL"),
            },
            results={"volume_processed_ml": ResultWords(label=_("Volume processed"), unit="mL")},
        ),
        "cd3_per_kg": RuleWords(
            title=_("CD3+ cells per kilogram"),
            value=_value(_("CD3+ cells per kilogram")),
            fields={
                "cd3": FieldWords(label=_("CD3+ cells")),
                "weight_kg": FieldWords(label=_("Weight"), unit="kg"),
            },
            results={"cd3_per_kg": ResultWords(label=_("CD3+ cells per kilogram"), unit="/kg")},
        ),
        "collection_next_day": RuleWords(
            title=_("What follows after the day of collection"),
            value=_value(_("What follows"), choices=_NEXT_DAY),
            fields={
                "days": FieldWords(label=_("Days collected")),
                "tnc": FieldWords(label=_("Nucleated cells, all days")),
                "cd3": FieldWords(label=_("CD3+ cells, all days")),
                "post_cd3_per_ul": FieldWords(label=_("CD3+ after"), unit="/µL"),
                "post_platelets": FieldWords(label=_("Platelets after"), unit="×10⁹/L"),
                "post_hemoglobin": FieldWords(label=_("Hemoglobin after"), unit="g/dL"),
            },
            results={"proposal": ResultWords(label=_("The rules propose"), choices=_NEXT_DAY)},
        ),
        "bag_concentration": RuleWords(
            title=_("Concentration of a frozen bag"),
            value=_value(_("Nucleated cells")),
            fields={
                "volume_ml": FieldWords(label=_("Volume of cells"), unit="mL"),
                "cryoprotectant_ml": FieldWords(label=_("Cryoprotectant"), unit="mL"),
                "tnc": FieldWords(label=_("Nucleated cells")),
                "cd3": FieldWords(label=_("CD3+ cells")),
            },
            results={"fits": ResultWords(label=_("As the maker asks"))},
        ),
        "donor_readiness": RuleWords(
            title=_("Donor"),
            value=_value(
                _("Donor"),
                choices=(
                    ("ready", pgettext_lazy("donor", "ready")),
                    ("positive", _("an infection was found")),
                    ("waived", _("collected all the same")),
                ),
            ),
            fields={"on": _ON, "serology": FieldWords(label=_("Serology"))},
            results={"ready": ResultWords(label=_("Ready"))},
        ),
        "release_criteria": RuleWords(
            title=_("Criteria of release"),
            value=_value(_("Specification"), choices=_MET),
            fields=RELEASE_FIELDS,
            results={"verdict": ResultWords(label=_("Specification"), choices=_MET)},
            missing=RELEASE_MISSING,
        ),
        "infusion_window": RuleWords(
            title=_("Window from lymphodepletion to infusion"),
            value=_value(
                _("Day of the infusion"),
                choices=_WINDOW,
            ),
            fields={
                "lymphodepletion_ended_on": FieldWords(label=_("Lymphodepletion ended")),
                "infused_on": FieldWords(label=_("Infused")),
            },
            results={
                "place": ResultWords(label=_("Day of the infusion"), choices=_WINDOW),
                "first_on": ResultWords(label=_("First day of the window"), kind="day"),
                "last_on": ResultWords(label=_("Last day of the window"), kind="day"),
            },
        ),
        "fraction_gate": RuleWords(
            title=_("Gate before the next part of the dose"),
            value=_value(_("Gate"), choices=(*GateState.choices, ("given", _("given all the same")))),
            fields={
                "fraction": FieldWords(label=_("Part")),
                "infused_on": FieldWords(label=_("Infused")),
                "today": _ON,
                "crs_grade": FieldWords(label=_("CRS grade that day")),
                "crs_worst": FieldWords(label=_("CRS grade at worst since the part before")),
                "icans_grade": FieldWords(label=_("ICANS grade that day")),
                "icans_worst": FieldWords(label=_("ICANS grade at worst since the part before")),
            },
        ),
        "growth_velocity": RuleWords(
            title=_("Growth velocity"),
            value=_value(_("Growth velocity")),
            fields={
                "height_cm": FieldWords(label=_("Height"), unit="cm"),
                "measured_on": FieldWords(label=_("Measured")),
                "earlier_height_cm": FieldWords(label=_("Earlier height"), unit="cm"),
                "earlier_measured_on": FieldWords(label=_("Earlier height measured")),
            },
            results={"cm_per_year": ResultWords(label=_("Growth velocity"), unit=_("cm/year"))},
            missing={"height_cm": _("Height"), "earlier_height_cm": _("Earlier height")},
        ),
        **ALERT_WORDS,
        **EPISODE_WORDS,
        **IMMUNE_WORDS,
    }
)


# What a journey asks or stores beyond the calculator of the same rule.
_MORE_FIELDS: Final[Mapping[str, Mapping[str, FieldWords]]] = MappingProxyType(
    {
        "washout": {
            "at": FieldWords(label=_("Start of the slot")),
            "exposures.class": FieldWords(label=_("Class of treatment"), choices=_DRUG_CLASSES),
        },
        "lymphodepletion": {"drug": FieldWords(label=_("Drug"))},
        "fractions": {"dose_cells": FieldWords(label=_("Cells in this part"), exponent=6)},
    }
)
_MORE_RESULTS: Final[Mapping[str, Mapping[str, ResultWords]]] = MappingProxyType(
    {
        "washout": {
            "binding": ResultWords(label=_("What decides"), choices=_DRUG_CLASSES),
            "unknown": ResultWords(label=_("Keeps the answer open"), choices=_DRUG_CLASSES),
        },
        "fractions": {
            "in_range": ResultWords(label=_("The part lies in the range")),
            "min_cells": ResultWords(label=_("Least"), kind="cells"),
            "max_cells": ResultWords(label=_("Most"), kind="cells"),
        },
    }
)
# Flags of the rules that only judge a journey.
FLAGS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        **IMMUNE_FLAGS,
        **RELEASE_FLAGS,
    }
)


def rule_words(rule: str) -> RuleWords:
    """The words of a rule; of one that nobody named, the rule's own id, so that nothing is hidden."""
    if rule in _OWN:
        return _OWN[rule]
    if rule in CALCULATORS:
        words = WORDS[rule]
        return RuleWords(
            title=CALCULATORS[rule].title,
            value=_VALUES.get(rule) or ResultWords(label=CALCULATORS[rule].title),
            fields={**words.fields, **_MORE_FIELDS.get(rule, {})},
            results={**words.results, **_MORE_RESULTS.get(rule, {})},
            missing=words.missing,
            caveat=words.caveat,
        )
    name = rule.replace("_", " ")
    return RuleWords(title=name, value=_VALUES.get(rule) or ResultWords(label=name))


def known_rules() -> frozenset[str]:
    """Every rule that has words of its own."""
    return frozenset(_OWN) | frozenset(CALCULATORS)
