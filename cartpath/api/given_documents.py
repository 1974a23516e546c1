"""What the API answers about interventions."""

from typing_extensions import TypedDict  # pydantic reads that of `typing` from Python 3.12 on

from cartpath.api.documents import FhirStatus, Id, Time


class InterventionDocument(TypedDict):
    """Something given against toxicity: one dose, or a course until `stopped_at`; unknown is null.

    `rate_unit` is in UCUM. `weight_from` says which weight doses were counted from.
    """

    id: Id
    journey: Id
    status: FhirStatus
    status_reason: str | None
    agent: str
    drug: str | None
    is_course: bool
    given_at: Time
    stopped_at: Time | None
    dose_mg: float | None
    volume_ml: float | None
    rate: float | None
    rate_unit: str | None
    device: str | None
    fio2_percent: float | None
    every_hours: int | None
    route: str | None
    weight_kg: float | None
    weight_from: str | None
    note: str | None
    given_by: str
