"""Laboratory values as the API takes and gives them: LOINC and UCUM codes, as FHIR's Observation has them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from typing_extensions import TypedDict

from cartpath.api.auth import CenterOf
from cartpath.api.documents import Id, Time
from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from toxicity.laboratory.catalog import BY_LOINC, CATALOG
from toxicity.laboratory.inputs import LabEntry, LabResult
from toxicity.models import LabSet, LabValue

Number = Annotated[float, Ge(0), Le(100_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabResultBody:
    """One value: which analyte by its LOINC code or by CARTPath's name, the number and its UCUM unit.

    `comparator` is `<` or `>` beyond what could be measured. `low` and `high` are the laboratory's limits of
    normal in the same unit.
    """

    __pydantic_config__ = INPUT_CONFIG

    value: Number
    unit: Annotated[str, MaxLen(20)]
    loinc: Annotated[str, MaxLen(20)] | None = None
    analyte: Annotated[str, MaxLen(30)] | None = None
    comparator: Literal["", "<", ">"] = ""
    low: Number | None = None
    high: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryBody:
    """The values of one specimen; `taken_at` is now unless given, `order` the laboratory's own number."""

    __pydantic_config__ = INPUT_CONFIG

    results: Annotated[tuple[LabResultBody, ...], MinLen(1), MaxLen(100)]
    taken_at: Moment | None = None
    order: Annotated[str, MaxLen(60)] = ""
    note: Annotated[str, MaxLen(400)] = ""


class LabResultDocument(TypedDict):
    """One value in CARTPath's unit (UCUM), and as it was given."""

    analyte: str
    loinc: str | None
    value: float
    unit: str
    comparator: str
    low: float | None
    high: float | None
    given_value: str
    given_unit: str


class LaboratoryDocument(TypedDict):
    """The values of one specimen. `entered_in_error` is the reason why they no longer count, else null."""

    id: Id
    journey: Id
    taken_at: Time
    source: str
    order: str | None
    note: str | None
    recorded_by: str
    entered_in_error: str | None
    results: list[LabResultDocument]


def entry_of(body: LaboratoryBody) -> LabEntry:
    """What the service takes. Raises `Invalid` for a result that names no known analyte, or two."""
    wrong: dict[str, str] = {}
    results: list[LabResult] = []
    for place, given in enumerate(body.results):
        if (given.loinc is None) == (given.analyte is None):
            wrong[f"results.{place}.loinc"] = "Give loinc or analyte, one of them."
        elif given.loinc is not None and given.loinc not in BY_LOINC:
            wrong[f"results.{place}.loinc"] = "No analyte that is kept here has this LOINC code."
        else:
            results.append(_result(given))
    if wrong:
        raise Invalid("invalid_input", "Some values can't be taken.", fields=wrong)
    return LabEntry(results=tuple(results), source="api", order=body.order, note=body.note)


def laboratory_document(stored: LabSet, center: CenterOf) -> LaboratoryDocument:
    """A set as the API gives it; its values must be at hand."""
    return {
        "id": str(stored.pk),
        "journey": str(stored.journey_id),
        "taken_at": stored.taken_at.astimezone(center.zone).isoformat(),
        "source": stored.source,
        "order": stored.order or None,
        "note": stored.note or None,
        "recorded_by": stored.recorded_by,
        "entered_in_error": stored.struck_reason or None,
        "results": [_document(row) for row in stored.values.all()],
    }


def _result(given: LabResultBody) -> LabResult:
    code = BY_LOINC[given.loinc].code.value if given.loinc else given.analyte or ""
    return LabResult(
        analyte=code,
        value=given.value,
        unit=given.unit,
        comparator=given.comparator,
        low=given.low,
        high=given.high,
    )


def _document(row: LabValue) -> LabResultDocument:
    analyte = CATALOG[row.analyte]
    return {
        "analyte": row.analyte,
        "loinc": next(iter(analyte.loinc), None),
        "value": float(row.value),
        "unit": analyte.unit,
        "comparator": row.comparator,
        "low": None if row.low is None else float(row.low),
        "high": None if row.high is None else float(row.high),
        "given_value": row.given,
        "given_unit": row.given_unit,
    }
