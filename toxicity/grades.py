"""Grades of a child at a time: the published scales, told what the journey already knows.

The service that stores an assessment and the page that previews one both ask here, so that what is shown
while typing is what will be stored.
"""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from cartpath.core.answers import Answer
from cartpath.core.dates import Age, age_on
from patients.models import Journey
from toxicity.grading.crs import CrsInput, calculate_crs
from toxicity.grading.icans import IcansInput, calculate_icans
from toxicity.observations.selectors import capd_baseline, has_delay
from toxicity.selectors import episode_state


def age_at(journey: Journey, at: datetime) -> Age:
    """The child's age on the day of `at` in the center's zone."""
    return age_on(journey.patient.birth_date, at.astimezone(journey.center.zone).date())


def crs_answer(journey: Journey, given: CrsInput, *, at: datetime) -> dict[str, Any]:
    """Grade CRS as JSON, with its inputs. Earlier CRS and fever modifiers come from the episode."""
    episode = episode_state(journey, at=at)
    judged = replace(
        given,
        prior_crs=given.prior_crs or episode.prior_crs,
        modifier_given=given.modifier_given or episode.modifier_given,
    )
    return _with_inputs(calculate_crs(judged), asdict(judged))


def icans_answer(journey: Journey, given: IcansInput, *, at: datetime) -> dict[str, Any]:
    """Grade ICANS as JSON, with its inputs. The age decides the instrument: the child's own, that day.

    A developmental delay that somebody named before holds on, and a CAPD from before the infusion is shown
    beside the score.
    """
    baseline = given.capd_baseline
    judged = replace(
        given,
        age_years=age_at(journey, at).years,
        developmental_delay=given.developmental_delay or has_delay(journey.pk, at=at),
        capd_baseline=capd_baseline(journey, at=at) if baseline is None else baseline,
    )
    return _with_inputs(calculate_icans(judged), asdict(judged))


def _with_inputs(answer: Answer, inputs: dict[str, Any]) -> dict[str, Any]:
    return asdict(answer) | {"inputs": inputs}
