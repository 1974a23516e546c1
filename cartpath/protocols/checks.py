"""What types can't say about a protocol file: names that must exist, figures that must fit each other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from itertools import combinations
from typing import Final, TypeVar

from cartpath.core.inputs import json_name
from cartpath.core.sentences import say
from cartpath.protocols.advice_rows import AdviceRow, dose_in
from cartpath.protocols.alert_rows import AlertRule, missing_figures
from cartpath.protocols.bedside_rows import BEDSIDE_FIGURES
from cartpath.protocols.immune_rows import VaccineCondition
from cartpath.protocols.plan import Series
from cartpath.protocols.rows import CTCAE_VERSION, CTCAE_VERSIONS, Figure, Row, WashoutRule, in_force
from cartpath.protocols.schema import (
    ApheresisRules,
    FollowUp,
    Part,
    Pathway,
    Protocol,
    ProtocolFile,
    WashoutRuleSet,
    covers,
)
from cartpath.protocols.sections import Assessment, DoseBand, DoseFraction

Path = tuple[str | int, ...]

# Figures that rules look up by id; a file without one of them can't be used.
APHERESIS_FIGURES: Final = (
    "blood_volume_ml_per_kg",
    "nadler_from_kg",
    "collection_efficiency",
    "platelet_fall_percent",
    "acda_ratio",
    "acda_ml_min_per_l",
    "acda_citrate_mg_per_ml",
)
APHERESIS_LIMITS: Final = (
    "ecv_warn_percent",
    "ecv_prime_percent",
    "prime_weight_kg",
    "platelets_after",
    "blood_volumes_processed",
    "citrate_mg_kg_min",
    "calcium_weight_kg",
)
# Limits whose measured value is known when a collection is booked.
BUNDLE_LIMITS: Final = frozenset({"ecv_prime_percent", "prime_weight_kg"})
APHERESIS_COUNTS: Final = ("alc_minimum", "cd3_minimum", "cd3_comfortable")
DONOR_FIGURES: Final = ("donor_serology_days", "donor_guardian_below_years")
IMMUNOGLOBULIN_FIGURES: Final = ("native_after_days", "replace_up_to_mg_dl")

RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True, slots=True)
class Problem:
    """Where in the file something is wrong, and what."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{dotted(self.path)}: {self.reason}"


