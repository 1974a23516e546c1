"""A stored CRS grade against what is recorded by now: a drug entered late may open the gate of fever."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from toxicity.enums import FEVER_MODIFIERS
from toxicity.episodes.rules import Course, Seen
from toxicity.grading.crs import CrsInput, grade_crs
from toxicity.models import Assessment, Intervention

_CRS: Final = TypeAdapter(CrsInput)


class Doubt:
    """Takes a CRS grade of 0 that nobody signed for a lower bound where the rule gives more by now.

    Reads at most once, two queries, and only when an episode is open.
    """

    def __init__(self, journey_id: UUID) -> None:
        self._journey_id = journey_id

    @cached_property
    def _unsigned(self) -> Mapping[int, Assessment]:
        rows = Assessment.objects.filter(
            journey_id=self._journey_id, struck_at=None, crs_grade=0, crs_confirmed_grade=None
        )
        return {each.event_id: each for each in rows}

    @cached_property
    def _given(self) -> Sequence[Intervention]:
        return list(Intervention.objects.filter(journey_id=self._journey_id, struck_at=None))

    def __call__(self, each: Seen, course: Course | None) -> Seen:
        """The grade, or that it is at least so much."""
        if course is None or not each.is_free or each.order not in self._unsigned:
            return each
        now = grade_by_now(self._unsigned[each.order], course, self._given)
        return replace(each, at_least=True) if now else each


def is_modified(given: Sequence[Intervention], course: Course, *, at: datetime) -> bool:
    """Whether an antipyretic, an anti-cytokine or a steroid was given since the onset and until `at`."""
    return any(
        each.agent in FEVER_MODIFIERS
        and each.struck_at is None
        and each.given_at <= at
        and (each.given_at >= course.onset_at or each.runs(course.onset_at))
        for each in given
    )


def grade_by_now(assessment: Assessment, course: Course | None, given: Sequence[Intervention]) -> int | None:
    """The CRS grade that the rule gives by what is recorded now, where it's another one than was stored.

    `course` is the episode open just before the assessment. None where nothing changed. What a person said
    of a drug given elsewhere still counts.
    """
    if assessment.crs is None:
        return None
    asked = _CRS.validate_json(json.dumps(assessment.crs["inputs"]))
    modified = course is not None and is_modified(given, course, at=assessment.assessed_at)
    now = replace(
        asked,
        prior_crs=course is not None,
        modifier_given=course is not None and (asked.modifier_given or modified),
    )
    if (now.prior_crs, now.modifier_given) == (asked.prior_crs, asked.modifier_given):
        return None
    grade = grade_crs(now).grade
    return None if grade == assessment.crs_grade else grade
