"""Doses of lymphodepletion by body surface.

Source: the regimens of the products' protocols (`cartpath/protocols/data`); body surface by Mosteller,
N Engl J Med 1987;317:1098: the square root of height (cm) × weight (kg) ÷ 3600.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import say
from cartpath.protocols import registry
from cartpath.protocols.sections import Regimen, RegimenDrug

MOSTELLER_DIVISOR: Final = 3600
MOSTELLER_SOURCE: Final = "Mosteller, N Engl J Med 1987;317:1098"


@dataclass(frozen=True, kw_only=True, slots=True)
class DrugDose:
    """One drug of a regimen for one child, unrounded."""

    drug: str
    bsa_m2: float
    mg_per_day: float
    days: int

    @property
    def mg_total(self) -> float:
        """The dose of all days."""
        return self.mg_per_day * self.days


@dataclass(frozen=True, kw_only=True, slots=True)
class RegimenDoses:
    """A regimen for one child."""

    bsa_m2: float
    drugs: tuple[DrugDose, ...]
    explanation: tuple[str, ...]


def body_surface_m2(*, weight_kg: float, height_cm: float) -> float:
    """Body surface by Mosteller. Source: the regimens of the protocol; Mosteller 1987."""
    return sqrt(height_cm * weight_kg / MOSTELLER_DIVISOR)


def regimen_doses(regimen: Regimen, *, weight_kg: float, height_cm: float) -> RegimenDoses:
    """Every drug of a regimen for a child of this size.

    Source: the regimens of the protocol; Mosteller 1987.
    """
    surface = body_surface_m2(weight_kg=weight_kg, height_cm=height_cm)
    return RegimenDoses(
        bsa_m2=surface,
        drugs=tuple(_dose(drug, surface) for drug in regimen.drugs),
        explanation=(
            say(
                "Body surface by Mosteller: √({height:g} cm × {weight:g} kg ÷ 3600) = {surface:.4f} m².",
                height=height_cm,
                weight=weight_kg,
                surface=surface,
            ),
            *(_said(drug, surface) for drug in regimen.drugs),
        ),
    )


def expected_dose(regimen: Regimen, drug: str, *, weight_kg: float, height_cm: float) -> DrugDose | None:
    """The dose of one drug, found by its name whatever its case; None when the regimen hasn't got it.

    Source: the regimens of the protocol; Mosteller 1987.
    """
    wanted = drug.strip().casefold()
    doses = regimen_doses(regimen, weight_kg=weight_kg, height_cm=height_cm)
    return next((dose for dose in doses.drugs if dose.drug.casefold() == wanted), None)


def _dose(drug: RegimenDrug, surface: float) -> DrugDose:
    return DrugDose(drug=drug.drug, bsa_m2=surface, mg_per_day=drug.mg_per_m2 * surface, days=drug.days)


def _said(drug: RegimenDrug, surface: float) -> str:
    return say(
        "{drug}: {per_m2:g} mg/m² × {surface:.4f} m² = {mg:.1f} mg a day for {days} days.",
        drug=drug.drug,
        per_m2=drug.mg_per_m2,
        surface=surface,
        mg=drug.mg_per_m2 * surface,
        days=drug.days,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class LymphodepletionInput:
    """A regimen by name, and the child's size."""

    __pydantic_config__ = INPUT_CONFIG

    regimen: str
    weight_kg: Annotated[float, Ge(0.3), Le(300)]
    height_cm: Annotated[float, Ge(20), Le(250)]


def calculate_lymphodepletion(given: LymphodepletionInput) -> Answer:
    """Answer the `lymphodepletion` calculator: `bsa_m2` (four decimals), `drugs` (mg with one decimal).

    Raises Invalid for a regimen no protocol has in force.

    Source: the regimens of the protocol; Mosteller 1987.
    """
    known = registry.regimens()
    if given.regimen not in known:
        names = ", ".join(sorted(known))
        raise invalid_input({"regimen": say("Choose one of: {names}.", names=names)})
    protocol, regimen = known[given.regimen]
    doses = regimen_doses(regimen, weight_kg=given.weight_kg, height_cm=given.height_cm)
    return Answer(
        name="lymphodepletion",
        result={
            "bsa_m2": round(doses.bsa_m2, 4),
            "drugs": [
                {
                    "drug": dose.drug,
                    "mg_per_day": round(dose.mg_per_day, 1),
                    "days": dose.days,
                    "mg_total": round(dose.mg_total, 1),
                }
                for dose in doses.drugs
            ],
        },
        source=f"{protocol.cite(regimen)}; {MOSTELLER_SOURCE}",
        scale=protocol.id,
        scale_version=protocol.version,
        explanation=list(doses.explanation),
    )
