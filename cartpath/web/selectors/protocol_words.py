"""The fields of a rule in words: what each is called, its unit, and its value as people write it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cartpath.accounts.enums import Role
from cartpath.ledger.kinds import EventKind
from cartpath.protocols.plan import At, Fulfilment, Recurrence, Window
from cartpath.protocols.rows import Row
from cartpath.protocols.sections import RegimenDrug
from cartpath.web.components import Look
from cartpath.web.selectors import row_words
from cartpath.web.wording import cells_text, day_text, days_words, number_text
from leukapheresis.enums import ResourceKind, VascularAccess

Text = str | SafeString

STATUS_LOOKS: Final[dict[str, Look]] = {
    "confirmed": Look(pgettext_lazy("rule", "Confirmed"), "check", "good"),
    "center_default": Look(pgettext_lazy("rule", "Center default"), "pencil", "info"),
    "draft": Look(pgettext_lazy("rule", "Draft: does nothing"), "eye-off", ""),
    "retired": Look(pgettext_lazy("rule", "Retired: does nothing"), "ban", ""),
}
SEVERITY_LOOKS: Final[dict[str, Look]] = {
    "block": Look(pgettext_lazy("rule", "must"), "", ""),
    "warn": Look(pgettext_lazy("rule", "warns"), "", ""),
    "info": Look(pgettext_lazy("rule", "for information"), "", ""),
}
SIGNS: Final = {">=": "≥", ">": ">", "<=": "≤", "<": "<"}
PRIORITIES: Final[dict[int, Promise]] = {
    1: gettext_lazy("1 · a child may come to harm"),
    2: gettext_lazy("2 · a date of the treatment is at stake"),
    3: gettext_lazy("3 · routine"),
    4: gettext_lazy("4 · paper"),
}
UNITS_OF_AT: Final[dict[str, Promise]] = {
    "hours": gettext_lazy("hours"),
    "days": gettext_lazy("days"),
    "months": gettext_lazy("months"),
    "years": gettext_lazy("years"),
    "ages": pgettext_lazy("offsets of a rule", "birthdays"),
    "said": pgettext_lazy("offsets of a rule", "as the record says"),
}

# What a word of a file is called on a page, by the field it stands in.
CHOICES: Final[dict[str, dict[str, str | Promise]]] = {
    "status": {word: look.word for word, look in STATUS_LOOKS.items()},
    "severity": {word: look.word for word, look in SEVERITY_LOOKS.items()},
    "op": dict(SIGNS),
    "basis": {"per_kg": gettext_lazy("per kilogram"), "flat": gettext_lazy("in total")},
    "phase": {
        "before_lymphodepletion": gettext_lazy("before lymphodepletion"),
        "before_infusion": gettext_lazy("before the infusion"),
    },
    "assessed": {"automatic": gettext_lazy("by CARTPath"), "person": gettext_lazy("by a person")},
    "quantity": {
        "tnc": gettext_lazy("nucleated cells"),
        "cd3": gettext_lazy("CD3+ cells"),
        "cd3_percent": gettext_lazy("share of CD3+ cells"),
        "mnc": gettext_lazy("mononuclear cells"),
    },
    "part": dict(ResourceKind.choices),
    "access": dict(VascularAccess.choices),
    "material": {
        "fresh": gettext_lazy("leaves the center fresh"),
        "cryopreserved": gettext_lazy("is cryopreserved here"),
    },
    "starts_from": {
        "apheresis": gettext_lazy("leukapheresis"),
        "whole_blood": gettext_lazy("whole blood"),
    },
    "days": {"first": gettext_lazy("the first day"), "each": gettext_lazy("each day")},
    "from_of": {
        "start": gettext_lazy("the start of the collection"),
        "end": gettext_lazy("the end of the collection"),
    },
    "until_of": {
        "start": gettext_lazy("the start of the collection"),
        "end": gettext_lazy("the end of the collection"),
    },
    "anchor_event": {
        "first": gettext_lazy("the first one"),
        "latest": gettext_lazy("the latest one"),
        "each": gettext_lazy("each one by itself"),
    },
    "clock": {
        "efficacy": gettext_lazy("efficacy clock"),
        "safety": gettext_lazy("15-year safety clock"),
        "none": "",
    },
    "role": {role.value: role.label for role in Role},
    "anchor": {kind.value: kind.label for kind in EventKind},
    **row_words.CHOICES,
}

LABELS: Final[dict[str, Promise]] = {
    "label": pgettext_lazy("field of a rule", "Name"),
    "text": pgettext_lazy("field of a rule", "Text"),
    "rule": pgettext_lazy("field of a rule", "Rule"),
    "question": pgettext_lazy("field of a rule", "Question"),
    "note": pgettext_lazy("field of a rule", "Note"),
    "when": pgettext_lazy("field of a rule", "When"),
    "source": gettext_lazy("Sources"),
    "status": gettext_lazy("Status"),
    "valid_from": gettext_lazy("In force from"),
    "valid_to": gettext_lazy("No longer in force from"),
    "severity": gettext_lazy("How strict"),
    "assessed": gettext_lazy("Judged"),
    "valid_days": gettext_lazy("A finding holds for"),
    "values": gettext_lazy("Figures"),
    "value": gettext_lazy("Value"),
    "unit": gettext_lazy("Unit"),
    "op": gettext_lazy("Comparison"),
    "quantity": gettext_lazy("What is counted"),
    "drug_class": gettext_lazy("Class of treatment"),
    "hours": gettext_lazy("Hours"),
    "days": gettext_lazy("Days"),
    "months": gettext_lazy("Months"),
    "none": gettext_lazy("No washout is needed"),
    "or_half_lives": gettext_lazy("Or so many half-lives, if shorter"),
    "basis": gettext_lazy("Dose is counted"),
    "min_cells": gettext_lazy("Lowest dose"),
    "max_cells": gettext_lazy("Highest dose"),
    "usual_cells": gettext_lazy("Usual dose"),
    "cap_cells": gettext_lazy("At most in total"),
    "above_kg": gettext_lazy("Above a weight of"),
    "up_to_kg": gettext_lazy("Up to a weight of"),
    "fraction": gettext_lazy("Part of the dose, number"),
    "on_day": gettext_lazy("Given on day"),
    "cells": gettext_lazy("Cells"),
    "percent": gettext_lazy("Share of the dose"),
    "day_tolerance": gettext_lazy("Days earlier or later"),
    "blasts_above_percent": gettext_lazy("Blasts above"),
    "blasts_up_to_percent": gettext_lazy("Blasts up to"),
    "marrow_within_days": gettext_lazy("Marrow not older than"),
    "max_crs_grade": gettext_lazy("Given up to a CRS grade of"),
    "max_icans_grade": gettext_lazy("Given up to an ICANS grade of"),
    "postpone_until_day": gettext_lazy("Postponed at the latest to day"),
    "stop_from_crs_grade": gettext_lazy("Not given from a CRS grade of"),
    "stop_from_icans_grade": gettext_lazy("Not given from an ICANS grade of"),
    "expected_days": gettext_lazy("Expected after collection"),
    "drugs": gettext_lazy("Drugs"),
    "default": gettext_lazy("Proposed first"),
    "min_days": gettext_lazy("Earliest"),
    "max_days": gettext_lazy("Latest"),
    "more_than_days": gettext_lazy("After more than"),
    "within_days": gettext_lazy("Within"),
    "after_days": gettext_lazy("Not before"),
    "wbc_above_per_ul": gettext_lazy("White cells above"),
    "wbc_up_to_per_ul": gettext_lazy("White cells up to"),
    "wbc_above_e9_per_l": gettext_lazy("White cells above"),
    "phase": gettext_lazy("Confirmed"),
    "kind": gettext_lazy("Restricts"),
    "due": gettext_lazy("Due at"),
    "if_indicated": gettext_lazy("If indicated at"),
    "percent_above": gettext_lazy("CD19+ share above"),
    "per_ul_above": gettext_lazy("CD19+ cells above"),
    "before_months": gettext_lazy("Before month"),
    "up_to_priority": gettext_lazy("Up to priority"),
    "after_hours": gettext_lazy("After so many hours"),
    "role": gettext_lazy("Who"),
    "item": gettext_lazy("Item"),
    "anchor": gettext_lazy("Counted from"),
    "anchor_event": gettext_lazy("If there are several"),
    "anchor_match": gettext_lazy("Counted only from events with"),
    "anchor_also": gettext_lazy("Counted from these too"),
    "same": gettext_lazy("Settled only by events with the same"),
    "clock": gettext_lazy("Clock"),
    "at": gettext_lazy("Due after"),
    "window": gettext_lazy("Window"),
    "recurrence": gettext_lazy("Repeats"),
    "priority": gettext_lazy("Priority"),
    "fulfilled_by": gettext_lazy("Done by"),
    "skipped_by": gettext_lazy("Settled without doing by"),
    "stops_with": gettext_lazy("Ends with"),
    "drug": gettext_lazy("Drug"),
    "mg_per_m2": gettext_lazy("Dose of a day"),
    "first_day": gettext_lazy("First day"),
    "part": gettext_lazy("What is needed"),
    "from_minutes": gettext_lazy("Taken from, minutes after (before when negative)"),
    "from_of": gettext_lazy("Counted from"),
    "until_minutes": gettext_lazy("Taken until, minutes after (before when negative)"),
    "until_of": gettext_lazy("Counted until"),
    "until_next_morning": gettext_lazy("Taken until the next morning at"),
    "lead_hours": gettext_lazy("Ordered before"),
    "breaks": gettext_lazy("Only when this limit is broken"),
    "weight_below_kg": gettext_lazy("Only below a weight of"),
    "age_below_years": gettext_lazy("Only below an age of"),
    "access": gettext_lazy("Only with this access"),
    "sedation": gettext_lazy("Only with or without sedation"),
    "material": gettext_lazy("How the cells leave the center"),
    "product": gettext_lazy("Product"),
    "starts_from": gettext_lazy("Made of"),
    "volume_ml": gettext_lazy("Volume"),
    **row_words.LABELS,
}

_UNITS: Final = {
    "mg_per_m2": "mg/m²",
    "valid_days": gettext_lazy("days"),
    "expected_days": gettext_lazy("days"),
    "min_days": gettext_lazy("days"),
    "max_days": gettext_lazy("days"),
    "more_than_days": gettext_lazy("days"),
    "within_days": gettext_lazy("days"),
    "after_days": gettext_lazy("days"),
    "marrow_within_days": gettext_lazy("days"),
    "day_tolerance": gettext_lazy("days"),
    "days": gettext_lazy("days"),
    "hours": "h",
    "after_hours": "h",
    "months": gettext_lazy("months"),
    "wbc_above_e9_per_l": "×10⁹/L",
    "percent_above": "%",
    "per_ul_above": "/µL",
    "percent": "%",
    "lead_hours": "h",
    "until_next_morning": gettext_lazy("o'clock"),
    "from_minutes": "min",
    "until_minutes": "min",
    **row_words.UNITS,
}
_ENDINGS: Final = (
    ("_kg", "kg"),
    ("_percent", "%"),
    ("_per_ul", "/µL"),
    ("_ml", "mL"),
    ("_years", gettext_lazy("years")),
)


def field_label(name: str) -> str:
    """What a field of a rule is called; the file's own word where the pages have none."""
    words = LABELS.get(name)
    return str(words) if words else name.replace("_", " ").capitalize()


