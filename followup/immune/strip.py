"""The course of B-cell aplasia as one line from the infusion to today, drawn as SVG without a style."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cartpath.protocols.sections import BCellAplasia
from followup.immune.enums import BCellStage
from followup.rules.b_cell_aplasia import BCellCourse, BCellSample, shows_b_cells

_LEFT: Final = 1.5
_WIDTH: Final = 97.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stage of the course: where it begins and how wide it is, in percent; `until` None for today."""

    x: str
    width: str
    stage: str
    label: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Dot:
    """One sample on the line; `shows` None when it doesn't tell."""

    x: str
    taken_on: date
    shows: bool | None


@dataclass(frozen=True, slots=True)
class Strip:
    """The whole line. The table below says the same in words."""

    stretches: list[Stretch]
    dots: list[Dot]
    first: date
    last: date


def strip_of(
    course: BCellCourse,
    samples: Sequence[BCellSample],
    rule: BCellAplasia,
    *,
    infused_on: date,
    today: date,
) -> Strip:
    """Put the stages and samples on a line from the infusion to today."""
    span = max((today - infused_on).days, 1)

    def place(day: date) -> float:
        return _LEFT + min(max((day - infused_on).days / span, 0.0), 1.0) * _WIDTH

    ends = [phase.since for phase in course.phases[1:]] + [None]
    stretches = (
        [
            Stretch(
                x=_percent(place(phase.since)),
                width=_percent(place(until or today) - place(phase.since)),
                stage=phase.stage,
                label=str(BCellStage(phase.stage).label),
                since=phase.since,
                until=until,
            )
            for phase, until in zip(course.phases, ends, strict=True)
        ]
        if course.phases
        else []
    )
    dots = [
        Dot(_percent(place(sample.taken_on)), sample.taken_on, shows_b_cells(rule, sample))
        for sample in samples
        if infused_on <= sample.taken_on <= today
    ]
    return Strip(stretches=stretches, dots=dots, first=infused_on, last=today)


def _percent(place: float) -> str:
    """Always with a point: SVG knows no decimal comma."""
    return f"{place:.2f}%"
