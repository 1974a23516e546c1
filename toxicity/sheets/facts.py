"""What the papers of the ward tell of a child, read from the tables. Unknown stays None."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from infusion.day import restrictions_of
from infusion.models import Infusion, InfusionPart, LymphodepletionDose
from infusion.rules.restrictions import RestrictionDay
from patients.banner import day_of, product_label
from patients.enums import Stage
from patients.models import Journey, Measurement, Referral
from patients.selectors import latest_weight
from toxicity.alerts.selectors import AlertPicture, standing_group
from toxicity.bedside import Bedside, bedside
from toxicity.checks.selectors import plans
from toxicity.enums import Agent
from toxicity.episodes.selectors import episodes
from toxicity.grading.tocilizumab import TocilizumabRoom, tocilizumab_room
from toxicity.laboratory.facts import facts_of
from toxicity.laboratory.judging import Facts as LabFacts
from toxicity.laboratory.readings import LabReading
from toxicity.laboratory.selectors import hyperinflammation_reviews, laboratory_readings
from toxicity.models import Assessment, CheckPlan, Episode, HyperinflammationReview


@dataclass(frozen=True, slots=True)
class DrugDays:
    """A drug of lymphodepletion with its first and last day."""

    drug: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Part:
    """One infusion: its day, and the CAR-positive viable cells given, None when not recorded."""

    on: date
    cells: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WardFacts:
    """Everything a sheet or a summary may tell of one child at `at`.

    `worst` are the highest grades of CRS and ICANS so far. `laboratory` holds every standing value since the
    infusion, oldest first, `laboratory_facts` is what its scales are asked. `alerts` are those that stand,
    the worst first. `unsigned` are the assessments with a grade nobody signed, by scale, the latest of each.
    `checks` are the next ones while acute monitoring goes on, the first due first. `tocilizumab` says what
    the limits of its doses leave, None before the first.
    """

    journey: Journey
    at: datetime
    day: int | None
    product: str
    referral: Referral
    bedside: Bedside
    worst: tuple[int | None, int | None]
    episodes: Sequence[Episode]
    alerts: Sequence[AlertPicture]
    unsigned: Mapping[str, Assessment]
    checks: Sequence[CheckPlan]
    laboratory: Mapping[str, Sequence[LabReading]]
    laboratory_facts: LabFacts
    hyperinflammation: HyperinflammationReview | None
    weight: Measurement | None
    lymphodepletion: Sequence[DrugDays]
    infusions: Sequence[Part]
    restrictions: Sequence[RestrictionDay]
    tocilizumab: TocilizumabRoom | None


def ward_facts(journey: Journey, *, at: datetime) -> WardFacts:
    """Read what is known of a child at a time."""
    seen = bedside(journey, at=at)
    on = journey.center.local_day(at)
    doses = [each.given_at for each in seen.given if each.agent == Agent.TOCILIZUMAB]
    group = standing_group(journey)
    return WardFacts(
        journey=journey,
        at=at,
        day=day_of(journey, on),
        product=product_label(journey.product),
        referral=journey.referral,
        bedside=seen,
        worst=(journey.status.crs_max, journey.status.icans_max),
        episodes=episodes(journey.pk),
        alerts=group.pictures if group else (),
        unsigned=_unsigned(seen),
        checks=_checks(journey),
        laboratory=laboratory_readings(journey.pk, since=journey.infused_at, until=at),
        laboratory_facts=facts_of(journey, at=at),
        hyperinflammation=next(iter(hyperinflammation_reviews(journey.pk)), None),
        weight=latest_weight(journey.patient_id, at=at),
        lymphodepletion=_lymphodepletion(journey),
        infusions=_infusions(journey),
        restrictions=tuple(each for each in restrictions_of(journey) if not each.is_over(on)),
        tocilizumab=tocilizumab_room(tuple(doses)) if doses else None,
    )


def _unsigned(seen: Bedside) -> dict[str, Assessment]:
    """The latest assessment of each scale in the last days, where nobody signed its grade."""
    latest = {scale: each for each in seen.graded for scale in ("crs", "icans") if getattr(each, scale)}
    return {
        scale: each for scale, each in latest.items() if getattr(each, f"{scale}_confirmed_grade") is None
    }


def _checks(journey: Journey) -> list[CheckPlan]:
    """The check of each kind that waits; none once acute monitoring has ended."""
    if journey.stage != Stage.INFUSED:
        return []
    return sorted(plans(journey.pk).values(), key=lambda each: each.due_at)


def _lymphodepletion(journey: Journey) -> tuple[DrugDays, ...]:
    days: dict[str, list[date]] = {}
    doses = LymphodepletionDose.objects.filter(journey=journey).order_by("given_at")
    for drug, given_at in doses.values_list("drug", "given_at"):
        days.setdefault(drug, []).append(journey.center.local_day(given_at))
    return tuple(DrugDays(drug, given[0], given[-1]) for drug, given in days.items())


def _infusions(journey: Journey) -> tuple[Part, ...]:
    """The first part and the further ones of a split dose, in their order."""
    local = journey.center.local_day
    first = Infusion.objects.filter(journey=journey, started_at__isnull=False)
    further = InfusionPart.objects.filter(journey=journey, started_at__isnull=False)
    given = [
        *first.values_list("started_at", "dose_cells"),
        *further.values_list("started_at", "dose_cells"),
    ]
    parts = [(local(at), cells) for at, cells in given if at is not None]
    return tuple(Part(on, cells) for on, cells in sorted(parts, key=lambda each: each[0]))
