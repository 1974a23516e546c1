"""Planning a collection: extracorporeal volume, prime, volume to process, platelets afterwards.

Source: figures and limits are rows of the apheresis part (`cartpath/protocols/parts/apheresis`); the
volume is target ÷ (CD3+ cells in blood × collection efficiency).
"""

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.quantities import cells_text
from cartpath.core.sentences import say
from cartpath.protocols import registry
from cartpath.protocols.rows import Figure, Limit, figure
from cartpath.protocols.schema import ApheresisRules
from leukapheresis.rules.blood_volume import (
    DEFAULT_APHERESIS_RULES,
    ML_PER_L,
    BloodVolume,
    HeightCm,
    MlPerKg,
    WeightKg,
    blood_volume,
)
from leukapheresis.rules.tables import PLAN_SOURCE, Sex

UL_PER_L: Final = 1_000_000
PERCENT: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ApheresisPlanInput:
    """What a plan needs. ECV in mL, CD3+ per µL of blood, target in cells, platelets in 10⁹/L.

    Without `collection_efficiency` (a fraction) the rule's is used; without `pre_platelets` the platelets
    afterwards stay unknown.
    """

    __pydantic_config__ = INPUT_CONFIG

    weight_kg: WeightKg
    device_ecv_ml: Annotated[float, Ge(1), Le(2_000)]
    pre_cd3_per_ul: Annotated[float, Ge(0.1), Le(1_000_000)]
    target_cd3: Annotated[float, Ge(1), Le(1e13)]
    height_cm: HeightCm | None = None
    sex: Sex | None = None
    ml_per_kg: MlPerKg | None = None
    collection_efficiency: Annotated[float, Ge(0.01), Le(1)] | None = None
    pre_platelets: Annotated[float, Ge(0), Le(5_000)] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ApheresisPlan:
    """The plan, unrounded. Volumes in mL and L, platelets in 10⁹/L."""

    blood_volume: BloodVolume
    ecv_percent: float
    prime_required: bool
    volume_to_process_l: float
    blood_volumes: float
    predicted_platelets: float | None
    source: str
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Circuit:
    """What the machine takes out of the child, in percent of the blood volume, and the prime it needs."""

    ecv_percent: float
    prime_required: bool
    explanation: tuple[str, ...]
    flags: tuple[str, ...]
    source: str


