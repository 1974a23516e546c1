"""Blood samples of a journey, from visits and from between them, in one shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from followup.immune.enums import VaccineResponse
from followup.immune.inputs import MEASURED, SampleDetails
from followup.inputs import VisitDetails
from followup.models import ImmuneSample, Visit
from followup.rules.b_cell_aplasia import BCellSample
from patients.models import Journey


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One sample: cells per µL or as a share of lymphocytes, immunoglobulins in mg/dL; unknown is None.

    `visit` names the planned visit at which it was taken; empty for one in between, which has `sample_id`.
    `last_immunoglobulin_on` and `ever_replaced` are what was told with it.
    """

    taken_on: date
    visit: str = ""
    sample_id: UUID | None = None
    origin: str = ""
    recorded_by: str = ""
    note: str = ""
    b_cells_per_ul: float | None = None
    b_cells_percent: float | None = None
    cd3_per_ul: float | None = None
    cd4_per_ul: float | None = None
    cd4_percent: float | None = None
    cd8_per_ul: float | None = None
    nk_per_ul: float | None = None
    anc_per_ul: float | None = None
    igg_mg_dl: float | None = None
    iga_mg_dl: float | None = None
    igm_mg_dl: float | None = None
    vaccine_response: str | None = None
    list_complete: bool = False
    last_immunoglobulin_on: date | None = None
    ever_replaced: bool | None = None

    @property
    def has_b_cells(self) -> bool:
        """Whether B cells were counted at all."""
        return self.b_cells_per_ul is not None or self.b_cells_percent is not None

    @property
    def is_measured(self) -> bool:
        """Whether anything was measured that the immune system is judged by."""
        return any(getattr(self, name) is not None for name in MEASURED)

    @property
    def response_impaired(self) -> bool | None:
        """Whether the response to vaccines was impaired; None while unknown."""
        return None if self.vaccine_response is None else self.vaccine_response == VaccineResponse.IMPAIRED

    @property
    def b_cells(self) -> BCellSample:
        """The sample as the rule about B-cell aplasia reads it."""
        return BCellSample(self.taken_on, percent=self.b_cells_percent, per_ul=self.b_cells_per_ul)


def samples_of(journey: Journey) -> list[Sample]:
    """Every sample of visits and between them that counts, by day; two queries."""
    visits = Visit.objects.filter(journey=journey, struck_at=None)
    between = ImmuneSample.objects.filter(journey=journey, struck_at=None)
    found = [*(of_visit(visit) for visit in visits), *(of_row(row) for row in between)]
    return sorted(found, key=lambda sample: (sample.taken_on, sample.visit))


def of_visit(visit: Visit | VisitDetails) -> Sample:
    """What a visit found, as a sample; a visit about to be recorded fits too."""
    found: Mapping[str, Any] = visit.findings if isinstance(visit, Visit) else visit.findings.known()
    return Sample(
        taken_on=visit.visited_on,
        visit=visit.item,
        recorded_by=visit.recorded_by if isinstance(visit, Visit) else "",
        b_cells_per_ul=visit.b_cells_per_ul,
        b_cells_percent=visit.b_cells_percent,
        igg_mg_dl=visit.igg_mg_dl,
        cd4_per_ul=visit.cd4_per_ul,
        last_immunoglobulin_on=visit.last_immunoglobulin_on,
        ever_replaced=visit.ever_replaced,
        cd3_per_ul=found.get("cd3_per_ul"),
        cd4_percent=found.get("cd4_percent"),
        cd8_per_ul=found.get("cd8_per_ul"),
        nk_per_ul=found.get("nk_per_ul"),
        anc_per_ul=found.get("anc_per_ul"),
        iga_mg_dl=found.get("iga_mg_dl"),
        igm_mg_dl=found.get("igm_mg_dl"),
    )


def of_row(row: ImmuneSample) -> Sample:
    """A recorded sample between visits."""
    return Sample(
        taken_on=row.taken_on,
        sample_id=row.pk,
        origin=row.get_origin_display(),
        recorded_by=row.recorded_by,
        note=row.note,
        list_complete=row.list_complete,
        vaccine_response=row.vaccine_response or None,
        **{name: getattr(row, name) for name in MEASURED if name != "vaccine_response"},
    )


def of_details(sample: SampleDetails) -> Sample:
    """A sample about to be recorded."""
    return Sample(
        taken_on=sample.taken_on,
        list_complete=sample.list_complete,
        **{name: getattr(sample, name) for name in MEASURED},
    )
