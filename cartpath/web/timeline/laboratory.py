"""Laboratory values, and what a clinician concluded about IEC-HS, in words."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import Data, Names, Said, Tell, Text, joined, labeled, word
from cartpath.web.wording import number_text
from toxicity.laboratory.catalog import CATALOG
from toxicity.laboratory.enums import HyperinflammationDecision, LabSource
from toxicity.laboratory.forms import unit_text
from toxicity.laboratory.words import trigger_words

# The values that say most come first; the rest is counted.
_FIRST: Final = ("anc", "platelets", "ferritin", "crp", "fibrinogen", "creatinine")
_SHOWN: Final = 6


def _recorded(names: Names, data: Data) -> Said:
    results: list[Mapping[str, Any]] = data.get("results") or []
    ordered = sorted(results, key=lambda each: _place(each.get("analyte", "")))
    more = len(ordered) - _SHOWN
    return Said(
        labeled(_("Laboratory:"), joined([_value(each) for each in ordered[:_SHOWN]])),
        joined(
            [
                ngettext("%(count)d more value", "%(count)d more values", more) % {"count": more}
                if more > 0
                else None,
                word(LabSource, data["source"]) if data.get("source") not in (None, "typed") else None,
                data.get("note"),
            ]
        ),
    )


def _value(result: Mapping[str, Any]) -> Text:
    analyte = CATALOG.get(result.get("analyte", ""))
    name = str(analyte.label) if analyte else result.get("analyte", "")
    amount = f"{result.get('comparator') or ''}{number_text(result['value'])}"
    return labeled(name, f"{amount} {unit_text(result.get('unit') or '')}".rstrip())


def _place(analyte: str) -> tuple[int, str]:
    return (_FIRST.index(analyte), "") if analyte in _FIRST else (len(_FIRST), analyte)


def _considered(names: Names, data: Data) -> Said:
    grade = data.get("grade")
    return Said(
        labeled(_("IEC-HS considered:"), word(HyperinflammationDecision, data.get("decision"))),
        joined(
            [
                labeled(_("grade"), str(grade)) if grade else None,
                *trigger_words(data.get("trigger") or ()),
                data.get("note"),
            ]
        ),
        "harm" if data.get("decision") == HyperinflammationDecision.PRESENT.value else "",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.LABORATORY_RECORDED: _recorded,
    EventKind.HYPERINFLAMMATION_CONSIDERED: _considered,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.LABORATORY_RECORDED: "test-pipe",
    EventKind.HYPERINFLAMMATION_CONSIDERED: "stethoscope",
}
