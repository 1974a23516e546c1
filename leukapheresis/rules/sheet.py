"""The planning sheet of a day of collection: every figure that a nurse needs before the machine starts.

Source: the rows of the apheresis part. What isn't known stays unknown, and every figure that hangs on it too;
nothing is put in its place. Blood to anticoagulant counts parts of blood without the anticoagulant.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cartpath.core.quantities import cells_text
from cartpath.core.sentences import say
from cartpath.protocols.rows import Figure, Limit, figure, in_force
from cartpath.protocols.schema import ApheresisRules
from leukapheresis.rules.blood_volume import ML_PER_L, BloodVolume, blood_volume
from leukapheresis.rules.plan import UL_PER_L, circuit, platelets_after
from leukapheresis.rules.tables import Sex

NEWBORN_DAYS: Final = 28
_SIGNS: Final[Mapping[str, str]] = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}

Verdict = Literal["fits", "warn", "block", "unknown", "told"]
LineName = Literal[
    "blood_volume",
    "ecv_share",
    "prime",
    "circuit_hematocrit",
    "volume_to_process",
    "blood_volumes",
    "acda_volume",
    "inlet_volume",
    "citrate_load",
    "shortest_minutes",
    "calcium",
    "platelets_after",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetFacts:
    """What is known of the person on the machine, the machine and the aim; None is unknown.

    Weight in kg, height in cm, age in days, extracorporeal volume in mL, CD3+ per µL of blood, platelets in
    10⁹/L, hematocrit in percent. `target_cd3` is what is still to be collected; `acda_ratio` (parts of blood
    to one of ACD-A) and `efficiency` (a fraction) are the center's own in place of the rows'.
    """

    weight_kg: float | None = None
    height_cm: float | None = None
    sex: Sex | None = None
    age_days: int | None = None
    ecv_ml: float | None = None
    cd3_per_ul: float | None = None
    platelets_e9_per_l: float | None = None
    hematocrit_percent: float | None = None
    target_cd3: float | None = None
    acda_ratio: float | None = None
    efficiency: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetLine:
    """One figure with how it was found and what its limit says; `told` has no limit to be held against.

    `missing` names the facts that would settle an unknown figure.
    """

    name: LineName
    value: float | None
    unit: str
    verdict: Verdict
    explanation: tuple[str, ...]
    sources: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherVolume:
    """The blood volume by another method or factor, for comparison."""

    ml: float
    label: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanningSheet:
    """The whole sheet: `prime` is None while it is unknown; `others` differ from the volume that is used."""

    volume: BloodVolume | None
    others: tuple[OtherVolume, ...]
    prime: bool | None
    lines: tuple[SheetLine, ...]

    def line(self, name: LineName) -> SheetLine:
        """The line of that name."""
        return next(line for line in self.lines if line.name == name)

    @property
    def worst(self) -> Verdict:
        """The gravest verdict of all lines."""
        found = {line.verdict for line in self.lines}
        order: tuple[Verdict, ...] = ("block", "unknown", "warn", "fits")
        return next((verdict for verdict in order if verdict in found), "told")


def planning_sheet(rules: ApheresisRules, facts: SheetFacts) -> PlanningSheet:
    """Plan one day of collection. Source: the rows of the apheresis part."""
    volume = None
    if facts.weight_kg is not None:
        volume = blood_volume(rules, weight_kg=facts.weight_kg, height_cm=facts.height_cm, sex=facts.sex)
    share, prime_line, prime = _outside(rules, facts, volume)
    liters, multiples = _to_process(rules, facts, volume)
    return PlanningSheet(
        volume=volume,
        others=tuple(_others(rules, facts, volume)) if volume else (),
        prime=prime,
        lines=(
            _volume_line(volume),
            share,
            prime_line,
            _circuit_hematocrit(rules, facts, volume),
            liters,
            multiples,
            *_anticoagulant(rules, facts, volume, liters.value),
            _calcium(rules, facts),
            _platelets(rules, facts),
        ),
    )


def _others(rules: ApheresisRules, facts: SheetFacts, used: BloodVolume) -> Iterator[OtherVolume]:
    """The other methods: the rows' other factors for the age, and weight times factor beside Nadler."""
    weight_kg = facts.weight_kg or 0
    if used.method == "nadler":
        row = figure(rules.figures, "blood_volume_ml_per_kg")
        yield _by_factor(rules, row, weight_kg)
        return
    age = facts.age_days
    if age is not None and age <= NEWBORN_DAYS:
        other = "blood_volume_ml_per_kg_newborn"
    else:
        other = "blood_volume_ml_per_kg_prepubertal"
    for row in in_force(rules.figures):
        if row.id == other and weight_kg * row.value != used.ml:
            yield _by_factor(rules, row, weight_kg)


def _by_factor(rules: ApheresisRules, row: Figure, weight_kg: float) -> OtherVolume:
    return OtherVolume(ml=weight_kg * row.value, label=row.label, source=_cited(rules, row)[0])


