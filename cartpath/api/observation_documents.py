"""What the API answers about bedside observations, shaped as in FHIR."""

from typing import Annotated

from typing_extensions import TypedDict  # pydantic reads that of `typing` from Python 3.12 on

from cartpath.api.documents import FhirStatus, Id, Time, words
from toxicity.observations.catalog import NotTakenReason, ObservationCode


class FhirCoding(TypedDict):
    """One code in one system."""

    system: str
    code: str


class FhirConcept(TypedDict):
    """What was observed, in every system that has a code for it."""

    coding: list[FhirCoding]


class FhirQuantity(TypedDict):
    """A number with its unit; `code` is UCUM."""

    value: float
    system: str
    code: str


class ObservationDocument(TypedDict):
    """One observation, shaped as in FHIR.

    A number is in `valueQuantity`, a word of a list in `valueString`; `component` holds the points of ICE,
    the answers of CAPD or the vasopressors running (an empty list says that none is).
    """

    id: Id
    status: FhirStatus
    code: FhirConcept
    valueQuantity: FhirQuantity | None
    valueString: str | None
    component: dict[str, int | None] | list[str] | None


class NotTakenDocument(TypedDict):
    """A vital sign that somebody came for and could not take, and why; it is unknown like any left open."""

    code: Annotated[str, words(ObservationCode)]
    reason: Annotated[str, words(NotTakenReason)]


class ObservationSetDocument(TypedDict):
    """What one person saw of a child at one time, with the grades it gave.

    `completes` are the checks it completes. A grade is null when its scale was not assessed; `ungraded`
    names, for a scale the set can't lower, the domains nobody looked at that were worse before.
    """

    id: Id
    journey: Id
    observed_at: Time
    recorded_at: Time
    recorded_by: str
    status: FhirStatus
    status_reason: str | None
    circumstances: dict[str, bool | str]
    not_taken: list[NotTakenDocument]
    note: str | None
    completes: list[str]
    assessment: Id | None
    crs_grade: int | None
    icans_grade: int | None
    ungraded: dict[str, list[str]]
    observations: list[ObservationDocument]