def field_unit(name: str, row: Row | None = None) -> str:
    """The unit of a field, empty for a plain number or a word. `value` takes the unit of its row."""
    if name == "value":
        return str(getattr(row, "unit", ""))
    if name in _UNITS:
        return str(_UNITS[name])
    return str(next((unit for ending, unit in _ENDINGS if name.endswith(ending)), ""))


def choice_text(field: str, word: str) -> str:
    """A word of a file as it is said on a page."""
    return str(CHOICES.get(field, {}).get(word, word))


def content_text(name: str, content: object, row: Row | None = None) -> Text:
    """The content of one field; empty when it says nothing."""
    if content is None or content in ((), {}, ""):
        return ""
    for kind, tell in _TELLERS:
        if isinstance(content, kind):
            return tell(content)
    if is_dataclass(content):
        return _parts(content)
    if isinstance(content, str):
        return choice_text(name, content) if name in CHOICES else _(content)
    if isinstance(content, bool):
        return _("yes") if content else _("no")
    if isinstance(content, int | float):
        return amount_text(name, content, row)
    return _many(name, content) if isinstance(content, Sequence) else str(content)


def amount_text(name: str, number: float, row: Row | None = None) -> Text:
    """A number of a rule with its unit; large counts of cells as a power of ten."""
    if name == "priority":
        return str(PRIORITIES.get(int(number), number))
    unit = field_unit(name, row)
    shown = cells_text(number) if "cells" in name or "cells" in unit else number_text(number)
    return format_html("{} {}", shown, unit) if unit else shown


