"""What types can't say about a protocol file: names that must exist, figures that must fit each other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from itertools import combinations
from typing import Final, TypeVar

from cartpath.core.inputs import json_name
from cartpath.protocols.plan import Series
from cartpath.protocols.rows import Row, WashoutRule, in_force
from cartpath.protocols.schema import (
    ApheresisRules,
    FollowUp,
    Part,
    Protocol,
    ProtocolFile,
    WashoutRuleSet,
    covers,
)
from cartpath.protocols.sections import DoseBand

Path = tuple[str | int, ...]

# Figures that rules look up by id; a file without one of them can't be used.
APHERESIS_FIGURES: Final = (
    "blood_volume_ml_per_kg",
    "nadler_from_kg",
    "collection_efficiency",
    "platelet_fall_percent",
)
APHERESIS_LIMITS: Final = (
    "ecv_warn_percent",
    "ecv_prime_percent",
    "prime_weight_kg",
    "platelets_after",
    "blood_volumes_processed",
)
APHERESIS_COUNTS: Final = ("alc_minimum", "cd3_minimum", "cd3_comfortable")
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
        yield from _row_problems(path, row, document.sources)
    if isinstance(document, ProtocolFile):
        yield from _dose_problems(document.product.dose)
        yield from _overlapping(("product", "expiry"), document.product.expiry)
        yield from _overlapping(("lymphodepletion", "window"), document.lymphodepletion.window)
        yield from _regimen_problems(document)
    elif isinstance(document, WashoutRuleSet):
        yield from _washout_class_problems(document.rules)
    elif isinstance(document, ApheresisRules):
        yield from _required(("figures",), document.figures, APHERESIS_FIGURES)
        yield from _required(("limits",), document.limits, APHERESIS_LIMITS)
        yield from _required(("counts",), document.counts, APHERESIS_COUNTS)
    elif isinstance(document, FollowUp):
        yield from _required(("immunoglobulin",), document.immunoglobulin, IMMUNOGLOBULIN_FIGURES)
        yield from _assessment_problems(document)
        confirmation = document.b_cell_aplasia.confirmation
        if confirmation.within_days < confirmation.after_days:
            path = ("b_cell_aplasia", "confirmation", "within_days")
            yield Problem(path, f"lies before after_days ({confirmation.after_days})")


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
    names: dict[str, str] = {}
    for series in protocol.plan():
        for item in series.items():
            if item.item in names:
                reason = f"item {item.item!r} is expected by the rows {names[item.item]!r} and {series.id!r}"
                yield Problem(("monitoring", "items"), reason)
            names[item.item] = series.id


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
            yield Problem((*path, "id"), f"{row.id!r} is the id of {dotted(seen[row.id])} already")
        seen.setdefault(row.id, path)


def _row_problems(path: Path, row: Row, sources: Mapping[str, str]) -> Iterator[Problem]:
    for key in row.source:
        if key not in sources:
            yield Problem((*path, "source"), f"{key!r} isn't in the file's [sources] table")
    if row.valid_from and row.valid_to and row.valid_to <= row.valid_from:
        yield Problem((*path, "valid_to"), "should be later than valid_from")
    if isinstance(row, Series):
        yield from _series_problems(path, row)
    elif isinstance(row, WashoutRule):
        given = [name for name in ("hours", "days", "none") if getattr(row, name)]
        if len(given) != 1:
            yield Problem(path, "give exactly one of hours, days and none = true")
    elif isinstance(row, DoseBand):
        if row.max_cells < row.min_cells:
            yield Problem((*path, "max_cells"), "is less than min_cells")
        if row.up_to_kg is not None and row.up_to_kg <= row.above_kg:
            yield Problem((*path, "up_to_kg"), "should be more than above_kg")


def _series_problems(path: Path, row: Series) -> Iterator[Problem]:
    units = row.at.units()
    if len(units) != 1:
        yield Problem((*path, "at"), "give offsets in exactly one of days, hours, months and years")
        return
    offsets = getattr(row.at, units[0])
    if len(offsets) > 1 and "{n}" not in row.item:
        yield Problem((*path, "item"), "several offsets need {n} in the item's name")
    if len(set(offsets)) != len(offsets):
        yield Problem((*path, "at"), "an offset is repeated")
    in_hours = units[0] == "hours"
    window = row.window
    if in_hours and (window.before_days or window.after_days):
        yield Problem((*path, "window"), "an item counted in hours has its window in hours")
    if not in_hours and (window.before_hours or window.after_hours):
        yield Problem((*path, "window"), "a calendar item has its window in days")
    if row.recurrence is not None and not in_hours:
        yield Problem((*path, "recurrence"), "only an item counted in hours recurs")
    if row.recurrence is not None and window.before_hours + window.after_hours > row.recurrence.every_hours:
        yield Problem((*path, "window"), "is longer than the time between two occurrences")


def _dose_problems(bands: tuple[DoseBand, ...]) -> Iterator[Problem]:
    reached: float | None = 0.0
    for index, band in enumerate(bands):
        if not band.in_force():
            continue
        if band.above_kg != reached:
            reason = f"should begin where the band before ends ({'no end' if reached is None else reached})"
            yield Problem(("product", "dose", index), reason)
        reached = band.up_to_kg
    if reached is not None:
        yield Problem(("product", "dose", len(bands) - 1), "the last weight band should have no up_to_kg")


def _regimen_problems(document: ProtocolFile) -> Iterator[Problem]:
    defaults = [row for row in in_force(document.lymphodepletion.regimens) if row.default]
    if len(defaults) != 1:
        yield Problem(("lymphodepletion", "regimens"), "exactly one regimen in force should be the default")


def _overlapping(path: Path, rows: tuple[RowT, ...]) -> Iterator[Problem]:
    live = [(index, row) for index, row in enumerate(rows) if row.status != "draft"]
    for (_, first), (index, second) in combinations(live, 2):
        starts = max(first.valid_from or date.min, second.valid_from or date.min)
        if starts < min(first.valid_to or date.max, second.valid_to or date.max):
            yield Problem((*path, index), f"holds on days on which {first.id!r} holds too")


def _washout_class_problems(rules: tuple[WashoutRule, ...]) -> Iterator[Problem]:
    by_class: dict[str, list[WashoutRule]] = {}
    for rule in rules:
        by_class.setdefault(rule.drug_class, []).append(rule)
    for index, rule in enumerate(rules):
        same = tuple(by_class[rule.drug_class])
        if rule is same[-1] and any(True for _ in _overlapping((), same)):
            yield Problem(("rules", index), f"class {rule.drug_class!r} has two rules in force")


def _required(path: Path, rows: tuple[RowT, ...], ids: tuple[str, ...]) -> Iterator[Problem]:
    present = {row.id for row in in_force(rows)}
    for row_id in ids:
        if row_id not in present:
            yield Problem(path, f"a row {row_id!r} in force is missing")


def _assessment_problems(document: FollowUp) -> Iterator[Problem]:
    visits = {item.item for row in document.visits for item in row.items()}
    for index, row in enumerate(document.assessments):
        for key, patterns in (("due", row.due), ("if_indicated", row.if_indicated)):
            for pattern in patterns:
                if not any(covers((pattern,), visit) for visit in visits):
                    yield Problem(("assessments", index, key), f"there is no visit {pattern!r}")
