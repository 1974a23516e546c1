"""Words of the calculators of lymphodepletion and infusion."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cartpath.calculators.words.shapes import CalculatorWords, FieldWords, Group, ResultWords, Text
from cartpath.protocols import registry

REGIONS: Final = (("EU", _("Europe")), ("US", _("United States")))


def _regimens() -> Sequence[tuple[str, Text]]:
    return [
        (name, f"{_now(regimen.label)} ({protocol.product.label})")
        for name, (protocol, regimen) in registry.regimens().items()
    ]


def _products_dosed() -> Sequence[tuple[str, Text]]:
    return list({p.product.name: p.product.label for p in registry.all_protocols() if p.dose_rules()}.items())


def _products_split() -> Sequence[tuple[str, Text]]:
    split = (p for p in registry.all_protocols() if p.product.fractions)
    return list({p.product.name: p.product.label for p in split}.items())


LYMPHODEPLETION: Final = CalculatorWords(
    fields={
        "regimen": FieldWords(label=_("Regimen"), choices=_regimens),
        "weight_kg": FieldWords(label=_("Weight"), unit="kg"),
        "height_cm": FieldWords(label=_("Height"), unit="cm"),
    },
    results={
        "bsa_m2": ResultWords(label=_("Body surface"), unit="m²", lead=True),
        "drugs": ResultWords(
            label=_("Drugs"),
            parts={
                "drug": ResultWords(label=_("Drug")),
                "mg_per_day": ResultWords(label=_("A day"), unit="mg"),
                "days": ResultWords(label=_("Days")),
                "mg_total": ResultWords(label=_("In all"), unit="mg"),
            },
        ),
    },
    caveat=_("Figures to check, not an order."),
)

DOSE_RANGE: Final = CalculatorWords(
    fields={
        "product": FieldWords(label=_("Product"), choices=_products_dosed),
        "region": FieldWords(label=_("Region"), choices=REGIONS),
        "weight_kg": FieldWords(label=_("Weight"), unit="kg"),
        "dose_cells": FieldWords(label=_("Dose in the bag"), unit="CAR+", exponent=6),
    },
    results={
        "min_cells": ResultWords(label=_("Least"), unit=_("cells"), kind="cells", lead=True),
        "max_cells": ResultWords(label=_("Most"), unit=_("cells"), kind="cells", lead=True),
        "in_range": ResultWords(label=_("The dose lies in the range"), none=_("no dose was given")),
        "basis": ResultWords(
            label=_("Depends on"),
            choices=(("per_kg", _("the weight")), ("flat", _("nothing: one range for all in this band"))),
        ),
    },
)

FRACTIONS: Final = CalculatorWords(
    fields={
        "product": FieldWords(label=_("Product"), choices=_products_split),
        "region": FieldWords(label=_("Region"), choices=REGIONS),
        "blasts_percent": FieldWords(label=_("Blasts in the marrow"), unit="%"),
        "marrow_on": FieldWords(label=_("Day of the marrow")),
        "lymphodepletion_started_on": FieldWords(label=_("First day of lymphodepletion")),
        "weight_kg": FieldWords(label=_("Weight"), unit="kg"),
        "total_cells": FieldWords(label=_("Whole dose chosen"), unit="CAR+", exponent=6),
        "infused_on": FieldWords(label=_("Day of the first part")),
        "today": FieldWords(label=_("Day of the next part")),
        "fraction": FieldWords(label=_("Number of the next part")),
        "crs_grade": FieldWords(label=_("CRS grade of that day")),
        "crs_worst": FieldWords(label=_("Worst CRS grade since the part before")),
        "icans_grade": FieldWords(label=_("ICANS grade of that day")),
        "icans_worst": FieldWords(label=_("Worst ICANS grade since the part before")),
    },
    results={
        "parts": ResultWords(
            label=_("Parts"),
            lead=True,
            parts={
                "fraction": ResultWords(label=_("Part")),
                "row": ResultWords(label=_("Rule"), kind="code", none=_("not known which")),
                "cells": ResultWords(label=_("Cells"), unit=_("cells"), kind="cells"),
                "min_cells": ResultWords(label=_("Least"), unit=_("cells"), kind="cells"),
                "max_cells": ResultWords(label=_("Most"), unit=_("cells"), kind="cells"),
                "maker_day": ResultWords(label=_("Day of the maker's count"), none=_("none named")),
                "due": ResultWords(label=_("Due"), kind="day", none=_("no day")),
                "window": ResultWords(label=_("Window"), kind="day", none=_("no window")),
            },
        ),
        "total_in_range": ResultWords(
            label=_("The whole dose lies in the range"), none=_("nothing to be judged")
        ),
        "gate": ResultWords(
            label=_("Before the next part"),
            none=_("not asked"),
            parts={
                "fraction": ResultWords(label=_("Part")),
                "verdict": ResultWords(
                    label=_("Verdict"),
                    choices=(
                        ("allowed", _("may be given")),
                        ("wait", _("wait")),
                        ("stop", _("no further part")),
                        ("unknown", _("unknown")),
                    ),
                ),
                "wait_until": ResultWords(label=_("Until"), kind="day", none=_("no day")),
                "wait_for": ResultWords(
                    label=_("Waits for"),
                    choices=(("day", _("its day")), ("grade", _("a lower grade"))),
                    none=_("nothing"),
                ),
            },
        ),
    },
    groups=(
        Group(
            legend=_("The split"),
            fields=(
                "blasts_percent",
                "marrow_on",
                "lymphodepletion_started_on",
                "weight_kg",
                "total_cells",
            ),
            hint=_(
                "Marrow where fixed parts depend on it; weight and whole dose where parts are a percentage."
            ),
        ),
        Group(
            legend=_("Before the next part"),
            fields=(
                "infused_on",
                "today",
                "fraction",
                "crs_grade",
                "crs_worst",
                "icans_grade",
                "icans_worst",
            ),
        ),
    ),
    caveat=_("Figures to check, not an order."),
)

CAR_HEMATOTOX: Final = CalculatorWords(
    fields={
        "platelets": FieldWords(label=_("Platelets"), unit="×10⁹/L"),
        "anc_per_ul": FieldWords(label=_("Neutrophils"), unit="/µL"),
        "hemoglobin_g_dl": FieldWords(label=_("Hemoglobin"), unit="g/dL"),
        "crp_mg_dl": FieldWords(label=_("C-reactive protein in mg/dL"), unit="mg/dL"),
        "crp_mg_l": FieldWords(
            label=_("C-reactive protein in mg/L"), unit="mg/L", hint=_("One of the two is enough.")
        ),
        "ferritin_ng_ml": FieldWords(label=_("Ferritin"), unit="ng/mL"),
    },
    results={
        "score": ResultWords(label=_("Score, 0 to 7"), lead=True),
        "class": ResultWords(
            label=_("Class in adults"), choices=(("low", _("low")), ("high", _("high"))), lead=True
        ),
    },
    missing={"crp": _("C-reactive protein")},
    caveat=_(
        "Made in adults with lymphoma and not validated in children: about 90 % of children with B-ALL are "
        "in the high class, so the class tells little there."
    ),
)

EASIX: Final = CalculatorWords(
    fields={
        "ldh_u_l": FieldWords(label=_("LDH"), unit="U/L"),
        "creatinine_mg_dl": FieldWords(label=_("Creatinine"), unit="mg/dL"),
        "platelets": FieldWords(label=_("Platelets"), unit="×10⁹/L"),
    },
    results={"value": ResultWords(label="EASIX", lead=True)},
    caveat=_(
        "Made in adults. Children have a lower creatinine and a higher LDH, so the adult cut of 4.67 does "
        "not carry over and no class is given."
    ),
)
