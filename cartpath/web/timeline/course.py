"""From lymphodepletion to the long follow-up, in words; and what the machinery itself records."""

from collections.abc import Mapping
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cartpath.ledger.kinds import EventKind
from cartpath.web.components import Tone
from cartpath.web.timeline.saying import (
    Data,
    Names,
    Said,
    Tell,
    Text,
    cells,
    day,
    joined,
    known,
    labeled,
    quantity,
    word,
)
from cartpath.web.wording import unknown_word
from followup.enums import BCellState, MrdMethod, MrdResult, Response, SkipReason
from infusion.enums import GateState, Quantity

HARM_FROM_GRADE: Final = 3
SOON_FROM_GRADE: Final = 2


def _lymphodepletion(names: Names, data: Data) -> Said:
    rule = data.get("expected_mg")
    return Said(
        labeled(str(data.get("drug", "")).capitalize(), quantity(data.get("dose_mg"), "mg")),
        labeled(_("by the rule"), quantity(rule, "mg")) if rule is not None else "",
    )


def _waived(names: Names, data: Data) -> Said:
    return Said(_("Lymphodepletion left out"), data.get("reason") or "", "soon")


def _check(names: Names, data: Data) -> Said:
    verdict = data.get("verdict")
    words = {"met": pgettext("checklist", "met"), "not_met": _("not met"), "overridden": _("overridden")}
    return Said(
        format_html(
            "{}: {}", names.check(data.get("item", "")), words.get(verdict or "", verdict or unknown_word())
        ),
        data.get("reason") or "",
        {"not_met": "harm", "overridden": "soon"}.get(verdict or "", ""),  # type: ignore[arg-type]
    )


def _identity(names: Names, data: Data) -> Said:
    people = _("%(first)s and %(second)s") % {"first": data.get("first"), "second": data.get("second")}
    others = data.get("others") or ()
    lot, identity = data.get("lot"), data.get("chain_of_identity")
    return Said(
        _("Identity confirmed by two people"),
        joined(
            [
                people,
                ", ".join(others),
                known(_("bag"), data.get("bag")) if data.get("bag") else None,
                known(_("lot"), lot),
                known(_("chain of identity"), identity),
            ]
        ),
        "good",
    )


def _thaw(names: Names, data: Data) -> Said:
    bag = data.get("bag")
    return Said(_("Thaw started"), joined([known(_("bag"), bag) if bag else None]))


def _infused(names: Names, data: Data) -> Said:
    outside = data.get("dose_in_range") is not True
    reason = data.get("override_reason")
    return Said(
        _("Infused: day 0"),
        joined(
            [
                labeled(_("CAR-positive viable cells"), cells(data.get("dose_cells"))),
                labeled(_("weight"), quantity(data.get("weight_kg"), "kg")),
                labeled(_("dose not shown to be within the rule:"), reason) if outside and reason else None,
                data.get("history_reason"),
            ]
        ),
        "soon" if outside else "good",
    )


def _fraction(names: Names, data: Data) -> Said:
    outside = data.get("dose_in_range") is not True or data.get("gate") != GateState.ALLOWED
    return Said(
        _("Part %(number)s of the dose infused") % {"number": data.get("fraction", "")},
        joined(
            [
                labeled(_("CAR-positive viable cells"), cells(data.get("dose_cells"))),
                labeled(_("gate"), word(GateState, data.get("gate"))),
                data.get("gate_reason"),
                known(_("second clinician"), data.get("second")) if data.get("second") else None,
                data.get("override_reason"),
            ]
        ),
        "soon" if outside else "good",
    )


def _fractions_stopped(names: Names, data: Data) -> Said:
    return Said(_("No further part of the dose is given"), data.get("reason") or "", "soon")


def _finding(names: Names, data: Data) -> Said:
    quantity_word = word(Quantity, data.get("quantity"))
    return Said(labeled(quantity_word, quantity(data.get("value"), "")), day(data.get("found_on")))


def _toxicity(names: Names, data: Data) -> Said:
    graded = [(name, data.get(key)) for name, key in (("CRS", "crs"), ("ICANS", "icans")) if data.get(key)]
    grades = [scale["grade"] for _name, scale in graded if scale and scale.get("grade") is not None]
    worst = max(grades, default=0)
    tone: Tone = "harm" if worst >= HARM_FROM_GRADE else "soon" if worst >= SOON_FROM_GRADE else ""
    titles = [labeled(name, _grade(scale or {})) for name, scale in graded]
    missing = sorted({each for _name, scale in graded for each in (scale or {}).get("missing", [])})
    not_judged = labeled(_("not examined:"), ", ".join(missing)) if missing else None
    return Said(joined(titles), joined([not_judged, data.get("override_reason"), data.get("note")]), tone)


