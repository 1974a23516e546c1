"""Forms of a visit: what it found, built from what the protocol asks for, and what is added later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.core.clinical_fields import ButtonsField, CodeField, CountField, MeasureField, YesNoUnknownField
from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from cartpath.protocols.schema import FollowUp
from cartpath.protocols.sections import Assessment
from followup.days import is_since_infusion
from followup.finding_enums import InfectionKind, InfectionSeverity, InfectionSite, MalignancyKind
from followup.findings import BODY, INFECTIONS, MALIGNANCY, OTHER, SENSITIVITIES, Finding, Section
from followup.findings_pictures import FoundLine, found_line
from followup.inputs import (
    COLUMNS,
    Findings,
    InfectionDetails,
    LaterFindings,
    SuspicionDetails,
    VisitDetails,
)
from followup.models import MalignancyCase
from followup.rules.findings import performance_scale
from followup.values import problems
from followup.visit_parts import Part, Place, parts
from patients.inputs import BodyMeasurement
from patients.models import Journey

INFECTION_ROWS: Final = 3
PLACES: Final[tuple[Place, ...]] = ("due", "indicated", "rest")
_FURTHER: Final = frozenset(each.name for each in fields(Findings))
_SCORES: Final = [("", gettext_lazy("Choose…")), *((n, str(n)) for n in range(100, -1, -10))]
_INFECTION: Final = tuple(each.name for each in fields(InfectionDetails))
_SUSPICION: Final = ("suspicion_kind", "suspicion_on", "suspicion_diagnosed_on", "suspicion_description")


def _note() -> forms.CharField:
    return forms.CharField(
        label=_("Note"), max_length=800, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


def field_of(finding: Finding) -> forms.Field:
    """The form field of one finding; each may stay open."""
    label: Any = finding.label
    more: dict[str, Any] = {"required": False, "help_text": finding.help}
    if finding.look == "choice" and finding.choices is not None:
        return ButtonsField(finding.choices.choices, label=label, **more)
    if finding.look == "sensitivity":
        return ButtonsField(SENSITIVITIES, label=label, coerce=float, **more)
    if finding.look == "score":
        return forms.TypedChoiceField(label=label, choices=_SCORES, coerce=int, empty_value=None, **more)
    if finding.look == "yes_no":
        return YesNoUnknownField(label=label, help_text=finding.help)
    if finding.look == "day":
        return DayField(label=label, **more)
    if finding.look == "text":
        return forms.CharField(label=label, max_length=400, empty_value=None, **more)
    low, high = finding.limits
    if finding.look == "whole":
        return CountField(label=label, low=int(low), high=int(high), unit=str(finding.unit), **more)
    return MeasureField(
        label=label, low=low, high=high, unit=str(finding.unit), places=finding.places, **more
    )


@dataclass(frozen=True, slots=True)
class FormPart:
    """One section as the page shows it: its fields, what is known already, and whether it stands open."""

    section: Section
    asked_by: tuple[Assessment, ...]
    place: Place
    fields: tuple[BoundField, ...]
    known: tuple[FoundLine, ...] = ()
    rows: tuple[tuple[BoundField, ...], ...] = ()

    @property
    def is_open(self) -> bool:
        """Due ones stand open, and each in which something was typed or is wrong."""
        every = (*self.fields, *(field for row in self.rows for field in row))
        return self.place == "due" or any(field.errors or field.value() for field in every)

    @property
    def further_told(self) -> bool:
        """Whether more than one infection was typed."""
        return any(field.errors or field.value() for row in self.rows[1:] for field in row)


class FindingsForm(PastForm):
    """Findings of one visit, section by section in the order of the protocol."""

    # Findings that are recorded already: they are shown and not asked again.
    known: Mapping[str, Any]

    def __init__(
        self,
        *args: Any,
        item: str,
        on: date,
        follow_up: FollowUp,
        journey: Journey,
        known: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Learn from the protocol what is examined at this visit of this child."""
        super().__init__(*args, **kwargs)
        self.item, self.on, self.journey, self.known = item, on, journey, known or {}
        self._parts = parts(follow_up, item, on, journey)
        for part in self._parts:
            for finding in self._asked(part.section):
                self.fields[finding.name] = field_of(finding)
        if "performance_score" in self.fields:
            self.fields["performance_score"].label = self.score_label
        self.fields["note"] = _note()

    def _fitting(self, section: Section) -> Iterator[Finding]:
        is_boy = self.journey.patient.sex == "male"
        return (each for each in section.findings if not (each.only_girls and is_boy))

    def _asked(self, section: Section) -> Iterator[Finding]:
        return (each for each in self._fitting(section) if each.name not in self.known)

    @property
    def scale(self) -> str:
        """The performance scale of the child's age at the visit."""
        return performance_scale(
            self.journey.patient.birth_date, max(self.day, self.journey.patient.birth_date)
        )

    @property
    def score_label(self) -> str:
        """The performance score by its scale's name."""
        return _("Karnofsky score") if self.scale == "karnofsky" else _("Lansky score")

    @property
    def day(self) -> date:
        """The day of the visit."""
        return self.on

    def found(self) -> dict[str, Any]:
        """What was typed and is known, by name; findings in words under `other`."""
        typed = {
            name: value
            for name, value in self.cleaned_data.items()
            if value is not None and (name in _FURTHER or name in COLUMNS)
        }
        words = {
            name.removeprefix(f"{OTHER}."): value
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{OTHER}.") and value
        }
        if typed.get("performance_score") is not None:
            typed["performance_scale"] = self.scale
        return typed | ({OTHER: words} if words else {})

    def clean(self) -> dict[str, Any]:
        """Refuse what can't be true together, beside its field."""
        super().clean()
        for name, sentence in problems(self.journey, {**self.known, **self.found()}, self.day).items():
            self.add_error(name if name in self.fields else None, sentence)
        return self.cleaned_data

    def columns(self) -> dict[str, Any]:
        """The findings as the arguments of `FoundAtVisit`."""
        found = self.found()
        further = {name: value for name, value in found.items() if name in _FURTHER}
        return {name: found[name] for name in COLUMNS if name in found} | {"findings": Findings(**further)}

    @property
    def parts(self) -> list[FormPart]:
        """The sections with their fields; one in which nothing is left to ask or to show is left out."""
        made = [self.part(part) for part in self._parts]
        return [part for part in made if part.fields or part.known or part.rows]

    def part(self, part: Part) -> FormPart:
        """One section as the page shows it."""
        known = [each for each in self._fitting(part.section) if each.name in self.known]
        return FormPart(
            section=part.section,
            asked_by=part.asked_by,
            place=part.place,
            fields=tuple(self[finding.name] for finding in self._asked(part.section)),
            known=tuple(found_line(each, self.known[each.name]) for each in known),
        )

    @property
    def placed(self) -> dict[Place, list[FormPart]]:
        """The sections by their place: `due`, `indicated`, `rest`."""
        made = self.parts
        return {place: [part for part in made if part.place == place] for place in PLACES}


