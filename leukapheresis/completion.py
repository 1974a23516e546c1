"""What is kept beside the verdicts on a whole collection: acceptance, expiry, frozen bags."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime

from cartpath.core.actor import Actor
from cartpath.core.answers import Answer
from cartpath.core.sentences import say
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import Protocol
from leukapheresis.models import CollectionDay
from leukapheresis.records import cited
from leukapheresis.rules.acceptance import Acceptance
from leukapheresis.rules.bags import Filled, concentration_reasons
from leukapheresis.rules.expiry import expiry_day
from leukapheresis.selectors import Totals
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.provenance import Record, computed


def completion_records(
    journey: Journey,
    protocol: Protocol,
    days: Sequence[CollectionDay],
    added: Totals,
    verdict: Acceptance,
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> list[Record]:
    """Whether the cells of a round are enough, and until when they may be used."""
    zone = journey.center.zone
    collected_on = min(day.started_at for day in days).astimezone(zone).date()
    decided_on = at.astimezone(zone).date()
    return [
        acceptance_record(protocol, added, verdict, reason=reason, by=by, on=decided_on),
        *_expiry(protocol, collected_on=collected_on, decided_on=decided_on),
    ]


def expired_reasons(journey: Journey, days: Sequence[CollectionDay], *, on: date) -> tuple[str, ...]:
    """Why the cells of a round can't be used any more: they are older than the row in force allows."""
    rules = protocol_for(journey).product.expiry
    first = min(day.started_at for day in days).astimezone(journey.center.zone).date()
    found = expiry_day(rules, collected_on=first, decided_on=on)
    if not found.has_passed(on) or found.last_day is None:
        return ()
    return (say("The cells expired on {day}.", day=f"{found.last_day:%d-%b-%Y}"),)


def acceptance_record(
    protocol: Protocol, added: Totals, verdict: Acceptance, *, reason: str, by: Actor, on: date
) -> Record:
    """Cells used although the target isn't shown to be met are the confirmed `true`."""
    targets = protocol.collection_targets(on)
    return computed(
        "collection_acceptance",
        value=verdict.accepted,
        inputs={"product": protocol.product.name, "tnc": added.tnc, "cd3": added.cd3},
        answer=Answer(
            name="collection_acceptance",
            result={"accepted": verdict.accepted, "reasons": list(verdict.reasons)},
            source=cited(protocol, targets),
            scale=protocol.id,
            scale_version=protocol.version,
            explanation=list(verdict.explanation),
            missing=list(verdict.missing),
            flags=list(verdict.flags),
        ),
        protocol=protocol,
        rows=targets,
        confirmed=True if verdict.accepted is not True else None,
        by=by,
        reason=reason,
    )


def _expiry(protocol: Protocol, *, collected_on: date, decided_on: date) -> Iterator[Record]:
    """Counted from the first day of the round; nothing where the protocol knows no such rule."""
    if not protocol.product.expiry:
        return
    found = expiry_day(protocol.product.expiry, collected_on=collected_on, decided_on=decided_on)
    rows = [found.rule] if found.rule else []
    yield computed(
        "collection_expiry",
        value=found.last_day,
        inputs={"collected_on": collected_on, "decided_on": decided_on},
        answer=Answer(
            name="collection_expiry",
            result={"last_day": found.last_day.isoformat() if found.last_day else None},
            source=cited(protocol, rows),
            scale=protocol.id,
            scale_version=protocol.version,
            explanation=list(found.explanation),
        ),
        protocol=protocol,
        rows=rows,
    )


def bag_records(
    journey: Journey, day: CollectionDay, bags: Sequence[Filled], *, at: datetime
) -> list[Record]:
    """Until when frozen bags may be used, and whether each is as concentrated as the maker asks."""
    protocol, on = protocol_for(journey), journey.center.local_day(at)
    collected_on = journey.center.local_day(day.started_at)
    limits = in_force(protocol.collection.bags, on)
    records = list(_expiry(protocol, collected_on=collected_on, decided_on=on))
    for bag in bags if limits else ():
        found = bag.e8_per_ml
        if found is None:
            continue
        reasons = concentration_reasons(limits, bag)
        fits = say("The concentration is {found:.2f} ×10⁸/mL, as the maker asks.", found=found)
        records.append(
            computed(
                "bag_concentration",
                value=round(found, 2),
                unit="×10⁸/mL",
                inputs=asdict(bag),
                answer=Answer(
                    name="bag_concentration",
                    result={"fits": not reasons},
                    source=cited(protocol, limits),
                    scale=protocol.id,
                    scale_version=protocol.version,
                    explanation=list(reasons) or [fits],
                    flags=["concentration_out_of_range"] if reasons else [],
                ),
                protocol=protocol,
                rows=limits,
            )
        )
    return records
