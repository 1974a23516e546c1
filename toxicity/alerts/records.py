"""What the ledger keeps of why an alert was raised."""

from typing import Final

from cartpath.core.answers import Answer
from cartpath.core.sentences import say
from cartpath.protocols.alert_rows import AlertRule
from cartpath.protocols.schema import Protocol
from patients.provenance import Record, computed
from toxicity.alerts.rules.facts import Seen

# What stored verdicts of red flags are called.
RULE: Final = "alert"


def alert_record(protocol: Protocol, rule: AlertRule, seen: Seen, urgency: str) -> Record:
    """The verdict of one red flag: what was seen, held against the figures of the rule."""
    figures = {
        name: getattr(rule, name)
        for name in ("at_least", "below", "fall_percent", "change", "after_hours", "worse_by", "quiet_hours")
        if getattr(rule, name) is not None
    }
    explanation: list[str] = [say("{label}.", label=say(rule.label))]
    if urgency != rule.urgency:
        explanation.append(say("An emergency about the same sign stands, so this is only shown."))
    return computed(
        RULE,
        value=urgency,
        inputs={"sign": rule.sign, "seen_at": seen.at, "degree": seen.degree, **seen.because},
        answer=Answer(
            name=RULE,
            result={"urgency": urgency, "degree": seen.degree, **figures},
            source=protocol.cite(rule),
            explanation=explanation,
        ),
        protocol=protocol,
        rows=[rule],
    )
