"""Why an alert was raised, in words: the codes and numbers of its reason, in the reader's language."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.core.said import said_text
from toxicity.enums import AlertEnd, AlertUrgency
from toxicity.grading.iec_hs import WORDS_OF_TRIGGER
from toxicity.observations.catalog import ObservationCode
from toxicity.observations.words import observation_words

Because = Mapping[str, Any]
Text = str | Promise

# Icon and tone of each urgency; the word says it too, so that nothing hangs on color.
LOOKS: Final[Mapping[str, tuple[str, str]]] = {
    AlertUrgency.EMERGENCY.value: ("alert-octagon", "harm"),
    AlertUrgency.URGENT.value: ("alert-triangle", "soon"),
    AlertUrgency.NOTICE.value: ("info-circle", "info"),
}


def urgency_word(urgency: str) -> str:
    """The word of an urgency; the code itself for one that is no longer known."""
    return str(AlertUrgency(urgency).label) if urgency in AlertUrgency.values else urgency


def end_word(cause: str) -> str:
    """Why an alert no longer stands."""
    return str(AlertEnd(cause).label) if cause in AlertEnd.values else cause


def because_words(because: Because) -> str:
    """What was seen, short: `SpO₂ 91 %`. Empty for a reason that nobody knows the words of any more."""
    say = _WORDS.get(str(because.get("sign", "")))
    return say(because) if say else ""


def _number(value: Any) -> str:
    """A number as stored, with the decimal mark of the language and no zeros that say nothing."""
    return "" if value is None else str(number_format(f"{float(value):g}"))


def _temperature(because: Because) -> str:
    return _("%(value)s °C") % {"value": _number(because.get("value"))}


def _pressure(because: Because) -> str:
    told = [_("systolic %(value)s mmHg") % {"value": _number(because.get("value"))}]
    if because.get("limit") is not None:
        told.append(_("limit of the age %(limit)s") % {"limit": _number(because["limit"])})
    if because.get("own") is not None:
        told.append(_("own before the infusion %(own)s") % {"own": _number(because["own"])})
    return ", ".join(told)


def _boluses(because: Because) -> str:
    count = int(because.get("value") or 0)
    told = {"count": count, "hours": _number(because.get("hours"))}
    return ngettext("%(count)d bolus in %(hours)s h", "%(count)d boluses in %(hours)s h", count) % told


def _oxygen(because: Because) -> str:
    device = observation_words(
        ObservationCode.OXYGEN_DEVICE, value=None, word=str(because.get("device") or "")
    )
    if because.get("flow") is None:
        return device
    return _("%(device)s, %(flow)s L/min") % {"device": device, "flow": _number(because["flow"])}


def _saturation(because: Because) -> str:
    return _("SpO₂ %(value)s %%") % {"value": _number(because.get("value"))}


def _grade(scale: str) -> Callable[[Because], str]:
    def say(because: Because) -> str:
        values = {"scale": scale, "grade": _number(because.get("value"))}
        if because.get("at_least"):
            return _("%(scale)s grade %(grade)s or more") % values
        return _("%(scale)s grade %(grade)s") % values

    return say


def _word(code: ObservationCode) -> Callable[[Because], str]:
    def say(because: Because) -> str:
        return observation_words(code, value=None, word=str(because.get("value") or ""))

    return say


def _points(test: str) -> Callable[[Because], str]:
    def say(because: Because) -> str:
        values = {
            "test": test,
            "value": _number(because.get("value")),
            "before": _number(because.get("before")),
        }
        if because.get("before") is None:
            return f"{test} {values['value']}"
        return _("%(test)s %(value)s, before %(before)s") % values

    return say


def _hyperinflammation(because: Because) -> str:
    codes = str(because.get("trigger") or "").split()
    return ", ".join(
        said_text(WORDS_OF_TRIGGER[code]) if code in WORDS_OF_TRIGGER else code for code in codes
    )


def _tocilizumab(because: Because) -> str:
    return _("CRS grade %(grade)s, %(hours)s h after the dose; grade %(before)s before it") % {
        "grade": _number(because.get("value")),
        "hours": _number(because.get("hours")),
        "before": _number(because.get("before")),
    }


def _fever_neutropenia(because: Because) -> str:
    return _("%(value)s °C, neutrophils %(count)s/µL") % {
        "value": _number(because.get("value")),
        "count": _number(because.get("anc")),
    }


_WORDS: Final[Mapping[str, Callable[[Because], str]]] = {
    "new_fever": _temperature,
    "low_pressure": _pressure,
    "fluid_bolus": _boluses,
    "new_oxygen": _oxygen,
    "low_saturation": _saturation,
    "crs_grade": _grade("CRS"),
    "icans_grade": _grade("ICANS"),
    "seizure": _word(ObservationCode.SEIZURE),
    "raised_icp": _word(ObservationCode.RAISED_ICP),
    "ice_fall": _points("ICE"),
    "capd_rise": _points("CAPD"),
    "handwriting_change": _word(ObservationCode.HANDWRITING),
    "icans_without_crs": _grade("ICANS"),
    "hyperinflammation": _hyperinflammation,
    "tocilizumab_failure": _tocilizumab,
    "fever_neutropenia": _fever_neutropenia,
}