def visits_text(patterns: Sequence[str]) -> str:
    """`visit_month_15..24` as *month 15–24*, `visit_hct_month_3` as *month 3 after a transplant*."""
    words = {"day": _("day"), "month": _("month"), "year": _("year")}
    told = []
    for pattern in patterns:
        *series, unit, number = pattern.split("_")
        text = f"{words.get(unit, unit)} {number.replace('..', '–')}"
        told.append(_("%(when)s after a transplant") % {"when": text} if "hct" in series else text)
    return ", ".join(told)


def offsets_text(at: At) -> str:
    """`day 28`, `month 1, 2, 3`."""
    words = {
        "days": _("day %(numbers)s"),
        "hours": _("hour %(numbers)s"),
        "months": _("month %(numbers)s"),
        "years": _("year %(numbers)s"),
        "ages": _("birthday %(numbers)s"),
    }
    if at.said:
        return _("when the record says so")
    units = at.units()
    numbers = ", ".join(str(number) for number, _offset in at.offsets())
    return words[units[0]] % {"numbers": numbers} if units else ""


def window_text(window: Window) -> str:
    """`−3 to +7 days`; empty for a window of no width."""
    if window.before_days or window.after_days:
        return _("window −%(before)d to +%(after)d days") % {
            "before": window.before_days,
            "after": window.after_days,
        }
    if window.before_hours or window.after_hours:
        return _("window −%(before)d to +%(after)d h") % {
            "before": window.before_hours,
            "after": window.after_hours,
        }
    return ""


