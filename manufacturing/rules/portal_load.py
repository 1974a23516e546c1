"""How much typing manufacturers' portals cost: fields, fields typed although they are known, minutes.

Source: DESIGN. Counted from what people recorded; what nobody timed is left out of the minutes and told.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """One page of a portal as typed; `minutes` is None when nobody looked at the clock."""

    product: str
    month: date
    journey: str
    asked: int
    known: int
    minutes: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """The typing for one product in one month. `minutes` adds what was timed, None when nothing was."""

    product: str
    month: date
    children: int
    pages: int
    asked: int
    known: int
    minutes: int | None
    untimed: int

    @property
    def known_percent(self) -> float | None:
        """The share of fields typed although CARTPath knew them; None when nothing was asked."""
        return 100 * self.known / self.asked if self.asked else None

    @property
    def minutes_per_child(self) -> float | None:
        """Timed minutes per child; None while a page wasn't timed, for the sum would be too low."""
        return self.minutes / self.children if self.minutes is not None and not self.untimed else None


def portal_load(typed: Iterable[Typed]) -> tuple[Load, ...]:
    """The load per month and product, the latest month first. Source: DESIGN."""
    groups: dict[tuple[date, str], list[Typed]] = defaultdict(list)
    for each in typed:
        groups[each.month, each.product].append(each)
    ordered = sorted(groups.items(), key=lambda group: (-group[0][0].toordinal(), group[0][1]))
    return tuple(_load(product, month, pages) for (month, product), pages in ordered)


def _load(product: str, month: date, pages: list[Typed]) -> Load:
    timed = [page.minutes for page in pages if page.minutes is not None]
    return Load(
        product=product,
        month=month,
        children=len({page.journey for page in pages}),
        pages=len(pages),
        asked=sum(page.asked for page in pages),
        known=sum(page.known for page in pages),
        minutes=sum(timed) if timed else None,
        untimed=len(pages) - len(timed),
    )
