"""What a letter tells of a child, read from the tables. Unknown stays None, and the letter says *unknown*."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from followup.growing.enums import SafetyKeeper
from followup.immune.history import History
from followup.models import Course, DiseaseEvent, HandOver, Visit
from followup.records import igg_reading
from followup.rules.immunoglobulin import IgGReading
from followup.selectors import plan, visits
from infusion.day import restrictions_of
from infusion.rules.restrictions import RestrictionDay
from patients.banner import product_label
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.guardians import home_hospital_of
from patients.models import HomeHospital, Journey

VISITS_TOLD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mrd:
    """The last test for residual disease: result, method and day."""

    result: str
    method: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class IgG:
    """The last IgG in mg/dL with its day, and how it must be read."""

    mg_dl: float
    on: date
    reading: IgGReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A visit to come: its item, the plan's name for it, and the days in which it is wanted."""

    item: str
    label: str
    first_on: date
    due_on: date
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """Everything a letter may tell. Grades are the worst so far; `drugs` is None while none were recorded."""

    name: str
    birth_date: date
    mrn: str
    center: str
    phone: str
    on: date
    product: str
    infused_on: date | None
    crs_worst: int | None
    icans_worst: int | None
    response: str | None
    response_on: date | None
    mrd: Mrd | None
    b_cells: str | None
    acts_on_b_cells: bool
    igg: IgG | None
    drugs: tuple[Course, ...] | None
    transplanted_on: date | None
    relapsed_on: date | None
    coming: tuple[Coming, ...]
    hospital: HomeHospital | None
    restrictions: tuple[RestrictionDay, ...]
    adult_center: str
    safety_is_theirs: bool


def letter_facts(journey: Journey, *, at: datetime) -> LetterFacts:
    """Read what is known of a child at a time."""
    patient, status = journey.patient, journey.status
    local = journey.center.local_day
    on = local(at)
    history = History(journey)
    hand_over = HandOver.objects.filter(journey=journey).first()
    ended = dict(
        DiseaseEvent.objects.filter(journey=journey, struck_at=None)
        .order_by("-happened_on")
        .values_list("kind", "happened_on")
    )
    return LetterFacts(
        name=f"{patient.given_name} {patient.family_name}",
        birth_date=patient.birth_date,
        mrn=patient.mrn,
        center=journey.center.name,
        phone=journey.center.phone,
        on=on,
        product=product_label(journey.product),
        infused_on=local(journey.infused_at) if journey.infused_at else None,
        crs_worst=status.crs_max,
        icans_worst=status.icans_max,
        response=status.last_response,
        response_on=local(status.last_response_at) if status.last_response_at else None,
        mrd=_mrd(visits(journey.pk)),
        b_cells=status.b_cell_aplasia,
        acts_on_b_cells=protocol_for(journey).follow_up.b_cell_aplasia is not None,
        igg=_igg(journey, history),
        drugs=_drugs(history, on),
        transplanted_on=ended.get(DiseaseEvent.Kind.TRANSPLANT),
        relapsed_on=ended.get(DiseaseEvent.Kind.RELAPSE),
        coming=coming_visits(journey, on=on),
        hospital=home_hospital_of(patient),
        restrictions=tuple(each for each in restrictions_of(journey) if not each.is_over(on)),
        adult_center=hand_over.adult_center if hand_over else "",
        safety_is_theirs=bool(hand_over and hand_over.safety_keeper == SafetyKeeper.THEM),
    )


def coming_visits(journey: Journey, *, on: date) -> tuple[Coming, ...]:
    """The next visits of the plan that can still be held in time; none once the journey is closed."""
    if journey.stage == Stage.CLOSED:
        return ()
    ahead = [
        Coming(
            item=each.expected.item,
            label=each.expected.label,
            first_on=each.first_on,
            due_on=each.due_on,
            last_on=each.last_on,
        )
        for each in plan(journey)
        if each.last_on >= on and not (each.visit or each.skipped or each.dated.stopped)
    ]
    return tuple(ahead[:VISITS_TOLD])


def _mrd(held: Sequence[Visit]) -> Mrd | None:
    tested = [visit for visit in held if visit.mrd_result]
    if not tested:
        return None
    last = tested[-1]
    return Mrd(result=last.mrd_result, method=last.mrd_method, on=last.visited_on)


def _igg(journey: Journey, history: History) -> IgG | None:
    """The last IgG of visits and of samples between them, read as the rule reads it."""
    taken = [sample for sample in history.samples if sample.igg_mg_dl is not None]
    if not taken or taken[-1].igg_mg_dl is None:
        return None
    last = taken[-1]
    reading = igg_reading(journey, last, history)
    return IgG(mg_dl=taken[-1].igg_mg_dl, on=last.taken_on, reading=reading)


def _drugs(history: History, on: date) -> tuple[Course, ...] | None:
    """Drugs given on a day. Nothing recorded is unknown, unless somebody confirmed the list."""
    if not history.courses and history.complete_on is None:
        return None
    return tuple(
        course
        for course in history.courses
        if (course.started_on is None or course.started_on <= on)
        and (course.stopped_on is None or course.stopped_on >= on)
    )
