"""What moving a journey to another version would change: in its rules, and in this child's plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cartpath.core.errors import NotFound
from cartpath.ledger.models import Event
from cartpath.protocols import catalog
from cartpath.protocols.difference import AnchorKey, Anchors, plan_differences
from cartpath.protocols.schema import Protocol
from cartpath.reminders.enums import ReminderState
from cartpath.reminders.models import Reminder
from cartpath.web.selectors.protocol_compare import Comparison, PlanLine, plan_lines, rules_compared
from patients.models import Journey


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A journey beside another version. `settled` counts changed items that are over in this journey."""

    old: Protocol
    new: Protocol
    rules: Comparison
    plan: Sequence[PlanLine]
    settled: int


def versions_to_choose(journey: Journey) -> list[tuple[str, bool]]:
    """The other versions of the journey's protocol, the newest first, and whether each is current."""
    found = catalog.versions(journey.protocol_id, journey.center)
    others = [each for each in found if each.protocol.version != journey.protocol_version]
    return [(each.protocol.version, each.is_current) for each in reversed(others)]


def move_of(journey: Journey, version: str) -> Move:
    """What the move would change; three queries. Raises NotFound for a version the center doesn't have."""
    old = catalog.get(journey.protocol_id, journey.protocol_version)
    try:
        new = catalog.of_center(journey.protocol_id, version, journey.center)
    except KeyError as error:
        raise NotFound from error
    differences = plan_differences(old, new, anchors_of(journey), journey.center.zone)
    over = _settled_items(journey)
    ahead = [each for each in differences if each.item not in over]
    changed = sum(each.kind != "same" for each in differences)
    plan = plan_lines(ahead)
    return Move(old=old, new=new, rules=rules_compared(old, new), plan=plan, settled=changed - len(plan))


def anchors_of(journey: Journey) -> Anchors:
    """When each kind of event first and last happened; what was entered in error is left out."""
    rows = list(Event.objects.of(journey.pk).values_list("id", "kind", "occurred_at", "corrects_id"))
    struck = {corrects for *_row, corrects in rows if corrects is not None}
    anchors: dict[AnchorKey, datetime] = {}
    for event_id, kind, occurred_at, _corrects in rows:
        if event_id in struck:
            continue
        first, latest = anchors.get((kind, "first")), anchors.get((kind, "latest"))
        anchors[kind, "first"] = min(first, occurred_at) if first else occurred_at
        anchors[kind, "latest"] = max(latest, occurred_at) if latest else occurred_at
    return anchors


def _settled_items(journey: Journey) -> set[str]:
    """Items all of whose reminders are closed: whatever the version says, they are not asked for again."""
    rows = Reminder.objects.filter(journey_id=journey.pk).values_list("item", "state")
    asked, still_open = set(), set()
    for item, state in rows:
        asked.add(item)
        if state == ReminderState.OPEN:
            still_open.add(item)
    return asked - still_open
