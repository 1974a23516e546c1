"""What a collection needs besides the blood: which parts, from when to when, why, and how sure that is.

Source: the bundle rows of the apheresis part (`cartpath/protocols/parts/apheresis`). A fact that isn't known
makes a need unknown; it is never left out for that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

from cartpath.core.dates import Period, add_elapsed
from cartpath.core.sentences import listed, say
from cartpath.protocols.bundle import AccessWord, BundleRule, Edge, MaterialWord, PartWord
from cartpath.protocols.rows import figure, in_force
from cartpath.protocols.schema import ApheresisRules

PARTS: Final[tuple[PartWord, ...]] = (
    "machine",
    "chair",
    "nurse",
    "anesthesia",
    "line_placement",
    "picu_bed",
    "red_cell_prime",
    "courier",
    "cryopreservation",
)

# The fact that hangs on the machine that is chosen.
MACHINE_FACT: Final = "ecv_percent"
_FACT_WORDS: Final = {
    "weight_kg": say("the weight"),
    "age_years": say("the age"),
    MACHINE_FACT: say("the machine's share of the blood volume"),
    "vascular_access": say("vascular access"),
    "sedation": say("sedation"),
    "material": say("how the cells leave the center"),
}

Verdict = Literal["needed", "unknown", "not_needed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of the child, the machine and the product; None is unknown.

    `ecv_percent` is the machine's share of the blood volume, `age_years` counts completed years.
    """

    weight_kg: float | None = None
    age_years: int | None = None
    ecv_percent: float | None = None
    vascular_access: AccessWord | None = None
    sedation: bool | None = None
    material: MaterialWord | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """From when to when a part is taken, in minutes from the start or the end of the collection."""

    from_minutes: int = 0
    from_of: Edge = "start"
    until_minutes: int = 0
    until_of: Edge = "end"
    until_next_morning: int | None = None

    def around(self, starts_at: datetime, ends_at: datetime, zone: tzinfo) -> Period:
        """The period for a collection, in UTC. Minutes are elapsed time; the morning is that of `zone`."""
        edges = {"start": starts_at.astimezone(UTC), "end": ends_at.astimezone(UTC)}
        begins = add_elapsed(edges[self.from_of], timedelta(minutes=self.from_minutes))
        ends = add_elapsed(edges[self.until_of], timedelta(minutes=self.until_minutes))
        if self.until_next_morning is not None:
            next_day = ends_at.astimezone(zone).date() + timedelta(days=1)
            morning = datetime.combine(next_day, time(self.until_next_morning), tzinfo=zone)
            ends = max(ends, morning.astimezone(UTC))
        return Period(begins, ends)


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """One part of the bundle with its reason.

    `rows` are the ids of the rules that ask for it, or that would if what is unknown were known; `spans` are
    theirs. `missing` names the facts that would settle an unknown need.
    """

    part: PartWord
    verdict: Verdict
    because: tuple[str, ...]
    rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    spans: tuple[Span, ...] = (Span(),)
    lead_hours: int = 0
    missing: tuple[str, ...] = ()

    def around(self, starts_at: datetime, ends_at: datetime, zone: tzinfo) -> Period:
        """From the first to the last moment at which any of the rules needs the part."""
        periods = [span.around(starts_at, ends_at, zone) for span in self.spans]
        return Period(min(each.starts_at for each in periods), max(each.ends_at for each in periods))


def needs(rules: ApheresisRules, facts: Facts, *, on: date, first_day: bool = True) -> tuple[Need, ...]:
    """Every part that the rows in force on a day speak of, needed or not, in the order of `PARTS`.

    Of several rows about one part one that holds is enough; without one, a row that can't be judged makes the
    need unknown. A machine is always needed, also when no row says so.

    Source: the bundle rows in force on the day.
    """
    rows = [row for row in in_force(rules.bundle, on) if first_day or row.days == "each"]
    judged = [(row, *_judge(rules, row, facts)) for row in rows]
    found = []
    for part in PARTS:
        of_part = [each for each in judged if each[0].part == part]
        if of_part:
            found.append(_need(rules, part, of_part))
        elif part == "machine":
            found.append(
                Need(part=part, verdict="needed", because=(say("Every collection needs a machine."),))
            )
    return tuple(found)


def material_of(rules: ApheresisRules, product: str, *, on: date) -> MaterialWord | None:
    """How the cells of a product leave the center; None when no row says it.

    Source: the material rows in force on the day.
    """
    return next((row.material for row in in_force(rules.materials, on) if row.product == product), None)


_Judged = tuple[BundleRule, Verdict, tuple[str, ...]]


def _need(rules: ApheresisRules, part: PartWord, judged: Sequence[_Judged]) -> Need:
    verdicts = {verdict for _row, verdict, _missing in judged}
    verdict: Verdict = next(each for each in ("needed", "unknown", "not_needed") if each in verdicts)
    speaking = [(row, missing) for row, found, missing in judged if found == verdict]
    missing = tuple(dict.fromkeys(name for _row, names in speaking for name in names))
    because = tuple(_said(row, verdict, names) for row, names in speaking)
    return Need(
        part=part,
        verdict=verdict,
        because=because,
        rows=tuple(row.id for row, _missing in speaking),
        sources=tuple(dict.fromkeys(rules.sources[key] for row, _missing in speaking for key in row.source)),
        spans=tuple(_span(row) for row, _missing in speaking),
        lead_hours=max(row.lead_hours for row, _missing in speaking),
        missing=missing,
    )


def _said(row: BundleRule, verdict: Verdict, missing: Iterable[str]) -> str:
    if verdict == "needed":
        return say(row.rule)
    if verdict == "unknown":
        facts = listed(_FACT_WORDS[name] for name in missing)
        return say("{label}: unknown, because {facts} isn't known.", label=row.label, facts=facts)
    return say("{label}: not needed for this child.", label=row.label)


def _span(row: BundleRule) -> Span:
    return Span(
        from_minutes=row.from_minutes,
        from_of=row.from_of,
        until_minutes=row.until_minutes,
        until_of=row.until_of,
        until_next_morning=row.until_next_morning,
    )


def _judge(rules: ApheresisRules, row: BundleRule, facts: Facts) -> tuple[Verdict, tuple[str, ...]]:
    """Whether all conditions of a row hold, and the facts that are missing to say so."""
    answers = dict(_answers(rules, row, facts))
    if False in answers.values():
        return "not_needed", ()
    missing = tuple(name for name, holds in answers.items() if holds is None)
    return ("unknown", missing) if missing else ("needed", ())


def _answers(rules: ApheresisRules, row: BundleRule, facts: Facts) -> Iterable[tuple[str, bool | None]]:
    """Each condition of a row under the fact it asks for: holds, doesn't hold, or unknown."""
    if row.breaks is not None:
        limit = figure(rules.limits, row.breaks)
        name = "weight_kg" if row.breaks == "prime_weight_kg" else "ecv_percent"
        measured = facts.weight_kg if name == "weight_kg" else facts.ecv_percent
        yield name, None if measured is None else not limit.holds(measured)
    if row.weight_below_kg is not None:
        yield "weight_kg", None if facts.weight_kg is None else facts.weight_kg < row.weight_below_kg
    if row.age_below_years is not None:
        yield "age_years", None if facts.age_years is None else facts.age_years < row.age_below_years
    if row.access:
        yield (
            "vascular_access",
            None if facts.vascular_access is None else facts.vascular_access in row.access,
        )
    if row.sedation is not None:
        yield "sedation", None if facts.sedation is None else facts.sedation == row.sedation
    if row.material is not None:
        yield "material", None if facts.material is None else facts.material == row.material
