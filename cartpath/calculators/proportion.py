"""A proportion with its exact (Clopper-Pearson) and its score (Wilson) 95 % interval.

Sources: Clopper and Pearson, Biometrika 1934;26:404-413; Wilson, J Am Stat Assoc 1927;22:209-212. Pure
standard library: the beta quantile is found by bisection of the regularized incomplete beta function
(continued fraction of Lentz), which agrees with R and scipy to more than the six decimals given.
"""

from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import say

__all__ = ["ProportionInput", "beta_quantile", "calculate_proportion", "clopper_pearson", "wilson"]

PROPORTION_SOURCE: Final = (
    "Clopper and Pearson, Biometrika 1934;26:404-413; Wilson, J Am Stat Assoc 1927;22:209-212"
)
CONFIDENCE: Final = 0.95
DECIMALS: Final = 6

# The continued fraction needs about the square root of its largest parameter in steps.
MOST_OBSERVED: Final = 10_000_000
_MOST_STEPS: Final = 100_000
_PRECISION: Final = 1e-15
_TINY: Final = 1e-300

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ProportionInput:
    """`n` of `of`."""

    __pydantic_config__ = INPUT_CONFIG

    n: Annotated[int, Ge(0), Le(MOST_OBSERVED)]
    of: Annotated[int, Ge(0), Le(MOST_OBSERVED)]

    def __post_init__(self) -> None:
        if self.n > self.of:
            raise invalid_input({"n": say("can't be more than {of}", of=self.of)})


def clopper_pearson(n: int, of: int, confidence: float = CONFIDENCE) -> Interval:
    """The exact interval of `n` successes in `of` trials, `of` above 0. Source: Clopper and Pearson 1934."""
    tail = (1 - confidence) / 2
    low = beta_quantile(tail, n, of - n + 1) if n else 0.0
    high = beta_quantile(1 - tail, n + 1, of - n) if n < of else 1.0
    return low, high


def wilson(n: int, of: int, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of `n` successes in `of` trials, `of` above 0. Source: Wilson 1927."""
    z = NormalDist().inv_cdf(1 - (1 - confidence) / 2)
    share = n / of
    spread = z * z / of
    middle = share + spread / 2
    half = z * sqrt(share * (1 - share) / of + spread / (4 * of))
    # At the edges the limit is 0 or 1 exactly; the subtraction would leave a rounding error.
    low = (middle - half) / (1 + spread) if n else 0.0
    high = (middle + half) / (1 + spread) if n < of else 1.0
    return low, high


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x at which a beta distribution (a, b above 0) has `probability` to its left.

    Source: Clopper and Pearson 1934.
    """
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2
        if middle in (low, high) or high - low < _PRECISION:
            return middle
        if _beta_share(middle, a, b) < probability:
            low = middle
        else:
            high = middle


def calculate_proportion(given: ProportionInput) -> Answer:
    """The `proportion` calculator: six decimals; with `of` 0 everything is None.

    Source: Clopper and Pearson 1934, Wilson 1927.
    """
    return Answer(
        name="proportion",
        result=_nothing() if given.of == 0 else _estimate(given.n, given.of),
        source=PROPORTION_SOURCE,
        explanation=[_why(given)],
    )


def _nothing() -> dict[str, object]:
    return {"value": None, "clopper_pearson": None, "wilson": None}


def _estimate(n: int, of: int) -> dict[str, object]:
    return {
        "value": round(n / of, DECIMALS),
        "clopper_pearson": [round(limit, DECIMALS) for limit in clopper_pearson(n, of)],
        "wilson": [round(limit, DECIMALS) for limit in wilson(n, of)],
    }


def _why(given: ProportionInput) -> str:
    if given.of == 0:
        return say("Nobody was observed: not estimable.")
    return say("{n} of {of}, with 95 % intervals.", n=given.n, of=given.of)


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function, from the side on which the fraction converges fast."""
    scale = exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b))
    if x < (a + 1) / (a + b + 2):
        return scale * _fraction(x, a, b) / a
    return 1 - scale * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Continued fraction of the incomplete beta function after Lentz."""
    numerator = 1.0
    denominator = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = denominator
    for step in range(1, _MOST_STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        denominator = 1 / _away_from_zero(1 + even * denominator)
        numerator = _away_from_zero(1 + even / numerator)
        value *= denominator * numerator
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        denominator = 1 / _away_from_zero(1 + odd * denominator)
        numerator = _away_from_zero(1 + odd / numerator)
        change = denominator * numerator
        value *= change
        if abs(change - 1) < _PRECISION:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
