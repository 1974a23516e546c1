"""Rounds at the bedside and what was put right of them, in words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.core.errors import Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.web.components import Tone
from cartpath.web.timeline.saying import Data, Names, Said, Tell, Text, joined, known, labeled
from cartpath.web.wording import unknown_word
from toxicity.grading.capd import CapdAnswer, score_capd
from toxicity.observations.catalog import CATALOG, ObservationCode
from toxicity.observations.rows import NO, YES, not_taken_of
from toxicity.observations.words import not_taken_words, observation_words
from toxicity.words import domain_words

_C = ObservationCode
_LOUD_IF: Final[Mapping[str, Tone]] = {"prolonged_or_repetitive": "harm", "resolved": "harm"}
_CIRCUMSTANCES: Final = {
    "fever_other_cause": gettext_lazy("the fever has another cause"),
    "oxygen_for_comfort": gettext_lazy("oxygen for comfort only"),
    "oxygen_baseline_support": gettext_lazy("the usual support at home"),
    "capd_unable": gettext_lazy("CAPD can't be performed"),
    "new_change_attributed": gettext_lazy("a new change is attributed to the cells"),
    "consciousness_other_cause": gettext_lazy("sedation or another cause explains the consciousness"),
    "intracranial_hemorrhage": gettext_lazy("the edema comes from a hemorrhage"),
    "developmental_delay": gettext_lazy("developmental delay"),
}


def _value(code: ObservationCode, told: Any) -> Text:
    """One observation with its unit; *unknown* for none."""
    if told is None:
        return unknown_word()
    if code is _C.CAPD:
        return str(score_capd(tuple(CapdAnswer(answer) for answer in told)).total)
    if code is _C.MOTOR_WEAKNESS:
        return observation_words(code, value=None, word=YES if told else NO)
    if isinstance(told, dict | list):
        return observation_words(code, value=None, parts=told)
    if isinstance(told, str):
        return observation_words(code, value=None, word=told)
    return labeled(observation_words(code, value=Decimal(str(told))), CATALOG[code].printed)


def _observed(data: Data) -> list[Text | None]:
    return [
        labeled(str(code.label), _value(code, data[code.value])) for code in CATALOG if code.value in data
    ]


def _because(data: Data) -> list[Text | None]:
    """What was said beside the values."""
    judged = data.get("hypotension")
    words: list[Text | None] = [str(said) for name, said in _CIRCUMSTANCES.items() if data.get(name)]
    if judged is not None:
        words.append(_("judged hypotensive") if judged else _("judged not hypotensive"))
    return [*words, *not_taken_words(not_taken_of(data))]


def _ungraded(data: Data) -> list[Text | None]:
    names = {"crs": "CRS", "icans": "ICANS"}
    return [
        known(
            _("%(scale)s not graded, not looked at:") % {"scale": names.get(scale, scale)},
            ", ".join(str(each) for each in domain_words(domains)),
        )
        for scale, domains in (data.get("ungraded") or {}).items()
    ]


def _recorded(names: Names, data: Data) -> Said:
    tone: Tone = "soon" if data.get("below_mmhg") else _LOUD_IF.get(str(data.get("seizure")), "")
    return Said(
        _title(data),
        joined([*_observed(data), *_because(data), *_ungraded(data), data.get("note")]),
        tone,
    )


def _title(data: Data) -> str:
    if data.get("vitals") and data.get("neuro"):
        return _("Vital signs and neurological check")
    if data.get("vitals"):
        return _("Vital signs")
    if data.get("neuro"):
        return _("Neurological check")
    return _("Observations")


def _changed(name: str, change: Mapping[str, Any]) -> Text:
    """One value that was put right: `Temperature 39.5 °C → 38.5 °C`."""
    if name == "not_taken":
        return ", ".join(not_taken_words(not_taken_of({name: change.get("to") or ()})))
    if name not in ObservationCode.values:
        return str(_CIRCUMSTANCES.get(name, _("note") if name == "note" else name))
    code = ObservationCode(name)
    try:
        before, after = _value(code, change.get("from")), _value(code, change.get("to"))
    except (Invalid, ValueError):
        return str(code.label)
    return labeled(labeled(labeled(str(code.label), before), "→"), after)


def _corrected(names: Names, data: Data) -> Said:
    changes = data.get("changes") or {}
    told = [_changed(name, change) for name, change in changes.items()]
    return Said(_("Observations corrected"), joined([*told, data.get("reason")]), "soon")


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.OBSERVATIONS_RECORDED: _recorded,
    EventKind.OBSERVATION_CORRECTED: _corrected,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.OBSERVATIONS_RECORDED: "clipboard-text",
    EventKind.OBSERVATION_CORRECTED: "pencil",
}
