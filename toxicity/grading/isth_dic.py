"""Overt disseminated intravascular coagulation by the ISTH score.

Source: Taylor et al., Thromb Haemost 2001;86:1327-1330: platelets, a fibrin-related marker, prothrombin time
and fibrinogen; 5 points or more are overt DIC. To be used only in a disorder known to lead to DIC. Points at
the limits as in the reprint of Cleve Clin J Med (platelets of 100 score 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import Sentence, say

__all__ = ["FibrinMarker", "IsthDic", "IsthDicInput", "calculate_isth_dic", "score_isth_dic"]

ISTH_SOURCE: Final = "ISTH score of overt DIC, Taylor et al., Thromb Haemost 2001;86:1327-1330"

OVERT_FROM: Final = 5
PLATELETS_VERY_LOW_BELOW: Final = 50
PLATELETS_LOW_UP_TO: Final = 100
PT_PROLONGED_FROM_S: Final = 3
PT_VERY_PROLONGED_ABOVE_S: Final = 6
FIBRINOGEN_LOW_UP_TO_G_L: Final = 1.0
MOST_POINTS: Final[Mapping[str, int]] = MappingProxyType(
    {"platelets": 2, "fibrin_marker": 3, "prothrombin_time": 2, "fibrinogen": 1}
)


WORDS_OF_ITEM: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        "platelets": say("platelets"),
        "fibrin_marker": say("D-dimer or fibrin degradation products"),
        "prothrombin_time": say("prothrombin time"),
        "fibrinogen": say("fibrinogen"),
    }
)


class FibrinMarker(StrEnum):
    """Rise of D-dimer or fibrin degradation products, as the center's laboratory grades it."""

    NONE = "none"
    MODERATE = "moderate"
    STRONG = "strong"


POINTS_OF_MARKER: Final[Mapping[FibrinMarker, int]] = MappingProxyType(
    {FibrinMarker.NONE: 0, FibrinMarker.MODERATE: 2, FibrinMarker.STRONG: 3}
)


@dataclass(frozen=True, slots=True)
class IsthDicInput:
    """Platelets in 10^9/L, seconds by which the prothrombin time is prolonged, fibrinogen in g/L."""

    __pydantic_config__ = INPUT_CONFIG

    underlying_disorder: bool | None = None
    platelets: Annotated[float, Ge(0), Le(10_000)] | None = None
    fibrin_marker: FibrinMarker | None = None
    pt_prolonged_s: Annotated[float, Ge(-20), Le(300)] | None = None
    fibrinogen_g_l: Annotated[float, Ge(0), Le(30)] | None = None


@dataclass(frozen=True, slots=True)
class IsthDic:
    """Points of the known items; `overt` is None while missing ones can decide, or without a disorder."""

    points: dict[str, int]
    score: int
    overt: bool | None
    missing: tuple[str, ...]


def score_isth_dic(given: IsthDicInput) -> IsthDic:
    """Score overt DIC (ISTH 2001). Source: Taylor 2001."""
    found = {
        "platelets": _platelets(given.platelets),
        "fibrin_marker": None if given.fibrin_marker is None else POINTS_OF_MARKER[given.fibrin_marker],
        "prothrombin_time": _prothrombin_time(given.pt_prolonged_s),
        "fibrinogen": (
            None if given.fibrinogen_g_l is None else int(given.fibrinogen_g_l <= FIBRINOGEN_LOW_UP_TO_G_L)
        ),
    }
    points = {item: value for item, value in found.items() if value is not None}
    missing = [item for item in found if item not in points]
    score = sum(points.values())
    most = score + sum(MOST_POINTS[item] for item in missing)
    overt: bool | None = None
    if given.underlying_disorder and score >= OVERT_FROM:
        overt = True
    elif given.underlying_disorder and most < OVERT_FROM:
        overt = False
    if given.underlying_disorder is None:
        missing.insert(0, "underlying_disorder")
    return IsthDic(points=points, score=score, overt=overt, missing=tuple(missing))


def calculate_isth_dic(given: IsthDicInput) -> Answer:
    """The `isth_dic` calculator. Source: Taylor 2001."""
    scored = score_isth_dic(given)
    explanation: list[str] = [
        say("{item}: {points} of {most}.", item=WORDS_OF_ITEM[item], points=points, most=MOST_POINTS[item])
        for item, points in scored.points.items()
    ]
    explanation.append(say("Score {score}; overt from {limit}.", score=scored.score, limit=OVERT_FROM))
    if not given.underlying_disorder:
        explanation.append(say("No verdict: the score is only for a disorder known to lead to DIC."))
    return Answer(
        name="isth_dic",
        result={"score": scored.score, "overt": scored.overt, "at_least": bool(scored.missing)},
        scale="ISTH overt DIC",
        scale_version="2001",
        source=ISTH_SOURCE,
        explanation=explanation,
        missing=list(scored.missing),
    )


def _platelets(platelets: float | None) -> int | None:
    if platelets is None:
        return None
    if platelets < PLATELETS_VERY_LOW_BELOW:
        return 2
    return int(platelets <= PLATELETS_LOW_UP_TO)


def _prothrombin_time(prolonged_s: float | None) -> int | None:
    if prolonged_s is None:
        return None
    if prolonged_s > PT_VERY_PROLONGED_ABOVE_S:
        return 2
    return int(prolonged_s >= PT_PROLONGED_FROM_S)