def _grade(scale: Data) -> Text:
    grade = scale.get("grade")
    if grade is None:
        return unknown_word()
    return f"≥{grade}" if scale.get("at_least") else str(grade)


def _confirmed(names: Names, data: Data) -> Said:
    scale, value = str(data.get("rule", "")).upper(), data.get("value")
    rule = data.get("computed_value")
    differs = value != rule
    return Said(
        _("%(scale)s grade %(grade)s signed") % {"scale": scale, "grade": value},
        joined([labeled(_("by the rule"), rule or unknown_word()) if differs else None, data.get("reason")]),
        "soon" if differs else "",
    )


def _monitoring_ended(names: Names, data: Data) -> Said:
    return Said(_("Acute monitoring ended"), data.get("note") or "", "good")


def _visit(names: Names, data: Data) -> Said:
    return Said(
        names.item(data.get("item", "")),
        joined(
            [
                labeled(_("response"), word(Response, data.get("response"))),
                labeled("MRD", _mrd(data)),
                labeled(_("B-cell aplasia"), word(BCellState, data.get("b_cell_aplasia"))),
                labeled("IgG", quantity(data.get("igg_mg_dl"), "mg/dL")),
                data.get("note"),
            ]
        ),
        "harm" if data.get("response") in (Response.RELAPSE, Response.NR) else "",
    )


def _mrd(data: Data) -> Text:
    result, method = data.get("mrd_result"), data.get("mrd_method")
    told = word(MrdResult, result)
    return format_html("{} ({})", told, word(MrdMethod, method)) if result and method else told


def _skipped(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Left out:"), names.item(data.get("item", ""))),
        joined([word(SkipReason, data.get("reason_code")), data.get("note")]),
    )


def _transplanted(names: Names, data: Data) -> Said:
    on = labeled(_("Transplanted on"), day(data.get("transplanted_on")))
    conditioned = data.get("conditioning_on")
    since = known(_("conditioning from"), day(conditioned) if conditioned else None)
    return Said(on, joined([since, data.get("detail")]), "info")


def _relapsed(names: Names, data: Data) -> Said:
    return Said(labeled(_("Relapse on"), day(data.get("relapsed_on"))), data.get("detail") or "", "harm")


def _died(names: Names, data: Data) -> Said:
    return Said(labeled(_("Died on"), day(data.get("died_on"))))


def _acknowledged(names: Names, data: Data) -> Said:
    return Said(labeled(_("In hand:"), names.item(data.get("item", ""))), data.get("note") or "")


def _completed(names: Names, data: Data) -> Said:
    return Said(labeled(_("Settled by hand:"), names.item(data.get("item", ""))), data.get("reason") or "")


def _stage_changed(names: Names, data: Data) -> Said:
    return Said(_("Stage changed"), data.get("reason") or "")


def _entered_in_error(names: Names, data: Data) -> Said:
    return Said(_("Entered in error"), data.get("reason") or "", "soon")


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.LYMPHODEPLETION_GIVEN: _lymphodepletion,
    EventKind.LYMPHODEPLETION_WAIVED: _waived,
    EventKind.CHECKLIST_ITEM_RECORDED: _check,
    EventKind.IDENTITY_VERIFIED: _identity,
    EventKind.THAW_STARTED: _thaw,
    EventKind.INFUSED: _infused,
    EventKind.FRACTION_INFUSED: _fraction,
    EventKind.FRACTIONS_STOPPED: _fractions_stopped,
    EventKind.FINDING_RECORDED: _finding,
    EventKind.TOXICITY_ASSESSED: _toxicity,
    EventKind.RESULT_CONFIRMED: _confirmed,
    EventKind.ACUTE_MONITORING_ENDED: _monitoring_ended,
    EventKind.VISIT_RECORDED: _visit,
    EventKind.VISIT_SKIPPED: _skipped,
    EventKind.TRANSPLANTED: _transplanted,
    EventKind.RELAPSED: _relapsed,
    EventKind.DIED: _died,
    EventKind.REMINDER_ACKNOWLEDGED: _acknowledged,
    EventKind.REMINDER_COMPLETED: _completed,
    EventKind.STAGE_CHANGED: _stage_changed,
    EventKind.ENTERED_IN_ERROR: _entered_in_error,
}
