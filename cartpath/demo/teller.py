"""Tells one demo journey: knows its days, its people and its dice, and never speaks of the future."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID, uuid5

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from cartpath.demo.cast import Crew
from cartpath.demo.growth import DAYS_PER_YEAR, weight_and_height, years_on
from cartpath.demo.names import FullName
from cartpath.demo.plot import Plot, Step
from patients.models import Journey

_NAMESPACE: Final = UUID("9d6a3f36-60a8-5b0e-8c53-0c1f3c7d2b11")
_SATURDAY: Final = 5
# An age in whole weeks reads better for a newborn than a random number of days.
_STEADY_AGE_YEARS: Final = 1


class TodayReached(Exception):
    """The next act would lie in the future: the story has been told."""


@dataclass(slots=True)
class Teller:
    """One plot on its way through the services."""

    plot: Plot
    crew: Crew
    name: FullName
    number: int
    seed: int
    now: datetime
    dice: Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = Random(f"{self.plot.key}/{self.seed}")

    @property
    def journey_id(self) -> UUID:
        """The same seed gives the same journeys their names again."""
        return uuid5(_NAMESPACE, f"{self.seed}/{self.plot.key}")

    @property
    def journey(self) -> Journey:
        """The journey as it stands now."""
        return Journey.objects.select_related("patient", "center").get(pk=self.journey_id)

    @property
    def code(self) -> str:
        """A number for orders, lots and records, unique in the demo."""
        return f"{self.crew.center.code}-{self.number:06d}"

    @property
    def today(self) -> date:
        """Today in the center."""
        return self.now.astimezone(self.crew.center.zone).date()

    @property
    def birth(self) -> date:
        """The day of birth, so that the child has the plot's age when referred."""
        years = self.plot.years
        days = round(years * DAYS_PER_YEAR)
        if years >= _STEADY_AGE_YEARS:
            days += Random(f"{self.plot.key}/{self.seed}/birth").randint(-25, 25)
        return self.referred_on - timedelta(days=days)

    @property
    def referred_on(self) -> date:
        """The day of the referral."""
        return self.today - timedelta(days=self.plot.referred_ago)

    @property
    def ended_on(self) -> date:
        """The day after which nothing more is told: that of the ending, or today."""
        ending = self.plot.ending
        return self.today - timedelta(days=ending.ago) if ending else self.today

    def day(self, step: Step) -> date:
        """The day of a step; blood is collected on weekdays, so a weekend moves it back to Friday."""
        day = self.referred_on + timedelta(days=self.plot.days_after_referral(step))
        return _weekday_before(day) if step == Step.COLLECTED else day

    def first_round_day(self, step: Step) -> date:
        """The day of a step in a first round that failed."""
        day = self.referred_on + timedelta(days=step.value)
        return _weekday_before(day) if step == Step.COLLECTED else day

    def reaches(self, step: Step) -> bool:
        """Whether this plot goes as far as a step."""
        return self.plot.reached >= step

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A time on the clock of the center. Raises `TodayReached` when it has not come yet."""
        moment = datetime.combine(day, time(hour, minute), tzinfo=self.crew.center.zone).astimezone(UTC)
        if moment >= self.now:
            raise TodayReached
        return moment

    def after(self, moment: datetime, **span: float) -> datetime:
        """A time later than another. Raises `TodayReached` when it has not come yet."""
        later = moment + timedelta(**span)
        if later >= self.now:
            raise TodayReached
        return later

    def person(self, role: Role) -> User:
        """Who does this in the center."""
        return self.crew.people[role]

    def act(self, role: Role, at: datetime) -> dict[str, Any]:
        """The arguments that every service takes: which journey, who, when."""
        return {"journey_id": self.journey_id, "by": self.person(role).actor, "at": at}

    def size_on(self, day: date) -> tuple[float, float]:
        """Weight in kilograms and height in centimeters on a day."""
        return weight_and_height(years_on(self.birth, day), self.plot.size)

    def years_on(self, day: date) -> float:
        """Age in years on a day."""
        return years_on(self.birth, day)


def _weekday_before(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))


def weekday_from(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() >= _SATURDAY else 0)


@contextmanager
def until_today() -> Iterator[None]:
    """Tell as much of a chapter as has happened by now."""
    try:
        yield
    except TodayReached:
        return