def _volume_line(volume: BloodVolume | None) -> SheetLine:
    if volume is None:
        return _unknown("blood_volume", "mL", "weight_kg")
    return SheetLine(
        name="blood_volume",
        value=volume.ml,
        unit="mL",
        verdict="told",
        explanation=volume.explanation,
        sources=tuple(volume.source.split("; ")),
        missing=volume.missing,
    )


def _outside(
    rules: ApheresisRules, facts: SheetFacts, volume: BloodVolume | None
) -> tuple[SheetLine, SheetLine, bool | None]:
    """The machine's share of the blood volume, and the prime with its reason."""
    missing = _missing(facts, "weight_kg", "ecv_ml")
    warn, prime = _limit(rules, "ecv_warn_percent"), _limit(rules, "ecv_prime_percent")
    weight_row = _limit(rules, "prime_weight_kg")
    if volume is None or facts.weight_kg is None or facts.ecv_ml is None:
        share = _unknown("ecv_share", "%", *missing)
        # A child below the weight is primed whatever the machine holds.
        if facts.weight_kg is not None and not weight_row.holds(facts.weight_kg):
            said = say("Red-cell prime: the child weighs less than {limit:g} kg.", limit=weight_row.value)
            return share, _prime_line(rules, True, (said,), ()), True
        return share, _prime_line(rules, None, (), missing), None
    found = circuit(rules, volume, weight_kg=facts.weight_kg, device_ecv_ml=facts.ecv_ml)
    share = SheetLine(
        name="ecv_share",
        value=found.ecv_percent,
        unit="%",
        verdict="fits" if warn.holds(found.ecv_percent) else "warn",
        explanation=(found.explanation[0], _limit_said(warn), _limit_said(prime)),
        sources=_cited(rules, warn, prime),
    )
    return share, _prime_line(rules, found.prime_required, found.explanation[1:], ()), found.prime_required


def _prime_line(
    rules: ApheresisRules, needed: bool | None, said: tuple[str, ...], missing: tuple[str, ...]
) -> SheetLine:
    rows = (_limit(rules, "ecv_prime_percent"), _limit(rules, "prime_weight_kg"))
    unknown = say("Whether a prime is needed is unknown.")
    return SheetLine(
        name="prime",
        value=None,
        unit="",
        verdict="unknown" if needed is None else "block" if needed else "fits",
        explanation=said or (unknown,),
        sources=_cited(rules, *rows),
        missing=missing,
    )


def _circuit_hematocrit(rules: ApheresisRules, facts: SheetFacts, volume: BloodVolume | None) -> SheetLine:
    """The hematocrit once the child's blood has filled a machine primed without red cells."""
    if volume is None or facts.ecv_ml is None or facts.hematocrit_percent is None:
        missing = _missing(facts, "weight_kg", "ecv_ml", "hematocrit_percent")
        return _unknown("circuit_hematocrit", "%", *missing)
    predicted = facts.hematocrit_percent * volume.ml / (volume.ml + facts.ecv_ml)
    row = next((each for each in in_force(rules.limits) if each.id == "hematocrit_on_circuit"), None)
    said = say(
        "{hematocrit:g} % × blood volume ÷ (blood volume + {ecv:g} mL) without a red-cell prime.",
        hematocrit=facts.hematocrit_percent,
        ecv=facts.ecv_ml,
    )
    if row is None:
        no_limit = say("No limit is approved for it.")
        return _told("circuit_hematocrit", predicted, "%", (said, no_limit), ())
    return _held("circuit_hematocrit", predicted, "%", row, rules, (said,))


def _to_process(
    rules: ApheresisRules, facts: SheetFacts, volume: BloodVolume | None
) -> tuple[SheetLine, SheetLine]:
    """The volume to process for the cells still wanted, in liters and in blood volumes."""
    missing = list(_missing(facts, "target_cd3"))
    # Of a count of zero nothing can be planned: it stays unknown too.
    if not facts.cd3_per_ul:
        missing.append("cd3_per_ul")
    row = figure(rules.figures, "collection_efficiency")
    if facts.target_cd3 is None or not facts.cd3_per_ul:
        liters = _unknown("volume_to_process", "L", *missing)
        return liters, _unknown("blood_volumes", "", *missing, *_missing(facts, "weight_kg"))
    efficiency = row.value if facts.efficiency is None else facts.efficiency
    wanted = max(facts.target_cd3, 0) / (facts.cd3_per_ul * UL_PER_L * efficiency)
    said = say(
        "{target} CD3+ cells ÷ ({count:g}/µL × efficiency {efficiency:g}) = {liters:.2f} L.",
        target=cells_text(max(facts.target_cd3, 0)),
        count=facts.cd3_per_ul,
        efficiency=efficiency,
        liters=wanted,
    )
    liters = _told("volume_to_process", wanted, "L", (said,), _cited(rules, row))
    if volume is None:
        return liters, _unknown("blood_volumes", "", "weight_kg")
    multiples = wanted * ML_PER_L / volume.ml
    limit = _limit(rules, "blood_volumes_processed")
    return liters, _held("blood_volumes", multiples, "", limit, rules, ())


