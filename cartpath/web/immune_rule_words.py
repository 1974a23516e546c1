"""Words of the stored results about the immune system."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.calculators.words import FieldWords, ResultWords
from cartpath.calculators.words.shapes import Text
from cartpath.web.rule_shapes import RuleWords
from cartpath.web.rule_shapes import value_words as _value
from followup.enums import BCellState
from followup.immune.enums import BCellStage, DrugPurpose, Route, VaccineKind, VaccineWindow
from followup.immune.words import FLAGS, MISSING, PROPOSALS

_VERDICTS: Final = (
    ("met", pgettext_lazy("condition", "met")),
    ("not_met", pgettext_lazy("condition", "not met")),
    ("unknown", pgettext_lazy("condition", "unknown")),
)
_CLASSES: Final = tuple(VaccineKind.choices)
_LINES: Final = ResultWords(label=_("By rule"), choices=_VERDICTS)

IMMUNE_FLAGS: Final[Mapping[str, Text]] = FLAGS
IMMUNE_WORDS: Final[Mapping[str, RuleWords]] = MappingProxyType(
    {
        "b_cell_aplasia": RuleWords(
            title=_("B-cell aplasia"),
            value=_value(_("B-cell aplasia"), choices=tuple(BCellState.choices)),
            fields={
                "infused_on": FieldWords(label=_("Infused")),
                "infused_again_on": FieldWords(label=_("Infused again"), none=_("none recorded")),
                "conditioning_on": FieldWords(label=_("Start of conditioning"), none=_("none recorded")),
                "anti_b_cell_on": FieldWords(label=_("Drugs against B cells from"), none=_("none recorded")),
                "samples": FieldWords(label=_("Blood samples"), none=_("None is recorded.")),
                "samples.taken_on": FieldWords(label=_("Taken")),
                "samples.percent": FieldWords(label=_("CD19+ B cells, share of lymphocytes"), unit="%"),
                "samples.per_ul": FieldWords(label=_("CD19+ B cells"), unit="/µL"),
            },
            results={
                "state": ResultWords(label=_("State"), choices=tuple(BCellState.choices)),
                "stage": ResultWords(label=_("Stage"), choices=tuple(BCellStage.choices)),
                "is_early": ResultWords(label=_("Early loss")),
                "since": ResultWords(label=_("Since"), kind="day"),
                "first_positive_on": ResultWords(label=_("B cells first seen"), kind="day"),
                "confirm_from": ResultWords(label=_("Second sample from"), kind="day"),
                "confirm_until": ResultWords(label=_("Second sample until"), kind="day"),
                "confirmed_on": ResultWords(label=_("Confirmed"), kind="day"),
                "recovered_on": ResultWords(label=_("B cells back for good"), kind="day"),
            },
            missing={
                "b_cells_percent": _("CD19+ B cells, share of lymphocytes"),
                "b_cells_per_ul": _("CD19+ B cells per µL"),
            },
        ),
        "immunoglobulin": RuleWords(
            title=_("How to read an IgG"),
            value=_value(
                _("IgG"),
                choices=(("native", _("the child's own")), ("replaced", _("replaced, not the child's own"))),
            ),
            fields={
                "igg_mg_dl": FieldWords(label="IgG", unit="mg/dL"),
                "sampled_on": FieldWords(label=_("Sample")),
                "last_immunoglobulin_on": FieldWords(label=_("Last immunoglobulin given")),
                "ever_replaced": FieldWords(label=_("Immunoglobulin ever given")),
            },
            results={
                "is_native": ResultWords(label=_("The child's own")),
                "is_low": ResultWords(label=_("At or below the limit of replacement")),
            },
            missing={
                "last_immunoglobulin_on": _("day of the last immunoglobulin"),
                "igg_mg_dl": "IgG",
            },
        ),
        "immunoglobulin_replacement": RuleWords(
            title=_("Replacing immunoglobulin"),
            value=_value(_("Replacing immunoglobulin"), choices=tuple(PROPOSALS.items())),
            fields={
                "igg_mg_dl": FieldWords(label="IgG", unit="mg/dL"),
                "iga_mg_dl": FieldWords(label="IgA", unit="mg/dL"),
                "igm_mg_dl": FieldWords(label="IgM", unit="mg/dL"),
                "sampled_on": FieldWords(label=_("Sample")),
                "birth_date": FieldWords(label=_("Born")),
                "infections": FieldWords(label=_("Infections"), none=_("None is recorded.")),
                "infections.began_on": FieldWords(label=_("Began")),
                "infections.is_serious": FieldWords(label=_("Serious")),
                "infections_complete": FieldWords(label=_("List confirmed complete")),
                "vaccine_response_impaired": FieldWords(label=_("Response to vaccines impaired")),
            },
            results={
                "verdict": ResultWords(label=_("Proposal"), choices=tuple(PROPOSALS.items())),
                "lines": _LINES,
            },
            missing=MISSING,
        ),
        "immunoglobulin_dose": RuleWords(
            title=_("Dose of immunoglobulin"),
            value=_value(_("Dose per kilogram")),
            fields={
                "dose_g": FieldWords(label=_("Dose"), unit="g"),
                "route": FieldWords(label=_("Route"), choices=tuple(Route.choices)),
                "given_on": FieldWords(label=_("Given")),
                "weight_kg": FieldWords(label=_("Weight"), unit="kg"),
                "weighed_on": FieldWords(label=_("Weighed")),
            },
            results={
                "g_per_kg": ResultWords(label=_("Dose per kilogram"), unit="g/kg"),
                "is_usual": ResultWords(label=_("Within the usual range")),
            },
            missing=MISSING,
        ),
        "prophylaxis_stop": RuleWords(
            title=_("End of a prophylaxis"),
            value=_value(_("End of the prophylaxis"), choices=_VERDICTS),
            fields={
                "group": FieldWords(label=_("Given for"), choices=tuple(DrugPurpose.choices)),
                "drug": FieldWords(label=_("Drug")),
                "stopped_on": FieldWords(label=_("Last given")),
            },
            results={
                "verdict": ResultWords(label=_("All together"), choices=_VERDICTS),
                "from_on": ResultWords(label=_("Earliest"), kind="day"),
                "lines": _LINES,
            },
            missing=MISSING,
        ),
        "vaccine_window": RuleWords(
            title=_("Vaccine by the rules"),
            value=_value(_("Vaccine by the rules"), choices=tuple(VaccineWindow.choices)),
            fields={
                "vaccine": FieldWords(label=_("Vaccine")),
                "vaccine_class": FieldWords(label=_("Class"), choices=_CLASSES),
                "given_on": FieldWords(label=_("Given")),
            },
            results={
                "verdict": ResultWords(label=_("All together"), choices=tuple(VaccineWindow.choices)),
                "from_on": ResultWords(label=_("Earliest"), kind="day"),
                "lines": _LINES,
            },
            missing=MISSING,
        ),
    }
)