def dotted(path: Path) -> str:
    """A path as people write it: `product.dose[1].min_cells`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "file"


def of_document(document: ProtocolFile | Part) -> Iterator[Problem]:
    """Problems of one file, seen by itself."""
    rows = list(rows_of(document))
    yield from _repeated_ids(rows)
    for path, row in rows:
        yield from row_problems(path, row, document.sources)
    yield from _own_problems(document) if isinstance(document, ProtocolFile) else _part_problems(document)


def of_protocol(protocol: Protocol, written: ProtocolFile, parts: Iterable[Part]) -> Iterator[Problem]:
    """Problems that appear when a protocol is joined with its parts. Paths are those of the protocol file."""
    owners = {row.id: "this file" for _, row in rows_of(written)}
    sources = dict(written.sources)
    for part in parts:
        for _, row in rows_of(part):
            if row.id in owners:
                yield Problem(("parts",), f"row id {row.id!r} of {part.title!r} is used in {owners[row.id]}")
            owners[row.id] = repr(part.title)
        for key, citation in part.sources.items():
            if sources.setdefault(key, citation) != citation:
                yield Problem(("sources", key), f"has another text in {part.title!r}")
    yield from _unknown_visits(protocol.follow_up.visits, written.assessments)
    yield from _item_problems(protocol)
    yield from _escalation_problems(protocol)


def of_joined(protocol: Protocol) -> Iterator[Problem]:
    """Problems of a protocol in which a center changed rows; paths begin with the section."""
    rows = list(rows_of(protocol))
    yield from _repeated_ids(rows)
    for path, row in rows:
        yield from row_problems(path, row, protocol.sources)
    yield from _own_problems(protocol)
    for name in (item.name for item in fields(protocol)):
        part = getattr(protocol, name)
        if isinstance(part, Part):
            for problem in _part_problems(part):
                yield Problem((name, *problem.path), problem.reason)
    yield from _item_problems(protocol)
    yield from _escalation_problems(protocol)


def _own_problems(document: ProtocolFile | Protocol) -> Iterator[Problem]:
    yield from _dose_problems(document.product.dose)
    yield from _overlapping(("product", "expiry"), document.product.expiry)
    yield from _overlapping(("lymphodepletion", "window"), document.lymphodepletion.window)
    yield from _regimen_problems(document)
    if document.product.is_from_donor:
        yield from _required(("collection", "donor"), document.collection.donor, DONOR_FIGURES)


def _part_problems(part: Part) -> Iterator[Problem]:
    if isinstance(part, WashoutRuleSet):
        yield from _washout_class_problems(part.rules)
    elif isinstance(part, ApheresisRules):
        yield from _required(("figures",), part.figures, APHERESIS_FIGURES)
        yield from _required(("limits",), part.limits, APHERESIS_LIMITS)
        yield from _required(("counts",), part.counts, APHERESIS_COUNTS)
        yield from _bundle_problems(part)
    elif isinstance(part, Pathway):
        yield from _required(("figures",), part.figures, tuple(BEDSIDE_FIGURES))
        yield from _saturation_problems(part)
    elif isinstance(part, FollowUp):
        yield from _required(("immunoglobulin",), part.immunoglobulin, IMMUNOGLOBULIN_FIGURES)
        yield from _unknown_visits(part.visits, part.assessments)
        yield from _b_cell_problems(part)
        yield from _immune_problems(part)


def _item_problems(protocol: Protocol) -> Iterator[Problem]:
    names: dict[str, str] = {}
    for series in protocol.plan():
        for item in series.items() if series.status != "retired" else ():
            if item.item in names:
                reason = say(
                    "item {item!r} is expected by the rows {first!r} and {second!r}",
                    item=item.item,
                    first=names[item.item],
                    second=series.id,
                )
                yield Problem(("monitoring", "items"), reason)
            names[item.item] = series.id


def _escalation_problems(protocol: Protocol) -> Iterator[Problem]:
    """A step for an item that nobody expects would never be climbed."""
    known = {item.item for series in protocol.plan() for item in series.items()}
    known |= {series.id for series in protocol.plan()}
    for index, step in enumerate(protocol.pathway.escalation):
        for name in step.items:
            if name not in known:
                yield Problem(("pathway", "escalation", index), say("unknown item {item!r}", item=name))


def rows_of(value: object, path: Path = ()) -> Iterator[tuple[Path, Row]]:
    """Every rule row inside a document, with its path."""
    if isinstance(value, Row):
        yield path, value
    if is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from rows_of(getattr(value, item.name), (*path, json_name(item.name)))
    elif isinstance(value, tuple):
        for index, element in enumerate(value):
            yield from rows_of(element, (*path, index))


def _repeated_ids(rows: Iterable[tuple[Path, Row]]) -> Iterator[Problem]:
    seen: dict[str, Path] = {}
    for path, row in rows:
        if row.id in seen:
            yield Problem(
                (*path, "id"),
                say("{row!r} is the id of {other} already", row=row.id, other=dotted(seen[row.id])),
            )
        seen.setdefault(row.id, path)


def row_problems(path: Path, row: Row, sources: Mapping[str, str]) -> Iterator[Problem]:
    """Problems of one row, seen by itself."""
    for key in row.source:
        if key not in sources:
            yield Problem((*path, "source"), f"{key!r} isn't in the file's [sources] table")
    if row.valid_from and row.valid_to and row.valid_to <= row.valid_from:
        yield Problem((*path, "valid_to"), say("should be later than valid_from"))
    if isinstance(row, Series):
        yield from _series_problems(path, row)
    elif isinstance(row, WashoutRule):
        given = [name for name in ("hours", "days", "none") if getattr(row, name)]
        if len(given) != 1:
            yield Problem(path, say("give exactly one of hours, days and none = true"))
    elif isinstance(row, DoseBand):
        if row.max_cells < row.min_cells:
            yield Problem((*path, "max_cells"), say("is less than min_cells"))
        if row.up_to_kg is not None and row.up_to_kg <= row.above_kg:
            yield Problem((*path, "up_to_kg"), say("should be more than above_kg"))
        if row.usual_cells is not None and not row.min_cells <= row.usual_cells <= row.max_cells:
            yield Problem((*path, "usual_cells"), say("lies outside min_cells and max_cells"))
    elif isinstance(row, DoseFraction):
        yield from _fraction_problems(path, row)
    elif isinstance(row, VaccineCondition):
        yield from _condition_problems(path, row)
    elif isinstance(row, AlertRule):
        for name in missing_figures(row):
            yield Problem((*path, name), say("the sign {sign!r} needs it", sign=row.sign))
    elif isinstance(row, Figure):
        yield from _figure_problems(path, row)
    elif isinstance(row, AdviceRow):
        if row.to_grade < row.from_grade:
            yield Problem((*path, "to_grade"), say("is less than from_grade"))
        if dose_in(row):
            yield Problem((*path, "text"), say("states a dose, but its source is not about children"))


def _figure_problems(path: Path, row: Figure) -> Iterator[Problem]:
    if row.id == CTCAE_VERSION and row.value not in CTCAE_VERSIONS:
        yield Problem((*path, "value"), say("CTCAE is graded by version 5 or 6"))
    if row.id not in BEDSIDE_FIGURES:
        return
    low, high = BEDSIDE_FIGURES[row.id]
    if not low <= row.value <= high:
        yield Problem(
            (*path, "value"),
            say("must lie between {low:g} and {high:g} {unit}", low=low, high=high, unit=row.unit),
        )
    for name in ("valid_from", "valid_to"):
        if getattr(row, name) is not None:
            yield Problem((*path, name), say("is not for a figure that is needed on every day"))


def _saturation_problems(document: Pathway) -> Iterator[Problem]:
    """What is urgent lies below what is low."""
    values = {row.id: row.value for row in in_force(document.figures)}
    low, urgent = values.get("spo2_low"), values.get("spo2_urgent")
    if low is not None and urgent is not None and urgent >= low:
        yield Problem(("figures",), say("the urgent saturation should lie below the low one"))


def _series_problems(path: Path, row: Series) -> Iterator[Problem]:
    units = row.at.units()
    if len(units) != 1:
        reason = say("give offsets in exactly one of days, hours, months, years, ages and said")
        yield Problem((*path, "at"), reason)
        return
    offsets = row.at.all_offsets()
    if len(offsets) > 1 and "{n}" not in row.item:
        yield Problem((*path, "item"), say("several offsets need {place} in the item's name", place="{n}"))
    if len(set(offsets)) != len(offsets):
        yield Problem((*path, "at"), say("an offset is repeated"))
    in_hours = units[0] in ("hours", "said")
    window = row.window
    if in_hours and (window.before_days or window.after_days):
        yield Problem((*path, "window"), say("an item counted in hours has its window in hours"))
    if not in_hours and (window.before_hours or window.after_hours):
        yield Problem((*path, "window"), say("a calendar item has its window in days"))
    if row.recurrence is not None and units[0] != "hours":
        yield Problem((*path, "recurrence"), say("only an item counted in hours recurs"))
    if row.recurrence is not None and window.before_hours + window.after_hours > row.recurrence.every_hours:
        yield Problem((*path, "window"), say("is longer than the time between two occurrences"))
    if row.same is not None and row.anchor_event != "each":
        reason = say("says which anchor an event belongs to; that needs anchor_event = {mode}", mode='"each"')
        yield Problem((*path, "same"), reason)


def _dose_problems(bands: tuple[DoseBand, ...]) -> Iterator[Problem]:
    reached: float | None = 0.0
    live = [(index, band) for index, band in enumerate(bands) if band.in_force()]
    for index, band in live:
        if band.above_kg != reached:
            end = say("no end") if reached is None else reached
            reason = say("should begin where the band before ends ({end})", end=end)
            yield Problem(("product", "dose", index), reason)
        reached = band.up_to_kg
    if live and reached is not None:
        yield Problem(
            ("product", "dose", len(bands) - 1), say("the last weight band should have no up_to_kg")
        )


def _regimen_problems(document: ProtocolFile | Protocol) -> Iterator[Problem]:
    live = in_force(document.lymphodepletion.regimens)
    if live and sum(row.default for row in live) != 1:
        yield Problem(
            ("lymphodepletion", "regimens"), say("exactly one regimen in force should be the default")
        )


def _fraction_problems(path: Path, row: DoseFraction) -> Iterator[Problem]:
    if (row.cells is None) == (row.percent is None):
        yield Problem(path, say("give exactly one of cells and percent"))
    if row.postpone_until_day is not None and (row.on_day is None or row.postpone_until_day < row.on_day):
        yield Problem((*path, "postpone_until_day"), say("should not lie before on_day"))
    for grade in ("crs", "icans"):
        most, stop = getattr(row, f"max_{grade}_grade"), getattr(row, f"stop_from_{grade}_grade")
        if most is not None and stop is not None and stop <= most:
            reason = say("should be above the highest grade that lets it go on ({most})", most=most)
            yield Problem((*path, f"stop_from_{grade}_grade"), reason)


def _b_cell_problems(document: FollowUp) -> Iterator[Problem]:
    if document.b_cell_aplasia is None:
        return
    loss, confirmation = document.b_cell_aplasia.loss, document.b_cell_aplasia.confirmation
    if loss.percent_above is None and loss.per_ul_above is None:
        yield Problem(("b_cell_aplasia", "loss"), say("give percent_above, per_ul_above or both"))
    if confirmation.within_days < confirmation.after_days:
        path = ("b_cell_aplasia", "confirmation", "within_days")
        yield Problem(path, say("lies before after_days ({days})", days=confirmation.after_days))


def _condition_problems(path: Path, row: VaccineCondition) -> Iterator[Problem]:
    if (row.since is None) == (row.measure is None):
        yield Problem(path, say("give exactly one of since and measure"))
    elif row.since is not None and row.months is None:
        yield Problem((*path, "months"), say("say how many months must have passed"))
    elif row.measure is not None and row.above_per_ul is None:
        yield Problem((*path, "above_per_ul"), say("say above which value"))
    if (row.since == "drug") != bool(row.groups):
        yield Problem((*path, "groups"), say("drugs are counted from by their groups"))


def _immune_problems(document: FollowUp) -> Iterator[Problem]:
    """Two rules in force for the end of one prophylaxis at one age would contradict each other."""
    stops = in_force(document.immune.stops)
    for index, row in enumerate(document.immune.stops):
        span = (row.group, row.from_years, row.below_years)
        same = [other for other in stops if (other.group, other.from_years, other.below_years) == span]
        if row in stops and row != same[0]:
            reason = say("holds for what {row!r} holds for too", row=same[0].id)
            yield Problem(("immune", "stops", index), reason)


def _bundle_problems(document: ApheresisRules) -> Iterator[Problem]:
    limits = {row.id for row in in_force(document.limits)}
    for index, row in enumerate(document.bundle):
        if row.breaks is not None and row.breaks not in BUNDLE_LIMITS & limits:
            yield Problem(("bundle", index, "breaks"), f"there is no limit {row.breaks!r} for a bundle")
        if row.from_of == row.until_of and row.until_minutes <= row.from_minutes:
            yield Problem(("bundle", index, "until_minutes"), "should be later than from_minutes")
        if row.from_of == "end" and row.until_of == "start":
            yield Problem(("bundle", index, "until_of"), "can't be the start of what begins at the end")
    for index, material in enumerate(document.materials):
        same = [row for row in document.materials[:index] if row.product == material.product]
        if any(True for _ in _overlapping((), (*same, material))):
            yield Problem(("materials", index), f"product {material.product!r} has two rules in force")


def _overlapping(path: Path, rows: tuple[RowT, ...]) -> Iterator[Problem]:
    live = [(index, row) for index, row in enumerate(rows) if not row.is_off]
    for (_, first), (index, second) in combinations(live, 2):
        starts = max(first.valid_from or date.min, second.valid_from or date.min)
        if starts < min(first.valid_to or date.max, second.valid_to or date.max):
            yield Problem((*path, index), say("holds on days on which {row!r} holds too", row=first.id))


def _washout_class_problems(rules: tuple[WashoutRule, ...]) -> Iterator[Problem]:
    by_class: dict[str, list[WashoutRule]] = {}
    for rule in rules:
        by_class.setdefault(rule.drug_class, []).append(rule)
    for index, rule in enumerate(rules):
        same = tuple(by_class[rule.drug_class])
        if rule is same[-1] and any(True for _ in _overlapping((), same)):
            yield Problem(
                ("rules", index),
                say("class {drug_class!r} has two rules in force", drug_class=rule.drug_class),
            )


def _required(path: Path, rows: tuple[RowT, ...], ids: tuple[str, ...]) -> Iterator[Problem]:
    present = {row.id for row in in_force(rows)}
    for row_id in ids:
        if row_id not in present:
            yield Problem(path, say("a row {row!r} in force is missing", row=row_id))


def _unknown_visits(plan: Iterable[Series], assessments: Iterable[Assessment]) -> Iterator[Problem]:
    visits = {item.item for row in plan for item in row.items()}
    for index, row in enumerate(assessments):
        for key, patterns in (("due", row.due), ("if_indicated", row.if_indicated)):
            for pattern in patterns:
                if not any(covers((pattern,), visit) for visit in visits):
                    yield Problem(
                        ("assessments", index, key), say("there is no visit {visit!r}", visit=pattern)
                    )
