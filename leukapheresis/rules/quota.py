"""How many collections may begin in a week: of a product, from a referring center, or in all.

Source: the center's own quotas; weeks begin on Monday (ISO 8601).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cartpath.core.sentences import say


@dataclass(frozen=True, slots=True)
class WeeklyQuota:
    """At most `per_week` collections; an empty product or referring center stands for every one.

    `valid_to` is the first day on which it no longer holds.
    """

    key: int
    per_week: int
    product: str = ""
    referring_center: str = ""
    valid_from: date = date.min
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return day >= self.valid_from and (self.valid_to is None or day < self.valid_to)

    def days_of(self, first: date, until: date) -> tuple[date, date]:
        """The part of a half-open span of days on which it is in force."""
        return max(first, self.valid_from), min(until, self.valid_to or until)

    def concerns(self, *, product: str, referring_center: str, on: date) -> bool:
        """Whether a collection that begins on a day counts."""
        if not self.holds_on(on):
            return False
        right_product = self.product in ("", product)
        return right_product and self.referring_center in ("", referring_center)


@dataclass(frozen=True, slots=True)
class QuotaFull:
    """A quota that leaves no room, with the count that fills it."""

    quota: WeeklyQuota
    used: int
    sentence: str


def week_of(day: date) -> tuple[date, date]:
    """The Monday of a day's week and the Monday after it.

    Source: ISO 8601.
    """
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)


def unfilled_by(
    was_on: date, quotas: Sequence[WeeklyQuota], *, product: str, referring_center: str, on: date
) -> list[WeeklyQuota]:
    """The quotas in which a collection has no place yet that is moved from one day to another.

    Within a week it keeps its place, also where fewer are allowed by now.

    Source: the center's own quotas.
    """
    if week_of(was_on) != week_of(on):
        return list(quotas)
    whose = {"product": product, "referring_center": referring_center}
    return [quota for quota in quotas if not quota.concerns(on=was_on, **whose)]


def first_full(
    quotas: Sequence[WeeklyQuota],
    used: Callable[[WeeklyQuota], int],
    *,
    product: str,
    referring_center: str,
    on: date,
) -> QuotaFull | None:
    """The first quota that one more collection on a day would exceed; None when all have room.

    `used` counts the other collections of the week that a quota concerns: of its product and referring
    center, on days on which it holds.

    Source: the center's own quotas.
    """
    for quota in quotas:
        if not quota.concerns(product=product, referring_center=referring_center, on=on):
            continue
        count = used(quota)
        if count >= quota.per_week:
            return QuotaFull(quota, count, _said(quota, count))
    return None


def _said(quota: WeeklyQuota, count: int) -> str:
    taken = {"count": count, "limit": quota.per_week}
    whose = {"product": quota.product, "referrer": quota.referring_center}
    if quota.product and quota.referring_center:
        return say(
            "{count} of {limit} collections of {product} from {referrer} that week are taken.",
            **taken,
            **whose,
        )
    if quota.product:
        return say("{count} of {limit} collections of {product} that week are taken.", **taken, **whose)
    if quota.referring_center:
        return say("{count} of {limit} collections from {referrer} that week are taken.", **taken, **whose)
    return say("{count} of {limit} collections that week are taken.", **taken)
