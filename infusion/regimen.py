"""Lymphodepletion on one page: what the rule asks for this child, what was given when, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cartpath.core.answers import Answer
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import Protocol
from cartpath.protocols.sections import Regimen
from infusion.models import LymphodepletionDose, LymphodepletionWaiver
from infusion.rules.lymphodepletion import MOSTELLER_SOURCE, RegimenDoses, regimen_doses
from infusion.rules.window import InfusionDays, infusion_days
from patients.eligibility import protocol_for
from patients.models import Journey, Measurement
from patients.selectors import latest_height, latest_weight


@dataclass(frozen=True, slots=True)
class DrugDay:
    """One drug on one day: whether the rule asks for it, and what was given."""

    on: date | None
    planned: bool
    given: tuple[LymphodepletionDose, ...]


@dataclass(frozen=True, slots=True)
class DrugRow:
    """One drug over the days; the doses by the rule are None while weight or height is unknown."""

    drug: str
    mg_per_m2: float | None
    mg_per_day: float | None
    mg_total: float | None
    days: tuple[DrugDay, ...]


@dataclass(frozen=True, slots=True)
class RegimenPicture:
    """Everything the lymphodepletion page shows."""

    regimen: Regimen
    weight: Measurement | None
    height: Measurement | None
    bsa_m2: float | None
    why: Answer | None
    numbers: range
    rows: tuple[DrugRow, ...]
    given: list[LymphodepletionDose]
    waiver: LymphodepletionWaiver | None
    window: InfusionDays | None
    waiver_question: str


def regimen_picture(journey: Journey, *, at: datetime) -> RegimenPicture:
    """Lymphodepletion of a journey at a time. Doses follow the latest weight and height, as records do."""
    protocol = protocol_for(journey)
    regimen = protocol.lymphodepletion_regimen()
    weight = latest_weight(journey.patient_id, at=at)
    height = latest_height(journey.patient_id, at=at)
    doses = _doses(regimen, weight, height)
    given = list(LymphodepletionDose.objects.filter(journey=journey).order_by("given_at"))
    days = [_day(journey, dose.given_at) for dose in given]
    span = _span(regimen, days)
    return RegimenPicture(
        regimen=regimen,
        weight=weight,
        height=height,
        bsa_m2=doses.bsa_m2 if doses else None,
        why=_why(protocol, regimen, doses),
        numbers=range(1, span + 1),
        rows=_rows(journey, regimen, doses, given, days, span),
        given=given,
        waiver=LymphodepletionWaiver.objects.filter(journey=journey).first(),
        window=_window(protocol, days),
        waiver_question=next((row.question for row in in_force(protocol.lymphodepletion.waiver)), ""),
    )


def drug_names(protocol: Protocol) -> list[str]:
    """Every drug of the protocol's regimens, those of the proposed one first."""
    regimens = sorted(protocol.lymphodepletion.regimens, key=lambda regimen: not regimen.default)
    return list(dict.fromkeys(drug.drug for regimen in regimens for drug in regimen.drugs))


def _doses(regimen: Regimen, weight: Measurement | None, height: Measurement | None) -> RegimenDoses | None:
    if not (weight and weight.weight_kg and height and height.height_cm):
        return None
    return regimen_doses(regimen, weight_kg=float(weight.weight_kg), height_cm=float(height.height_cm))


def _why(protocol: Protocol, regimen: Regimen, doses: RegimenDoses | None) -> Answer | None:
    if doses is None:
        return None
    return Answer(
        name="lymphodepletion",
        result={"bsa_m2": doses.bsa_m2},
        source=f"{protocol.cite(regimen)}; {MOSTELLER_SOURCE}",
        explanation=list(doses.explanation),
    )


def _span(regimen: Regimen, days: Sequence[date]) -> int:
    """How many days to draw: those of the rule, and those on which something was given."""
    longest = max(drug.days for drug in regimen.drugs)
    return max(longest, (max(days) - min(days)).days + 1) if days else longest


def _rows(
    journey: Journey,
    regimen: Regimen,
    doses: RegimenDoses | None,
    given: Sequence[LymphodepletionDose],
    days: Sequence[date],
    span: int,
) -> tuple[DrugRow, ...]:
    planned = {drug.drug: drug for drug in regimen.drugs}
    by_rule = {dose.drug: dose for dose in doses.drugs} if doses else {}
    names = list(dict.fromkeys([*planned, *(dose.drug for dose in given)]))
    first = min(days, default=None)
    rows = []
    for name in names:
        drug, dose = planned.get(name), by_rule.get(name)
        rows.append(
            DrugRow(
                drug=name,
                mg_per_m2=drug.mg_per_m2 if drug else None,
                mg_per_day=dose.mg_per_day if dose else None,
                mg_total=dose.mg_total if dose else None,
                days=tuple(
                    _drug_day(journey, name, given, first, number, planned=bool(drug and number < drug.days))
                    for number in range(span)
                ),
            )
        )
    return tuple(rows)


def _drug_day(
    journey: Journey,
    drug: str,
    given: Sequence[LymphodepletionDose],
    first: date | None,
    number: int,
    *,
    planned: bool,
) -> DrugDay:
    on = first + timedelta(days=number) if first else None
    that_day = tuple(dose for dose in given if dose.drug == drug and _day(journey, dose.given_at) == on)
    return DrugDay(on, planned, that_day)


def _window(protocol: Protocol, days: Sequence[date]) -> InfusionDays | None:
    """The days on which the infusion may follow what was given so far."""
    rule = next(iter(in_force(protocol.lymphodepletion.window)), None)
    if rule is None or not days:
        return None
    return infusion_days(rule, lymphodepletion_ended_on=max(days))


def _day(journey: Journey, at: datetime) -> date:
    return at.astimezone(journey.center.zone).date()
