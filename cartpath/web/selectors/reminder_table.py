"""The ledger of reminders as a table for other programs: one line for each step, in codes and ISO 8601."""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Final

from cartpath.core.spreadsheets import harmless
from cartpath.reminders.proof import Step, Story

COLUMNS: Final = (
    *("item", "occurrence", "label", "role", "due", "state"),
    *("step", "at", "recorded_at", "person", "person_role", "channel", "rung", "planned_at", "outcome"),
    *("until", "why", "ledger_no", "rule", "protocol"),
)


def rows(stories: Iterable[Story], *, zone: tzinfo) -> Iterator[list[str]]:
    """Every step of every story, times with the center's offset; what does not apply is empty."""
    for story in stories:
        about = _reminder(story, zone)
        rule = story.rule
        named = [rule.id, f"{rule.protocol} {rule.version}"] if rule else ["", ""]
        for step in story.steps:
            yield [harmless(cell) for cell in (*about, *_step(step, zone), *named)]


def _reminder(story: Story, zone: tzinfo) -> list[str]:
    reminder = story.reminder
    due = reminder.due_on.isoformat() if reminder.due_on else _time(reminder.due_at, zone)
    return [
        *(reminder.item, str(reminder.occurrence), reminder.label),
        *(reminder.role, due, reminder.state),
    ]


def _step(step: Step, zone: tzinfo) -> list[str]:
    delivery, entry = step.delivery, step.entry
    return [
        *(step.kind.value, _time(step.at, zone)),
        *(_time(entry.recorded_at if entry else None, zone), step.who),
        *(delivery.role if delivery else "", delivery.channel if delivery else ""),
        *(str(delivery.step) if delivery else "", _time(delivery.planned_at if delivery else None, zone)),
        *(delivery.state if delivery else "", _time(step.until, zone), step.why),
        str(entry.seq) if entry else "",
    ]


def _time(at: datetime | None, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""