def circuit(rules: ApheresisRules, volume: BloodVolume, *, weight_kg: float, device_ecv_ml: float) -> Circuit:
    """Hold the volume of the machine against the child's blood volume and weight.

    Source: the rows of the apheresis part.
    """
    ecv_percent = device_ecv_ml / volume.ml * PERCENT
    by_ecv = not _limit(rules, "ecv_prime_percent").holds(ecv_percent)
    by_weight = not _limit(rules, "prime_weight_kg").holds(weight_kg)
    said = say(
        "The machine holds {ecv:g} mL, {percent:.1f} % of the blood volume.",
        ecv=device_ecv_ml,
        percent=ecv_percent,
    )
    return Circuit(
        ecv_percent=ecv_percent,
        prime_required=by_ecv or by_weight,
        explanation=(said, *_prime_said(rules, by_ecv=by_ecv, by_weight=by_weight)),
        flags=(
            *_broken(rules, "ecv_warn_percent", ecv_percent, "ecv_high"),
            *(("prime_by_ecv",) if by_ecv else ()),
            *(("prime_by_weight",) if by_weight else ()),
        ),
        source=_cited(rules, _limit(rules, "ecv_prime_percent"), _limit(rules, "prime_weight_kg")),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PlateletsAfter:
    """The platelets to expect after the collection, 10⁹/L."""

    platelets: float
    explanation: tuple[str, ...]
    flags: tuple[str, ...]
    source: str


def platelets_after(rules: ApheresisRules, before: float) -> PlateletsAfter:
    """Foretell the platelets after a collection from those before it, 10⁹/L.

    Source: the rows of the apheresis part.
    """
    fall = _figure(rules, "platelet_fall_percent")
    platelets = before * (PERCENT - fall.value) / PERCENT
    return PlateletsAfter(
        platelets=platelets,
        explanation=(_platelets_said(rules, platelets),),
        flags=_broken(rules, "platelets_after", platelets, "platelets_low_afterwards"),
        source=_cited(rules, fall),
    )


def apheresis_plan(rules: ApheresisRules, given: ApheresisPlanInput) -> ApheresisPlan:
    """Plan a collection by the rules of an apheresis part. Source: the rows of the apheresis part."""
    volume = blood_volume(
        rules,
        weight_kg=given.weight_kg,
        height_cm=given.height_cm,
        sex=given.sex,
        ml_per_kg=given.ml_per_kg,
    )
    outside = circuit(rules, volume, weight_kg=given.weight_kg, device_ecv_ml=given.device_ecv_ml)
    efficiency = given.collection_efficiency
    if efficiency is None:
        efficiency = _figure(rules, "collection_efficiency").value
    liters = given.target_cd3 / (given.pre_cd3_per_ul * UL_PER_L * efficiency)
    blood_volumes = liters * ML_PER_L / volume.ml
    after = None if given.pre_platelets is None else platelets_after(rules, given.pre_platelets)
    return ApheresisPlan(
        blood_volume=volume,
        ecv_percent=outside.ecv_percent,
        prime_required=outside.prime_required,
        volume_to_process_l=liters,
        blood_volumes=blood_volumes,
        predicted_platelets=after.platelets if after else None,
        source="; ".join((PLAN_SOURCE, *_sources(rules))),
        explanation=(
            *volume.explanation,
            *outside.explanation,
            say(
                "{target} CD3+ cells ÷ ({count:g}/µL × efficiency {efficiency:g}) = {liters:.2f} L, "
                "{multiples:.1f} blood volumes.",
                target=cells_text(given.target_cd3),
                count=given.pre_cd3_per_ul,
                efficiency=efficiency,
                liters=liters,
                multiples=blood_volumes,
            ),
            *(after.explanation if after else (_platelets_said(rules, None),)),
        ),
        missing=(*volume.missing, *(() if after else ("pre_platelets",))),
        flags=(
            *volume.flags,
            *outside.flags,
            *_broken(rules, "blood_volumes_processed", blood_volumes, "many_blood_volumes"),
            *(after.flags if after else ()),
        ),
    )


def _figure(rules: ApheresisRules, row_id: str) -> Figure:
    return figure(rules.figures, row_id)


def _limit(rules: ApheresisRules, row_id: str) -> Limit:
    return figure(rules.limits, row_id)


def _broken(rules: ApheresisRules, row_id: str, measured: float | None, flag: str) -> tuple[str, ...]:
    kept = measured is None or _limit(rules, row_id).holds(measured)
    return () if kept else (flag,)


def _prime_said(rules: ApheresisRules, *, by_ecv: bool, by_weight: bool) -> tuple[str, ...]:
    ecv, weight = _limit(rules, "ecv_prime_percent").value, _limit(rules, "prime_weight_kg").value
    said = []
    if by_ecv:
        said.append(say("Red-cell prime: more than {limit:g} % of the blood volume is outside.", limit=ecv))
    if by_weight:
        said.append(say("Red-cell prime: the child weighs less than {limit:g} kg.", limit=weight))
    none = say(
        "No red-cell prime: at least {weight:g} kg, at most {ecv:g} % outside.", weight=weight, ecv=ecv
    )
    return tuple(said) or (none,)


def _platelets_said(rules: ApheresisRules, platelets: float | None) -> str:
    fall = _figure(rules, "platelet_fall_percent").value
    if platelets is None:
        return say("Platelets afterwards are unknown; a fall by {fall:g} % is expected.", fall=fall)
    return say(
        "Platelets are expected to fall by {fall:g} % to {platelets:.0f} ×10⁹/L.",
        fall=fall,
        platelets=platelets,
    )


def _sources(rules: ApheresisRules) -> tuple[str, ...]:
    rows = (
        _limit(rules, "ecv_prime_percent"),
        _limit(rules, "prime_weight_kg"),
        _figure(rules, "platelet_fall_percent"),
    )
    return tuple(dict.fromkeys(rules.sources[key] for row in rows for key in row.source))


def _cited(rules: ApheresisRules, *rows: Figure) -> str:
    return "; ".join(dict.fromkeys(rules.sources[key] for row in rows for key in row.source))


def calculate_apheresis_plan(given: ApheresisPlanInput) -> Answer:
    """Answer the `apheresis_plan` calculator.

    `tbv_ml`, `volume_to_process_l` and `tbv_multiples` have two decimals, `ecv_percent` and
    `predicted_platelets` one.

    Source: the rows of the apheresis part.
    """
    rules = registry.apheresis(DEFAULT_APHERESIS_RULES)
    plan = apheresis_plan(rules, given)
    platelets = plan.predicted_platelets
    return Answer(
        name="apheresis_plan",
        result={
            "tbv_ml": round(plan.blood_volume.ml, 2),
            "ecv_percent": round(plan.ecv_percent, 1),
            "prime_required": plan.prime_required,
            "volume_to_process_l": round(plan.volume_to_process_l, 2),
            "tbv_multiples": round(plan.blood_volumes, 2),
            "predicted_platelets": None if platelets is None else round(platelets, 1),
        },
        source=plan.source,
        scale=rules.id,
        scale_version=rules.version,
        explanation=list(plan.explanation),
        missing=list(plan.missing),
        flags=list(plan.flags),
    )
