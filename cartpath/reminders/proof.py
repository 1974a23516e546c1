"""The ledger of reminders: what was asked of whom, when, how it ended and by which event. Reads only.

Everything is read from three tables: the reminders say what was expected, the deliveries who was told and
how, the journey's ledger why each thing was planned, put off, done or given up. Times of events come twice:
when something happened, and when it was recorded; people were asked until the second.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import starmap
from typing import Final, NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.core.dates import local_midnight
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.reminders.enums import DeliveryState, ReminderState, Timing
from cartpath.reminders.models import Delivery, Reminder, ReminderQuerySet
from patients.eligibility import protocol_for
from patients.models import Journey

# Acts of people about one reminder; their data names it.
_ACTS: Final = (EventKind.REMINDER_ACKNOWLEDGED, EventKind.REMINDER_SNOOZED, EventKind.REMINDER_COMPLETED)


class StepKind(models.TextChoices):
    """One step in the story of a reminder."""

    PLANNED = "planned", pgettext_lazy("reminder", "Planned")
    TOLD = "told", pgettext_lazy("reminder", "Told")
    READ = "read", pgettext_lazy("reminder", "Read")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("reminder", "Taken in hand")
    SNOOZED = "snoozed", pgettext_lazy("reminder", "Put off")
    COMPLETED = "completed", pgettext_lazy("reminder", "Completed")
    CANCELED = "canceled", pgettext_lazy("reminder", "Canceled")


class Showing(models.TextChoices):
    """Which reminders are asked for."""

    OPEN = "open", _("Still open")
    DONE = "completed", pgettext_lazy("reminders", "Completed")
    CANCELED = "canceled", pgettext_lazy("reminders", "Canceled")
    TOLD = "told", _("Somebody was told")
    FAILED = "failed", _("Somebody could not be told")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the journey's ledger that something goes back to."""

    id: int
    seq: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    by: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """The row of the protocol that asks for a reminder, and where that is written."""

    id: str
    protocol: str
    version: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: when, who, and why. Of somebody told, `delivery` says how it went."""

    kind: StepKind
    at: datetime
    who: str = ""
    why: str = ""
    until: datetime | None = None
    delivery: Delivery | None = None
    entry: Entry | None = None

    @property
    def known_at(self) -> datetime:
        """When it was known: people were asked until then."""
        return self.entry.recorded_at if self.entry else self.at


@dataclass(frozen=True, slots=True)
class Story:
    """A reminder with everything that became of it, in order. `rule` is None when the protocol lost it."""

    reminder: Reminder
    rule: Rule | None
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one reminder asked on one day, as it was known on that day.

    `timing` is None when it was closed by the end of the day, `ended` by which step then.
    """

    reminder: Reminder
    timing: Timing | None
    ended: Step | None
    told: Sequence[Delivery]
    acts: Sequence[Step]