def _anticoagulant(
    rules: ApheresisRules, facts: SheetFacts, volume: BloodVolume | None, liters: float | None
) -> tuple[SheetLine, ...]:
    """ACD-A for the volume to process, the citrate it brings, and how long it takes at the least."""
    ratio_row, rate_row = figure(rules.figures, "acda_ratio"), figure(rules.figures, "acda_ml_min_per_l")
    citrate_row = figure(rules.figures, "acda_citrate_mg_per_ml")
    ratio = ratio_row.value if facts.acda_ratio is None else facts.acda_ratio
    if liters is None:
        missing = ("cd3_per_ul",) if not facts.cd3_per_ul else _missing(facts, "target_cd3")
        acda = _unknown("acda_volume", "mL", *missing)
        inlet = _unknown("inlet_volume", "mL", *missing)
    else:
        blood_ml = liters * ML_PER_L
        ratio_said = say("{ratio:g} parts of blood to one of ACD-A.", ratio=ratio)
        acda = _told("acda_volume", blood_ml / ratio, "mL", (ratio_said,), _cited(rules, ratio_row))
        inlet = _told(
            "inlet_volume",
            blood_ml + blood_ml / ratio,
            "mL",
            (say("Blood and ACD-A together, as the machine counts it."),),
            (),
        )
    if volume is None or facts.weight_kg is None:
        citrate = _unknown("citrate_load", "mg/kg/min", "weight_kg")
        return acda, inlet, citrate, _unknown("shortest_minutes", "min", "weight_kg")
    rate = rate_row.value * volume.ml / ML_PER_L
    load = rate * citrate_row.value / facts.weight_kg
    said = say(
        "{rate:.1f} mL ACD-A per minute at most × {citrate:g} mg/mL ÷ {weight:g} kg.",
        rate=rate,
        citrate=citrate_row.value,
        weight=facts.weight_kg,
    )
    limit = _limit(rules, "citrate_mg_kg_min")
    citrate = _held("citrate_load", load, "mg/kg/min", limit, rules, (said,), rate_row, citrate_row)
    if acda.value is None:
        return acda, inlet, citrate, _unknown("shortest_minutes", "min", *acda.missing)
    minutes = acda.value / rate
    slowest = say("At {rate:.1f} mL ACD-A per minute.", rate=rate)
    return (
        acda,
        inlet,
        citrate,
        _told("shortest_minutes", minutes, "min", (slowest,), _cited(rules, rate_row)),
    )


def _calcium(rules: ApheresisRules, facts: SheetFacts) -> SheetLine:
    row = _limit(rules, "calcium_weight_kg")
    if facts.weight_kg is None:
        return _unknown("calcium", "", "weight_kg")
    above = row.holds(facts.weight_kg)
    said = (
        say(
            "Above {limit:g} kg calcium is given for symptoms: ask for tingling, measure ionized calcium.",
            limit=row.value,
        )
        if above
        else say(
            "Up to {limit:g} kg give calcium, and magnesium, prophylactically; measure ionized calcium.",
            limit=row.value,
        )
    )
    return SheetLine(
        name="calcium",
        value=None,
        unit="",
        verdict="fits" if above else "warn",
        explanation=(said,),
        sources=_cited(rules, row),
    )


def _platelets(rules: ApheresisRules, facts: SheetFacts) -> SheetLine:
    if facts.platelets_e9_per_l is None:
        return _unknown("platelets_after", "×10⁹/L", "platelets_e9_per_l")
    found = platelets_after(rules, facts.platelets_e9_per_l)
    fall = figure(rules.figures, "platelet_fall_percent")
    limit = _limit(rules, "platelets_after")
    return _held("platelets_after", found.platelets, "×10⁹/L", limit, rules, found.explanation, fall)


def _held(
    name: LineName,
    value: float,
    unit: str,
    row: Limit,
    rules: ApheresisRules,
    said: Sequence[str],
    *rows: Figure,
) -> SheetLine:
    verdict: Verdict = "fits"
    if not row.holds(value):
        verdict = "block" if row.severity == "block" else "warn"
    return SheetLine(
        name=name,
        value=value,
        unit=unit,
        verdict=verdict,
        explanation=(*said, _limit_said(row)),
        sources=_cited(rules, *rows, row),
    )


def _told(
    name: LineName, value: float, unit: str, said: tuple[str, ...], sources: tuple[str, ...]
) -> SheetLine:
    return SheetLine(name=name, value=value, unit=unit, verdict="told", explanation=said, sources=sources)


def _unknown(name: LineName, unit: str, *missing: str) -> SheetLine:
    return SheetLine(
        name=name,
        value=None,
        unit=unit,
        verdict="unknown",
        explanation=(),
        missing=tuple(dict.fromkeys(missing)),
    )


def _missing(facts: SheetFacts, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if getattr(facts, name) is None)


def _limit_said(row: Limit) -> str:
    return say(
        "Limit: {label} {sign} {value:g} {unit}.",
        label=row.label,
        sign=_SIGNS[row.op],
        value=row.value,
        unit=row.unit,
    )


def _limit(rules: ApheresisRules, row_id: str) -> Limit:
    return figure(rules.limits, row_id)


def _cited(rules: ApheresisRules, *rows: Figure) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rules.sources[key] for row in rows for key in row.source))
