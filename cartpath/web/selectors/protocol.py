"""A protocol as a document: chapters of rules, each with its value, its sources and how sure it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from cartpath.protocols.difference import rows_by_section
from cartpath.protocols.rows import Row
from cartpath.protocols.schema import Protocol
from cartpath.web.components import Look
from cartpath.web.selectors.protocol_values import label_text, validity_text, value_text, words_text
from cartpath.web.selectors.protocol_words import SEVERITY_LOOKS, STATUS_LOOKS, Text

# What a day makes of a rule that is not a draft.
NOT_YET: Final = Look(pgettext_lazy("rule", "Not in force yet"), "clock", "")
NO_LONGER: Final = Look(pgettext_lazy("rule", "No longer in force"), "history", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who made a row the center's own, when and why; `act` says what was done to it."""

    act: str | Promise
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule in the document. `sources` are numbers of the list; `time` is None while the rule holds."""

    id: str
    label: str
    text: str
    value: Text
    severity: Look | None
    status: Look
    is_off: bool
    validity: str
    time: Look | None
    sources: tuple[int, ...]
    approval: Approval | None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Rules that belong together."""

    anchor: str
    title: str | Promise
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A protocol to be read: its chapters, and its sources in the order of their numbers.

    `hidden` counts the rules left out because they do not hold on the day.
    """

    protocol: Protocol
    chapters: Sequence[Chapter]
    sources: Sequence[str]
    counts: Sequence[tuple[Look, int]]
    hidden: int


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter before it is filled: the sections of the file it is made of."""

    anchor: str
    title: Promise
    sections: tuple[str, ...]


PARTS: Final[tuple[Part, ...]] = (
    Part("indication", gettext_lazy("Indication"), ("product.indications",)),
    Part("eligibility", gettext_lazy("Eligibility"), ("eligibility",)),
    Part("washout", gettext_lazy("Washout before leukapheresis"), ("washouts.rules",)),
    Part(
        "apheresis",
        gettext_lazy("Leukapheresis"),
        ("apheresis.figures", "apheresis.limits", "apheresis.counts", "apheresis.high_counts"),
    ),
    Part(
        "bundle",
        gettext_lazy("What a collection takes"),
        ("apheresis.materials", "apheresis.bundle"),
    ),
    Part(
        "targets",
        gettext_lazy("Collection targets"),
        ("collection.targets", "collection.bags", "collection.donor"),
    ),
    Part(
        "manufacturing",
        gettext_lazy("Manufacturing"),
        ("manufacturing.milestones", "manufacturing.release", "manufacturing.release_findings"),
    ),
    Part("portal", gettext_lazy("What portals ask"), ("pathway.portal",)),
    Part("expiry", gettext_lazy("Expiry of the collected cells"), ("product.expiry",)),
    Part("lymphodepletion", gettext_lazy("Lymphodepletion"), ("lymphodepletion.regimens",)),
    Part(
        "window",
        gettext_lazy("From lymphodepletion to the infusion"),
        ("lymphodepletion.window", "lymphodepletion.relymphodepletion", "lymphodepletion.waiver"),
    ),
    Part("dose", gettext_lazy("Dose"), ("product.dose",)),
    Part("fractions", gettext_lazy("Parts of a split dose"), ("product.fractions",)),
    Part("checklist", gettext_lazy("Checklist"), ("infusion.checklist",)),
    Part(
        "ready",
        gettext_lazy("Stops and holds before the infusion"),
        ("pathway.stops", "pathway.holds", "pathway.ready"),
    ),
    Part("infusion", gettext_lazy("Day of infusion"), ("infusion.limits", "infusion.figures")),
    Part(
        "monitoring",
        gettext_lazy("Acute monitoring"),
        (
            "monitoring.items",
            "monitoring.checks",
            "monitoring.observations",
            "monitoring.figures",
            "pathway.figures",
        ),
    ),
    Part("alerts", gettext_lazy("Red flags"), ("pathway.alerts",)),
    Part("advice", gettext_lazy("Suggestions by grade"), ("pathway.advice",)),
    Part("restrictions", gettext_lazy("Restrictions for the family"), ("monitoring.restrictions",)),
    Part("visits", gettext_lazy("Follow-up visits"), ("follow_up.visits",)),
    Part("assessments", gettext_lazy("What is examined when"), ("follow_up.assessments",)),
    Part(
        "b-cells",
        gettext_lazy("B-cell aplasia"),
        (
            "follow_up.b_cell_aplasia.loss",
            "follow_up.b_cell_aplasia.confirmation",
            "follow_up.b_cell_aplasia.early_loss",
            "follow_up.b_cell_aplasia.recovery",
        ),
    ),
    Part(
        "immunoglobulin",
        gettext_lazy("Immunoglobulin"),
        (
            "follow_up.immunoglobulin",
            "follow_up.immune.replacement",
            "follow_up.immune.serum_limits",
            "follow_up.immune.recurrent",
            "follow_up.immune.doses",
        ),
    ),
    Part("prophylaxis", gettext_lazy("End of a prophylaxis"), ("follow_up.immune.stops",)),
    Part(
        "vaccines",
        gettext_lazy("Vaccines"),
        ("follow_up.immune.conditions", "follow_up.immune.vaccines"),
    ),
    Part("registry", gettext_lazy("Registry forms"), ("follow_up.registry",)),
    Part("tasks", gettext_lazy("Tasks of follow-up"), ("follow_up.tasks",)),
    Part("pathway", gettext_lazy("Expected on the way"), ("pathway.items",)),
    Part("escalation", gettext_lazy("Who hears of what stays undone"), ("pathway.escalation",)),
)
# A section that a later schema adds is shown rather than lost.
FURTHER: Final = Part("further", gettext_lazy("Further rules"), ())
_PART_OF: Final = {section: part for part in PARTS for section in part.sections}


