"""What visits found, as pages show it: one visit by its sections, and each finding over time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from math import log10
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.protocols.sections import Assessment
from followup import records
from followup.findings import FINDINGS, OTHER, Finding, Section
from followup.immune.history import History
from followup.immune.samples import Sample, of_visit, samples_of
from followup.models import AddedFindings, Visit
from followup.rules.immunoglobulin import IgGReading
from followup.selectors import visits
from followup.values import known_of, measurement_of
from followup.visit_parts import parts
from patients.eligibility import protocol_for
from patients.models import Journey, Measurement
from patients.panels import Text
from patients.results import RuleResult
from patients.selectors import results_of_events

_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# What tells how a result was got, by the result; and what stands in the place of something else.
_GOES_WITH: Final = {
    **dict.fromkeys(("mrd_method", "mrd_sensitivity", "mrd_material"), "mrd_result"),
    "chimerism_material": "chimerism_donor_percent",
    "pedsql_respondent": "pedsql_total",
    "car_limit": "car_method",
}
_CAR_VALUES: Final = {"car_copies_per_ug", "car_percent", "car_result"}
_INSTEAD: Final = {
    **{name: _CAR_VALUES - {name} for name in _CAR_VALUES},
    "last_immunoglobulin_on": {"ever_replaced"},
    "ever_replaced": {"last_immunoglobulin_on"},
}
_YES_NO: Final = {True: gettext_lazy("yes"), False: gettext_lazy("no")}


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One finding of a visit: in words, as a number with its unit, or as a day; all None while unknown."""

    finding: Finding
    label: Text
    words: Text | None = None
    number: float | None = None
    day: date | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything was found."""
        return self.words is not None or self.number is not None or self.day is not None


@dataclass(frozen=True, slots=True)
class FoundSection:
    """The findings of a section, the known ones first, and who asked for them."""

    section: Section
    asked_by: tuple[Assessment, ...]
    lines: tuple[FoundLine, ...]

    @property
    def known(self) -> list[FoundLine]:
        """What was found."""
        return [line for line in self.lines if line.is_known]

    @property
    def unknown(self) -> list[FoundLine]:
        """What wasn't examined or told."""
        known = {line.finding.name for line in self.known}
        return [line for line in self.lines if not line.is_known and _matters(line.finding.name, known)]


def _matters(name: str, known: set[str]) -> bool:
    """Whether it is missed: how a test was made only where it was made, one of two values of CAR T cells."""
    needed = _GOES_WITH.get(name)
    return (needed is None or needed in known) and not known & _INSTEAD.get(name, set())


@dataclass(frozen=True, slots=True)
class VisitSheet:
    """One visit as held: findings by section, weight and height of the day, what was computed and added."""

    visit: Visit
    sections: tuple[FoundSection, ...]
    measured: Measurement | None
    results: tuple[RuleResult, ...]
    additions: tuple[AddedFindings, ...]
    igg: IgGReading | None

    @property
    def told(self) -> list[FoundSection]:
        """Sections in which something was found."""
        return [section for section in self.sections if section.known]

    @property
    def open(self) -> list[FoundSection]:
        """Sections that the protocol asks for and in which something stayed unknown."""
        return [section for section in self.sections if section.unknown and section.asked_by]


def sensitivity_text(value: float) -> str:
    """The sensitivity of a test as a power of ten."""
    return f"10{str(round(log10(value))).translate(_SUPERSCRIPTS)}"


def found_line(finding: Finding, value: Any, *, scale: str = "") -> FoundLine:
    """One finding, ready to be shown; `scale` names a performance score."""
    label = _("%(scale)s score") % {"scale": scale.capitalize()} if scale else finding.label
    if value is None:
        return FoundLine(finding, label)
    if finding.look == "choice" and finding.choices is not None:
        return FoundLine(finding, label, words=finding.choices(value).label)
    if finding.look == "sensitivity":
        return FoundLine(finding, label, words=sensitivity_text(value))
    if finding.look == "yes_no":
        return FoundLine(finding, label, words=_YES_NO[value])
    if finding.look == "day":
        return FoundLine(finding, label, day=value)
    if finding.look == "text":
        return FoundLine(finding, label, words=value)
    return FoundLine(finding, label, number=value)


def flat(known: Mapping[str, Any]) -> dict[str, Any]:
    """Findings by the names that fields have: those in words each by their examination."""
    words = {f"{OTHER}.{name}": text for name, text in known.get(OTHER, {}).items()}
    return {name: value for name, value in known.items() if name != OTHER} | words


def visit_sheet(journey: Journey, visit: Visit) -> VisitSheet:
    """One visit with everything known of it."""
    known = flat(known_of(visit))
    asked = parts(protocol_for(journey).follow_up, visit.item, visit.visited_on, journey)
    is_boy = journey.patient.sex == "male"
    sections = [
        FoundSection(
            part.section,
            part.asked_by,
            tuple(
                found_line(
                    each,
                    known.get(each.name),
                    scale=known.get("performance_scale", "") if each.look == "score" else "",
                )
                for each in part.section.findings
                if not (each.only_girls and is_boy)
            ),
        )
        for part in asked
    ]
    additions = tuple(visit.additions.order_by("event_id"))
    found = results_of_events([visit.event_id, *(row.event_id for row in additions if not row.struck_at)])
    return VisitSheet(
        visit=visit,
        sections=tuple(sections),
        measured=measurement_of(journey, visit.visited_on),
        results=_newest(found.values()),
        additions=additions,
        igg=igg_reading(journey, visit),
    )


