"""What the calendar shows: a day, a week or a month of a center, and which of its contents."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from urllib.parse import urlencode

from leukapheresis.enums import ResourceKind
from patients.banner import product_choices

_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")

View = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Period:
    """The days that are shown: one day, a week from its Monday, or a month from its first day."""

    first: date
    view: View = "week"

    @classmethod
    def read(cls, asked: Mapping[str, str], *, today: date) -> "Period":
        """The period an address asks for: `day=2026-11-24`, `week=2026-W48`, `month=2026-11`.

        Anything else is this week.
        """
        day = _day(asked.get("day", ""))
        if day:
            return cls(day, "day")
        month = _month(asked.get("month", ""))
        if month:
            return cls(month, "month")
        return cls(_monday(asked.get("week", "")) or monday_of(today))

    @property
    def days(self) -> int:
        """How many days are shown."""
        if self.view == "month":
            return monthrange(self.first.year, self.first.month)[1]
        return 1 if self.view == "day" else 7

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.first + timedelta(days=self.days - 1)

    @property
    def drawn(self) -> tuple[date, date]:
        """The first and the last day that a grid draws: those of a month make whole weeks."""
        if self.view != "month":
            return self.first, self.last
        return monday_of(self.first), monday_of(self.last) + timedelta(days=6)

    @property
    def dates(self) -> list[date]:
        """Every day shown."""
        return [self.first + timedelta(days=number) for number in range(self.days)]

    @property
    def written(self) -> tuple[View, str]:
        """The period as a name and a value of an address."""
        if self.view == "day":
            return "day", self.first.isoformat()
        if self.view == "month":
            return "month", f"{self.first:%Y-%m}"
        return "week", week_name(self.first)

    @property
    def query(self) -> str:
        """How this period is written in an address."""
        return f"?{urlencode([self.written])}"

    @property
    def before(self) -> "Period":
        """The period before."""
        return Period.around(self.first - timedelta(days=1), self.view)

    @property
    def after(self) -> "Period":
        """The period after."""
        return Period(self.last + timedelta(days=1), self.view)

    @classmethod
    def around(cls, day: date, view: View) -> "Period":
        """The day, the week or the month in which a day lies."""
        if view == "month":
            return cls(day.replace(day=1), view)
        return cls(day if view == "day" else monday_of(day), view)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def week_name(day: date) -> str:
    """The ISO week of a day, as addresses write it: `2026-W48`."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def _monday(week: str) -> date | None:
    found = _WEEK.fullmatch(week)
    if not found:
        return None
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None


def _month(month: str) -> date | None:
    return _day(f"{month}-01") if _MONTH.fullmatch(month) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows and which children are shown. Empty means all; `mine` are children one wrote about."""

    kind: str = ""
    product: str = ""
    mine: bool = False

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filters":
        """The filters of an address; unknown values count as none."""
        kind, product = asked.get("kind", ""), asked.get("product", "")
        return cls(
            kind=kind if kind in ResourceKind.values else "",
            product=product if product in dict(product_choices()) else "",
            mine="mine" in asked,
        )

    @property
    def query(self) -> str:
        """How the filters follow a period in an address; empty without any."""
        written = {"kind": self.kind, "product": self.product, "mine": "1" if self.mine else ""}
        return "".join(f"&{urlencode({name: value})}" for name, value in written.items() if value)

    @property
    def narrow_children(self) -> bool:
        """Whether some children are left out."""
        return bool(self.product or self.mine)
