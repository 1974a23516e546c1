"""What people did about reminders, in a journey file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Final

from annotated_types import MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from cartpath.exchange import shapes
from cartpath.exchange.scene import Handler, Play, Scene
from cartpath.ledger.kinds import EventKind
from cartpath.reminders.models import reminder_key
from cartpath.reminders.services import reminder_acknowledge, reminder_complete, reminder_snooze


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """Until when nobody is told, and why it can wait."""

    __pydantic_config__ = INPUT_CONFIG

    until: Moment
    reason: Annotated[str, MinLen(1), MaxLen(300)]


def by_name(service: Play) -> Play:
    """A service for the reminder that a file names by item and occurrence."""

    def play(scene: Scene, named: shapes.ReminderNamed, said: object) -> object:
        key = reminder_key(scene.journey_id, named.item, named.occurrence)
        return service(reminder_id=key, by=scene.by, at=scene.at, **asdict(said))  # type: ignore[call-overload]

    return play


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.REMINDER_ACKNOWLEDGED: Handler(
        (shapes.ReminderNamed, shapes.Noted), by_name(reminder_acknowledge)
    ),
    EventKind.REMINDER_COMPLETED: Handler((shapes.ReminderNamed, shapes.Because), by_name(reminder_complete)),
    EventKind.REMINDER_SNOOZED: Handler((shapes.ReminderNamed, PutOff), by_name(reminder_snooze)),
}
