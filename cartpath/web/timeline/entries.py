"""One journey's ledger as a timeline: in clinical order, moves of stage with the act that caused them.

Criteria and checks that somebody answered in one go are one entry; what was entered in error stays, struck
through, and the correction says what it was.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Final
from uuid import UUID

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.web.components import Tone
from cartpath.web.timeline import (
    alerting,
    bedside,
    checking,
    collecting,
    course,
    custody,
    episodes,
    giving,
    growing,
    immune,
    infusing,
    labels,
    laboratory,
    ordering,
    papers,
    planning,
    product,
    readying,
    referral,
    reminding,
    scheduling,
    sheets,
    visits,
)
from cartpath.web.timeline.saying import Data, Names, Said, Tell, Text, joined, labeled, word
from cartpath.web.wording import local_day
from infusion.enums import ChecklistVerdict
from patients.eligibility import protocol_for
from patients.enums import CriterionVerdict, Stage
from patients.models import Journey

TELL: Final[Mapping[EventKind, Tell]] = {
    **referral.TELL,
    **scheduling.TELL,
    **collecting.TELL,
    **product.TELL,
    **alerting.TELL,
    **bedside.TELL,
    **checking.TELL,
    **course.TELL,
    **custody.TELL,
    **episodes.TELL,
    **giving.TELL,
    **growing.TELL,
    **immune.TELL,
    **infusing.TELL,
    **labels.TELL,
    **laboratory.TELL,
    **ordering.TELL,
    **papers.TELL,
    **planning.TELL,
    **readying.TELL,
    **reminding.TELL,
    **sheets.TELL,
    **visits.TELL,
}

ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.REFERRED: "mail",
    EventKind.TREATMENT_RECORDED: "first-aid-kit",
    EventKind.MEASURED: "scale",
    EventKind.ELIGIBILITY_ASSESSED: "list-check",
    EventKind.PATIENT_CHANGED: "pencil",
    EventKind.CONTACT_RECORDED: "users",
    EventKind.CONSENT_RECORDED: "file-text",
    EventKind.DONOR_RECORDED: "users",
    EventKind.ACCEPTED: "user-check",
    EventKind.PROTOCOL_CHANGED: "file-text",
    EventKind.DEFERRED: "hourglass",
    EventKind.STAGE_CHANGED: "arrow-right",
    EventKind.CLOSED: "lock",
    EventKind.ENTERED_IN_ERROR: "arrow-back-up",
    EventKind.APHERESIS_BOOKED: "calendar",
    EventKind.APHERESIS_CANCELED: "circle-x",
    EventKind.COLLECTION_COMPLETED: "droplet",
    EventKind.PRODUCT_ORDERED: "package",
    EventKind.MANUFACTURING_MILESTONE: "flask",
    EventKind.PRODUCT_RELEASED: "packages",
    EventKind.OUT_OF_SPECIFICATION_REPORTED: "alert-triangle",
    EventKind.OUT_OF_SPECIFICATION_DECIDED: "git-merge",
    EventKind.PRODUCT_RECEIVED: "truck-delivery",
    EventKind.MANUFACTURING_FAILED: "alert-octagon",
    EventKind.LYMPHODEPLETION_GIVEN: "test-pipe",
    EventKind.LYMPHODEPLETION_WAIVED: "ban",
    EventKind.CHECKLIST_ITEM_RECORDED: "checklist",
    EventKind.IDENTITY_VERIFIED: "users",
    EventKind.THAW_STARTED: "temperature",
    EventKind.INFUSED: "vaccine",
    EventKind.FRACTION_INFUSED: "vaccine",
    EventKind.FRACTIONS_STOPPED: "ban",
    EventKind.FINDING_RECORDED: "test-pipe",
    EventKind.TOXICITY_ASSESSED: "stethoscope",
    EventKind.RESULT_CONFIRMED: "user-check",
    EventKind.ACUTE_MONITORING_ENDED: "flag",
    EventKind.VISIT_RECORDED: "calendar-heart",
    EventKind.VISIT_SKIPPED: "calendar-due",
    EventKind.TRANSPLANTED: "ribbon-health",
    EventKind.RELAPSED: "alert-triangle",
    EventKind.DIED: "circle",
    EventKind.REMINDER_ACKNOWLEDGED: "eye",
    EventKind.REMINDER_COMPLETED: "check",
    **alerting.ICONS,
    **bedside.ICONS,
    **checking.ICONS,
    **scheduling.ICONS,
    **collecting.ICONS,
    **custody.ICONS,
    **episodes.ICONS,
    **giving.ICONS,
    **growing.ICONS,
    **immune.ICONS,
    **infusing.ICONS,
    **labels.ICONS,
    **laboratory.ICONS,
    **ordering.ICONS,
    **papers.ICONS,
    **planning.ICONS,
    **reminding.ICONS,
    **readying.ICONS,
    **sheets.ICONS,
    **visits.ICONS,
}

# Kinds of which many belong together, and the words of their answers.
_ANSWERS: Final[dict[EventKind, type[TextChoices]]] = {
    EventKind.ELIGIBILITY_ASSESSED: CriterionVerdict,
    EventKind.CHECKLIST_ITEM_RECORDED: ChecklistVerdict,
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of the timeline; `moved` is the stage the journey went to with it, if any."""

    at: datetime
    title: Text
    detail: Text
    by: str
    icon: str
    tone: Tone
    voided: bool
    moved: str = ""