class LaterFindingsForm(FindingsForm):
    """Results that came after the visit: only what is still unknown is asked."""

    def later(self) -> LaterFindings:
        """The results, for the service."""
        return LaterFindings(item=self.item, note=self.cleaned_data["note"], **self.columns())


class VisitForm(FindingsForm):
    """A visit as held: its day, its findings, weight and height, infections, a suspicion."""

    past_days: ClassVar = (
        "visited_on",
        "last_immunoglobulin_on",
        "neurocognition_on",
        "suspicion_on",
        "suspicion_diagnosed_on",
        *(f"infection_{row}_{name}" for row in range(INFECTION_ROWS) for name in ("began_on", "ended_on")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add what a visit brings to light beside its findings."""
        super().__init__(*args, **kwargs)
        note = self.fields.pop("note")
        self.fields = {"visited_on": DayField(label=_("Visited")), **self.fields}
        more: dict[str, Any] = {"required": False}
        self.fields |= {
            "weight_kg": MeasureField(label=_("Weight"), low=0.3, high=300, unit="kg", places=2, **more),
            "height_cm": MeasureField(label=_("Height"), low=20, high=250, unit="cm", places=1, **more),
            **{name: field for row in range(INFECTION_ROWS) for name, field in _infection_fields(row)},
            **_suspicion_fields(),
            "note": note,
        }

    @property
    def day(self) -> date:
        """The day of the visit as typed, today while it isn't."""
        if hasattr(self, "cleaned_data"):
            return self.cleaned_data.get("visited_on") or self.on
        return self.on

    def clean(self) -> dict[str, Any]:
        """Check the infections and the suspicion as well."""
        super().clean()
        for row in range(INFECTION_ROWS):
            self._check_infection(row)
        if self.cleaned_data.get("any_infection") is False and self._told_rows():
            self.add_error("any_infection", _("An infection is told below."))
        self._check_suspicion()
        return self.cleaned_data

    def _check_infection(self, row: int) -> None:
        told = self._row(row)
        began_on, ended_on = told["began_on"], told["ended_on"]
        if not any(value not in (None, "") for value in told.values()):
            return
        name = f"infection_{row}_began_on"
        if began_on is None and name not in self.errors:
            self.add_error(name, _("Give the day it began."))
        elif began_on and not is_since_infusion(self.journey, began_on, self.now):
            self.add_error(name, _("The day must lie between the infusion and today."))
        if began_on and ended_on and ended_on < began_on:
            self.add_error(f"infection_{row}_ended_on", _("An infection can't end before it began."))

    def _check_suspicion(self) -> None:
        given = {name: self.cleaned_data.get(name) for name in _SUSPICION}
        told = any(value not in (None, "") for value in given.values())
        if self.cleaned_data.get("malignancy_screen") != "suspected":
            if told:
                self.add_error("malignancy_screen", _("Say that it is suspected, or leave the rest open."))
            return
        has_case = MalignancyCase.objects.filter(journey=self.journey, struck_at=None).exists()
        if told or not has_case:
            for name in ("suspicion_kind", "suspicion_description"):
                if not given[name] and name not in self.errors:
                    self.add_error(name, _("Say what is suspected: it opens a case."))

    def _row(self, row: int) -> dict[str, Any]:
        return {name: self.cleaned_data.get(f"infection_{row}_{name}") for name in _INFECTION}

    def _told_rows(self) -> list[int]:
        return [row for row in range(INFECTION_ROWS) if self._row(row)["began_on"]]

    def part(self, part: Part) -> FormPart:
        """Weight and height, rows of infections and the suspicion stand in their sections."""
        made = super().part(part)
        before: Sequence[str] = ("weight_kg", "height_cm") if part.section.id == BODY else ()
        after: Sequence[str] = _SUSPICION if part.section.id == MALIGNANCY else ()
        rows = range(INFECTION_ROWS) if part.section.id == INFECTIONS else ()
        return FormPart(
            section=made.section,
            asked_by=made.asked_by,
            place=made.place,
            fields=(*(self[name] for name in before), *made.fields, *(self[name] for name in after)),
            rows=tuple(tuple(self[f"infection_{row}_{name}"] for name in _INFECTION) for row in rows),
        )

    def details(self) -> VisitDetails:
        """The visit, for the service. An infection told is one."""
        columns = self.columns()
        visited_on, note = self.cleaned_data["visited_on"], self.cleaned_data["note"]
        return VisitDetails(item=self.item, visited_on=visited_on, note=note, **columns)

    def measurement(self) -> BodyMeasurement | None:
        """Weight and height, None when neither was typed."""
        weight, height = self.cleaned_data["weight_kg"], self.cleaned_data["height_cm"]
        if weight is None and height is None:
            return None
        return BodyMeasurement(weight_kg=weight, height_cm=height)

    def infections(self) -> list[InfectionDetails]:
        """The infections told."""
        return [infection_of(self._row(row)) for row in self._told_rows()]

    def suspicion(self) -> SuspicionDetails | None:
        """What is suspected, if it is told; since the day of the visit where no other is named."""
        given = self.cleaned_data
        if given.get("malignancy_screen") != "suspected" or not given.get("suspicion_kind"):
            return None
        return SuspicionDetails(
            kind=given["suspicion_kind"],
            suspected_on=given["suspicion_on"] or given["visited_on"],
            diagnosed_on=given["suspicion_diagnosed_on"],
            description=given["suspicion_description"],
        )


def _infection_fields(row: int) -> Iterator[tuple[str, forms.Field]]:
    for name, field in infection_fields(is_required=False).items():
        yield f"infection_{row}_{name}", field


def infection_of(typed: Mapping[str, Any]) -> InfectionDetails:
    """An infection as typed; a choice left open is unknown."""
    chosen = {name: typed[name] or None for name in ("kind", "site", "severity")}
    return InfectionDetails(**{**typed, **chosen})


def infection_fields(*, is_required: bool) -> dict[str, forms.Field]:
    """The fields of one infection; only its beginning must be known."""
    more: dict[str, Any] = {"required": False}
    return {
        "began_on": DayField(label=_("Began"), required=is_required),
        "ended_on": DayField(label=_("Over since"), **more),
        "kind": CodeField(InfectionKind.choices, label=_("Kind"), **more),
        "site": CodeField(InfectionSite.choices, label=_("Site"), **more),
        "organism": forms.CharField(label=_("Organism"), max_length=120, **more),
        "severity": CodeField(InfectionSeverity.choices, label=_("Severity"), **more),
        "hospitalized": YesNoUnknownField(label=_("Admitted to hospital")),
        "note": forms.CharField(label=_("Note"), max_length=400, **more),
    }


def _suspicion_fields() -> dict[str, forms.Field]:
    return {f"suspicion_{name}": field for name, field in suspicion_fields(is_required=False).items()}


def suspicion_fields(*, is_required: bool) -> dict[str, forms.Field]:
    """What is suspected: kind, since when, diagnosed when, in words."""
    return {
        "kind": CodeField(MalignancyKind.choices, label=_("What is suspected"), required=is_required),
        "on": DayField(label=_("Suspected since"), required=is_required),
        "diagnosed_on": DayField(label=_("Diagnosed"), required=False),
        "description": forms.CharField(
            label=_("Description"),
            max_length=400,
            required=is_required,
            help_text=_("Site, histology, what led to it."),
        ),
    }