class Span(NamedTuple):
    """Days of a center, both inside; None leaves an end open."""

    first: date | None
    last: date | None

    def moments(self, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
        """The first moment, and the first one after the end."""
        start = local_midnight(self.first, zone) if self.first else None
        end = local_midnight(self.last + timedelta(days=1), zone) if self.last else None
        return start, end


def reminders_in(
    journey: Journey, span: Span, *, item: str = "", showing: Showing | None = None
) -> ReminderQuerySet:
    """Reminders that opened, waited or ended in a span of days, the latest first."""
    found = Reminder.objects.filter(journey_id=journey.pk)
    start, end = span.moments(journey.center.zone)
    if end is not None:
        found = found.filter(Q(opens_at__lt=end) | Q(closed_at__lt=end) | Q(notified_at__lt=end))
    if start is not None:
        waited = Q(closed_at=None) | Q(closed_at__gte=start) | Q(closes_at__gte=start)
        found = found.filter(waited)
    if item:
        found = found.filter(item=item)
    match showing:
        case Showing.OPEN | Showing.DONE | Showing.CANCELED:
            found = found.filter(state=showing.value)
        case Showing.TOLD:
            found = found.filter(_some_delivery(DeliveryState.SENT))
        case Showing.FAILED:
            found = found.filter(_some_delivery(DeliveryState.FAILED))
    return found.order_by("-opens_at", "item", "-occurrence")


def items_of(journey_id: UUID) -> list[tuple[str, str]]:
    """The items a journey has reminders of, with their labels in English, by label. One query."""
    rows = Reminder.objects.filter(journey_id=journey_id).order_by("item", "-occurrence").distinct("item")
    return sorted(rows.values_list("item", "label"), key=lambda row: row[1])


def known_since(journey_id: UUID) -> datetime:
    """When the first entry of a journey was recorded; nobody was asked before. One query."""
    return Event.objects.of(journey_id).values_list("recorded_at", flat=True)[0]


def stories(journey: Journey, reminders: Sequence[Reminder]) -> list[Story]:
    """The story of each. Three queries, however many there are; the protocol is kept in memory."""
    told = _deliveries(reminders)
    entries = _entries(journey.pk, reminders)
    return [Story(each, _rule(journey, each), _steps(each, told, entries)) for each in reminders]


def asked_on(journey: Journey, on: date, *, at: datetime) -> list[Asked]:
    """What was asked for this child on a day, and of whom: planned by then, and not ended before.

    As it was known that day: what was recorded later, even about that day, is left out; of today, what comes
    after `at`. Four queries.
    """
    start, end = Span(on, on).moments(journey.center.zone)
    if start is None or end is None:
        raise ValueError("a day has both ends")
    end = min(end, at)
    known = Event.objects.filter(journey_id=journey.pk, recorded_at__lt=end)
    before = Event.objects.filter(journey_id=journey.pk, recorded_at__lt=start)
    rows = list(
        Reminder.objects.filter(journey_id=journey.pk, opens_at__lt=end)
        .filter(anchor_event_id__in=known.values("id"))
        .exclude(closed_by_event_id__in=before.values("id"))
        .order_by("priority", "due_at", "item", "occurrence")
    )
    told = _deliveries(rows)
    entries = _entries(journey.pk, rows)
    asked = [_asked(each, told, entries, end) for each in rows]
    # What was only written down on that day, long after it was over, asked nothing of anybody.
    meant = [each for each in asked if each.timing or each.told or each.reminder.closes_at > start]
    return sorted(meant, key=lambda each: each.timing is None)


def _asked(reminder: Reminder, told: "_Told", entries: "_Entries", end: datetime) -> Asked:
    steps = [step for step in _steps(reminder, told, entries) if step.known_at < end]
    ended = next((step for step in steps if step.kind in _ENDS), None)
    timing = Timing.DUE if end <= reminder.closes_at else Timing.OVERDUE
    return Asked(
        reminder=reminder,
        timing=None if ended else timing,
        ended=ended,
        told=[step.delivery for step in steps if step.kind == StepKind.TOLD and step.delivery],
        acts=[step for step in steps if step.kind in (StepKind.ACKNOWLEDGED, StepKind.SNOOZED)],
    )


_Told = Mapping[UUID, Sequence[Delivery]]
_ENDS: Final = (StepKind.COMPLETED, StepKind.CANCELED)
_ORDER: Final = {kind: place for place, kind in enumerate(StepKind)}


@dataclass(frozen=True, slots=True)
class _Entries:
    by_id: dict[int, Entry] = field(default_factory=dict)
    acts: dict[tuple[str, object], list[Entry]] = field(default_factory=dict)


def _some_delivery(state: DeliveryState) -> models.Exists:
    return models.Exists(Delivery.objects.filter(reminder=models.OuterRef("pk"), state=state))


def _deliveries(reminders: Sequence[Reminder]) -> _Told:
    found: dict[UUID, list[Delivery]] = {}
    rows = Delivery.objects.filter(reminder__in=reminders).select_related(
        "recipient", "webhook", "stands_in_for"
    )
    for delivery in rows.order_by("planned_at", "step", "role", "recipient_id", "channel"):
        found.setdefault(delivery.reminder_id, []).append(delivery)
    return found


def _entries(journey_id: UUID, reminders: Sequence[Reminder]) -> _Entries:
    """What the reminders go back to, and the acts of people about any reminder of the journey."""
    named = {each.anchor_event_id for each in reminders} | {
        each.closed_by_event_id for each in reminders if each.closed_by_event_id
    }
    wanted = Q(pk__in=named) | Q(kind__in=_ACTS)
    rows = Event.objects.filter(wanted, journey_id=journey_id).order_by("occurred_at", "seq")
    struck = Event.objects.filter(journey_id=journey_id, corrects__kind__in=_ACTS)
    corrected = set(struck.values_list("corrects_id", flat=True))
    found = _Entries()
    columns = ("id", "seq", "kind", "occurred_at", "recorded_at", "actor_name", "data")
    for entry in starmap(Entry, rows.values_list(*columns)):
        found.by_id[entry.id] = entry
        if entry.kind in _ACTS and entry.id not in corrected:
            key = str(entry.data.get("item")), entry.data.get("occurrence")
            found.acts.setdefault(key, []).append(entry)
    return found


def _rule(journey: Journey, reminder: Reminder) -> Rule | None:
    protocol = protocol_for(journey)
    expected = protocol.item(reminder.item)
    if expected is None:
        return None
    sources = tuple(protocol.sources.get(key, key) for key in expected.source)
    return Rule(expected.series, protocol.id, protocol.version, sources)


def _steps(reminder: Reminder, told: _Told, entries: _Entries) -> list[Step]:
    steps = [_planned(reminder, entries.by_id.get(reminder.anchor_event_id))]
    for delivery in told.get(reminder.pk, ()):
        steps += _told_steps(delivery)
    for entry in entries.acts.get((reminder.item, reminder.occurrence), ()):
        steps += _act_steps(entry)
    if reminder.closed_at is not None:
        steps.append(_end(reminder, entries.by_id.get(reminder.closed_by_event_id or 0)))
    return sorted(steps, key=lambda step: (step.known_at, _ORDER[step.kind]))


def _planned(reminder: Reminder, anchor: Entry | None) -> Step:
    """By whom the event was recorded that it is counted from; without that entry, when it was to be told."""
    at = anchor.recorded_at if anchor else reminder.notify_at
    return Step(kind=StepKind.PLANNED, at=at, who=anchor.by if anchor else "", entry=anchor)


def _told_steps(delivery: Delivery) -> Iterable[Step]:
    who = told_name(delivery)
    why = "" if delivery.state == DeliveryState.SENT else delivery.problem_text
    yield Step(kind=StepKind.TOLD, at=told_at(delivery), who=who, why=why, delivery=delivery)
    if delivery.read_at is not None:
        yield Step(kind=StepKind.READ, at=delivery.read_at, who=who, delivery=delivery)


def told_name(delivery: Delivery) -> str:
    """The person or the program a delivery is for; empty for nobody."""
    told = delivery.recipient or delivery.webhook
    return told.name if told else ""


def told_at(delivery: Delivery) -> datetime:
    """When it left; when it was last tried, for one that was given up; else when it was planned."""
    given_up = delivery.state in (DeliveryState.SKIPPED, DeliveryState.FAILED)
    return delivery.sent_at or (delivery.next_try_at if given_up else delivery.planned_at)


def _act_steps(entry: Entry) -> Iterable[Step]:
    match entry.kind:
        case EventKind.REMINDER_ACKNOWLEDGED:
            why = str(entry.data.get("note") or "")
            yield Step(kind=StepKind.ACKNOWLEDGED, at=entry.occurred_at, who=entry.by, why=why, entry=entry)
        case EventKind.REMINDER_SNOOZED:
            yield Step(
                kind=StepKind.SNOOZED,
                at=entry.occurred_at,
                who=entry.by,
                why=str(entry.data.get("reason") or ""),
                until=datetime.fromisoformat(str(entry.data["until"])),
                entry=entry,
            )


def _end(reminder: Reminder, entry: Entry | None) -> Step:
    """Done or given up; a reason somebody gave by hand stands behind the cause."""
    by_hand = entry is not None and entry.kind == EventKind.REMINDER_COMPLETED
    reason = str(entry.data.get("reason") or "") if entry is not None and by_hand else ""
    why = " · ".join(part for part in (reminder.get_cause_display(), reason) if part)
    done = reminder.state == ReminderState.COMPLETED
    kind = StepKind.COMPLETED if done else StepKind.CANCELED
    at = reminder.closed_at or reminder.due_at
    return Step(kind=kind, at=at, who=entry.by if entry else "", why=why, entry=entry)
