"""What must hold whatever is free: washouts, counts, the maker's slot, days on which a family is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Final
from uuid import UUID

from cartpath.core.sentences import say
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import ApheresisRules
from leukapheresis.models import CollectionDay, FamilyAway
from leukapheresis.rules.counts import BloodCounts, GoAhead, go_ahead
from leukapheresis.rules.search import Barrier, Reason, Wall
from leukapheresis.selectors import treatments_counted, washout_of
from patients.eligibility import protocol_for
from patients.models import EligibilityItem, Journey

BLOOD_COUNTS: Final = "E10"
COUNTS_SPEAK_DAYS: Final = "counts_speak_days"
SLOT_CONFIRMED: Final = "slot_confirmed"
ON_THE_WAY: Final = "material_received"


def walls_of(journey: Journey, *, at: datetime) -> list[Wall]:
    """The washout of every previous treatment by the rules of a day; one query."""
    rules = protocol_for(journey).washouts
    found = []
    found_lines = washout_of(journey, on=journey.center.local_day(at)).lines
    for treatment, line in zip(treatments_counted(journey), found_lines, strict=True):
        rule = line.rule
        if rule is not None and rule.none:
            continue
        until = None if line.ends_at is None else ceil(line.ends_at.timestamp())
        if line.ends_at is not None:
            ends_at = line.ends_at.astimezone(journey.center.zone)
            sentence = say(
                "Washout open: {drug} until {until}.", drug=treatment.drug, until=f"{ends_at:%d-%b-%Y %H:%M}"
            )
        elif rule is None:
            sentence = say("Washout unknown: no rule for the class of {drug}.", drug=treatment.drug)
        else:
            sentence = say("Washout unknown: the last dose of {drug} isn't known.", drug=treatment.drug)
        found.append(
            Wall(
                drug=treatment.drug,
                until=until,
                sentence=sentence,
                rules=(rule.id,) if rule else (),
                sources=tuple(rules.sources[key] for key in rule.source) if rule else (),
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class BloodCountsKnown:
    """The latest counts that were recorded and the day they are from; None is unknown.

    Numbers come from a collection day, `finding` in words from the eligibility criterion on blood counts.
    `speaks_for_days` is how long a count stands for the blood, None when no rule says it.
    """

    counts: BloodCounts
    counted_on: date | None
    verdict: GoAhead | None
    finding: EligibilityItem | None
    speaks_for_days: int | None

    def age_days(self, on: date) -> int | None:
        """How old the numbers are on a day."""
        return None if self.counted_on is None else (on - self.counted_on).days


def counts_known(journey: Journey, rules: ApheresisRules, *, at: datetime) -> BloodCountsKnown:
    """What is known of the blood at a time; two queries."""
    zone = journey.center.zone
    day = (
        CollectionDay.objects.filter(
            journey__patient_id=journey.patient_id, struck_at=None, started_at__lte=at
        )
        .exclude(alc_per_ul=None, pre_cd3_per_ul=None)
        .order_by("-started_at")
        .first()
    )
    counts = BloodCounts(
        alc_per_ul=day.alc_per_ul if day else None,
        cd3_per_ul=day.pre_cd3_per_ul if day else None,
        platelets_e9_per_l=day.pre_platelets_e9_per_l if day else None,
    )
    today = journey.center.local_day(at)
    speaking = next((row for row in in_force(rules.figures, today) if row.id == COUNTS_SPEAK_DAYS), None)
    return BloodCountsKnown(
        counts=counts,
        counted_on=day.started_at.astimezone(zone).date() if day else None,
        verdict=go_ahead(rules, counts) if day else None,
        finding=EligibilityItem.objects.filter(journey=journey, criterion=BLOOD_COUNTS).first(),
        speaks_for_days=int(speaking.value) if speaking else None,
    )


def counts_barrier(known: BloodCountsKnown) -> Barrier | None:
    """The days on which recent counts forbid a collection; unknown and older ones forbid nothing."""
    if known.verdict is None or known.verdict.verdict != "stop" or known.counted_on is None:
        return None
    if known.speaks_for_days is None:
        return None
    last_on = known.counted_on + timedelta(days=known.speaks_for_days)
    sentence = say(
        "Counts of {day}: {finding} Count again after {last}.",
        day=f"{known.counted_on:%d-%b-%Y}",
        finding=known.verdict.explanation[0],
        last=f"{last_on:%d-%b-%Y}",
    )
    reason = Reason(
        code="counts",
        sentence=sentence,
        rules=("alc_minimum", "cd3_minimum"),
        sources=(known.verdict.source,),
    )
    return Barrier(reason=reason, last_on=last_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakersSlot:
    """The day the maker expects to begin, and by when the cells must be collected to be there in time."""

    on: date
    days_on_the_way: int
    rule: str
    source: str

    @property
    def collect_by(self) -> date:
        """The last day of a collection whose cells come in time."""
        return self.on - timedelta(days=self.days_on_the_way)


def makers_slot(journey: Journey, *, at: datetime) -> MakersSlot | None:
    """The maker's slot as its order's milestone tells it, None while it isn't known; one query."""
    kinds = (EventKind.PRODUCT_ORDERED, EventKind.MANUFACTURING_MILESTONE, EventKind.MANUFACTURING_FAILED)
    confirmed: str | None = None
    for event in Event.objects.of(journey.pk).filter(kind__in=kinds):
        if event.kind != EventKind.MANUFACTURING_MILESTONE:
            confirmed = None
        elif event.data.get("milestone") == SLOT_CONFIRMED:
            confirmed = event.data.get("expected_on")
    if not confirmed:
        return None
    protocol = protocol_for(journey)
    milestones = in_force(protocol.manufacturing.milestones, journey.center.local_day(at))
    row = next((each for each in milestones if each.id == ON_THE_WAY), None)
    days = row.expected_days if row is not None and row.expected_days is not None else 0
    return MakersSlot(
        on=date.fromisoformat(confirmed[:10]),
        days_on_the_way=days,
        rule=ON_THE_WAY,
        source=protocol.cite(row) if row is not None else "",
    )


def makers_barrier(makers: MakersSlot | None, *, days: int) -> Barrier | None:
    """The days from which a collection would be too late for the maker's slot."""
    if makers is None:
        return None
    sentence = say(
        "Manufacturing slot on {slot}: the cells take {days} d to the maker, so collect by {last}.",
        slot=f"{makers.on:%d-%b-%Y}",
        days=makers.days_on_the_way,
        last=f"{makers.collect_by:%d-%b-%Y}",
    )
    reason = Reason(code="manufacturer", sentence=sentence, rules=(makers.rule,), sources=(makers.source,))
    # A collection over several days must end in time, so it must begin earlier.
    return Barrier(reason=reason, first_on=makers.collect_by - timedelta(days=days - 2))


def away_barriers(journey_id: UUID) -> Sequence[Barrier]:
    """The days on which the family can't come; one query."""
    return [
        Barrier(
            reason=Reason(code="family_away", sentence=_away_said(away)),
            first_on=away.first_on,
            last_on=away.last_on,
        )
        for away in FamilyAway.objects.filter(journey_id=journey_id, struck_at=None)
    ]


def _away_said(away: FamilyAway) -> str:
    span = {"first": f"{away.first_on:%d-%b-%Y}", "last": f"{away.last_on:%d-%b-%Y}"}
    if away.note:
        return say("The family is away from {first} to {last} ({note}).", **span, note=away.note)
    return say("The family is away from {first} to {last}.", **span)
