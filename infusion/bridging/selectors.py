"""Reads of bridging therapy."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from infusion.models import BridgingCourse

Staged = Literal["no_bridging", "running", "staged", "not_staged"]


@dataclass(frozen=True, slots=True)
class BridgingPicture:
    """The courses of a journey, newest first; `live` are those not entered in error."""

    courses: list[BridgingCourse]

    @property
    def live(self) -> list[BridgingCourse]:
        """The courses that count."""
        return [course for course in self.courses if course.struck_at is None]

    @property
    def running(self) -> list[BridgingCourse]:
        """Courses without a last day."""
        return [course for course in self.live if course.ended_on is None]

    @property
    def last_on(self) -> date | None:
        """The last day of the last course; None while one runs or there was none."""
        ended = [course.ended_on for course in self.live if course.ended_on]
        return None if self.running else max(ended, default=None)

    @property
    def staged_on(self) -> date | None:
        """The latest day on which the disease was staged again."""
        return max((course.staged_on for course in self.live if course.staged_on), default=None)

    @property
    def staged(self) -> Staged:
        """Whether the disease was staged again since the last course began."""
        if not self.live:
            return "no_bridging"
        if self.running:
            return "running"
        begun = max(course.started_on for course in self.live)
        return "staged" if self.staged_on and self.staged_on >= begun else "not_staged"

    @property
    def cardiotoxic(self) -> list[BridgingCourse]:
        """Courses that are toxic to the heart."""
        return [course for course in self.live if course.is_cardiotoxic]


def bridging_of(journey_id: UUID) -> BridgingPicture:
    """Every course of a journey; one query."""
    return BridgingPicture(
        list(BridgingCourse.objects.filter(journey_id=journey_id).order_by("-started_on", "-number"))
    )
