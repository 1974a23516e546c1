"""Reads of alerts: those of a child as one group with the worst on top."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.protocols.alert_rows import AlertRule
from cartpath.protocols.schema import Protocol
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.results import RuleResult
from patients.selectors import results_of_events
from toxicity.alerts.records import RULE
from toxicity.alerts.services import LOUDNESS
from toxicity.alerts.words import LOOKS, because_words, end_word, urgency_word
from toxicity.models import Alert

# Alerts are those of acute monitoring; afterwards they are history.
_MONITORED: Final = Stage.INFUSED


@dataclass(frozen=True, slots=True)
class AlertPicture:
    """One alert as pages show it; `rule` is None when the version of the protocol has lost it.

    `stored` is what the ledger keeps of why it was raised, where a page asked for it.
    """

    alert: Alert
    rule: AlertRule | None
    stored: RuleResult | None = None

    @property
    def label(self) -> str:
        """What it is called."""
        return _(self.rule.label) if self.rule else self.alert.rule

    @property
    def text(self) -> str:
        """What to think of now; never an order."""
        return _(self.rule.text) if self.rule else ""

    @property
    def seen(self) -> str:
        """What was seen, with its numbers."""
        return because_words(self.alert.because)

    @property
    def urgency(self) -> str:
        """How loud it is, in a word."""
        return urgency_word(self.alert.urgency)

    @property
    def icon(self) -> str:
        """The icon of its urgency."""
        return LOOKS[self.alert.urgency][0]

    @property
    def tone(self) -> str:
        """The tone of its urgency."""
        return LOOKS[self.alert.urgency][1]

    @property
    def is_unanswered(self) -> bool:
        """Whether somebody's answer is awaited."""
        loud = self.alert.urgency != "notice"
        return loud and self.alert.acknowledged_at is None and self.alert.cleared_at is None

    @property
    def ended(self) -> str:
        """Why it no longer stands; empty while it does."""
        return end_word(self.alert.cleared_because) if self.alert.cleared_at else ""


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """The standing alerts of one child, the worst first; never empty."""

    pictures: Sequence[AlertPicture]

    @property
    def top(self) -> AlertPicture:
        """The one that a page shows."""
        return self.pictures[0]

    @property
    def others(self) -> int:
        """How many stand beside it."""
        return len(self.pictures) - 1

    @property
    def unanswered(self) -> Sequence[AlertPicture]:
        """Those that wait for an answer."""
        return [picture for picture in self.pictures if picture.is_unanswered]

    @property
    def severity_rank(self) -> int:
        """3 for an emergency, 2 for an urgent alert, 1 for a notice."""
        return LOUDNESS[self.top.alert.urgency]


def standing_group(journey: Journey) -> AlertGroup | None:
    """The standing alerts of a child in acute monitoring; None when there is none. One query."""
    return standing([journey]).get(journey.pk)


def standing(journeys: Iterable[Journey]) -> Mapping[UUID, AlertGroup]:
    """The standing alerts of these children, by journey; one query, however many."""
    watched = {journey.pk: journey for journey in journeys if journey.stage == _MONITORED}
    if not watched:
        return {}
    found: dict[UUID, list[AlertPicture]] = {}
    for alert in Alert.objects.filter(journey_id__in=watched.keys(), cleared_at=None):
        picture = _picture(alert, protocol_for(watched[alert.journey_id]))
        found.setdefault(alert.journey_id, []).append(picture)
    return {key: AlertGroup(sorted(pictures, key=_worst_first)) for key, pictures in found.items()}


def group_of(journey: Journey, pictures: Iterable[AlertPicture]) -> AlertGroup | None:
    """The standing ones of a child's alerts that are at hand."""
    found = [each for each in pictures if each.alert.cleared_at is None]
    return AlertGroup(sorted(found, key=_worst_first)) if found and journey.stage == _MONITORED else None


def pictures(journey: Journey, alerts: Iterable[Alert]) -> list[AlertPicture]:
    """Alerts of one child as they are shown, in the order given."""
    protocol = protocol_for(journey)
    return [_picture(alert, protocol) for alert in alerts]


def history(journey: Journey) -> Sequence[AlertPicture]:
    """Every alert of a child with why it was raised, the latest first; two queries."""
    protocol = protocol_for(journey)
    alerts = list(Alert.objects.filter(journey_id=journey.pk).order_by("-raised_at", "-event_id"))
    results = results_of_events(alert.event_id for alert in alerts)
    return [replace(_picture(each, protocol), stored=results.get((each.event_id, RULE))) for each in alerts]


def _picture(alert: Alert, protocol: Protocol) -> AlertPicture:
    rule = next((row for row in protocol.pathway.alerts if row.id == alert.rule), None)
    return AlertPicture(alert, rule)


def _worst_first(picture: AlertPicture) -> tuple[int, bool, float]:
    alert = picture.alert
    return -LOUDNESS[alert.urgency], not picture.is_unanswered, -alert.raised_at.timestamp()
