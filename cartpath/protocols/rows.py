"""The rule row, the brick of every protocol, and the kinds of row that hold one figure."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final, Literal, TypeVar

from annotated_types import Ge, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.protocols.words import Severity, Status

Text = Annotated[str, MinLen(1)]
Comparison = Literal[">=", ">", "<=", "<"]

# Rows of these states are only read.
OFF: Final[tuple[Status, ...]] = ("draft", "retired")

_COMPARE: Final[dict[Comparison, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One rule: unique `id`, keys of its sources, how sure it is, and the days on which it holds.

    The validity is half-open: `valid_from` is the first day, `valid_to` the first day it no longer holds.
    """

    __pydantic_config__ = INPUT_CONFIG

    id: Text
    source: Annotated[tuple[Text, ...], MinLen(1)]
    status: Status
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def is_off(self) -> bool:
        """Whether the row does nothing on any day: a draft, or retired by a center."""
        return self.status in OFF

    def in_force(self, on: date | None = None) -> bool:
        """Whether the row does anything on a day; without a day, whether it holds with no end.

        A draft row never does anything: it waits for a center's approval. Nor does one a center retired.
        """
        if self.is_off:
            return False
        if on is None:
            return self.valid_to is None
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_to is None or on < self.valid_to)


RowT = TypeVar("RowT", bound=Row)
FigureT = TypeVar("FigureT", bound="Figure")


def in_force(rows: Iterable[RowT], on: date | None = None) -> tuple[RowT, ...]:
    """The rows that do something on a day, in the order of the file; see `Row.in_force`."""
    return tuple(row for row in rows if row.in_force(on))


def figure(rows: Iterable[FigureT], row_id: str) -> FigureT:
    """The row of that id. Raises KeyError when the protocol has none."""
    for row in rows:
        if row.id == row_id:
            return row
    raise KeyError(row_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure(Row):
    """One number with its unit."""

    label: Text
    value: float
    unit: Text


# The figure by which a center chooses its version of CTCAE, and the versions there are.
CTCAE_VERSION: Final = "ctcae_version"
CTCAE_VERSIONS: Final = (5, 6)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit(Figure):
    """One number that a measured value is held against: `measured op value` should be true."""

    op: Comparison
    severity: Severity = "block"

    def holds(self, measured: float) -> bool:
        """Whether the measured value, in this row's unit, keeps the limit."""
        return _COMPARE[self.op](measured, self.value)

    @property
    def text(self) -> str:
        """The limit in words and signs, e.g. `CD3+ cells >= 1e+09 cells`."""
        return f"{self.label} {self.op} {self.value:g} {self.unit}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion(Row):
    """One eligibility criterion.

    `rule` is its text. `values` holds the figures the text speaks of, for automatic assessment and for
    the page. `valid_days` is how long an assessment holds; None means it doesn't lapse.
    """

    label: Text
    rule: Text
    assessed: Literal["automatic", "person"]
    severity: Severity
    valid_days: Annotated[int, Ge(1)] | None = None
    values: dict[str, bool | int | float | str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class WashoutRule(Row):
    """How long after the last dose of a class of treatment blood may be collected.

    Exactly one of `hours`, `days` and `none` is given. `or_half_lives` makes it the shorter of that
    interval and so many half-lives of the drug.
    """

    drug_class: Text
    label: Text
    hours: Annotated[int, Ge(1)] | None = None
    days: Annotated[int, Ge(1)] | None = None
    or_half_lives: Annotated[int, Ge(1)] | None = None
    none: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HighCountRule(Row):
    """Collecting is not advised when white cells and blasts are both above these values."""

    label: Text
    wbc_above_e9_per_l: Annotated[float, Ge(0)]
    blasts_above_percent: Annotated[float, Ge(0)]
    severity: Severity
