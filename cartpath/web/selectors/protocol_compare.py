"""Two versions of a protocol side by side: what differs in their rules, and in the plan they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from cartpath.accounts.enums import Role
from cartpath.protocols.difference import (
    Expectation,
    PlanDifference,
    RowDifference,
    anchored_once,
    plan_differences,
    row_differences,
)
from cartpath.protocols.expected import Occurrence
from cartpath.protocols.plan import ExpectedItem
from cartpath.protocols.rows import Row
from cartpath.protocols.schema import Protocol
from cartpath.protocols.words import EventWord
from cartpath.web.components import Look
from cartpath.web.selectors.protocol import FURTHER, PARTS, part_of
from cartpath.web.selectors.protocol_values import label_text, value_text, words_text
from cartpath.web.selectors.protocol_words import (
    PRIORITIES,
    STATUS_LOOKS,
    Text,
    content_text,
    event_text,
    field_label,
    recurrence_text,
    window_text,
)
from cartpath.web.wording import day_text, days_words, moment_text, short_day_text

# Long texts that need no weight of their own.
_QUIET: Final = frozenset({"source", "rule", "text", "note", "question"})
ROW_LOOKS: Final[dict[str, Look]] = {
    "added": Look(pgettext_lazy("difference", "Added"), "plus", "good"),
    "removed": Look(pgettext_lazy("difference", "Removed"), "x", "harm"),
    "changed": Look(pgettext_lazy("difference", "Changed"), "pencil", "soon"),
    "same": Look(pgettext_lazy("difference", "The same"), "", ""),
}
PLAN_LOOKS: Final[dict[str, Look]] = {
    "new": Look(pgettext_lazy("difference of a plan", "New"), "plus", "good"),
    "gone": Look(pgettext_lazy("difference of a plan", "Gone"), "x", "harm"),
    "moved": Look(pgettext_lazy("difference of a plan", "Moved"), "arrow-right", "soon"),
    "changed": Look(pgettext_lazy("difference of a plan", "Changed"), "pencil", "soon"),
    "same": Look(pgettext_lazy("difference of a plan", "The same"), "", ""),
}


@dataclass(frozen=True, slots=True)
class Side:
    """A rule as one version has it."""

    value: Text
    text: str
    status: Look
    is_off: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field that differs, in both versions; an empty side says nothing. Long texts are no figures."""

    label: str
    old: Text
    new: Text
    is_figure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One rule in both versions."""

    id: str
    label: str
    look: Look
    is_same: bool
    old: Side | None
    new: Side | None
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rules that belong together; `same` counts those without a difference, which may be left out."""

    anchor: str
    title: str | Promise
    lines: Sequence[Line]
    same: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One item of the plan in both versions, with its dates."""

    label: str
    look: Look
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions side by side."""

    old: Protocol
    new: Protocol
    sections: Sequence[Section]
    counts: Sequence[tuple[Look, int]]
    plan: Sequence[PlanLine]

    @property
    def is_same(self) -> bool:
        """Whether no rule differs."""
        return not self.counts


def comparison(old: Protocol, new: Protocol, *, at: datetime, tz: tzinfo, whole: bool = False) -> Comparison:
    """What differs. The plan is worked out as if everything it is counted from happened at `at`."""
    rows = row_differences(old, new)
    anchors = anchored_once(dict.fromkeys(get_args(EventWord), at))
    return Comparison(
        old=old,
        new=new,
        sections=sections(rows, whole=whole),
        counts=difference_counts(rows),
        plan=plan_lines(plan_differences(old, new, anchors, tz)),
    )


def rules_compared(old: Protocol, new: Protocol) -> Comparison:
    """What differs in the rules alone."""
    rows = row_differences(old, new)
    counts = difference_counts(rows)
    return Comparison(old=old, new=new, sections=sections(rows, whole=False), counts=counts, plan=())


def difference_counts(rows: Iterable[RowDifference]) -> list[tuple[Look, int]]:
    """How many rules were added, removed and changed."""
    kinds = [row.kind for row in rows]
    return [(look, kinds.count(kind)) for kind, look in ROW_LOOKS.items() if kind != "same" and kind in kinds]