def _newest(results: Iterable[RuleResult]) -> tuple[RuleResult, ...]:
    """Each rule's last word about a visit."""
    by_rule: dict[str, RuleResult] = {}
    for result in sorted(results, key=lambda each: (each.event_id, each.position)):
        by_rule[result.rule] = result
    return tuple(by_rule.values())


def igg_reading(journey: Journey, visit: Visit) -> IgGReading | None:
    """How to read a visit's IgG; None when none was taken."""
    if visit.igg_mg_dl is None:
        return None
    return records.igg_reading(journey, of_visit(visit), History(journey))


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """One value of a course: its day, the number or the words, and what must be known to read it."""

    on: date
    number: float | None = None
    words: Text = ""
    mark: Text = ""


@dataclass(frozen=True, slots=True)
class Course:
    """One finding over all visits; `points` for the drawing are those with a number."""

    name: str
    label: Text
    unit: Text
    values: tuple[CoursePoint, ...]

    @property
    def points(self) -> list[tuple[datetime, float]]:
        """Pairs of time and number, noon of each day in the zone of the page."""
        zone, told = timezone.get_current_timezone(), [(each.on, each.number) for each in self.values]
        return [(datetime.combine(on, time(12), zone), number) for on, number in told if number is not None]


# In this order; the rest of the numbers follows in the order of the sections.
_FIRST: Final = ("mrd_result", "igg_mg_dl", "b_cells_per_ul", "car_copies_per_ug", "cd4_per_ul")


def courses(journey: Journey) -> list[Course]:
    """Findings of visits and of samples in between, over time; weight and height as measured."""
    held = [(visit, flat(known_of(visit))) for visit in visits(journey.pk)]
    between = [sample for sample in samples_of(journey) if not sample.visit]
    history = History(journey)
    names = [*_FIRST, *(name for name in FINDINGS if name not in _FIRST and _is_drawn(FINDINGS[name]))]
    made = []
    for finding in (FINDINGS[name] for name in names):
        points = [_point(journey, finding, visit, known, history) for visit, known in held]
        points += [_between(journey, finding, sample, history) for sample in between]
        values = sorted((point for point in points if point is not None), key=lambda point: point.on)
        made.append(Course(finding.name, finding.label, finding.unit, tuple(values)))
    return [course for course in (*_body(journey), *made) if course.values]


def _is_drawn(finding: Finding) -> bool:
    return finding.look in ("number", "whole", "score")


def _point(
    journey: Journey, finding: Finding, visit: Visit, known: Mapping[str, Any], history: History
) -> CoursePoint | None:
    value = known.get(finding.name)
    if finding.name == "car_copies_per_ug" and value is None and known.get("car_method") == "qpcr":
        below = known.get("car_result") == "below_limit"
        return CoursePoint(visit.visited_on, words=_("below the limit of detection")) if below else None
    if value is None:
        return None
    line, mark = found_line(finding, value), ""
    if finding.name == "igg_mg_dl":
        mark = _native(journey, of_visit(visit), history)
    elif finding.name == "mrd_result":
        mark = ", ".join(str(found_line(FINDINGS[name], known[name]).words) for name in _MRD if name in known)
    return CoursePoint(visit.visited_on, number=line.number, words=line.words or "", mark=mark)


def _between(journey: Journey, finding: Finding, sample: Sample, history: History) -> CoursePoint | None:
    """A value of a sample that was taken between visits."""
    value = getattr(sample, finding.name, None)
    if value is None:
        return None
    mark = _native(journey, sample, history) if finding.name == "igg_mg_dl" else ""
    return CoursePoint(sample.taken_on, number=float(value), mark=mark)


def _native(journey: Journey, sample: Sample, history: History) -> str:
    """An IgG can't be read without knowing whether it is the child's own."""
    is_native = records.igg_reading(journey, sample, history).is_native
    return {True: _("own"), False: _("replaced"), None: _("unknown if own")}[is_native]


_MRD: Final = ("mrd_method", "mrd_sensitivity", "mrd_material")


def _body(journey: Journey) -> list[Course]:
    zone = journey.center.zone
    rows = list(Measurement.objects.filter(patient_id=journey.patient_id).order_by("measured_at"))
    made = []
    for name, label, unit in (("weight_kg", _("Weight"), "kg"), ("height_cm", _("Height"), "cm")):
        told = [(row.measured_at.astimezone(zone).date(), getattr(row, name)) for row in rows]
        values = tuple(CoursePoint(day, number=float(value)) for day, value in told if value is not None)
        made.append(Course(name, label, unit, values))
    return made
