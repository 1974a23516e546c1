"""What must reach somebody now: alerts are raised and cleared by rules, and answered by people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.alert_rows import AlertRule
from cartpath.protocols.rows import in_force
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from toxicity.alerts.facts import facts_of
from toxicity.alerts.records import alert_record
from toxicity.alerts.rules.facts import Facts, Seen
from toxicity.alerts.rules.signs import read
from toxicity.alerts.rules.standing import End, Standing, Step, decide
from toxicity.bedside import Look, looks
from toxicity.enums import AlertAnswer, AlertEnd, AlertUrgency
from toxicity.models import Alert
from toxicity.writing import bedside_write

# The loudest first.
LOUDNESS: Final[Mapping[str, int]] = {
    AlertUrgency.EMERGENCY.value: 3,
    AlertUrgency.URGENT.value: 2,
    AlertUrgency.NOTICE.value: 1,
}


@dataclass(frozen=True, slots=True)
class AlertAnswered:
    """What somebody does about alerts; `note` is needed where the answer is none of the list."""

    answer: str
    note: str = ""


def review(journey: Journey, *, at: datetime, by: Actor, look: Look) -> None:
    """Raise and clear alerts of a locked journey by all that is known.

    Nothing is raised outside acute monitoring, and what stands is over when it ends.
    """
    if journey.infused_at is None:
        return
    if journey.stage != Stage.INFUSED:
        _end_all(journey, at=at, by=by)
        return
    protocol = protocol_for(journey)
    rules = in_force(protocol.pathway.alerts, at.astimezone(journey.center.zone).date())
    if not rules:
        return
    # A seizure makes the grade too: who is called for the one isn't called again for the other.
    emergencies = frozenset(str(rule.sign) for rule in rules if rule.urgency == "emergency")
    facts = facts_of(journey, at=at, look=look, own_emergencies=emergencies)
    history: dict[str, list[Alert]] = {}
    for alert in Alert.objects.filter(journey_id=journey.pk).order_by("raised_at", "event_id"):
        history.setdefault(alert.rule, []).append(alert)
    loud: set[str] = set()
    for rule in sorted(rules, key=lambda rule: -LOUDNESS[rule.urgency]):
        known = history.get(rule.id, [])
        steps = _steps(rule, facts, known)
        # A quieter rule about a sign for which an emergency stands is only a notice beside it.
        urgency = AlertUrgency.NOTICE.value if rule.sign in loud else rule.urgency
        stands = _write(journey, rule, steps, known, urgency, at=facts.at, by=by)
        if stands and rule.urgency == "emergency":
            loud.add(rule.sign)


def _steps(rule: AlertRule, facts: Facts, known: Sequence[Alert]) -> list[Step]:
    """What follows for one rule from the facts and from the alerts that it has raised so far."""
    standing = next((alert for alert in known if alert.cleared_at is None), None)
    return decide(
        rule,
        read(rule, facts),
        Standing(
            degree=standing.degree,
            evidence=standing.evidence,
            evidence_at=standing.evidence_at,
            is_answered=standing.acknowledged_at is not None,
        )
        if standing
        else None,
        settled_at=max((alert.eased_at for alert in known if alert.eased_at), default=None),
        since=facts.since,
    )


def _write(
    journey: Journey,
    rule: AlertRule,
    steps: Sequence[Step],
    known: list[Alert],
    urgency: str,
    *,
    at: datetime,
    by: Actor,
) -> bool:
    """Take the steps; returns whether an alert of the rule stands afterwards."""
    standing = next((alert for alert in known if alert.cleared_at is None), None)
    for step in steps:
        if not isinstance(step, End):
            standing = _raise(journey, rule, step.seen, urgency, len(known) + 1, at=at, by=by)
            known.append(standing)
        elif standing is not None:
            _clear(standing, AlertEnd(step.cause), at=at, by=by, eased_at=step.eased_at)
            standing = None
    return standing is not None


def _raise(
    journey: Journey, rule: AlertRule, seen: Seen, urgency: str, number: int, *, at: datetime, by: Actor
) -> Alert:
    """One alert. A quieter rule about a sign for which an emergency stands is only a notice beside it."""
    told: dict[str, Any] = {
        "case": f"{rule.id}-{number}",
        "rule": rule.id,
        "urgency": urgency,
        "degree": seen.degree,
        "because": {"sign": rule.sign, **seen.because},
        "seen_at": seen.at,
    }
    record = alert_record(protocol_for(journey), rule, seen, urgency)
    (event,) = append(
        journey.pk, [NewEvent(EventKind.ALERT_RAISED, at, {**told, "computed": [record]})], by=by
    )
    return Alert.objects.create(
        journey=journey,
        center_id=journey.center_id,
        case=told["case"],
        rule=rule.id,
        urgency=urgency,
        degree=seen.degree,
        because=told["because"],
        evidence=seen.ref,
        evidence_at=seen.at,
        raised_at=at,
        event_id=event.id,
    )


def _clear(
    alert: Alert, cause: AlertEnd, *, at: datetime, by: Actor, eased_at: datetime | None = None
) -> None:
    told = {"case": alert.case, "rule": alert.rule, "cause": cause.value}
    append(alert.journey_id, [NewEvent(EventKind.ALERT_CLEARED, at, told)], by=by)
    alert.cleared_at, alert.cleared_because, alert.eased_at = at, cause.value, eased_at
    alert.save(update_fields=["cleared_at", "cleared_because", "eased_at"])


def alerts_acknowledge(
    *, journey_id: UUID, cases: Iterable[str], answered: AlertAnswered, by: Actor, at: datetime
) -> list[Alert]:
    """Answer standing alerts of one child, those named by `cases`, with one answer.

    Raises `Invalid` when none is named, the answer isn't known or a note is missing, `Conflict`
    `alert_answered` (naming who) or `alert_over` when one of them waits for nobody any more.
    """
    wanted = set(cases)
    refused = _refused(wanted, answered)
    if refused:
        raise Invalid("invalid_input", _("This is no answer yet."), fields=refused)
    with bedside_write(journey_id) as journey:
        alerts = list(
            Alert.objects.filter(journey_id=journey_id, case__in=wanted).order_by("raised_at", "event_id")
        )
        _refuse_over(alerts, wanted)
        look = looks(journey)
        for alert in alerts:
            _answer(alert, answered, by=by, at=at)
            # An emergency whose sign has gone was only waiting for this.
            review(journey, at=at, by=by, look=look)
        return alerts


def _answer(alert: Alert, answered: AlertAnswered, *, by: Actor, at: datetime) -> None:
    told = {"answer": answered.answer, "note": answered.note.strip()}
    data = {"case": alert.case, "rule": alert.rule, **told}
    append(alert.journey_id, [NewEvent(EventKind.ALERT_ACKNOWLEDGED, at, data)], by=by)
    alert.acknowledged_at, alert.acknowledged_by = at, by.name
    alert.answer, alert.note = told["answer"], told["note"]
    alert.save(update_fields=["acknowledged_at", "acknowledged_by", "answer", "note"])


def _refused(wanted: set[str], answered: AlertAnswered) -> dict[str, str]:
    refused = {} if wanted else {"cases": _("Choose at least one alert.")}
    if answered.answer not in AlertAnswer.values:
        refused["answer"] = _("Choose what is done about it.")
    if answered.answer == AlertAnswer.OTHER and not answered.note.strip():
        refused["note"] = _("Say in a few words what is done.")
    return refused


def _refuse_over(alerts: Sequence[Alert], wanted: set[str]) -> None:
    for alert in alerts:
        if alert.acknowledged_at is not None:
            raise Conflict(
                "alert_answered",
                _("%(name)s has answered this already.") % {"name": alert.acknowledged_by},
            )
        if alert.cleared_at is not None:
            raise Conflict("alert_over", _("This alert no longer stands; look again."))
    if len(alerts) != len(wanted):
        raise Conflict("alert_over", _("This alert no longer stands; look again."))


def _end_all(journey: Journey, *, at: datetime, by: Actor) -> None:
    standing = Alert.objects.filter(journey_id=journey.pk, cleared_at=None)
    for alert in standing.order_by("raised_at", "event_id"):
        _clear(alert, AlertEnd.MONITORING_ENDED, at=at, by=by)
