"""The ledger of reminders as its page and its table show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from cartpath.accounts.enums import Role
from cartpath.ledger.kinds import EventKind
from cartpath.reminders.enums import DeliveryState
from cartpath.reminders.models import Delivery
from cartpath.reminders.models.reminders import LATE_AFTER
from cartpath.reminders.proof import Asked, Showing, Span, Step, StepKind, Story, told_at, told_name
from cartpath.web.components import DueState, Look, Tone
from cartpath.web.due import STATES
from cartpath.web.wording import moment_text

LOOKS: Final[dict[StepKind, Look]] = {
    StepKind.PLANNED: Look(StepKind.PLANNED.label, "calendar", ""),
    StepKind.TOLD: Look(StepKind.TOLD.label, "bell", ""),
    StepKind.READ: Look(StepKind.READ.label, "eye", ""),
    StepKind.ACKNOWLEDGED: Look(StepKind.ACKNOWLEDGED.label, "user-check", "info"),
    StepKind.SNOOZED: Look(StepKind.SNOOZED.label, "clock", "soon"),
    StepKind.COMPLETED: Look(StepKind.COMPLETED.label, "check", "good"),
    StepKind.CANCELED: Look(StepKind.CANCELED.label, "ban", ""),
}
_NOT_TOLD: Final[dict[str, Tone]] = {
    DeliveryState.FAILED: "harm",
    DeliveryState.SKIPPED: "",
    DeliveryState.INTENDED: "soon",
    DeliveryState.GATHERED: "soon",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the page was asked for; anything that is no day, item or state counts as not asked."""

    span: Span
    item: str
    showing: Showing | None
    on: date | None

    @classmethod
    def read(cls, query: QueryDict, *, today: date) -> "Filters":
        """Without days everything up to today."""
        first, last = _day(query.get("from")), _day(query.get("to"))
        return cls(
            span=Span(first, last if "to" in query else today),
            item=query.get("item", ""),
            showing=Showing(shown) if (shown := query.get("show")) in Showing.values else None,
            on=_day(query.get("on")),
        )


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as the page says it.

    `state` is a word beside it where things did not go as planned, `marks` what was special about it.
    """

    step: Step
    look: Look
    said: str
    state: str
    tone: Tone
    marks: Sequence[str] = ()

    @property
    def is_recorded_later(self) -> bool:
        """Whether it was recorded noticeably after it happened."""
        return self.step.known_at - self.step.at > LATE_AFTER


@dataclass(frozen=True, slots=True)
class StoryPicture:
    """One reminder with its steps in words."""

    story: Story
    state: DueState
    due: date | datetime
    lines: Sequence[StepLine]


@dataclass(frozen=True, slots=True)
class TellingLine:
    """One person who was told of one thing, by every channel together."""

    who: str
    role: str
    parts: Sequence[StepLine]


@dataclass(frozen=True, slots=True)
class AskedPicture:
    """What one reminder asked on a day, in words."""

    asked: Asked
    state: DueState
    due: date | datetime
    told: Sequence[TellingLine]
    acts: Sequence[StepLine]
    ended: StepLine | None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def picture_of(story: Story, *, at: datetime) -> StoryPicture:
    """A story in words, seen from a moment."""
    reminder = story.reminder
    timing = reminder.timing(at)
    return StoryPicture(
        story=story,
        state=STATES[timing] if timing else "done",
        due=reminder.due_on or reminder.due_at,
        lines=[line_of(step) for step in story.steps],
    )


def asked_picture(asked: Asked) -> AskedPicture:
    """A day's question in words; several channels to one person are one line."""
    by_person: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in asked.told:
        by_person.setdefault((told_name(delivery), delivery.role), []).append(delivery)
    reminder = asked.reminder
    return AskedPicture(
        asked=asked,
        state=STATES[asked.timing] if asked.timing else "done",
        due=reminder.due_on or reminder.due_at,
        told=[_telling(deliveries) for deliveries in by_person.values()],
        acts=[line_of(step) for step in asked.acts],
        ended=line_of(asked.ended) if asked.ended else None,
    )


def line_of(step: Step) -> StepLine:
    """One step in words."""
    if step.delivery is not None and step.kind == StepKind.TOLD:
        return _told(step, step.delivery)
    return StepLine(step, LOOKS[step.kind], _said(step), "", LOOKS[step.kind].tone)


def _said(step: Step) -> str:
    match step.kind:
        case StepKind.PLANNED if step.entry is not None:
            named = {"what": EventKind(step.entry.kind).label, "at": moment_text(step.entry.occurred_at)}
            return _("counted from: %(what)s, %(at)s") % named
        case StepKind.SNOOZED if step.until is not None:
            return _("until %(until)s, by %(who)s") % {"until": moment_text(step.until), "who": step.who}
    return _("by %(who)s") % {"who": step.who} if step.who else ""


def _told(step: Step, delivery: Delivery) -> StepLine:
    look, marks = LOOKS[StepKind.TOLD], marks_of(delivery)
    who = step.who or _("nobody")
    said = _("%(who)s, %(role)s · %(channel)s") % {
        "who": who,
        "role": Role(delivery.role).label,
        "channel": delivery.get_channel_display(),
    }
    if delivery.state == DeliveryState.SENT:
        return StepLine(step, look, said, "", "", marks)
    tone = _NOT_TOLD[delivery.state]
    to_be_told = Look(_("To be told"), look.icon, tone)
    return StepLine(step, to_be_told, said, delivery.get_state_display(), tone, marks)


def marks_of(delivery: Delivery) -> list[str]:
    """What is special about a delivery: late, on a higher rung, for somebody away, for want of others."""
    marks = []
    if delivery.is_late():
        marks.append(_("late"))
    if delivery.rung:
        marks.append(_("rung %(rung)d") % {"rung": delivery.rung})
    if delivery.stands_in_for is not None:
        marks.append(_("for %(name)s, who was away") % {"name": delivery.stands_in_for.name})
    if delivery.is_fallback:
        marks.append(_("nobody else was there"))
    return marks


def _telling(deliveries: Sequence[Delivery]) -> TellingLine:
    first = deliveries[0]
    steps = [
        Step(kind=StepKind.TOLD, at=told_at(each), why=each.problem_text, delivery=each)
        for each in deliveries
    ]
    who = told_name(first) or _("nobody")
    return TellingLine(who, str(Role(first.role).label), [line_of(step) for step in steps])
