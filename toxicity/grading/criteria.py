"""Criteria that are met, not met or not known yet, and what follows from counting them.

Source: logic with three values after Kleene (1952): what is unknown is neither met nor not met.
"""

from collections.abc import Iterable, Mapping
from math import isclose
from typing import Final

__all__ = ["all_of", "any_of", "enough", "exceeds", "falls_to", "reaches", "unknown_in"]

# 1.5 x 0.4 is a hair above 0.6 in binary fractions; a laboratory's value is not.
_HAIR: Final = 1e-9


def reaches(value: float, limit: float) -> bool:
    """Whether a value is at or above a computed limit. Source: see the module."""
    return value > limit or isclose(value, limit, rel_tol=_HAIR)


def exceeds(value: float, limit: float) -> bool:
    """Whether a value is above a computed limit. Source: see the module."""
    return value > limit and not isclose(value, limit, rel_tol=_HAIR)


def falls_to(value: float, limit: float) -> bool:
    """Whether a value is at or below a computed limit. Source: see the module."""
    return value < limit or isclose(value, limit, rel_tol=_HAIR)


def any_of(parts: Iterable[bool | None]) -> bool | None:
    """True when one part is true; unknown when none is and one is unknown. Source: see the module."""
    known = tuple(parts)
    if True in known:
        return True
    return None if None in known else False


def all_of(parts: Iterable[bool | None]) -> bool | None:
    """False when one part is false; unknown when none is and one is unknown. Source: see the module."""
    known = tuple(parts)
    if False in known:
        return False
    return None if None in known else True


def enough(criteria: Mapping[str, bool | None], needed: int) -> bool | None:
    """Whether `needed` criteria are met; None while pending ones can still decide. Source: see the module."""
    met = sum(value is True for value in criteria.values())
    pending = sum(value is None for value in criteria.values())
    if met >= needed:
        return True
    return None if met + pending >= needed else False


def unknown_in(criteria: Mapping[str, bool | None]) -> tuple[str, ...]:
    """Names of the criteria that are not known. Source: see the module."""
    return tuple(name for name, value in criteria.items() if value is None)
