"""Whether every printed label is accounted for.

Source: DESIGN: printed = applied + spoiled + destroyed + open.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How many labels were printed and what became of them."""

    printed: int
    applied: int
    spoiled: int
    destroyed: int

    @property
    def open(self) -> int:
        """Labels nobody has accounted for."""
        return self.printed - self.applied - self.spoiled - self.destroyed

    @property
    def is_settled(self) -> bool:
        """Whether none is open."""
        return self.open == 0


def account_of(states: Iterable[str]) -> Account:
    """The account of labels in these states. Source: see the module."""
    found = Counter(states)
    return Account(
        printed=found.total(),
        applied=found["applied"],
        spoiled=found["spoiled"],
        destroyed=found["destroyed"],
    )
