"""One rule in one line: its name, its words, its value and the days on which it holds."""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cartpath.accounts.enums import Role
from cartpath.protocols.bundle import BundleRule, MaterialRule
from cartpath.protocols.difference import row_label
from cartpath.protocols.plan import Series
from cartpath.protocols.rows import Figure, HighCountRule, Limit, Row, WashoutRule
from cartpath.protocols.sections import (
    Assessment,
    BCellConfirmation,
    BCellLoss,
    DoseBand,
    DoseFraction,
    EscalationStep,
    InfusionWindow,
    Milestone,
    Observation,
    Regimen,
    Relymphodepletion,
    Waiver,
)
from cartpath.web.selectors import advice_words, alert_words, bedside_words, immune_words, ready_words
from cartpath.web.selectors.protocol_words import (
    SIGNS,
    Text,
    amount_text,
    choice_text,
    drugs_text,
    event_text,
    offsets_text,
    recurrence_text,
    visits_text,
    window_text,
)
from cartpath.web.wording import cells_text, day_text, days_words, number_text
from patients.banner import product_label

_EN_DASH: Final = "\N{EN DASH}"


def label_text(row: Row) -> str:
    """The name of a rule in the reader's language; a series has its first and last number in it."""
    return _series_label(row) if isinstance(row, Series) else _(row_label(row))


def _series_label(row: Series) -> str:
    """*Day 28 visit*, *Month 1–6 visit*: a single item is translated, then the span put into it."""
    numbers = [str(number) for number, _offset in row.at.offsets()]
    first = _(row.label.replace("{n}", numbers[0])) if numbers else row.label
    return first.replace(numbers[0], _span(numbers), 1) if "{n}" in row.label else first


def _span(numbers: list[str]) -> str:
    """`6–15` for a run in even steps, `1, 2, 4, 5` for one with gaps."""
    steps = {int(later) - int(earlier) for earlier, later in pairwise(numbers)}
    if len(numbers) > 2 and len(steps) == 1:
        return f"{numbers[0]}{_EN_DASH}{numbers[-1]}"
    return ", ".join(numbers)


def words_text(row: Row) -> str:
    """What a rule says beside its name; empty when its name says it all."""
    found = (getattr(row, name, None) for name in ("rule", "note", "when"))
    return next((_(words) for words in found if words), "")


def validity_text(row: Row) -> str:
    """The days on which a rule holds; empty when it has no first and no last day."""
    if row.valid_from and row.valid_to:
        return _("%(first)s until before %(last)s") % {
            "first": day_text(row.valid_from),
            "last": day_text(row.valid_to),
        }
    if row.valid_from:
        return _("from %(first)s") % {"first": day_text(row.valid_from)}
    return _("until before %(last)s") % {"last": day_text(row.valid_to)} if row.valid_to else ""


def value_text(row: Row) -> Text:
    """The figure of a rule with its unit; empty for a rule in words only."""
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
    return choice_text("phase", phase) if phase else ""


def _limit(row: Limit) -> Text:
    return format_html("{} {}", SIGNS[row.op], amount_text("value", row.value, row))


def _figure(row: Figure) -> Text:
    return amount_text("value", row.value, row)


def _high_counts(row: HighCountRule) -> Text:
    return _("white cells above %(cells)s ×10⁹/L and blasts above %(blasts)s %%") % {
        "cells": number_text(row.wbc_above_e9_per_l),
        "blasts": number_text(row.blasts_above_percent),
    }


def _bundle(row: BundleRule) -> Text:
    return _("ordered %(count)d h before") % {"count": row.lead_hours} if row.lead_hours else ""


def _material(row: MaterialRule) -> Text:
    return product_label(row.product)


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
    span = low if row.min_cells == row.max_cells else format_html("{} {} {}", low, _EN_DASH, high)
    most = format_html(", {} {}", _("at most"), cells_text(row.cap_cells)) if row.cap_cells else ""
    usual = format_html(", {} {}", _("usually"), cells_text(row.usual_cells)) if row.usual_cells else ""
    return format_html("{} {}{}{}", span, unit, most, usual)


def _fraction(row: DoseFraction) -> Text:
    cells = pgettext("unit", "cells")
    share = _("%(percent)s %% of the dose")
    amount = (
        format_html("{} {}", cells_text(row.cells), cells)
        if row.cells is not None
        else share % {"percent": number_text(row.percent or 0)}
    )
    told = [amount, *([] if row.on_day is None else [f"D+{row.on_day}"]), *_gate(row)]
    return format_html_join(", ", "{}", ((part,) for part in told))