def timeline_events(journey_id: UUID) -> QuerySet[Event]:
    """A journey's events, the latest clinical time first."""
    events = Event.objects.filter(journey_id=journey_id).select_related("corrects")
    return events.order_by("-occurred_at", "-seq")


def timeline(journey: Journey, events: Sequence[Event]) -> list[TimelineEntry]:
    """Tell some events of one journey, in the order given. One query, for what was corrected later."""
    return _Telling(journey).entries(events)


def in_words(journey: Journey, events: Sequence[Event]) -> list[tuple[Text, Text]]:
    """Title and detail of each event of one journey, one by one and in the order given, for paper."""
    telling = _Telling(journey)
    return [(said.title, said.detail) for said in map(telling.said, events)]


def tell(names: Names, kind: EventKind, data: Data) -> Said:
    """One event in words; one that says nothing at all is at least called what it is."""
    said = TELL[kind](names, data)
    return said if said.title else replace(said, title=str(kind.label))


class _Telling:
    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        self.names = Names(protocol_for(journey))

    @cached_property
    def corrected(self) -> frozenset[int]:
        """Ids of the journey's events that a later one corrects."""
        corrections = Event.objects.filter(journey_id=self.journey.pk, corrects__isnull=False)
        return frozenset(corrections.values_list("corrects_id", flat=True))

    def entries(self, events: Sequence[Event]) -> list[TimelineEntry]:
        causes = _causes(events)
        moves = {
            causes[event.recorded_at]: event.data.get("to", "")
            for event in events
            if event.kind == EventKind.STAGE_CHANGED and event.recorded_at in causes
        }
        told = [e for e in events if e.kind != EventKind.STAGE_CHANGED or e.recorded_at not in causes]
        return [self.entry(group, moves.get(group[0].id, "")) for group in _groups(told, self.corrected)]

    def entry(self, group: Sequence[Event], moved: str) -> TimelineEntry:
        first = group[0]
        said = self.said(first) if len(group) == 1 else _counted(group)
        return TimelineEntry(
            at=first.occurred_at,
            title=said.title,
            detail=said.detail,
            by=first.actor_name,
            icon=ICONS[EventKind(first.kind)],
            tone=said.tone,
            voided=first.id in self.corrected,
            moved=moved,
        )

    def said(self, event: Event) -> Said:
        kind = EventKind(event.kind)
        said = tell(self.names, kind, event.data)
        if kind == EventKind.STAGE_CHANGED:
            return replace(said, title=_move(event))
        if kind == EventKind.ENTERED_IN_ERROR and event.corrects is not None:
            return replace(said, title=labeled(_("Entered in error:"), self.said(event.corrects).title))
        return said


def _move(event: Event) -> Text:
    origin, target = word(Stage, event.data.get("from")), word(Stage, event.data.get("to"))
    return labeled(labeled(origin, "→"), target)


def _causes(events: Iterable[Event]) -> dict[datetime, int]:
    """The act recorded at each moment: what one act writes is recorded at the same time."""
    causes: dict[datetime, int] = {}
    for event in sorted(events, key=lambda event: event.seq):
        if event.kind != EventKind.STAGE_CHANGED:
            causes.setdefault(event.recorded_at, event.id)
    return causes


def _groups(events: Sequence[Event], corrected: frozenset[int]) -> list[list[Event]]:
    """Neighbors that are answers to one list, by one person on one day, become one group."""
    groups: list[list[Event]] = []
    last: tuple[str, str, date] | None = None
    for event in events:
        key = _group_key(event) if event.id not in corrected else None
        if key is not None and key == last:
            groups[-1].append(event)
        else:
            groups.append([event])
        last = key
    return groups


def _group_key(event: Event) -> tuple[str, str, date] | None:
    if event.kind not in _ANSWERS:
        return None
    return event.kind, event.actor_id, local_day(event.occurred_at)


def _counted(group: Sequence[Event]) -> Said:
    """Many answers in one entry: how many of each."""
    kind = EventKind(group[0].kind)
    counted = Counter(event.data.get("verdict", "") for event in group)
    answers = _ANSWERS[kind]
    tallies = [labeled(str(count), str(word(answers, given)).lower()) for given, count in counted.items()]
    if kind == EventKind.ELIGIBILITY_ASSESSED:
        title = ngettext("Eligibility: %(count)d criterion", "Eligibility: %(count)d criteria", len(group))
    else:
        title = ngettext("Checklist: %(count)d item", "Checklist: %(count)d items", len(group))
    tone: Tone = "harm" if counted.get("not_met") else ""
    return Said(title % {"count": len(group)}, joined(tallies), tone)
