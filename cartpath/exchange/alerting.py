"""Alerts in a journey file: they follow from what was recorded and are compared; answers are acts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from annotated_types import Ge, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from cartpath.exchange.scene import Handler, Scene
from cartpath.ledger.kinds import EventKind
from cartpath.protocols.alert_rows import Urgency
from toxicity.alerts.services import AlertAnswered, alerts_acknowledge

Case = Annotated[str, MinLen(1), MaxLen(80)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised:
    """An alert that a rule raised: what it was called, how loud, and why."""

    __pydantic_config__ = INPUT_CONFIG

    case: Case
    rule: Case
    urgency: Urgency
    degree: Annotated[float, Ge(0)]
    because: dict[str, Any] = field(default_factory=dict)
    seen_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCleared:
    """An alert that no longer stands."""

    __pydantic_config__ = INPUT_CONFIG

    case: Case
    rule: Case
    cause: Literal["eased", "worse", "entered_in_error", "monitoring_ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAcknowledged:
    """Who answered an alert is the event's own; this is which and how."""

    __pydantic_config__ = INPUT_CONFIG

    case: Case
    answer: Literal["with_the_child", "help_called", "treated", "watched", "explained", "other"]
    note: Annotated[str, MaxLen(400)] = ""


def _acknowledge(scene: Scene, told: AlertAcknowledged) -> object:
    answered = AlertAnswered(told.answer, told.note)
    return alerts_acknowledge(cases=[told.case], answered=answered, **scene.call)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.ALERT_ACKNOWLEDGED: Handler((AlertAcknowledged,), _acknowledge, checked=("rule",)),
}
COMPANIONS: Final[Mapping[EventKind, type]] = {
    EventKind.ALERT_RAISED: AlertRaised,
    EventKind.ALERT_CLEARED: AlertCleared,
}
