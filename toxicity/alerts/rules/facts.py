"""What the red flags of one child are judged from. Pure; times are aware, unknown is absent or None.

Source: the shapes are CARTPath's own; the figures stand in the protocol.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cartpath.protocols.bedside_rows import BedsideFigures

Value = str | int | float
# What an alert keeps of its reason: codes and numbers, put into words when shown.
Because = Mapping[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class Point:
    """One value, measured at `at`; `ref` names the row it stands in."""

    at: datetime
    value: Value
    ref: str


@dataclass(frozen=True, slots=True)
class Graded:
    """The grade that counts of one assessment. With `at_least` parts of it were not assessed.

    `rest` is the grade without the domains that raise an emergency of their own; None where the grade isn't
    made of domains.
    """

    at: datetime
    grade: int
    at_least: bool
    ref: str
    rest: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Something that was given or started."""

    at: datetime
    agent: str
    ref: str


@dataclass(frozen=True, slots=True)
class Prompted:
    """Whether a sample prompts to think of hyperinflammation; None while values are missing."""

    at: datetime
    prompt: bool | None
    trigger: tuple[str, ...]
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One child at `at`, every list oldest first. `since` is how far back they reach, `figures` how long
    each of them says something.

    `points` holds observations by code and laboratory values by analyte; `systolic_limit` in mmHg is that of
    the age; `own_systolic`, `own_ice` and `own_capd` are the child's own before the infusion, None when there
    was none.
    """

    at: datetime
    since: datetime
    figures: BedsideFigures
    points: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    crs: Sequence[Graded] = ()
    icans: Sequence[Graded] = ()
    given: Sequence[Given] = ()
    prompted: Sequence[Prompted] = ()
    systolic_limit: int | None = None
    own_systolic: float | None = None
    own_ice: float | None = None
    own_capd: float | None = None

    def of(self, code: str) -> Sequence[Point]:
        """The values of one code."""
        return self.points.get(code, ())


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of a sign at one moment: 0 is seen gone, more is worse. Moments not known are left out."""

    at: datetime
    degree: float
    ref: str
    because: Because = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the sign was there."""
        return self.degree > 0
