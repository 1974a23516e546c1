"""Rule rows of red flags: which sign of an infused child must reach somebody, and how loudly."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Ge, Gt, Le

from cartpath.protocols.rows import Row, Text

# How loud: an emergency is told at once and stands until somebody answers, a notice is only shown.
Urgency = Literal["emergency", "urgent", "notice"]
Sign = Literal[
    "new_fever",
    "low_pressure",
    "fluid_bolus",
    "new_oxygen",
    "low_saturation",
    "crs_grade",
    "icans_grade",
    "seizure",
    "raised_icp",
    "ice_fall",
    "capd_rise",
    "handwriting_change",
    "icans_without_crs",
    "hyperinflammation",
    "tocilizumab_failure",
    "fever_neutropenia",
]
Figure = Annotated[float, Ge(0), Le(10_000)]
Hours = Annotated[float, Ge(0), Le(720)]
Percent = Annotated[float, Gt(0), Le(100)]

# The figures without which a sign says nothing.
NEEDS: Final[dict[Sign, tuple[str, ...]]] = {
    "new_fever": ("at_least",),
    "low_saturation": ("below",),
    "crs_grade": ("at_least",),
    "icans_grade": ("at_least",),
    "ice_fall": ("below",),
    "capd_rise": ("at_least",),
    "icans_without_crs": ("at_least",),
    "tocilizumab_failure": ("after_hours",),
    "fever_neutropenia": ("at_least", "below"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertRule(Row):
    """One red flag. `text` is what to think of now; it is never an order.

    `at_least`, `below`, `fall_percent` and `change` are the figures of the sign, in its own unit: °C, percent
    of saturation, grade, points of ICE or CAPD, neutrophils per microliter. `fall_percent` counts from the
    child's own pressure before the infusion, `change` from the best test before it and of the last two days.
    With `worse_by` the alert is raised anew when the state has become worse by that much; without it, never
    while it stands. It clears when the sign was seen gone for `quiet_hours`; a sign that is only unknown
    clears nothing.
    """

    label: Text
    text: Text
    sign: Sign
    urgency: Urgency
    at_least: Figure | None = None
    below: Figure | None = None
    fall_percent: Percent | None = None
    change: Figure | None = None
    after_hours: Hours | None = None
    worse_by: Annotated[float, Gt(0), Le(10_000)] | None = None
    quiet_hours: Hours = 4


def missing_figures(rule: AlertRule) -> tuple[str, ...]:
    """The figures that the sign of a rule needs and the row doesn't give."""
    return tuple(name for name in NEEDS.get(rule.sign, ()) if getattr(rule, name) is None)
