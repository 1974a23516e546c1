"""Words of the calculators of leukapheresis."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.calculators.words.shapes import CalculatorWords, FieldWords, Group, ResultWords, Text
from cartpath.protocols import registry
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import WashoutRuleSet
from patients.enums import Sex

SEXES: Final = ((Sex.FEMALE.value, Sex.FEMALE.label), (Sex.MALE.value, Sex.MALE.label))

_WEIGHT: Final = FieldWords(label=_("Weight"), unit="kg")
_HEIGHT: Final = FieldWords(label=_("Height"), unit="cm", hint=_("For Nadler's formula, from 35 kg on."))
_SEX: Final = FieldWords(label=_("Sex"), choices=SEXES)
_FACTOR: Final = FieldWords(
    label=_("Blood volume factor of the site"), unit="mL/kg", hint=_("Left empty, the default factor counts.")
)
_SIZE: Final = ("weight_kg", "height_cm", "sex", "ml_per_kg")


def _rule_sets() -> Sequence[tuple[str, Text]]:
    parts = [part for part in registry.load().parts if isinstance(part, WashoutRuleSet)]
    return [(part.id, _now(part.title)) for part in parts]


def drug_classes() -> Sequence[tuple[str, Text]]:
    """Every class of treatment with a washout rule in force, and what has none: that stays unknown."""
    rules = [
        rule
        for part in registry.load().parts
        if isinstance(part, WashoutRuleSet)
        for rule in in_force(part.rules)
    ]
    known = {rule.drug_class: _now(rule.label) for rule in rules}
    return [*known.items(), ("other", _("Another treatment, for which there is no rule"))]


def _products_collected() -> Sequence[tuple[str, Text]]:
    return list(
        {p.product.name: p.product.label for p in registry.all_protocols() if p.collection_targets()}.items()
    )


TOTAL_BLOOD_VOLUME: Final = CalculatorWords(
    fields={"weight_kg": _WEIGHT, "height_cm": _HEIGHT, "sex": _SEX, "ml_per_kg": _FACTOR},
    results={
        "ml": ResultWords(label=_("Total blood volume"), unit="mL", lead=True),
        "method": ResultWords(
            label=_("How it was found"),
            choices=(("per_kg", _("weight times a factor")), ("nadler", _("Nadler's formula"))),
        ),
    },
)

APHERESIS_PLAN: Final = CalculatorWords(
    fields={
        "weight_kg": _WEIGHT,
        "height_cm": _HEIGHT,
        "sex": _SEX,
        "ml_per_kg": _FACTOR,
        "device_ecv_ml": FieldWords(label=_("Extracorporeal volume of the machine"), unit="mL"),
        "pre_cd3_per_ul": FieldWords(label=_("CD3+ cells in blood before"), unit="/µL"),
        "target_cd3": FieldWords(label=_("CD3+ cells to collect"), unit="CD3+", exponent=9),
        "collection_efficiency": FieldWords(
            label=_("Collection efficiency as a fraction"), hint=_("Left empty, 0.40 counts.")
        ),
        "pre_platelets": FieldWords(label=_("Platelets before"), unit="×10⁹/L"),
    },
    groups=(
        Group(legend=_("The child"), fields=_SIZE),
        Group(legend=_("The collection"), fields=()),
    ),
    results={
        "volume_to_process_l": ResultWords(label=_("Volume to process"), unit="L", lead=True),
        "prime_required": ResultWords(
            label=_("Red-cell prime"), yes=_("required"), no=_("not required"), lead=True
        ),
        "tbv_ml": ResultWords(label=_("Total blood volume"), unit="mL"),
        "ecv_percent": ResultWords(label=_("Outside the child"), unit="%"),
        "tbv_multiples": ResultWords(label=_("Blood volumes processed")),
        "predicted_platelets": ResultWords(label=_("Platelets expected afterwards"), unit="×10⁹/L"),
    },
)

COLLECTION_EFFICIENCY: Final = CalculatorWords(
    fields={
        "product_cells": FieldWords(label=_("Cells in the bag"), unit="", exponent=9),
        "pre_count_per_ul": FieldWords(label=_("Count in blood before"), unit="/µL"),
        "post_count_per_ul": FieldWords(label=_("Count in blood afterwards"), unit="/µL"),
        "volume_processed_ml": FieldWords(
            label=_("Volume processed"), unit="mL", hint=_("Blood without anticoagulant.")
        ),
    },
    results={
        "ce1_percent": ResultWords(label="CE1", unit="%", lead=True),
        "ce2_percent": ResultWords(label="CE2", unit="%", lead=True),
    },
)

COLLECTION_ACCEPTANCE: Final = CalculatorWords(
    fields={
        "product": FieldWords(label=_("Product"), choices=_products_collected),
        "tnc": FieldWords(label=_("Nucleated cells, all days together"), exponent=9),
        "cd3": FieldWords(label=_("CD3+ cells, all days together"), exponent=9),
    },
    results={
        "accepted": ResultWords(label=_("Enough for the maker"), lead=True),
        "reasons": ResultWords(label=_("What stands against it"), none=_("nothing")),
    },
)

WASHOUT: Final = CalculatorWords(
    fields={
        "rule_set": FieldWords(label=_("Rules"), choices=_rule_sets),
        "exposures": FieldWords(
            label=_("Previous treatments"),
            row=_("Treatment"),
            none=_("No previous treatment"),
            hint=_(
                "A treatment without its last dose keeps the answer unknown. Without a time, the washout is "
                "counted from the end of the day."
            ),
        ),
        "exposures.class": FieldWords(label=_("Class of treatment"), choices=drug_classes),
        "exposures.last_dose": FieldWords(label=_("Last dose"), kind="day_or_moment"),
        "zone": FieldWords(label=_("Time zone"), kind="zone"),
        "exposures.half_life_hours": FieldWords(label=_("Half-life"), unit="h"),
    },
    results={
        "earliest": ResultWords(label=_("Earliest collection"), kind="moment", lead=True),
        "binding": ResultWords(
            label=_("What decides"), choices=drug_classes, none=pgettext_lazy("washout", "nothing known to")
        ),
        "unknown": ResultWords(
            label=_("Keeps the answer open"), choices=drug_classes, none=pgettext_lazy("washout", "nothing")
        ),
    },
)
