"""A protocol as a document: chapters of rules, each with its value, its sources and how sure it is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from cartpath.accounts.enums import Role
from cartpath.ledger.kinds import EventKind
from cartpath.protocols.plan import Series
from cartpath.protocols.rows import Figure, HighCountRule, Limit, Row, WashoutRule
from cartpath.protocols.schema import Protocol
from cartpath.protocols.sections import (
    Assessment,
    DoseBand,
    DoseFraction,
    EscalationStep,
    InfusionWindow,
    Milestone,
    Observation,
    Regimen,
)
from cartpath.web.components import Look
from cartpath.web.wording import cells_text, day_text, days_words, number_text

Text = str | SafeString

STATUS_LOOKS: Final[dict[str, Look]] = {
    "confirmed": Look(pgettext_lazy("rule", "Confirmed"), "check", "good"),
    "center_default": Look(pgettext_lazy("rule", "Center default"), "pencil", "info"),
    "draft": Look(pgettext_lazy("rule", "Draft, off"), "eye-off", ""),
}
SEVERITY_LOOKS: Final[dict[str, Look]] = {
    "block": Look(pgettext_lazy("rule", "must"), "", ""),
    "warn": Look(pgettext_lazy("rule", "warns"), "", ""),
    "info": Look(pgettext_lazy("rule", "for information"), "", ""),
}
_SIGNS: Final = {">=": "≥", ">": ">", "<=": "≤", "<": "<"}
_PHASES: Final = {
    "before_lymphodepletion": gettext_lazy("before lymphodepletion"),
    "before_infusion": gettext_lazy("before the infusion"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in the document. `sources` are numbers of the list at its end."""

    label: str
    text: str
    value: Text
    severity: Look | None
    status: Look
    is_off: bool
    validity: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Rules that belong together."""

    anchor: str
    title: str | Promise
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True)
class Document:
    """A protocol to be read: its chapters, and its sources in the order of their numbers."""

    protocol: Protocol
    chapters: Sequence[Chapter]
    sources: Sequence[str]
    counts: Sequence[tuple[Look, int]]


@dataclass(frozen=True, slots=True)
class Summary:
    """A protocol in one line, with how many of its rules are how sure."""

    protocol: Protocol
    counts: Sequence[tuple[Look, int]]


def summaries(protocols: Iterable[Protocol]) -> list[Summary]:
    """The list of protocols."""
    return [Summary(protocol, document(protocol).counts) for protocol in protocols]


def document(protocol: Protocol) -> Document:
    """The whole protocol, drafts included: they are shown as off."""
    numbers = {key: number for number, key in enumerate(protocol.sources, start=1)}
    chapters = [
        Chapter(anchor, title, [_rule(row, numbers) for row in rows(protocol)])
        for anchor, title, rows in CHAPTERS
    ]
    filled = [chapter for chapter in chapters if chapter.rules]
    looks = [rule.status for chapter in filled for rule in chapter.rules]
    counts = [(look, looks.count(look)) for look in STATUS_LOOKS.values() if look in looks]
    return Document(protocol, filled, list(protocol.sources.values()), counts)


Rows = Callable[[Protocol], Iterable[Row]]

CHAPTERS: Final[tuple[tuple[str, Promise, Rows], ...]] = (
    ("indication", gettext_lazy("Indication"), lambda p: p.product.indications),
    ("eligibility", gettext_lazy("Eligibility"), lambda p: p.eligibility),
    ("washout", gettext_lazy("Washout before leukapheresis"), lambda p: p.washouts.rules),
    (
        "apheresis",
        gettext_lazy("Leukapheresis"),
        lambda p: (*p.apheresis.figures, *p.apheresis.limits, *p.apheresis.counts, *p.apheresis.high_counts),
    ),
    ("targets", gettext_lazy("Collection targets"), lambda p: p.collection.targets),
    (
        "manufacturing",
        gettext_lazy("Manufacturing"),
        lambda p: (*p.manufacturing.milestones, *p.manufacturing.release, *p.product.expiry),
    ),
    (
        "lymphodepletion",
        gettext_lazy("Lymphodepletion"),
        lambda p: (
            *p.lymphodepletion.regimens,
            *p.lymphodepletion.window,
            *p.lymphodepletion.relymphodepletion,
            *p.lymphodepletion.waiver,
        ),
    ),
    ("dose", gettext_lazy("Dose"), lambda p: (*p.product.dose, *p.product.fractions)),
    (
        "infusion",
        gettext_lazy("Infusion"),
        lambda p: (*p.infusion.checklist, *p.infusion.limits, *p.infusion.figures),
    ),
    (
        "monitoring",
        gettext_lazy("Acute monitoring"),
        lambda p: (*p.monitoring.items, *p.monitoring.observations, *p.monitoring.restrictions),
    ),
    (
        "follow-up",
        gettext_lazy("Follow-up"),
        lambda p: (*p.follow_up.visits, *p.follow_up.assessments, *p.follow_up.immunoglobulin),
    ),
    (
        "b-cells",
        gettext_lazy("B-cell aplasia"),
        lambda p: (
            p.follow_up.b_cell_aplasia.loss,
            p.follow_up.b_cell_aplasia.confirmation,
            p.follow_up.b_cell_aplasia.early_loss,
        ),
    ),
    ("registry", gettext_lazy("Registry forms"), lambda p: p.follow_up.registry),
    (
        "pathway",
        gettext_lazy("Expected on the way"),
        lambda p: (*p.pathway.items, *p.pathway.escalation),
    ),
)


def _rule(row: Row, numbers: dict[str, int]) -> Rule:
    severity = getattr(row, "severity", None)
    return Rule(
        label=_label(row),
        text=_text(row),
        value=_value(row),
        severity=SEVERITY_LOOKS[severity] if severity else None,
        status=STATUS_LOOKS[row.status],
        is_off=row.status == "draft",
        validity=_validity(row),
        sources=tuple(numbers[key] for key in row.source),
    )


def _label(row: Row) -> str:
    for name in ("label", "text", "question"):
        words = getattr(row, name, None)
        if words:
            return _(words).replace("{n}", "n")
    return row.id


def _text(row: Row) -> str:
    words = getattr(row, "rule", None) or getattr(row, "note", None) or getattr(row, "when", None)
    return _(words) if words else ""


def _validity(row: Row) -> str:
    if row.valid_from and row.valid_to:
        return _("%(first)s until before %(last)s") % {
            "first": day_text(row.valid_from),
            "last": day_text(row.valid_to),
        }
    if row.valid_from:
        return _("from %(first)s") % {"first": day_text(row.valid_from)}
    return _("until before %(last)s") % {"last": day_text(row.valid_to)} if row.valid_to else ""


def _value(row: Row) -> Text:
    for kind, tell in _VALUES:
        if isinstance(row, kind):
            return tell(row)
    valid_days, months, days = (getattr(row, name, None) for name in ("valid_days", "months", "days"))
    if valid_days:
        return _("holds %(days)s") % {"days": days_words(valid_days)}
    if months:
        return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}
    if days:
        return days_words(days)
    phase = getattr(row, "phase", None)
    return str(_PHASES[phase]) if phase else ""


def _amount(value: float, unit: str) -> Text:
    return format_html("{} {}", cells_text(value) if "cells" in unit else number_text(value), unit)


def _limit(row: Limit) -> Text:
    return format_html("{} {}", _SIGNS[row.op], _amount(row.value, row.unit))


def _figure(row: Figure) -> Text:
    return _amount(row.value, row.unit)


def _high_counts(row: HighCountRule) -> Text:
    return _("white cells above %(cells)s ×10⁹/L and blasts above %(blasts)s %%") % {
        "cells": number_text(row.wbc_above_e9_per_l),
        "blasts": number_text(row.blasts_above_percent),
    }


def _washout(row: WashoutRule) -> Text:
    if row.none:
        return _("none")
    span = days_words(row.days) if row.days else _("%(count)d h") % {"count": row.hours}
    if not row.or_half_lives:
        return span
    return _("%(span)s, or %(count)d half-lives if shorter") % {"span": span, "count": row.or_half_lives}


def _dose(row: DoseBand) -> Text:
    unit = _("cells per kg") if row.basis == "per_kg" else pgettext("unit", "cells")
    low, high = cells_text(row.min_cells), cells_text(row.max_cells)
    span = low if row.min_cells == row.max_cells else format_html("{} – {}", low, high)
    most = format_html(", {} {}", _("at most"), cells_text(row.cap_cells)) if row.cap_cells else ""
    return format_html("{} {}{}", span, unit, most)


def _fraction(row: DoseFraction) -> Text:
    return format_html("{} {}, D+{}", cells_text(row.cells), pgettext("unit", "cells"), row.on_day)


def _milestone(row: Milestone) -> Text:
    if row.expected_days is None:
        return ""
    return _("%(days)s after collection") % {"days": days_words(row.expected_days)}


def _regimen(row: Regimen) -> Text:
    drugs = (
        (_(drug.drug).capitalize(), number_text(drug.mg_per_m2), days_words(drug.days)) for drug in row.drugs
    )
    lines = format_html_join("; ", "{} {} mg/m² × {}", drugs)
    return format_html("{} {}", lines, _("(proposed)")) if row.default else lines


def _window(row: InfusionWindow) -> Text:
    if row.max_days is None:
        return _("from %(days)s") % {"days": days_words(row.min_days)}
    return _("%(first)d to %(last)d days") % {"first": row.min_days, "last": row.max_days}


def _observation(row: Observation) -> Text:
    return f"{_(row.schedule)}. {_(row.step_up)}." if row.step_up else _(row.schedule)


def _escalation(row: EscalationStep) -> Text:
    return _("after %(hours)s h to: %(role)s") % {
        "hours": number_text(row.after_hours),
        "role": Role(row.role).label,
    }


def _assessment(row: Assessment) -> Text:
    parts = [_visits(row.due)]
    if row.if_indicated:
        parts.append(_("if indicated: %(visits)s") % {"visits": _visits(row.if_indicated)})
    return "; ".join(part for part in parts if part)


def _visits(patterns: Sequence[str]) -> str:
    """`visit_month_15..24` as *month 15–24*."""
    words = {"day": _("day"), "month": _("month"), "year": _("year")}
    told = []
    for pattern in patterns:
        *_series, unit, number = pattern.split("_")
        told.append(f"{words.get(unit, unit)} {number.replace('..', '–')}")
    return ", ".join(told)


def _series(row: Series) -> Text:
    parts = [_offsets(row), _around(row), str(Role(row.role).label)]
    return " · ".join(part for part in parts if part)


def _offsets(row: Series) -> str:
    words = {
        "days": _("day %(numbers)s"),
        "hours": _("hour %(numbers)s"),
        "months": _("month %(numbers)s"),
        "years": _("year %(numbers)s"),
    }
    (unit,) = row.at.units()
    numbers = ", ".join(str(number) for number, _offset in row.at.offsets())
    after = _("after: %(event)s") % {"event": EventKind(row.anchor).label}
    said = f"{words[unit] % {'numbers': numbers}} {after}"
    if row.recurrence is None:
        return said
    every = _("every %(hours)d h for %(days)d days") % {
        "hours": row.recurrence.every_hours,
        "days": row.recurrence.for_days,
    }
    return f"{said}, {every}"


def _around(row: Series) -> str:
    window = row.window
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


# A limit is a figure too, so it comes first.
_VALUES: Final[tuple[tuple[type[Row], Callable[..., Text]], ...]] = (
    (Limit, _limit),
    (Figure, _figure),
    (HighCountRule, _high_counts),
    (WashoutRule, _washout),
    (DoseBand, _dose),
    (DoseFraction, _fraction),
    (Milestone, _milestone),
    (Regimen, _regimen),
    (InfusionWindow, _window),
    (Observation, _observation),
    (EscalationStep, _escalation),
    (Assessment, _assessment),
    (Series, _series),
)
