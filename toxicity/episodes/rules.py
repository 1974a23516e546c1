"""Episodes from grades: onset, peak, resolution, recurrence.

Source: Lee et al., Biol Blood Marrow Transplant 2019;25:625-638, doi 10.1016/j.bbmt.2018.12.758 (CRS needs
fever at its onset; treated CRS stays CRS without fever while the episode lasts). When an episode is over no
paper says: the hours are a setting of the center.

The first grade of 1 or more opens an episode. A grade of 0 with nothing missing is freedom from signs; once
an assessment shows that the child has stayed free of signs for the hours of the center, the episode resolved
at the first of those assessments. Time alone resolves nothing: where nobody looked, nothing is known. A grade
0 with something missing neither ends an episode nor breaks the time without signs, and neither does one that
nobody signed while the rule, by what is recorded now, gives more. Hypotension or hypoxia without fever is
grade 0 by the letter and no freedom from signs: in an open episode the time without signs begins anew after
it. A death ends everything and resolves nothing. The next grade of 1 or more opens a new episode, a
recurrence of the one before.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from toxicity.grading.astct import DEATH_GRADE

__all__ = ["Course", "Seen", "courses", "open_course", "walk", "worst_by_day"]

SIGN_FROM: Final = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """The grade that counts at one time, the clinician's or else the rule's; `order` breaks a tie in time.

    `at_least`: something was missing and no clinician confirmed the grade. `ailing`: the rule gives 0 for
    signs that lack the fever, and no clinician confirmed it. A grade that nobody could give is None.
    """

    at: datetime
    grade: int | None
    at_least: bool = False
    order: int = 0
    ailing: bool = False

    @property
    def is_sign(self) -> bool:
        """Whether the child shows the syndrome."""
        return self.grade is not None and self.grade >= SIGN_FROM

    @property
    def is_free(self) -> bool:
        """Whether the child was looked at completely and shows nothing."""
        return self.grade == 0 and not self.at_least and not self.ailing


@dataclass(frozen=True, slots=True)
class Course:
    """One episode: where it began, its first highest grade, its last sign, and its end if that is known.

    `free_since` is the first complete assessment without a sign after the last sign; the episode resolved
    then when `settled_at` is known, the assessment that showed it.
    """

    onset_at: datetime
    onset_grade: int
    peak_at: datetime
    peak_grade: int
    peak_at_least: bool
    last_sign_at: datetime
    free_since: datetime | None = None
    settled_at: datetime | None = None

    @property
    def resolved_at(self) -> datetime | None:
        """When the child was free of it; None while it's open."""
        return self.free_since if self.settled_at else None


# Looks once more at a grade, given the episode that stands open just before it.
Judge = Callable[[Seen, Course | None], Seen]


def as_it_is(each: Seen, _course: Course | None) -> Seen:
    """Believe every grade. Source: DESIGN."""
    return each


def courses(
    seen: Iterable[Seen], *, resolved_after_hours: float | None, judge: Judge = as_it_is
) -> tuple[Course, ...]:
    """The episodes of one scale, the oldest first; only the last may be open.

    Without `resolved_after_hours` (a center that has no such rule) an episode never resolves by itself.

    Source: DESIGN.
    """
    found: list[Course] = []
    for each in _in_order(seen):
        _take_in(found, judge(each, found[-1] if _is_open(found) else None), resolved_after_hours)
    return tuple(found)


def walk(seen: Iterable[Seen], *, resolved_after_hours: float | None) -> Iterator[tuple[Seen, Course | None]]:
    """Each grade in order of time, with the episode that stood open just before it.

    Source: DESIGN.
    """
    found: list[Course] = []
    for each in _in_order(seen):
        yield each, found[-1] if _is_open(found) else None
        _take_in(found, each, resolved_after_hours)


def open_course(
    seen: Iterable[Seen], *, before: datetime, resolved_after_hours: float | None, judge: Judge = as_it_is
) -> Course | None:
    """The episode that stands open just before a time, by what was seen until then; None without one.

    Source: DESIGN.
    """
    earlier = courses(
        (one for one in seen if one.at < before), resolved_after_hours=resolved_after_hours, judge=judge
    )
    return earlier[-1] if _is_open(earlier) else None


def worst_by_day(seen: Iterable[Seen], *, day_of: Callable[[datetime], int]) -> dict[int, Seen]:
    """The worst of each day, `day_of` a time; of equal grades the first, a certain one before a bound.

    Source: DESIGN.
    """
    worst: dict[int, Seen] = {}
    for each in _in_order(seen):
        if each.grade is None:
            continue
        day = day_of(each.at)
        if day not in worst or _severity(each) > _severity(worst[day]):
            worst[day] = each
    return worst


def _in_order(seen: Iterable[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda one: (one.at, one.order))


def _is_open(found: Sequence[Course]) -> bool:
    return bool(found) and found[-1].settled_at is None


def _take_in(found: list[Course], each: Seen, resolved_after_hours: float | None) -> None:
    """Let one more grade, later than all before, begin, carry on or end an episode."""
    if each.is_sign and _is_open(found):
        found[-1] = _with_sign(found[-1], each)
    elif each.is_sign:
        found.append(_begun(each))
    elif each.ailing and _is_open(found):
        found[-1] = replace(found[-1], free_since=None)
    elif each.is_free and _is_open(found):
        found[-1] = _without_sign(found[-1], each.at, resolved_after_hours)


def _severity(each: Seen) -> tuple[int, bool]:
    return (-1 if each.grade is None else each.grade), not each.at_least


def _begun(sign: Seen) -> Course:
    grade = sign.grade or SIGN_FROM
    return Course(sign.at, grade, sign.at, grade, sign.at_least, sign.at)


def _with_sign(course: Course, sign: Seen) -> Course:
    worse = _severity(sign) > (course.peak_grade, not course.peak_at_least)
    higher = (
        replace(course, peak_at=sign.at, peak_grade=sign.grade or SIGN_FROM, peak_at_least=sign.at_least)
        if worse
        else course
    )
    return replace(higher, last_sign_at=sign.at, free_since=None)


def _without_sign(course: Course, at: datetime, resolved_after_hours: float | None) -> Course:
    if course.peak_grade == DEATH_GRADE:
        return course
    since = course.free_since or at
    is_settled = resolved_after_hours is not None and at - since >= timedelta(hours=resolved_after_hours)
    return replace(course, free_since=since, settled_at=at if is_settled else None)