def sections(rows: Iterable[RowDifference], *, whole: bool) -> list[Section]:
    """The differences by chapter of the document; with `whole` also what is the same."""
    found: dict[str, list[RowDifference]] = {}
    for row in rows:
        found.setdefault(part_of(row.section).anchor, []).append(row)
    chapters = []
    for part in (*PARTS, FURTHER):
        inside = found.get(part.anchor, [])
        shown = [row for row in inside if whole or row.kind != "same"]
        if shown:
            same = sum(row.kind == "same" for row in inside)
            lines = [_line(row) for row in shown]
            chapters.append(Section(anchor=part.anchor, title=part.title, lines=lines, same=same))
    return chapters


def _line(difference: RowDifference) -> Line:
    shown = difference.new or difference.old
    return Line(
        id=difference.row_id,
        label=label_text(shown) if shown else difference.row_id,
        look=ROW_LOOKS[difference.kind],
        is_same=difference.kind == "same",
        old=_side(difference.old),
        new=_side(difference.new),
        fields=[
            Field(
                field_label(each.name),
                _field_text(each.name, each.old, difference.old),
                _field_text(each.name, each.new, difference.new),
                each.name not in _QUIET,
            )
            for each in difference.fields
        ],
    )


def _field_text(name: str, content: object, row: Row | None) -> Text:
    """Citations stay as they are; everything else is said in the reader's language."""
    if name == "source" and isinstance(content, tuple):
        return "; ".join(content)
    return content_text(name, content, row)


def _side(row: Row | None) -> Side | None:
    if row is None:
        return None
    return Side(value_text(row), words_text(row), STATUS_LOOKS[row.status], row.is_off)


def plan_lines(differences: Iterable[PlanDifference]) -> list[PlanLine]:
    """What differs in the plan, in words; what is the same is left out."""
    return [
        PlanLine(
            label=_(each.label),
            look=PLAN_LOOKS[each.kind],
            old=expectation_text(each.old),
            new=expectation_text(each.new),
        )
        for each in differences
        if each.kind != "same"
    ]


def expectation_text(expectation: Expectation | None) -> str:
    """When an item is due and in which window, or how far from what has not happened yet; who does it."""
    if expectation is None:
        return ""
    item = expectation.item
    due = _due_text(expectation.times) if expectation.times else _distance_text(item)
    parts = [due, str(Role(item.role).label), str(PRIORITIES[item.priority])]
    return " · ".join(part for part in parts if part)


def _due_text(times: Sequence[Occurrence]) -> str:
    first = times[0]
    if first.due_on and first.first_on and first.last_on:
        if first.first_on == first.last_on:
            return day_text(first.due_on)
        return _("%(due)s (%(first)s to %(last)s)") % {
            "due": day_text(first.due_on),
            "first": short_day_text(first.first_on),
            "last": short_day_text(first.last_on),
        }
    if len(times) == 1:
        return moment_text(first.due_at)
    return ngettext(
        "%(count)d time, from %(first)s to %(last)s",
        "%(count)d times, from %(first)s to %(last)s",
        len(times),
    ) % {"count": len(times), "first": moment_text(first.due_at), "last": moment_text(times[-1].due_at)}


def _distance_text(item: ExpectedItem) -> str:
    offset = item.offset
    if offset.hours is not None:
        span = _("%(count)d h") % {"count": offset.hours}
    elif offset.days is not None:
        span = days_words(offset.days)
    elif offset.said is not None:
        return _("when the record says so: %(event)s") % {"event": event_text(item.anchor)}
    else:
        months = offset.months or 0
        span = ngettext("%(count)d month", "%(count)d months", months) % {"count": months}
    told = _("%(offset)s after: %(event)s") % {"offset": span, "event": event_text(item.anchor)}
    around = window_text(item.window)
    repeats = recurrence_text(item.recurrence) if item.recurrence else ""
    return ", ".join(part for part in (told, repeats, around) if part)
