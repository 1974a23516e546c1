"""Total blood volume: by a factor per kilogram, or by Nadler's formula in the heavier child.

Source: factors and the weight from which Nadler holds are rows of the apheresis part
(`cartpath/protocols/parts/apheresis`); the coefficients stand in `tables`.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import say
from cartpath.protocols import registry
from cartpath.protocols.rows import figure
from cartpath.protocols.schema import ApheresisRules
from leukapheresis.rules.tables import NADLER, WORDS_OF_SEX, Sex

ML_PER_L: Final = 1000
CM_PER_M: Final = 100

# The apheresis figures of the calculators, which aren't asked about a protocol.
DEFAULT_APHERESIS_RULES: Final = "pediatric"

SITE_FACTOR_SOURCE: Final = "Factor given by the site"

WeightKg = Annotated[float, Ge(0.3), Le(300)]
HeightCm = Annotated[float, Ge(20), Le(250)]
MlPerKg = Annotated[float, Ge(40), Le(150)]


@dataclass(frozen=True, kw_only=True, slots=True)
class BloodVolume:
    """Total blood volume in milliliters and how it was found."""

    ml: float
    method: Literal["per_kg", "nadler"]
    source: str
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


def blood_volume(
    rules: ApheresisRules,
    *,
    weight_kg: float,
    height_cm: float | None = None,
    sex: Sex | None = None,
    ml_per_kg: float | None = None,
) -> BloodVolume:
    """The total blood volume of a child.

    Nadler's formula from the weight of the rule on, when height and sex are known; else weight times
    `ml_per_kg`, the site's factor, or the rule's when there is none (flag `default_blood_volume_factor`).

    Source: the apheresis part; Nadler 1962.
    """
    nadler_from = figure(rules.figures, "nadler_from_kg")
    if weight_kg < nadler_from.value:
        why = say("Weight times factor below {limit:g} kg.", limit=nadler_from.value)
        return _per_kg(rules, weight_kg, ml_per_kg, why=why, missing=())
    if height_cm is not None and sex is not None:
        return _nadler(weight_kg, height_cm, sex, nadler_from_kg=nadler_from.value)
    missing = tuple(name for name, given in (("height_cm", height_cm), ("sex", sex)) if given is None)
    why = say("Weight times factor: Nadler's formula needs height and sex.")
    return _per_kg(rules, weight_kg, ml_per_kg, why=why, missing=missing)


def _nadler(weight_kg: float, height_cm: float, sex: Sex, *, nadler_from_kg: float) -> BloodVolume:
    by = NADLER[sex]
    liters = by.cubic_m * (height_cm / CM_PER_M) ** 3 + by.per_kg * weight_kg + by.constant
    ml = liters * ML_PER_L
    said = say(
        "Nadler's formula ({sex}), from {limit:g} kg with height and sex known: {ml:.0f} mL.",
        sex=WORDS_OF_SEX[sex],
        limit=nadler_from_kg,
        ml=ml,
    )
    return BloodVolume(ml=ml, method="nadler", source=by.source, explanation=(said,), missing=(), flags=())


def _per_kg(
    rules: ApheresisRules,
    weight_kg: float,
    ml_per_kg: float | None,
    *,
    why: str,
    missing: tuple[str, ...],
) -> BloodVolume:
    default = figure(rules.figures, "blood_volume_ml_per_kg")
    factor = default.value if ml_per_kg is None else ml_per_kg
    ml = weight_kg * factor
    product = say("{weight:g} kg × {factor:g} mL/kg = {ml:.0f} mL.", weight=weight_kg, factor=factor, ml=ml)
    whose = say("No site factor was given: the default is used.") if ml_per_kg is None else None
    return BloodVolume(
        ml=ml,
        method="per_kg",
        source="; ".join(rules.sources[key] for key in default.source) if whose else SITE_FACTOR_SOURCE,
        explanation=(why, *((whose,) if whose else ()), product),
        missing=missing,
        flags=("default_blood_volume_factor",) if ml_per_kg is None else (),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class TotalBloodVolumeInput:
    """Weight, and what is known of height, sex and the site's factor."""

    __pydantic_config__ = INPUT_CONFIG

    weight_kg: WeightKg
    height_cm: HeightCm | None = None
    sex: Sex | None = None
    ml_per_kg: MlPerKg | None = None


def calculate_total_blood_volume(given: TotalBloodVolumeInput) -> Answer:
    """Answer the `total_blood_volume` calculator: `ml` (two decimals), `method`.

    Source: the apheresis part; Nadler 1962.
    """
    rules = registry.apheresis(DEFAULT_APHERESIS_RULES)
    found = blood_volume(
        rules,
        weight_kg=given.weight_kg,
        height_cm=given.height_cm,
        sex=given.sex,
        ml_per_kg=given.ml_per_kg,
    )
    return Answer(
        name="total_blood_volume",
        result={"ml": round(found.ml, 2), "method": found.method},
        source=found.source,
        scale=rules.id,
        scale_version=rules.version,
        explanation=list(found.explanation),
        missing=list(found.missing),
        flags=list(found.flags),
    )
