"""Interventions as pages show them: what, how much, from which weight, at which grade."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from patients.results import RuleResult
from patients.selectors import results_of_events
from toxicity.enums import Agent
from toxicity.interventions.then import GradeThen, grades_then
from toxicity.interventions.words import DEVICE_WORDS, WEIGHT_ORIGINS, Text, drug_text, name_text
from toxicity.models import Assessment, Intervention

DAY: Final = timedelta(hours=24)
# Drugs whose doses are counted on the page, in this order; tocilizumab has a card of its own.
SUMMED: Final = (
    Agent.ANAKINRA,
    Agent.SILTUXIMAB,
    Agent.DEXAMETHASONE,
    Agent.METHYLPREDNISOLONE,
    Agent.OTHER_STEROID,
    Agent.OTHER_ANTI_CYTOKINE,
    Agent.LEVETIRACETAM,
    Agent.ANTIMICROBIAL,
)


@dataclass(frozen=True, slots=True)
class GivenPicture:
    """One intervention, the dose the rule gave for it where it has one, and the grades when it was given.

    `grades` is empty where a page doesn't ask for them.
    """

    intervention: Intervention
    dose: RuleResult | None
    grades: tuple[GradeThen, ...] = ()

    @property
    def name(self) -> Text:
        """The drug where the agent is a group, else the agent."""
        return name_text(self.intervention)

    @property
    def group(self) -> Text:
        """The agent, where the drug has a name of its own; else empty."""
        each = self.intervention
        return Agent(each.agent).label if drug_text(each.agent, each.drug) else ""

    @property
    def device(self) -> Text:
        """How oxygen is given, in words."""
        return DEVICE_WORDS.get(self.intervention.device, "")

    @property
    def weight_origin(self) -> Text:
        """Which weight a dose was counted from, in words; empty for what was recorded without it."""
        return WEIGHT_ORIGINS.get(self.intervention.weight_from, "")


def given_pictures(
    given: Sequence[Intervention],
    assessments: Sequence[Assessment] = (),
    *,
    old_after: timedelta | None = None,
) -> list[GivenPicture]:
    """Interventions as a page shows them; one query.

    With `old_after`, after how long a grade is old, each has the grades of then from `assessments`.
    """
    dosed = [each.event_id for each in given if each.agent == Agent.TOCILIZUMAB]
    doses = results_of_events(dosed) if dosed else {}
    return [
        GivenPicture(
            each,
            doses.get((each.event_id, "tocilizumab_dose")),
            () if old_after is None else grades_then(assessments, each.given_at, old_after=old_after),
        )
        for each in given
    ]


@dataclass(frozen=True, slots=True)
class DrugSum:
    """What was given of one drug so far.

    `mg_in_a_day` is the sum of the doses of the last 24 hours; None when one of them is unknown or a course
    runs, whose single doses are not recorded.
    """

    name: Text
    doses: int
    last: Intervention
    running: Intervention | None
    mg_in_a_day: float | None


def drug_sums(given: Sequence[Intervention], *, at: datetime) -> list[DrugSum]:
    """Each drug that counts doses, with how much of it was given until `at`. Pure."""
    found: dict[tuple[str, str], list[Intervention]] = {}
    for each in given:
        if each.struck_at is None and each.given_at <= at and each.agent in SUMMED:
            found.setdefault((each.agent, each.drug.casefold()), []).append(each)
    order = {agent.value: place for place, agent in enumerate(SUMMED)}
    rows = sorted(found.items(), key=lambda item: (order[item[0][0]], item[0][1]))
    return [_sum(doses, at=at) for _key, doses in rows]


def _sum(doses: Sequence[Intervention], *, at: datetime) -> DrugSum:
    last = max(doses, key=lambda each: (each.given_at, each.event_id))
    running = next((each for each in doses if each.runs(at)), None)
    lately = [each for each in doses if at - each.given_at < DAY]
    unknown = running is not None or any(each.dose_mg is None or each.is_course for each in lately)
    total = None if unknown else sum(float(each.dose_mg or 0) for each in lately)
    return DrugSum(name_text(last), len(doses), last, running, total)