def part_of(section: str) -> Part:
    """The chapter that a section belongs to."""
    return _PART_OF.get(section, FURTHER)


def document(
    protocol: Protocol,
    *,
    on: date | None = None,
    whole: bool = True,
    approvals: Mapping[str, Approval] | None = None,
) -> Document:
    """The protocol with what each rule is on a day, drafts included: they are shown as doing nothing.

    Without a day, or with `whole`, rules that do not hold stay in.
    """
    numbers = {key: number for number, key in enumerate(protocol.sources, start=1)}
    parts = (*PARTS, FURTHER)
    rules: dict[str, list[Rule]] = {part.anchor: [] for part in parts}
    hidden = 0
    for section, row in rows_by_section(protocol):
        time = time_of(row, on)
        if time is not None and not whole:
            hidden += 1
            continue
        rules[part_of(section).anchor].append(_rule(row, time, numbers, approvals or {}))
    filled = [Chapter(part.anchor, part.title, found) for part in parts if (found := rules[part.anchor])]
    return Document(
        protocol=protocol,
        chapters=filled,
        sources=list(protocol.sources.values()),
        counts=_counts(rule.status for chapter in filled for rule in chapter.rules),
        hidden=hidden,
    )


def draft_count(protocol: Protocol) -> int:
    """How many rows wait for approval."""
    return sum(row.status == "draft" for _section, row in rows_by_section(protocol))


def time_of(row: Row, on: date | None) -> Look | None:
    """What a day makes of a rule: not in force yet, no longer, or None while it holds."""
    if on is None:
        return None
    if row.valid_from and on < row.valid_from:
        return NOT_YET
    return NO_LONGER if row.valid_to and on >= row.valid_to else None


def _counts(looks: Iterable[Look]) -> list[tuple[Look, int]]:
    found = list(looks)
    return [(look, found.count(look)) for look in STATUS_LOOKS.values() if look in found]


def _rule(row: Row, time: Look | None, numbers: dict[str, int], approvals: Mapping[str, Approval]) -> Rule:
    severity = getattr(row, "severity", None)
    return Rule(
        id=row.id,
        label=label_text(row),
        text=words_text(row),
        value=value_text(row),
        severity=SEVERITY_LOOKS[severity] if severity else None,
        status=STATUS_LOOKS[row.status],
        is_off=row.is_off or time is not None,
        validity=validity_text(row),
        time=time,
        sources=tuple(numbers[key] for key in row.source),
        approval=approvals.get(row.id),
    )
