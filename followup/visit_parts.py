"""What a visit's form asks, in the order of the protocol: due, if indicated, and the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.protocols.schema import FollowUp
from cartpath.protocols.sections import Assessment
from followup.findings import B_CELLS, CHIMERISM, DONOR_CHIMERISM, OTHER, SECTIONS, Finding, Section
from followup.models import DiseaseEvent
from patients.enums import DrugClass
from patients.models import Journey

Place = Literal["due", "indicated", "rest"]
WORDS: Final = gettext_lazy("Finding")


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a visit's form: the examinations that ask for it, and how loudly."""

    section: Section
    asked_by: tuple[Assessment, ...]
    place: Place


def parts(follow_up: FollowUp, item: str, on: date, journey: Journey) -> list[Part]:
    """The sections for a visit: what is due in the order of the protocol, then what may be, then the rest."""
    asked = follow_up.assessments_at(item, on)
    return [
        *_asked(asked, follow_up, journey),
        *(
            Part(section, (), "rest")
            for section in SECTIONS
            if not any(row.id in section.assessments for row, _due in asked)
            and _concerns(section, (), follow_up, journey)
        ),
    ]


def _asked(
    asked: tuple[tuple[Assessment, bool], ...], follow_up: FollowUp, journey: Journey
) -> Iterator[Part]:
    placed: set[str] = set()
    for wanted, place in ((True, "due"), (False, "indicated")):
        for row, is_due in asked:
            if is_due != wanted:
                continue
            for section in _sections_of(row):
                askers = tuple(each for each, _due in asked if each.id in section.assessments)
                if section.id in placed or not _concerns(section, askers, follow_up, journey):
                    continue
                placed.add(section.id)
                yield Part(section, askers, place)  # type: ignore[arg-type]


def _sections_of(row: Assessment) -> list[Section]:
    """The sections that answer an examination; a line of text for one that nobody foresaw."""
    known = [section for section in SECTIONS if row.id in section.assessments]
    if known:
        return known
    text = Finding(name=f"{OTHER}.{row.id}", label=WORDS, look="text")
    return [
        Section(id=row.id, title=_(row.label), assessments=frozenset({row.id}), findings=(text,)),
    ]


def _concerns(
    section: Section, askers: tuple[Assessment, ...], follow_up: FollowUp, journey: Journey
) -> bool:
    """B cells matter where the product acts on them, chimerism after a transplant or cells of a donor."""
    if section.id == B_CELLS:
        return follow_up.b_cell_aplasia is not None
    if section.id == CHIMERISM:
        return any(row.id == DONOR_CHIMERISM for row in askers) or was_transplanted(journey)
    return True


def was_transplanted(journey: Journey) -> bool:
    """Whether a stem-cell transplant is on record, before or after the infusion."""
    return (
        journey.treatments.filter(drug_class=DrugClass.HSCT).exists()
        or DiseaseEvent.objects.filter(
            journey=journey, kind=DiseaseEvent.Kind.TRANSPLANT, struck_at=None
        ).exists()
    )
