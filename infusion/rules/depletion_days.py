"""The days of lymphodepletion: which drug on which day, and what became of it.

Source: the regimens of the product's protocol. A regimen whose drugs name their first day counts it from the
day of the infusion (−4 is four days before), any other begins with all its drugs on one day. Kidney: the
fludarabine figures of the protocol; they ask, a physician answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cartpath.core.sentences import say
from cartpath.protocols.rows import Figure
from cartpath.protocols.sections import Regimen
from infusion.rules.lymphodepletion import RegimenDoses

DoseState = Literal["given", "due", "missed", "planned", "unplanned"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedDose:
    """One drug on one day: the rule's figure and the dose that was planned, in mg."""

    drug: str
    on: date
    rule_mg: float
    mg: float


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenDose:
    """One drug as given on a day; an unknown dose is None."""

    drug: str
    on: date
    mg: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StripDose:
    """One drug on one day of the strip. `due` is today's, `missed` one whose day passed without it."""

    drug: str
    state: DoseState
    planned_mg: float | None
    given_mg: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StripDay:
    """One day; `day` counts from the planned infusion, which is 0, and is negative before it."""

    on: date
    day: int
    doses: tuple[StripDose, ...]
    is_infusion: bool
    is_today: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class KidneyNote:
    """Whether the dose of fludarabine is asked about; None while the clearance is unknown.

    `auc_low` holds a measured exposure against the figure; None where nothing was measured, or no figure is.
    """

    ask: bool | None
    auc_low: bool | None
    sentences: tuple[str, ...]
    missing: tuple[str, ...]


def counts_back(regimen: Regimen) -> bool:
    """Whether a regimen's days are counted from the infusion. Source: the regimen row of the protocol."""
    return any(drug.first_day is not None for drug in regimen.drugs)


def planned_doses(
    regimen: Regimen,
    doses: RegimenDoses,
    *,
    starts_on: date,
    infusion_on: date,
    own_mg: Mapping[str, float] | None = None,
) -> tuple[PlannedDose, ...]:
    """Every drug on every day, in the order of the days; `own_mg` are doses a day other than the rule's.

    Source: the regimen row of the protocol.
    """
    own = own_mg or {}
    by_rule = {dose.drug: dose.mg_per_day for dose in doses.drugs}
    planned = []
    for drug in regimen.drugs:
        first_on = starts_on if drug.first_day is None else infusion_on + timedelta(days=drug.first_day)
        rule_mg = round(by_rule[drug.drug], 1)
        for number in range(drug.days):
            on = first_on + timedelta(days=number)
            mg = round(own.get(drug.drug, rule_mg), 1)
            planned.append(PlannedDose(drug=drug.drug, on=on, rule_mg=rule_mg, mg=mg))
    return tuple(sorted(planned, key=lambda dose: dose.on))


def strip(
    planned: Sequence[PlannedDose], given: Sequence[GivenDose], *, infusion_on: date, today: date
) -> tuple[StripDay, ...]:
    """Every day from the first dose to the planned infusion, with what was planned and given.

    Source: the plan of the child.
    """
    days = [dose.on for dose in planned] + [dose.on for dose in given]
    if not days:
        return ()
    first, last = min(days), max(*days, infusion_on)
    span = (last - first).days + 1
    return tuple(
        _strip_day(first + timedelta(days=number), planned, given, infusion_on, today)
        for number in range(span)
    )


def _strip_day(
    on: date,
    planned: Sequence[PlannedDose],
    given: Sequence[GivenDose],
    infusion_on: date,
    today: date,
) -> StripDay:
    wanted = {dose.drug.casefold(): dose for dose in planned if dose.on == on}
    had: dict[str, list[GivenDose]] = {}
    for dose in given:
        if dose.on == on:
            had.setdefault(dose.drug.casefold(), []).append(dose)
    doses = []
    for key in dict.fromkeys([*wanted, *had]):
        plan, got = wanted.get(key), had.get(key, [])
        doses.append(
            StripDose(
                drug=plan.drug if plan else got[0].drug,
                state=_state(is_planned=plan is not None, is_given=bool(got), on=on, today=today),
                planned_mg=plan.mg if plan else None,
                given_mg=tuple(dose.mg for dose in got),
            )
        )
    return StripDay(
        on=on,
        day=(on - infusion_on).days,
        doses=tuple(doses),
        is_infusion=on == infusion_on,
        is_today=on == today,
    )


def _state(*, is_planned: bool, is_given: bool, on: date, today: date) -> DoseState:
    if is_given:
        return "given" if is_planned else "unplanned"
    if on == today:
        return "due"
    return "missed" if on < today else "planned"


def kidney_note(
    *, clearance_ml_min: float | None, flu_auc: float | None, asks: Figure | None, low: Figure | None
) -> KidneyNote:
    """What the kidney asks about fludarabine. Nothing is reduced by it and nothing waits for it.

    Source: the figures of the protocol about fludarabine.
    """
    said: list[str] = []
    missing: list[str] = []
    ask: bool | None = False
    if asks is not None and clearance_ml_min is None:
        ask = None
        missing.append("clearance_ml_min")
        said.append(say("The creatinine clearance is unknown."))
    elif asks is not None and clearance_ml_min is not None:
        ask = clearance_ml_min < asks.value
        said.append(
            say(
                "Creatinine clearance {value:g} mL/min; fludarabine is asked about below {limit:g}.",
                value=clearance_ml_min,
                limit=asks.value,
            )
        )
    auc_low: bool | None = None
    if low is not None and flu_auc is not None:
        auc_low = flu_auc < low.value
        said.append(
            say(
                "Fludarabine exposure {value:g} mg·h/L; below {limit:g} relapses were more frequent.",
                value=flu_auc,
                limit=low.value,
            )
        )
    return KidneyNote(ask=ask, auc_low=auc_low, sentences=tuple(said), missing=tuple(missing))