def recurrence_text(recurrence: Recurrence) -> str:
    """`every 12 h for 7 days`."""
    return _("every %(hours)d h for %(days)d days") % {
        "hours": recurrence.every_hours,
        "days": recurrence.for_days,
    }


def drugs_text(drugs: Sequence[RegimenDrug]) -> SafeString:
    """`Fludarabine 30 mg/m² × 4 days; …`."""
    told = ((_(drug.drug).capitalize(), number_text(drug.mg_per_m2), days_words(drug.days)) for drug in drugs)
    return format_html_join("; ", "{} {} mg/m² × {}", told)


def event_text(kind: str) -> str:
    """A kind of event in words."""
    return str(EventKind(kind).label)


def _fulfilment(fulfilment: Fulfilment) -> str:
    """The event, with the values it must have; an item's own name goes without saying."""
    wanted = [
        name if isinstance(value, bool) else ", ".join((value,) if isinstance(value, str) else value)
        for name, value in fulfilment.match.items()
        if name != "item"
    ]
    return f"{event_text(fulfilment.kind)} ({'; '.join(wanted)})" if wanted else event_text(fulfilment.kind)


def _figures(figures: Mapping[str, object]) -> SafeString:
    return format_html_join(
        "; ", "{}: {}", ((name.replace("_", " "), _figure(each)) for name, each in figures.items())
    )


def _figure(content: object) -> str:
    if isinstance(content, bool):
        return _("yes") if content else _("no")
    return number_text(content) if isinstance(content, int | float) else str(content)


def _many(name: str, content: Sequence[Any]) -> Text:
    if name in ("due", "if_indicated"):
        return visits_text(content)
    if name in ("stops_with", "anchor_also"):
        return ", ".join(event_text(kind) for kind in content)
    if all(isinstance(each, RegimenDrug) for each in content):
        return drugs_text(content)
    return "; ".join(str(content_text(name, each)) for each in content)


def _parts(content: object) -> SafeString:
    """A part of a rule that the pages have no words of their own for, field by field."""
    named = [(item.name, getattr(content, item.name)) for item in fields(content)]  # type: ignore[arg-type]
    told = ((field_label(name), content_text(name, each)) for name, each in named)
    return format_html_join("; ", "{}: {}", ((label, text) for label, text in told if text))


_TELLERS: Final[tuple[tuple[Any, Callable[[Any], Text]], ...]] = (
    (date, day_text),
    (At, offsets_text),
    (Window, window_text),
    (Recurrence, recurrence_text),
    (Fulfilment, _fulfilment),
    (Mapping, _figures),
)
