"""Words of the stored verdicts of red flags."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.calculators.words import FieldWords, ResultWords
from cartpath.web.rule_shapes import RuleWords
from cartpath.web.rule_shapes import value_words as _value
from toxicity.enums import AlertUrgency

SIGNS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "new_fever": _("new fever"),
        "low_pressure": _("low blood pressure"),
        "fluid_bolus": _("fluid bolus"),
        "new_oxygen": _("new or higher need of oxygen"),
        "low_saturation": _("low oxygen saturation"),
        "crs_grade": _("CRS grade"),
        "icans_grade": _("ICANS grade"),
        "seizure": _("seizure"),
        "raised_icp": _("raised intracranial pressure"),
        "ice_fall": _("low or falling ICE"),
        "capd_rise": _("high or rising CAPD"),
        "handwriting_change": _("changed handwriting"),
        "icans_without_crs": _("ICANS without CRS"),
        "hyperinflammation": _("values of hyperinflammation"),
        "tocilizumab_failure": _("no better after tocilizumab"),
        "fever_neutropenia": _("fever with few neutrophils"),
    }
)
_URGENCIES: Final = tuple(AlertUrgency.choices)

ALERT_WORDS: Final[Mapping[str, RuleWords]] = MappingProxyType(
    {
        "alert": RuleWords(
            title=_("Red flag"),
            value=_value(_("Alert"), choices=_URGENCIES),
            fields={
                "sign": FieldWords(label=_("Sign"), choices=tuple(SIGNS.items())),
                "seen_at": FieldWords(label=_("Seen")),
                "degree": FieldWords(label=_("How far beyond the limit")),
                "value": FieldWords(label=_("Value")),
                "limit": FieldWords(label=_("Limit")),
                "own": FieldWords(label=_("Own before the infusion")),
                "before": FieldWords(label=_("Before")),
                "fall_percent": FieldWords(label=_("Fall from the child's own"), unit="%"),
                "device": FieldWords(label=_("Oxygen device")),
                "flow": FieldWords(label=_("Oxygen flow"), unit="L/min"),
                "at_least": FieldWords(label=_("A lower bound")),
                "hours": FieldWords(label=_("Hours after the dose"), unit="h"),
                "anc": FieldWords(label=_("Neutrophils"), unit="/µL"),
                "trigger": FieldWords(label=_("What fired")),
            },
            results={
                "urgency": ResultWords(label=_("Alert"), choices=_URGENCIES),
                "degree": ResultWords(label=_("How far beyond the limit")),
                "at_least": ResultWords(label=_("From")),
                "below": ResultWords(label=_("Below")),
                "fall_percent": ResultWords(label=_("Fall from the child's own"), unit="%"),
                "change": ResultWords(label=_("Change since the last test")),
                "after_hours": ResultWords(label=_("Hours after the dose"), unit="h"),
                "worse_by": ResultWords(label=_("Raised again when worse by")),
                "quiet_hours": ResultWords(label=_("Over when gone for"), unit="h"),
            },
        ),
    }
)
