"""What is known of a child's infusions, transplants, drugs, immunoglobulin and infections."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from cartpath.protocols.immune_rows import DrugGroup
from followup.immune.enums import DrugPurpose
from followup.immune.samples import Sample, samples_of
from followup.models import Course, DiseaseEvent, Immunoglobulin, Infection
from followup.rules.drugs import DrugCourse
from followup.rules.prophylaxis import CellCounts, StopFacts
from followup.rules.replacement import InfectionSeen, ReplacementFacts, Serum
from followup.rules.vaccines import VaccineFacts
from patients.enums import DrugClass
from patients.models import Journey, Treatment
from toxicity.enums import Agent
from toxicity.models import Intervention

# Treatments before the infusion, by the group that rules ask about.
_GROUP_OF: Final[dict[str, DrugGroup]] = {
    DrugClass.CORTICOSTEROID: "steroid",
    DrugClass.CYTOTOXIC: "chemotherapy",
    DrugClass.INTRATHECAL: "chemotherapy",
    DrugClass.ASPARAGINASE: "chemotherapy",
    DrugClass.TKI: "chemotherapy",
    DrugClass.SYSTEMIC_THERAPY: "chemotherapy",
    DrugClass.IMMUNOSUPPRESSION: "immunosuppression",
    DrugClass.ANTI_T_CELL_ANTIBODY: "immunosuppression",
    DrugClass.BLINATUMOMAB: "anti_b_cell",
    DrugClass.INOTUZUMAB: "anti_b_cell",
}
_STEROIDS: Final = (Agent.DEXAMETHASONE, Agent.METHYLPREDNISOLONE)


@dataclass(frozen=True)
class History:
    """One child's history, each part read when it is first asked for.

    Samples are those of the journey; what was given or happened is the child's, from every journey.
    """

    journey: Journey

    @cached_property
    def samples(self) -> list[Sample]:
        """Samples of visits and between them."""
        return samples_of(self.journey)

    @cached_property
    def events(self) -> list[DiseaseEvent]:
        """Transplants, relapses and further infusions that stand."""
        rows = DiseaseEvent.objects.filter(**self._patient, struck_at=None)
        return list(rows.order_by("happened_on"))

    @cached_property
    def courses(self) -> list[Course]:
        """Drugs recorded after the infusion, the running ones first, then the latest."""
        rows = Course.objects.filter(**self._patient, struck_at=None)
        return sorted(
            rows,
            key=lambda row: (
                row.stopped_on is None,
                row.stopped_on or date.max,
                row.started_on or date.min,
                row.drug,
            ),
            reverse=True,
        )

    @cached_property
    def doses(self) -> list[Immunoglobulin]:
        """Immunoglobulin given, the latest first."""
        rows = Immunoglobulin.objects.filter(**self._patient, struck_at=None)
        return list(rows.order_by("-given_on"))

    @cached_property
    def treatments(self) -> list[Treatment]:
        """Treatments before the infusion."""
        return list(Treatment.objects.filter(**self._patient).order_by("pk"))

    @cached_property
    def steroids(self) -> list[Intervention]:
        """Steroids given against toxicity."""
        return list(Intervention.objects.filter(**self._patient, agent__in=_STEROIDS))

    @cached_property
    def infections(self) -> list[Infection]:
        """Infections since the infusion."""
        return list(Infection.objects.filter(**self._patient, struck_at=None).order_by("began_on"))

    @property
    def birth(self) -> date:
        """The birth date."""
        return self.journey.patient.birth_date

    @cached_property
    def infusions(self) -> list[date]:
        """Days of every infusion of the child, the later ones in journeys of their own; in order."""
        rows = Journey.objects.filter(patient_id=self.journey.patient_id, infused_at__isnull=False)
        return sorted(self._day(at) for at in rows.values_list("infused_at", flat=True) if at is not None)

    @property
    def infused_on(self) -> date | None:
        """The day of the latest infusion; None before the first."""
        return max(self.infusions, default=None)

    @property
    def own_infusion_on(self) -> date | None:
        """The day of this journey's infusion."""
        return self._day(self.journey.infused_at) if self.journey.infused_at else None

    @property
    def infused_again_on(self) -> date | None:
        """The day of the next infusion after this journey's."""
        own = self.own_infusion_on
        return min((day for day in self.infusions if own is not None and day > own), default=None)

    @property
    def transplants(self) -> list[DiseaseEvent]:
        """Transplants after the infusion."""
        return [row for row in self.events if row.kind == DiseaseEvent.Kind.TRANSPLANT]

    @property
    def conditioning_on(self) -> date | None:
        """When the conditioning of the first transplant after this journey's infusion began.

        Without a day of conditioning, that of the transplant.
        """
        infused_on = self.own_infusion_on
        if infused_on is None:
            return None
        later = [row for row in self.transplants if row.happened_on >= infused_on]
        return min((row.conditioning_on or row.happened_on for row in later), default=None)

    @property
    def anti_b_cell_on(self) -> list[date]:
        """Days on which drugs against B cells were begun, as far as they are known."""
        return [
            row.started_on for row in self.courses if row.group == DrugPurpose.ANTI_B_CELL and row.started_on
        ]

    @property
    def complete_on(self) -> date | None:
        """The latest day on which somebody confirmed the list to be complete."""
        return max((sample.taken_on for sample in self.samples if sample.list_complete), default=None)

    @property
    def drugs(self) -> tuple[DrugCourse, ...]:
        """Every drug that rules ask about: recorded here, before the infusion, or against toxicity."""
        return (
            *(
                DrugCourse(
                    group=row.group,  # type: ignore[arg-type]
                    drug=row.drug,
                    started_on=row.started_on,
                    stopped_on=row.stopped_on,
                )
                for row in self.courses
            ),
            *(
                DrugCourse(
                    group=_GROUP_OF[row.drug_class],
                    drug=row.drug,
                    started_on=None,
                    stopped_on=self._day(row.last_dose) if row.last_dose else None,
                    is_over=True,
                )
                for row in self.treatments
                if row.drug_class in _GROUP_OF
            ),
            *(
                DrugCourse(
                    group="steroid",
                    drug=str(Agent(row.agent).label),
                    started_on=self._day(row.given_at),
                    stopped_on=self._day(row.stopped_at or row.given_at),
                )
                for row in self.steroids
            ),
        )

    @property
    def transplant_days(self) -> tuple[date | None, ...]:
        """Days of every transplant, before and after the infusion; None for one of an unknown day."""
        before = [row for row in self.treatments if row.drug_class == DrugClass.HSCT]
        return (
            *(self._day(row.last_dose) if row.last_dose else None for row in before),
            *(row.happened_on for row in self.transplants),
        )

    def last_immunoglobulin_on(self, on: date) -> date | None:
        """The latest day of immunoglobulin up to a day, as recorded by itself or told at a visit."""
        days = [row.given_on for row in self.doses]
        days += [sample.last_immunoglobulin_on for sample in self.samples if sample.last_immunoglobulin_on]
        return max((day for day in days if day <= on), default=None)

    def ever_replaced(self, on: date) -> bool | None:
        """False when it was told that immunoglobulin was never given and nothing says otherwise by a day."""
        if self.last_immunoglobulin_on(on) is not None:
            return True
        told = [sample for sample in self.samples if sample.ever_replaced is not None]
        latest = max(
            (each for each in told if each.taken_on <= on), key=lambda each: each.taken_on, default=None
        )
        if latest is not None:
            return latest.ever_replaced
        return False if self.complete_on is not None and self.complete_on >= on else None

    def stop_facts(self) -> StopFacts | None:
        """What the rules about ending a prophylaxis ask; None before the infusion."""
        infused_on = self.infused_on
        if infused_on is None:
            return None
        later = [row.happened_on for row in self.transplants if row.happened_on >= infused_on]
        return StopFacts(
            birth=self.birth,
            counted_from=max([infused_on, *later]),
            counts=tuple(
                CellCounts(
                    taken_on=each.taken_on,
                    cd4_per_ul=each.cd4_per_ul,
                    cd4_percent=each.cd4_percent,
                    anc_per_ul=each.anc_per_ul,
                )
                for each in self.samples
            ),
            drugs=self.drugs,
            drugs_complete_on=self.complete_on,
        )

    def vaccine_facts(self, on: date) -> VaccineFacts | None:
        """What the rules about vaccines ask on a day; None before the infusion."""
        infused_on = self.infused_on
        if infused_on is None:
            return None
        return VaccineFacts(
            birth=self.birth,
            infused_on=infused_on,
            transplants=self.transplant_days,
            immunoglobulin_on=self.last_immunoglobulin_on(on),
            drugs=self.drugs,
            complete_on=self.complete_on,
            cd4=_pairs(self.samples, "cd4_per_ul"),
            b_cells=_pairs(self.samples, "b_cells_per_ul"),
        )

    def replacement_facts(self, sample: Sample) -> ReplacementFacts:
        """What the rules about replacing immunoglobulin ask of a sample."""
        known = [each for each in self.samples if each.taken_on <= sample.taken_on]
        responses = [each for each in [*known, sample] if each.response_impaired is not None]
        return ReplacementFacts(
            birth=self.birth,
            serum=Serum(
                taken_on=sample.taken_on,
                igg_mg_dl=sample.igg_mg_dl,
                iga_mg_dl=sample.iga_mg_dl,
                igm_mg_dl=sample.igm_mg_dl,
            ),
            infections=tuple(
                InfectionSeen(began_on=row.began_on, is_serious=_is_serious(row)) for row in self.infections
            ),
            infections_complete=_latest_complete([*known, sample]) >= sample.taken_on,
            vaccine_response_impaired=responses[-1].response_impaired if responses else None,
        )

    @property
    def _patient(self) -> dict[str, Any]:
        return {"journey__patient_id": self.journey.patient_id}

    def _day(self, at: date | datetime) -> date:
        return at.astimezone(self.journey.center.zone).date() if isinstance(at, datetime) else at


def _is_serious(row: Infection) -> bool | None:
    """Severe or in hospital; unknown while neither is told."""
    if row.is_serious:
        return True
    return None if not row.severity or row.hospitalized is None else False


def _latest_complete(samples: Iterable[Sample]) -> date:
    return max((each.taken_on for each in samples if each.list_complete), default=date.min)


def _pairs(samples: Sequence[Sample], name: str) -> tuple[tuple[date, float], ...]:
    values = ((each.taken_on, getattr(each, name)) for each in samples)
    return tuple((day, float(value)) for day, value in values if value is not None)
