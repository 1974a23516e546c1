"""Lymphodepletion on one page: what the rule asks for this child, what was given when, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cartpath.core.answers import Answer
from cartpath.protocols.schema import Protocol
from cartpath.protocols.sections import Regimen
from infusion.day import Asked, Window, infusion_window, repeat_asked, waiver_asked
from infusion.enums import Quantity
from infusion.fractions import latest_finding
from infusion.models import Finding, LymphodepletionDose, LymphodepletionWaiver
from infusion.rules.lymphodepletion import MOSTELLER_SOURCE, RegimenDoses, regimen_doses
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
    """Everything the lymphodepletion page shows; `regimen` is None while none is approved."""

    regimen: Regimen | None
    weight: Measurement | None
    height: Measurement | None
    bsa_m2: float | None
    why: Answer | None
    numbers: range
    rows: tuple[DrugRow, ...]
    given: list[LymphodepletionDose]
    waiver: LymphodepletionWaiver | None
    window: Window | None
    waiver_asked: Asked | None
    repeat_asked: Asked | None
    white_cells: Finding | None

    @property
    def asked(self) -> list[Asked]:
        """What the rule asks here: a second lymphodepletion, or, before the first, going without."""
        if self.given:
            return [self.repeat_asked] if self.repeat_asked else []
        return [] if self.waiver else self.waiver_questions

    @property
    def waiver_questions(self) -> list[Asked]:
        """The question about going without lymphodepletion, if the rule has one."""
        return [self.waiver_asked] if self.waiver_asked else []


def regimen_picture(journey: Journey, *, at: datetime) -> RegimenPicture:
    """Lymphodepletion of a journey at a time. Doses follow the latest weight and height, as records do."""
    protocol = protocol_for(journey)
    regimen = protocol.lymphodepletion_regimen(journey.center.local_day(at))
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
        why=regimen_answer(protocol, regimen, doses) if regimen and doses else None,
        numbers=range(1, span + 1),
        rows=_rows(journey, regimen, doses, given, days, span),
        given=given,
        waiver=LymphodepletionWaiver.objects.filter(journey=journey).first(),
        window=infusion_window(journey, at=at),
        waiver_asked=waiver_asked(journey, at=at),
        repeat_asked=repeat_asked(journey, at=at),
        white_cells=latest_finding(journey.pk, Quantity.WHITE_CELLS, on=journey.center.local_day(at)),
    )


def drug_names(protocol: Protocol) -> list[str]:
    """Every drug of the protocol's regimens, those of the proposed one first."""
    regimens = sorted(protocol.lymphodepletion.regimens, key=lambda regimen: not regimen.default)
    return list(dict.fromkeys(drug.drug for regimen in regimens for drug in regimen.drugs))


def _doses(
    regimen: Regimen | None, weight: Measurement | None, height: Measurement | None
) -> RegimenDoses | None:
    if not (regimen and weight and weight.weight_kg and height and height.height_cm):
        return None
    return regimen_doses(regimen, weight_kg=float(weight.weight_kg), height_cm=float(height.height_cm))


def regimen_answer(protocol: Protocol, regimen: Regimen, doses: RegimenDoses) -> Answer:
    """The doses of a regimen as an answer that a page and the ledger can show."""
    return Answer(
        name="lymphodepletion",
        result={"bsa_m2": doses.bsa_m2},
        source=f"{protocol.cite(regimen)}; {MOSTELLER_SOURCE}",
        scale=protocol.id,
        scale_version=protocol.version,
        explanation=list(doses.explanation),
    )


def _span(regimen: Regimen | None, days: Sequence[date]) -> int:
    """How many days to draw: those of the rule, and those on which something was given."""
    longest = max(drug.days for drug in regimen.drugs) if regimen else 0
    return max(longest, (max(days) - min(days)).days + 1) if days else longest


def _rows(
    journey: Journey,
    regimen: Regimen | None,
    doses: RegimenDoses | None,
    given: Sequence[LymphodepletionDose],
    days: Sequence[date],
    span: int,
) -> tuple[DrugRow, ...]:
    planned = {drug.drug: drug for drug in regimen.drugs} if regimen else {}
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


def _day(journey: Journey, at: datetime) -> date:
    return journey.center.local_day(at)