def _gate(row: DoseFraction) -> list[str]:
    """What must be so before a part is given, as far as the rule says."""
    words = {
        "max_crs_grade": _("with CRS of grade %(value)d at most"),
        "max_icans_grade": _("with ICANS of grade %(value)d at most"),
        "postpone_until_day": _("else postponed, to day %(value)d at the latest"),
        "stop_from_crs_grade": _("not after CRS of grade %(value)d or more"),
        "stop_from_icans_grade": _("not after ICANS of grade %(value)d or more"),
    }
    given = {name: getattr(row, name) for name in words}
    return [words[name] % {"value": value} for name, value in given.items() if value is not None]


def _milestone(row: Milestone) -> Text:
    if row.expected_days is None:
        return ""
    return _("%(days)s after collection") % {"days": days_words(row.expected_days)}


def _regimen(row: Regimen) -> Text:
    lines = drugs_text(row.drugs)
    return format_html("{} {}", lines, _("(proposed)")) if row.default else lines


def _window(row: InfusionWindow) -> Text:
    if row.max_days is None:
        return _("from %(days)s") % {"days": days_words(row.min_days)}
    return _("%(first)d to %(last)d days") % {"first": row.min_days, "last": row.max_days}


def _relymphodepletion(row: Relymphodepletion) -> Text:
    return _("after more than %(days)s, white cells above %(cells)s/µL") % {
        "days": days_words(row.more_than_days),
        "cells": number_text(row.wbc_above_per_ul),
    }


def _waiver(row: Waiver) -> Text:
    return _("white cells up to %(cells)s/µL within %(days)s") % {
        "cells": number_text(row.wbc_up_to_per_ul),
        "days": days_words(row.within_days),
    }


def _observation(row: Observation) -> Text:
    return f"{_(row.schedule)}. {_(row.step_up)}." if row.step_up else _(row.schedule)


def _escalation(row: EscalationStep) -> Text:
    return _("after %(hours)s h to: %(role)s") % {
        "hours": number_text(row.after_hours),
        "role": Role(row.role).label,
    }


def _assessment(row: Assessment) -> Text:
    parts = [visits_text(row.due)]
    if row.if_indicated:
        parts.append(_("if indicated: %(visits)s") % {"visits": visits_text(row.if_indicated)})
    return "; ".join(part for part in parts if part)


def _loss(row: BCellLoss) -> Text:
    sign = SIGNS[">=" if row.or_equal else ">"]
    limits = ((row.percent_above, "\N{NO-BREAK SPACE}%"), (row.per_ul_above, "/µL"))
    told = [f"{sign} {number_text(value)}{unit}" for value, unit in limits if value is not None]
    if len(told) < 2:
        return "".join(told)
    both = _("%(first)s and %(second)s") if row.require == "all" else _("%(first)s or %(second)s")
    return both % {"first": told[0], "second": told[1]}


def _confirmation(row: BCellConfirmation) -> Text:
    return _("%(first)d to %(last)d days") % {"first": row.after_days, "last": row.within_days}


def _series(row: Series) -> Text:
    anchors = ", ".join(event_text(kind) for kind in (row.anchor, *row.anchor_also))
    counted = f"{offsets_text(row.at)} {_('after: %(event)s') % {'event': anchors}}"
    if row.recurrence is not None:
        counted = f"{counted}, {recurrence_text(row.recurrence)}"
    clock = choice_text("clock", row.clock)
    parts = (counted, window_text(row.window), str(Role(row.role).label), clock)
    return " · ".join(part for part in parts if part)


# A limit is a figure too, so it comes first.
_VALUES: Final[tuple[tuple[type[Row], Callable[..., Text]], ...]] = (
    (Limit, _limit),
    (Figure, _figure),
    (HighCountRule, _high_counts),
    (WashoutRule, _washout),
    (BundleRule, _bundle),
    (MaterialRule, _material),
    (DoseBand, _dose),
    (DoseFraction, _fraction),
    (Milestone, _milestone),
    (Regimen, _regimen),
    (InfusionWindow, _window),
    (Relymphodepletion, _relymphodepletion),
    (Waiver, _waiver),
    (Observation, _observation),
    (EscalationStep, _escalation),
    (Assessment, _assessment),
    (BCellLoss, _loss),
    (BCellConfirmation, _confirmation),
    (Series, _series),
    *advice_words.VALUES,
    *alert_words.VALUES,
    *bedside_words.VALUES,
    *immune_words.VALUES,
    *ready_words.VALUES,
)
