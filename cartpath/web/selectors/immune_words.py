"""The rules about the immune system in words: their fields, and their value in one line."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cartpath.protocols.immune_rows import (
    ImmunoglobulinDose,
    RecurrentInfection,
    ReplacementRule,
    SerumLimit,
    StopRule,
    VaccineCondition,
    VaccineRow,
)
from cartpath.protocols.rows import Row
from cartpath.protocols.sections import BCellRecovery
from cartpath.web.wording import days_words, number_text
from followup.immune.enums import DrugPurpose, Route, VaccineKind

_DRUGS: Final[dict[str, str | Promise]] = dict(DrugPurpose.choices)
_CLASSES: Final[dict[str, str | Promise]] = dict(VaccineKind.choices)
CHOICES: Final[dict[str, dict[str, str | Promise]]] = {
    "group": _DRUGS,
    "groups": _DRUGS,
    "route": dict(Route.choices),
    "serum": {"igg": "IgG", "iga": "IgA", "igm": "IgM"},
    "needs": {
        "serious_or_recurrent_infection": gettext_lazy("a serious or recurrent infection"),
        "recurrent_infection": gettext_lazy("recurrent infections"),
        "low_iga_or_igm": gettext_lazy("low IgA or IgM"),
        "impaired_vaccine_response": gettext_lazy("an impaired response to vaccines"),
    },
    "vaccine_class": _CLASSES,
    "classes": _CLASSES,
    "since": {
        "infusion": gettext_lazy("the infusion, or a transplant after it"),
        "transplant": gettext_lazy("a transplant"),
        "immunoglobulin": gettext_lazy("immunoglobulin"),
        "drug": gettext_lazy("a drug"),
    },
    "measure": {"cd4": "CD4", "b_cells": gettext_lazy("B cells")},
    "require": {"any": gettext_lazy("either value"), "all": gettext_lazy("both values")},
}
LABELS: Final[dict[str, Promise]] = {
    "or_equal": gettext_lazy("A value at the limit counts too"),
    "require": gettext_lazy("What is enough"),
    "igg_above_mg_dl": gettext_lazy("IgG above"),
    "igg_up_to_mg_dl": gettext_lazy("IgG up to"),
    "igg_below_mg_dl": gettext_lazy("IgG below"),
    "needs": gettext_lazy("Together with"),
    "adult_based": gettext_lazy("Read for adults"),
    "serum": gettext_lazy("Which immunoglobulin"),
    "below_mg_dl": gettext_lazy("Low below"),
    "from_years": gettext_lazy("From an age of"),
    "below_years": gettext_lazy("Below an age of"),
    "infections": gettext_lazy("Infections"),
    "within_months": gettext_lazy("Within"),
    "route": gettext_lazy("Route"),
    "min_mg_per_kg": gettext_lazy("Lowest usual dose"),
    "max_mg_per_kg": gettext_lazy("Highest usual dose"),
    "group": gettext_lazy("Given for"),
    "min_months": gettext_lazy("Months at least"),
    "cd4_above_per_ul": gettext_lazy("CD4 above, twice"),
    "cd4_above_percent": gettext_lazy("CD4 share above, twice"),
    "anc_above_per_ul": gettext_lazy("Neutrophils above"),
    "without_steroids": gettext_lazy("Only without steroids"),
    "vaccine": gettext_lazy("Vaccine"),
    "vaccine_class": gettext_lazy("Class"),
    "doses": gettext_lazy("Doses"),
    "classes": gettext_lazy("Classes of vaccines"),
    "since": gettext_lazy("Time since"),
    "groups": gettext_lazy("Kinds of drugs"),
    "longer": gettext_lazy("More than that time"),
    "measure": gettext_lazy("What is measured"),
    "above_per_ul": gettext_lazy("Above"),
}
UNITS: Final[dict[str, str | Promise]] = {
    "within_months": gettext_lazy("months"),
    "min_months": gettext_lazy("months"),
    "min_mg_per_kg": "mg/kg",
    "max_mg_per_kg": "mg/kg",
    "igg_above_mg_dl": "mg/dL",
    "igg_up_to_mg_dl": "mg/dL",
    "igg_below_mg_dl": "mg/dL",
    "below_mg_dl": "mg/dL",
    "cd4_above_percent": "%",
}


def _words(field: str, codes: Sequence[str]) -> str:
    return ", ".join(str(CHOICES[field].get(code, code)) for code in codes)


def _joined(parts: Sequence[str]) -> str:
    return ", ".join(part for part in parts if part)


def _replacement(row: ReplacementRule) -> str:
    spans = (
        (_("IgG above %(value)s mg/dL"), row.igg_above_mg_dl),
        (_("IgG up to %(value)s mg/dL"), row.igg_up_to_mg_dl),
        (_("IgG below %(value)s mg/dL"), row.igg_below_mg_dl),
    )
    told = [text % {"value": number_text(value)} for text, value in spans if value is not None]
    return _joined([*told, _words("needs", row.needs)])


def _limit(row: SerumLimit) -> str:
    name = str(CHOICES["serum"][row.serum])
    told = _("%(name)s below %(value)s mg/dL") % {"name": name, "value": number_text(row.below_mg_dl)}
    return _joined([told, _ages(row.from_years, row.below_years)])


def _ages(first: float, end: float | None) -> str:
    if end is None:
        return _("from %(years)s years") % {"years": number_text(first)} if first else ""
    if not first:
        return _("below %(years)s years") % {"years": number_text(end)}
    return _("from %(first)s to below %(last)s years") % {
        "first": number_text(first),
        "last": number_text(end),
    }


def _recurrent(row: RecurrentInfection) -> str:
    return _("%(count)d infections within %(months)s") % {
        "count": row.infections,
        "months": _months(row.within_months),
    }


def _months(count: int) -> str:
    return ngettext("%(count)d month", "%(count)d months", count) % {"count": count}


def _dose(row: ImmunoglobulinDose) -> str:
    return _("%(low)s to %(high)s mg/kg") % {
        "low": number_text(row.min_mg_per_kg),
        "high": number_text(row.max_mg_per_kg),
    }


def _stop(row: StopRule) -> str:
    told = [
        _("from %(months)s") % {"months": _months(row.min_months)} if row.min_months else "",
        _above("CD4", row.cd4_above_per_ul, "/µL"),
        _above("CD4", row.cd4_above_percent, " %"),
        _above(_("neutrophils"), row.anc_above_per_ul, "/µL"),
        _("without steroids") if row.without_steroids else "",
        _ages(row.from_years, row.below_years),
    ]
    return _joined(told)


def _above(name: str, value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return _("%(name)s above %(value)s") % {"name": name, "value": f"{number_text(value)}{unit}"}


def _vaccine(row: VaccineRow) -> str:
    doses = ngettext("%(count)d dose", "%(count)d doses", row.doses) % {"count": row.doses}
    return _joined([str(_CLASSES[row.vaccine_class]), doses])


def _condition(row: VaccineCondition) -> str:
    classes = _words("classes", row.classes)
    if row.measure is not None:
        return _joined([classes, _above(str(CHOICES["measure"][row.measure]), row.above_per_ul, "/µL")])
    if not row.months:
        return _joined([classes, _words("groups", row.groups), _("no longer given")])
    more = _("more than %(months)s") if row.longer else _("at least %(months)s")
    return _joined([classes, more % {"months": _months(row.months)}])


def _recovery(row: BCellRecovery) -> str:
    return _("at least %(days)s later") % {"days": days_words(row.after_days)}


VALUES: Final[tuple[tuple[type[Row], Callable[[Any], str]], ...]] = (
    (ReplacementRule, _replacement),
    (SerumLimit, _limit),
    (RecurrentInfection, _recurrent),
    (ImmunoglobulinDose, _dose),
    (StopRule, _stop),
    (VaccineRow, _vaccine),
    (VaccineCondition, _condition),
    (BCellRecovery, _recovery),
)
